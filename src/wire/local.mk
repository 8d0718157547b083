# Floor 3: wire, what crosses the barrier.  May include base, byte, model.
noinst_LIBRARIES += libwire.a
libwire_a_SOURCES = \
	src/wire/answer.h \
	src/wire/decode.c \
	src/wire/encode.c \
	src/wire/put.c src/wire/put.h \
	src/wire/wire.c src/wire/wire.h

check_PROGRAMS += tests/unit/test_wire
tests_unit_test_wire_SOURCES = tests/unit/test_wire.c \
	tests/unit/wire_report.h
tests_unit_test_wire_LDADD = libwire.a libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_wire_forged
tests_unit_test_wire_forged_SOURCES = tests/unit/test_wire_forged.c \
	tests/unit/wire_report.h
tests_unit_test_wire_forged_LDADD = libwire.a libmodel.a libbyte.a \
	libbase.a $(BYTE_LIBS) $(CMOCKA_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_wire
tests_fuzz_fuzz_wire_SOURCES = tests/fuzz/fuzz_wire.c $(fuzz_main)
tests_fuzz_fuzz_wire_LDADD = libwire.a libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS) $(FUZZ_LIBS)
