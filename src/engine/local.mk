# Floor 4: engine, the list of formats and recursion.  May include base, byte, model, format, pickle, rules.
noinst_LIBRARIES += libengine.a
libengine_a_SOURCES = \
	src/engine/code.c \
	src/engine/look.c \
	src/engine/engine.c src/engine/engine.h \
	src/engine/table.c \
	src/engine/walk.c src/engine/walk.h

# What links libengine.a needs these, in this order.
engine_libs = libengine.a libformat.a libpickle.a libpycode.a librules.a \
	libmodel.a libbyte.a libbase.a $(YARA_LIBS) $(ARCHIVE_LIBS) \
	$(BYTE_LIBS)

check_PROGRAMS += tests/unit/test_engine tests/unit/test_engine_parts \
	tests/unit/test_engine_rules
tests_unit_test_engine_SOURCES = \
	tests/unit/test_engine.c tests/unit/engine_fakes.h
tests_unit_test_engine_LDADD = $(engine_libs) $(CMOCKA_LIBS)
tests_unit_test_engine_parts_SOURCES = \
	tests/unit/test_engine_parts.c tests/unit/engine_fakes.h
tests_unit_test_engine_parts_LDADD = $(engine_libs) $(CMOCKA_LIBS)
tests_unit_test_engine_rules_SOURCES = \
	tests/unit/test_engine_rules.c tests/unit/engine_fakes.h
tests_unit_test_engine_rules_LDADD = $(engine_libs) $(CMOCKA_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_engine
tests_fuzz_fuzz_engine_SOURCES = tests/fuzz/fuzz_engine.c $(fuzz_main)
tests_fuzz_fuzz_engine_LDADD = $(engine_libs) $(FUZZ_LIBS)
EXTRA_DIST += tests/samples/engine_corpus.py
