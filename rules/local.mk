# Rules and policies.
importsdir = $(pkgdatadir)/imports
dist_imports_DATA = \
	rules/imports/10-stdlib-deny.policy \
	rules/imports/20-stdlib-known.policy \
	rules/imports/30-stdlib-data.policy \
	rules/imports/40-numpy.policy \
	rules/imports/41-science.policy \
	rules/imports/50-torch.policy \
	rules/imports/60-training.policy \
	rules/imports/61-libraries.policy \
	rules/imports/62-code-by-value.policy \
	rules/imports/70-gadgets.policy \
	rules/imports/71-packages.policy
EXTRA_DIST += rules/imports/README.md

rulesdir = $(pkgdatadir)/rules
dist_rules_DATA = \
	rules/binary.yar \
	rules/bytecode.yar \
	rules/campaign.yar \
	rules/imports.yar \
	rules/miner.yar \
	rules/python.yar \
	rules/shell.yar \
	rules/theft.yar
EXTRA_DIST += rules/README.md
dist_doc_DATA += docs/own-rules.md

check_PROGRAMS += tests/rules/test_samples
tests_rules_test_samples_SOURCES = tests/rules/test_samples.c
tests_rules_test_samples_LDADD = librules.a libmodel.a libbyte.a libbase.a \
	$(YARA_LIBS) $(CMOCKA_LIBS)
check_DATA += tests/rules/samples.bin
CLEANFILES += tests/rules/samples.bin
EXTRA_DIST += tests/rules/samples.py
tests/rules/samples.bin: tests/rules/samples.py
	$(AM_V_GEN)$(MKDIR_P) tests/rules && \
	$(PYTHON) $(srcdir)/tests/rules/samples.py $@

TESTS += tests/rules/meta.py
EXTRA_DIST += tests/rules/meta.py

# The shipped policies against themselves and against collected names.
policy_tests = \
	tests/policy/check.sh \
	tests/policy/dangerous.py \
	tests/policy/gadgets.py \
	tests/policy/honest.py \
	tests/policy/stdlib.py
TESTS += $(policy_tests)
EXTRA_DIST += $(policy_tests) tests/policy/names.py
