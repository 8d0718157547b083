# Floor 3: out, reports for people and machines.  May include base, model.
noinst_LIBRARIES += libout.a
libout_a_SOURCES = \
	src/out/explain.c \
	src/out/json.c \
	src/out/out.c src/out/out.h \
	src/out/pages.c \
	src/out/sarif.c \
	src/out/text.c

# The pages of the rules are built in, so that "rules explain" needs no file.
rule_pages = \
	docs/rules/archives.md \
	docs/rules/joblib-torch.md \
	docs/rules/keras-hdf5.md \
	docs/rules/more-formats.md \
	docs/rules/onnx-tensorflow.md \
	docs/rules/pickle.md \
	docs/rules/safetensors-gguf.md \
	docs/rules/scan.md \
	docs/rules/yara.md \
	docs/rules/yara-more.md \
	docs/rules/zip.md
rulepagesdir = $(docdir)/rules
dist_rulepages_DATA = $(rule_pages)
BUILT_SOURCES += src/out/pages.inc
CLEANFILES += src/out/pages.inc
EXTRA_DIST += tools/rule-pages.awk
src/out/pages.$(OBJEXT): src/out/pages.inc
src/out/pages.inc: $(rule_pages) tools/rule-pages.awk
	$(AM_V_GEN)$(MKDIR_P) src/out && (cd $(srcdir) && \
	$(AWK) -f tools/rule-pages.awk $(rule_pages)) >$@.tmp && mv $@.tmp $@

check_PROGRAMS += tests/unit/test_out
tests_unit_test_out_SOURCES = tests/unit/test_out.c
tests_unit_test_out_LDADD = libout.a libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS) $(CMOCKA_LIBS)
