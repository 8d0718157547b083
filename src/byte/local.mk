# Floor 1: byte, every read of hostile bytes.  May include base.
noinst_LIBRARIES += libbyte.a
libbyte_a_SOURCES = \
	src/byte/budget.c src/byte/budget.h \
	src/byte/cursor.c src/byte/cursor.h \
	src/byte/source.c src/byte/source.h

check_PROGRAMS += tests/unit/test_byte
tests_unit_test_byte_SOURCES = tests/unit/test_byte.c
tests_unit_test_byte_LDADD = libbyte.a libbase.a $(BYTE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_budget
tests_unit_test_budget_SOURCES = tests/unit/test_budget.c
tests_unit_test_budget_LDADD = libbyte.a libbase.a $(CMOCKA_LIBS)
