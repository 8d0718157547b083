# Floor 3: out, reports for people and machines.  May include base, model.
noinst_LIBRARIES += libout.a
libout_a_SOURCES = \
	src/out/explain.c \
	src/out/json.c \
	src/out/out.c src/out/out.h \
	src/out/sarif.c \
	src/out/text.c

check_PROGRAMS += tests/unit/test_out
tests_unit_test_out_SOURCES = tests/unit/test_out.c
tests_unit_test_out_LDADD = libout.a libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS) $(CMOCKA_LIBS)
