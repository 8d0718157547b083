# Floor 5: worker, the program that reads hostile bytes.
libexec_PROGRAMS += ckptguard-worker
ckptguard_worker_SOURCES = \
	src/worker/check.c \
	src/worker/knowledge.c \
	src/worker/main.c \
	src/worker/serve.c \
	src/worker/template.c \
	src/worker/warm.c \
	src/worker/warm.def \
	src/worker/worker.h
ckptguard_worker_LDADD = libwire.a libsandbox.a $(engine_libs) \
	$(SANDBOX_LIBS)

EXTRA_DIST += tests/samples/warm.py

# They run ./ckptguard-worker of the build tree.
check_PROGRAMS += tests/unit/test_worker tests/unit/test_worker_cli
worker_test_deps = ckptguard-worker$(EXEEXT) libwire.a libmodel.a libbyte.a \
	libbase.a
tests_unit_test_worker_SOURCES = \
	tests/unit/test_worker.c tests/unit/worker_run.h
tests_unit_test_worker_LDADD = libwire.a libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_worker_DEPENDENCIES = $(worker_test_deps)
tests_unit_test_worker_cli_SOURCES = \
	tests/unit/test_worker_cli.c tests/unit/worker_run.h
tests_unit_test_worker_cli_LDADD = $(tests_unit_test_worker_LDADD)
tests_unit_test_worker_cli_DEPENDENCIES = $(worker_test_deps)
