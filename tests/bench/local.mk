# SPDX-License-Identifier: Apache-2.0
# Benchmarks: "make bench" (as root).  Nothing here passes or fails.
bench_programs = \
	tests/bench/bare_monitor \
	tests/bench/bench_history \
	tests/bench/bench_marks \
	tests/bench/bench_open \
	tests/bench/bench_pickle
EXTRA_PROGRAMS += tests/bench/bare_monitor tests/bench/bench_history \
	tests/bench/bench_marks \
	tests/bench/bench_open
tests_bench_bare_monitor_SOURCES = tests/bench/bare_monitor.c
tests_bench_bare_monitor_LDADD = libbase.a
tests_bench_bench_history_SOURCES = tests/bench/bench_history.c
tests_bench_bench_history_LDADD = $(HISTORY_LIBS) $(BYTE_LIBS)
tests_bench_bench_marks_SOURCES = tests/bench/bench_marks.c
tests_bench_bench_open_SOURCES = tests/bench/bench_open.c
tests_bench_bench_open_LDADD = -lpthread
EXTRA_DIST += tests/bench/bench.py tests/bench/machine.py \
	tests/bench/hungry.py \
	tests/bench/sparse.py
CLEANFILES += tests/bench/bare_monitor tests/bench/bench_history \
	tests/bench/bench_marks \
	tests/bench/bench_open

# A deadline for all of it, and no mount outside its own namespace.
.PHONY: bench
bench: all $(bench_programs)
	@$(AM_TESTS_ENVIRONMENT) timeout -k 10 1800 unshare -m \
		--propagation private $(PYTHON) $(srcdir)/tests/bench/bench.py
