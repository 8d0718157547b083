# SPDX-License-Identifier: Apache-2.0
# Tests that belong to no single room, and how every test is run.
#
# A program or script without a suffix runs as it is; .bats, .py and .sh by
# their interpreters.  Each has a deadline: a test that hangs fails.  What a
# test may rely on:
#
#	CKPT_SRC	top of the source (perhaps read-only)
#	CKPT_BUILD	top of the build; the programs are there and in PATH
#	CKPT_CORPUS	directory of sample files, which may be absent
#	CKPT_SPEC	directory of facts about names, which may be absent
#	CKPT_LONG	set when the run may take long
TEST_SECONDS = 900
AM_TESTS_ENVIRONMENT = \
	CKPT_SRC='$(abs_top_srcdir)'; export CKPT_SRC; \
	CKPT_BUILD='$(abs_top_builddir)'; export CKPT_BUILD; \
	: $${CKPT_CORPUS='$(abs_top_srcdir)/../shared/corpus'}; \
	: $${CKPT_SPEC='$(abs_top_srcdir)/../shared/spec'}; \
	export CKPT_CORPUS CKPT_SPEC; \
	PYTHON='$(PYTHON)'; PYTHONDONTWRITEBYTECODE=1; \
	MANDOC='$(MANDOC)'; export PYTHON PYTHONDONTWRITEBYTECODE MANDOC; \
	PATH='$(abs_top_builddir)':$$PATH; export PATH;
TEST_EXTENSIONS = .bats .py .sh
LOG_COMPILER = timeout -k 10 $(TEST_SECONDS)
BATS_LOG_COMPILER = timeout -k 10 $(TEST_SECONDS) $(BATS) --tap
PY_LOG_COMPILER = timeout -k 10 $(TEST_SECONDS) $(PYTHON)
SH_LOG_COMPILER = timeout -k 10 $(TEST_SECONDS) $(SHELL)

# Scripts that are tests, in any of those suffixes.
test_scripts = \
	tests/e2e/a01_command_line.bats \
	tests/e2e/a02_worker_trouble.bats \
	tests/e2e/a03_manuals.bats \
	tests/e2e/a04_completions.bats \
	tests/e2e/b01_scan_exit_status.bats \
	tests/e2e/b02_scan_walk.bats \
	tests/e2e/b03_scan_formats.bats \
	tests/e2e/b04_scan_models.bats \
	tests/e2e/b05_scan_beside.bats \
	tests/e2e/b06_scan_prose.bats \
	tests/e2e/b07_scan_people.bats \
	tests/e2e/c01_explain.bats \
	tests/e2e/c02_rules.bats \
	tests/e2e/c03_formats.bats \
	tests/e2e/d01_config.bats \
	tests/e2e/d05_watch.bats \
	tests/bombs/bombs.py \
	tests/containers/containers.py \
	tests/e2e/d06_notify.bats \
	tests/corpus/corpus.py \
	tests/golden/explain.py \
	tests/golden/golden.py \
	tests/scan/agree.py \
	tests/tools/rule_pages.py \
	tests/tools/source_tools.bats \
	tests/tools/units.bats \
	tests/format/bombs.py \
	tests/format/samples.py \
	tests/tools/fuzz_list.py \
	tests/threats/threats.py \
	tests/tools/test_summary.bats

TESTS += $(test_scripts)
EXTRA_DIST += \
	$(test_scripts) \
	tests/e2e/fake_guard.py \
	tests/e2e/helpers.bash \
	tests/golden \
	tests/scan/sarif.schema.json \
	tests/samples/demo.py \
	tests/samples/explain.py \
	tests/samples/golden.py \
	tests/samples/samples.py \
	tests/threats/anything.py \
	tests/threats/checkpoints.py \
	tests/threats/formats.py \
	tests/threats/models.py \
	tests/threats/pickles.py
