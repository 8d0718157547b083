# Floor 5: cli, the command line.
bin_PROGRAMS += ckptguard
ckptguard_SOURCES = \
	src/cli/aside.c src/cli/aside.h \
	src/cli/ask.c src/cli/ask.h \
	src/cli/beside.c src/cli/beside.h \
	src/cli/cli.h \
	src/cli/config.c \
	src/cli/decide.c \
	src/cli/events.c \
	src/cli/explain.c \
	src/cli/formats.c \
	src/cli/happened.c src/cli/happened.h \
	src/cli/keep.c src/cli/keep.h \
	src/cli/main.c \
	src/cli/metrics.c \
	src/cli/notify.c \
	src/cli/progress.c src/cli/progress.h \
	src/cli/promise.c src/cli/promise.h \
	src/cli/quarantine.c \
	src/cli/release.c \
	src/cli/rules.c \
	src/cli/run.c src/cli/run.h \
	src/cli/scan.c src/cli/scan.h \
	src/cli/scan_names.c \
	src/cli/scan_options.c \
	src/cli/status.c \
	src/cli/tree.c src/cli/tree.h \
	src/cli/walk.c src/cli/walk.h \
	src/cli/watch.c src/cli/watch.h \
	src/cli/watch_done.c \
	src/cli/watch_options.c \
	src/cli/why.c
ckptguard_LDADD = libout.a libpool.a libwire.a libtalk.a libhistory.a \
	libmodel.a libbyte.a $(CONF_LIBS) $(VAULT_LIBS) $(BYTE_LIBS)

check_PROGRAMS += tests/unit/test_cli
tests_unit_test_cli_SOURCES = tests/unit/test_cli.c src/cli/progress.c
tests_unit_test_cli_LDADD = libbase.a $(CMOCKA_LIBS)
