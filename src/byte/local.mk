# Floor 1: byte, every read of hostile bytes.  May include base.
noinst_LIBRARIES += libbyte.a
libbyte_a_SOURCES = \
	src/byte/budget.c src/byte/budget.h \
	src/byte/codec.h \
	src/byte/codec_bzip2.c \
	src/byte/codec_liblzma.h \
	src/byte/codec_lz4.c \
	src/byte/codec_lzma.c \
	src/byte/codec_xz.c \
	src/byte/codec_zlib.c \
	src/byte/codec_zstd.c \
	src/byte/cursor.c src/byte/cursor.h \
	src/byte/inflate.c src/byte/inflate.h \
	src/byte/source.c src/byte/source.h \
	src/byte/stream.c src/byte/stream.h \
	src/byte/textform.c src/byte/textform.h

check_PROGRAMS += tests/unit/test_byte_budget
tests_unit_test_byte_budget_SOURCES = tests/unit/test_byte_budget.c tests/unit/unit.h
tests_unit_test_byte_budget_LDADD = libbyte.a libbase.a $(BYTE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_byte_inflate
tests_unit_test_byte_inflate_SOURCES = tests/unit/test_byte_inflate.c \
	tests/unit/inflate_samples.h
tests_unit_test_byte_inflate_LDADD = libbyte.a libbase.a $(BYTE_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/samples/gen_streams.py

check_PROGRAMS += tests/unit/test_byte_cursor
tests_unit_test_byte_cursor_SOURCES = tests/unit/test_byte_cursor.c tests/unit/unit.h
tests_unit_test_byte_cursor_LDADD = libbyte.a libbase.a $(BYTE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_byte_source
tests_unit_test_byte_source_SOURCES = tests/unit/test_byte_source.c tests/unit/unit.h
tests_unit_test_byte_source_LDADD = libbyte.a libbase.a $(BYTE_LIBS) $(CMOCKA_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_inflate
tests_fuzz_fuzz_inflate_SOURCES = tests/fuzz/fuzz_inflate.c $(fuzz_main)
tests_fuzz_fuzz_inflate_LDADD = libbyte.a libbase.a $(BYTE_LIBS) $(FUZZ_LIBS)

check_PROGRAMS += tests/unit/test_byte_textform
tests_unit_test_byte_textform_SOURCES = tests/unit/test_byte_textform.c tests/unit/unit.h
tests_unit_test_byte_textform_LDADD = libbyte.a libbase.a $(BYTE_LIBS) $(CMOCKA_LIBS)
