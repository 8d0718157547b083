# Floor 4: pool, life and death of workers.  May include base, model, wire, sandbox.
noinst_LIBRARIES += libpool.a
libpool_a_SOURCES = \
	src/pool/control.c \
	src/pool/internal.h \
	src/pool/paths.c \
	src/pool/pool.c src/pool/pool.h \
	src/pool/template.c \
	src/pool/worker.c
# Only paths.c says so, and only to a program that runs from the build.
libpool_a_CPPFLAGS = $(AM_CPPFLAGS) \
	-DCKPT_BUILDDIR=\"$(abs_top_builddir)\" \
	-DCKPT_SRCDIR=\"$(abs_top_srcdir)\"

# A program for tests that is no test.
EXTRA_PROGRAMS += tests/unit/fake_worker
check_DATA += tests/unit/fake_worker
CLEANFILES += tests/unit/fake_worker
tests_unit_fake_worker_SOURCES = tests/unit/fake_worker.c
tests_unit_fake_worker_LDADD = libwire.a libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS)

check_PROGRAMS += tests/unit/test_pool
tests_unit_test_pool_SOURCES = tests/unit/test_pool.c tests/unit/pool_world.h
tests_unit_test_pool_LDADD = libpool.a libwire.a libmodel.a libbyte.a \
	libbase.a $(BYTE_LIBS) $(CMOCKA_LIBS)
# Every allocation of ours is counted: there is none while files are served.
tests_unit_test_pool_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

check_PROGRAMS += tests/unit/test_pool_stay
tests_unit_test_pool_stay_SOURCES = tests/unit/test_pool_stay.c \
	tests/unit/pool_world.h
tests_unit_test_pool_stay_LDADD = $(tests_unit_test_pool_LDADD)
