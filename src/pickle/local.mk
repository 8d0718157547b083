# Floor 3: pickle, the pickle language and import policy.  May include base, byte, model, pycode.
noinst_LIBRARIES += libpickle.a
libpickle_a_SOURCES = \
	src/pickle/argument.c src/pickle/argument.h \
	src/pickle/begin.c \
	src/pickle/call.c src/pickle/call.h \
	src/pickle/gadget.c src/pickle/gadgets.def \
	src/pickle/gadget_attr.c \
	src/pickle/gadget_code.c \
	src/pickle/gadget_decode.c \
	src/pickle/gadget_load.c \
	src/pickle/gadget_pass.c \
	src/pickle/holes.c src/pickle/holes.h \
	src/pickle/joblib.c src/pickle/joblib.h \
	src/pickle/machine.c src/pickle/machine.h \
	src/pickle/machine_stack.c \
	src/pickle/memo.c src/pickle/memo.h \
	src/pickle/names.c src/pickle/names.h \
	src/pickle/nested.c src/pickle/nested.h \
	src/pickle/op_call.c \
	src/pickle/op_data.c \
	src/pickle/op_import.c \
	src/pickle/op_stack.c \
	src/pickle/opcode.c src/pickle/opcode.h src/pickle/opcodes.def \
	src/pickle/pickle.c src/pickle/pickle.h \
	src/pickle/policy.c src/pickle/policy.h \
	src/pickle/policy_judge.c \
	src/pickle/policy_list.c \
	src/pickle/policy_load.c \
	src/pickle/policy_parse.c \
	src/pickle/policy_table.h \
	src/pickle/pynames.c src/pickle/pynames.h \
	src/pickle/scan.c src/pickle/scan.h \
	src/pickle/series.c src/pickle/series.h \
	src/pickle/state.c src/pickle/state.h \
	src/pickle/texts.c src/pickle/texts.h \
	src/pickle/torch_legacy.c src/pickle/torch_legacy.h \
	src/pickle/trace.c src/pickle/trace.h src/pickle/trace_inside.h \
	src/pickle/trace_code.c src/pickle/trace_text.c \
	src/pickle/value.c src/pickle/value.h

PICKLE_TEST_LIBS = libpickle.a libpycode.a libmodel.a libbyte.a libbase.a $(BYTE_LIBS)

check_PROGRAMS += tests/unit/test_pickle_machine
tests_unit_test_pickle_machine_SOURCES = \
	tests/unit/test_pickle_machine.c tests/unit/pickle_world.h
tests_unit_test_pickle_machine_LDADD = $(PICKLE_TEST_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pickle_policy
tests_unit_test_pickle_policy_SOURCES = tests/unit/test_pickle_policy.c
tests_unit_test_pickle_policy_LDADD = $(PICKLE_TEST_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pickle_policy_judge
tests_unit_test_pickle_policy_judge_SOURCES = \
	tests/unit/test_pickle_policy_judge.c
tests_unit_test_pickle_policy_judge_LDADD = $(PICKLE_TEST_LIBS) $(CMOCKA_LIBS)

# judge: names in, verdicts out; for the drivers in tests/policy.
noinst_PROGRAMS += tests/policy/judge
tests_policy_judge_SOURCES = tests/policy/judge.c
tests_policy_judge_LDADD = $(PICKLE_TEST_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_policy
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz_policy.c $(fuzz_main)
tests_fuzz_fuzz_policy_LDADD = $(PICKLE_TEST_LIBS) $(FUZZ_LIBS)
fuzz_harnesses += tests/fuzz/fuzz_pickle
tests_fuzz_fuzz_pickle_SOURCES = tests/fuzz/fuzz_pickle.c tests/fuzz/walk.h \
	$(fuzz_main)
tests_fuzz_fuzz_pickle_LDADD = $(PICKLE_TEST_LIBS) $(FUZZ_LIBS)

# imports: streams in, imports out; for tests/oracle/oracle.py.
noinst_PROGRAMS += tests/oracle/imports
tests_oracle_imports_SOURCES = tests/oracle/imports.c
tests_oracle_imports_LDADD = $(PICKLE_TEST_LIBS)
TESTS += tests/oracle/oracle.py
dist_check_SCRIPTS += tests/oracle/oracle.py
EXTRA_DIST += tests/oracle/corpus.py tests/oracle/generator.py
EXTRA_DIST += tests/oracle/record.py tests/oracle/streams.py
CLEANFILES += oracle-miss-*.pickle

# Speed of the machine on generated streams; "make bench" has the whole.
EXTRA_PROGRAMS += tests/bench/bench_pickle
tests_bench_bench_pickle_SOURCES = tests/bench/bench_pickle.c
tests_bench_bench_pickle_LDADD = $(PICKLE_TEST_LIBS)
CLEANFILES += tests/bench/bench_pickle

check_PROGRAMS += tests/unit/test_pickle_rules
tests_unit_test_pickle_rules_SOURCES = tests/unit/test_pickle_rules.c \
	tests/unit/pickle_run.h
tests_unit_test_pickle_rules_LDADD = $(PICKLE_TEST_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pickle_trace
tests_unit_test_pickle_trace_SOURCES = tests/unit/test_pickle_trace.c \
	tests/unit/pickle_run.h
tests_unit_test_pickle_trace_LDADD = $(PICKLE_TEST_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pickle_calls
tests_unit_test_pickle_calls_SOURCES = tests/unit/test_pickle_calls.c \
	tests/unit/pickle_run.h
tests_unit_test_pickle_calls_LDADD = $(PICKLE_TEST_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pickle_arrays
tests_unit_test_pickle_arrays_SOURCES = tests/unit/test_pickle_arrays.c \
	tests/unit/pickle_run.h
tests_unit_test_pickle_arrays_LDADD = $(PICKLE_TEST_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pickle_many
tests_unit_test_pickle_many_SOURCES = tests/unit/test_pickle_many.c \
	tests/unit/pickle_run.h
tests_unit_test_pickle_many_LDADD = $(PICKLE_TEST_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pickle_series
tests_unit_test_pickle_series_SOURCES = tests/unit/test_pickle_series.c \
	tests/unit/pickle_run.h
tests_unit_test_pickle_series_LDADD = $(PICKLE_TEST_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pickle_parts
tests_unit_test_pickle_parts_SOURCES = tests/unit/test_pickle_parts.c \
	tests/unit/pickle_run.h
tests_unit_test_pickle_parts_LDADD = $(PICKLE_TEST_LIBS) $(CMOCKA_LIBS)

TESTS += tests/unit/test_pickle_opcode.py
dist_check_SCRIPTS += tests/unit/test_pickle_opcode.py

fuzz_harnesses += tests/fuzz/fuzz_pickle_blocks
tests_fuzz_fuzz_pickle_blocks_SOURCES = tests/fuzz/fuzz_pickle_blocks.c \
	tests/fuzz/walk.h $(fuzz_main)
tests_fuzz_fuzz_pickle_blocks_LDADD = $(PICKLE_TEST_LIBS) $(FUZZ_LIBS)
EXTRA_DIST += tests/samples/pickle_corpus.py
