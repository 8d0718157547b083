# Floor 3: history.  May include base, model.
noinst_LIBRARIES += libhistory.a
libhistory_a_SOURCES = \
	src/history/event.c src/history/event.h \
	src/history/history.c src/history/history.h \
	src/history/inside.h \
	src/history/reader.c \
	src/history/store.c src/history/store.h
libhistory_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
HISTORY_LIBS = libhistory.a libmodel.a libbyte.a libbase.a $(SQLITE_LIBS) \
	$(PTHREAD_LIBS)

check_PROGRAMS += tests/unit/test_history
tests_unit_test_history_SOURCES = tests/unit/test_history.c \
	tests/unit/history_world.h tests/unit/unit.h
tests_unit_test_history_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_history_LDADD = $(HISTORY_LIBS) $(BYTE_LIBS) $(CMOCKA_LIBS)
