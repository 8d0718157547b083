# SPDX-License-Identifier: Apache-2.0
# Fuzz harnesses: each is LLVMFuzzerTestOneInput() in tests/fuzz/fuzz_NAME.c
# and a corpus in tests/fuzz/corpus/NAME/.  In an ordinary build main.c replays
# the corpus, with cuts and changes, as a test; with --enable-fuzz the harness
# is a libFuzzer program (tools/fuzz NAME SECONDS).  A room adds its own with
#
#	fuzz_harnesses += tests/fuzz/fuzz_NAME
#	tests_fuzz_fuzz_NAME_SOURCES = tests/fuzz/fuzz_NAME.c $(fuzz_main)
#	tests_fuzz_fuzz_NAME_LDADD = libROOM.a ... $(FUZZ_LIBS)
#
# in its local.mk.
fuzz_harnesses += tests/fuzz/fuzz_cursor
tests_fuzz_fuzz_cursor_SOURCES = tests/fuzz/fuzz_cursor.c $(fuzz_main)
tests_fuzz_fuzz_cursor_LDADD = libbyte.a libbase.a $(BYTE_LIBS) $(FUZZ_LIBS)

if FUZZ
fuzz_main =
noinst_PROGRAMS += $(fuzz_harnesses)
else
fuzz_main = tests/fuzz/main.c
check_PROGRAMS += $(fuzz_harnesses)
endif
EXTRA_DIST += tests/fuzz/main.c tests/fuzz/corpus

# The walkers of src/format.
format_fuzz_ldadd = libformat.a libpycode.a libmodel.a libbyte.a libbase.a \
	$(ARCHIVE_LIBS) $(BYTE_LIBS) $(FUZZ_LIBS)
fuzz_harnesses += tests/fuzz/fuzz_safetensors
tests_fuzz_fuzz_safetensors_SOURCES = tests/fuzz/fuzz_safetensors.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_safetensors_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_gguf
tests_fuzz_fuzz_gguf_SOURCES = tests/fuzz/fuzz_gguf.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_gguf_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_template
tests_fuzz_fuzz_template_SOURCES = tests/fuzz/fuzz_template.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_template_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_json_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_h5
tests_fuzz_fuzz_h5_SOURCES = tests/fuzz/fuzz_h5.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_h5_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_onnx
tests_fuzz_fuzz_onnx_SOURCES = tests/fuzz/fuzz_onnx.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_onnx_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_tf
tests_fuzz_fuzz_tf_SOURCES = tests/fuzz/fuzz_tf.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_tf_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_pycode
tests_fuzz_fuzz_pycode_SOURCES = tests/fuzz/fuzz_pycode.c $(fuzz_main)
tests_fuzz_fuzz_pycode_LDADD = libpycode.a libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS) $(FUZZ_LIBS)
fuzz_harnesses += tests/fuzz/fuzz_arrow
tests_fuzz_fuzz_arrow_SOURCES = tests/fuzz/fuzz_arrow.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_arrow_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_ort
tests_fuzz_fuzz_ort_SOURCES = tests/fuzz/fuzz_ort.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_ort_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_tflite
tests_fuzz_fuzz_tflite_SOURCES = tests/fuzz/fuzz_tflite.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_tflite_LDADD = $(format_fuzz_ldadd)
fuzz_harnesses += tests/fuzz/fuzz_tf_text
tests_fuzz_fuzz_tf_text_SOURCES = tests/fuzz/fuzz_tf_text.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_tf_text_LDADD = $(format_fuzz_ldadd)
