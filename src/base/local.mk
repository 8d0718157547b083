# Floor 0: base.  Includes nothing of ours.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/ckd.h \
	src/base/clock.c src/base/clock.h \
	src/base/err.c src/base/err.h \
	src/base/fdpass.c src/base/fdpass.h \
	src/base/fdpath.c src/base/fdpath.h \
	src/base/fnv.h \
	src/base/own.h \
	src/base/sort.c src/base/sort.h \
	src/base/text.c src/base/text.h

check_PROGRAMS += tests/unit/test_base_arena
tests_unit_test_base_arena_SOURCES = tests/unit/test_base_arena.c tests/unit/unit.h
tests_unit_test_base_arena_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_base_buf
tests_unit_test_base_buf_SOURCES = tests/unit/test_base_buf.c tests/unit/unit.h
tests_unit_test_base_buf_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_base_clock
tests_unit_test_base_clock_SOURCES = tests/unit/test_base_clock.c tests/unit/unit.h
tests_unit_test_base_clock_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_base_err
tests_unit_test_base_err_SOURCES = tests/unit/test_base_err.c tests/unit/unit.h
tests_unit_test_base_err_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_base_fdpass
tests_unit_test_base_fdpass_SOURCES = tests/unit/test_base_fdpass.c tests/unit/unit.h
tests_unit_test_base_fdpass_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_base_text
tests_unit_test_base_text_SOURCES = tests/unit/test_base_text.c tests/unit/unit.h
tests_unit_test_base_text_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_base_sort
tests_unit_test_base_sort_SOURCES = tests/unit/test_base_sort.c tests/unit/unit.h
tests_unit_test_base_sort_LDADD = libbase.a $(CMOCKA_LIBS)
