# Floor 3: pickle, the pickle language and import policy.  May include base, byte, model.
noinst_LIBRARIES += libpickle.a
libpickle_a_SOURCES = \
	src/pickle/policy.c src/pickle/policy.h \
	src/pickle/policy_judge.c \
	src/pickle/policy_list.c \
	src/pickle/policy_load.c \
	src/pickle/policy_parse.c \
	src/pickle/policy_table.h \
	src/pickle/pynames.c src/pickle/pynames.h

PICKLE_TEST_LIBS = libpickle.a libmodel.a libbyte.a libbase.a $(BYTE_LIBS)

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
