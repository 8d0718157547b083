# Floor 3: pycode, Python code objects by value.  May include base, byte, model.
noinst_LIBRARIES += libpycode.a
libpycode_a_SOURCES = \
	src/pycode/marshal.c src/pycode/marshal.h \
	src/pycode/pycode.c src/pycode/pycode.h \
	src/pycode/show.c src/pycode/show.h \
	src/pycode/words.def

check_PROGRAMS += tests/unit/test_pycode
tests_unit_test_pycode_SOURCES = tests/unit/test_pycode.c
tests_unit_test_pycode_LDADD = libpycode.a libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS) $(CMOCKA_LIBS)

noinst_PROGRAMS += tests/pycode/facts
tests_pycode_facts_SOURCES = tests/pycode/facts.c
tests_pycode_facts_LDADD = libpycode.a libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS)

TESTS += tests/pycode/oracle.py
EXTRA_DIST += tests/pycode/oracle.py
