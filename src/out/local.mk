# Floor 3: out, reports for people and machines.  May include base, model.
noinst_LIBRARIES += libout.a
libout_a_SOURCES = \
	src/out/explain.c \
	src/out/html.c src/out/html.h \
	src/out/html_card.c \
	src/out/html_page.c \
	src/out/html_picture.c \
	src/out/html_text.c \
	src/out/json.c \
	src/out/out.c src/out/out.h \
	src/out/pages.c \
	src/out/sarif.c \
	src/out/summary.c \
	src/out/tally.c src/out/tally.h \
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

dist_doc_DATA += docs/scan.schema.json

# The style and the script of the HTML report.
BUILT_SOURCES += src/out/report_style.inc src/out/report_script.inc
CLEANFILES += src/out/report_style.inc src/out/report_script.inc
EXTRA_DIST += src/out/report.css src/out/report.js tools/text-bytes.awk
src/out/html_page.$(OBJEXT): src/out/report_style.inc src/out/report_script.inc
src/out/report_style.inc: src/out/report.css tools/text-bytes.awk
	$(AM_V_GEN)$(MKDIR_P) src/out && $(AWK) -f \
	$(srcdir)/tools/text-bytes.awk $(srcdir)/src/out/report.css >$@.tmp && \
	mv $@.tmp $@
src/out/report_script.inc: src/out/report.js tools/text-bytes.awk
	$(AM_V_GEN)$(MKDIR_P) src/out && $(AWK) -f \
	$(srcdir)/tools/text-bytes.awk $(srcdir)/src/out/report.js >$@.tmp && \
	mv $@.tmp $@

check_PROGRAMS += tests/unit/test_out
tests_unit_test_out_SOURCES = tests/unit/test_out.c
tests_unit_test_out_LDADD = libout.a libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS) $(CMOCKA_LIBS)
