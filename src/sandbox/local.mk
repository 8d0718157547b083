# Floor 1: sandbox, taking rights away.  May include base.
noinst_LIBRARIES += libsandbox.a
libsandbox_a_SOURCES = \
	src/sandbox/caps.c \
	src/sandbox/freeze.c \
	src/sandbox/internal.h \
	src/sandbox/landlock.c \
	src/sandbox/limits.c \
	src/sandbox/sandbox.h \
	src/sandbox/seccomp.c \
	src/sandbox/share.c \
	src/sandbox/syscalls.def
# What links libsandbox.a needs these.
SANDBOX_LIBS = $(SECCOMP_LIBS) $(CAPNG_LIBS)

check_PROGRAMS += tests/unit/test_sandbox tests/unit/test_sandbox_rights
tests_unit_test_sandbox_SOURCES = \
	tests/unit/test_sandbox.c tests/unit/sandbox_child.h
tests_unit_test_sandbox_LDADD = libsandbox.a libbase.a $(SANDBOX_LIBS) \
	$(CMOCKA_LIBS)
tests_unit_test_sandbox_rights_SOURCES = \
	tests/unit/test_sandbox_rights.c tests/unit/sandbox_child.h
tests_unit_test_sandbox_rights_LDADD = $(tests_unit_test_sandbox_LDADD)
