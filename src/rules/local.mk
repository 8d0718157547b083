# Floor 3: rules, libyara.  May include base, byte, model.
noinst_LIBRARIES += librules.a
librules_a_SOURCES = \
	src/rules/load.c \
	src/rules/rules.c src/rules/rules.h \
	src/rules/rules_priv.h
librules_a_CFLAGS = $(AM_CFLAGS) $(YARA_CFLAGS)

check_PROGRAMS += tests/unit/test_rules
tests_unit_test_rules_SOURCES = tests/unit/test_rules.c
tests_unit_test_rules_LDADD = librules.a libmodel.a libbyte.a libbase.a \
	$(YARA_LIBS) $(CMOCKA_LIBS)
