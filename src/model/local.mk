# Floor 2: model, what is said about a file.  May include base, byte.
noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	src/model/format.c src/model/format.h \
	src/model/limits.h \
	src/model/report.c src/model/report.h \
	src/model/formats.def src/model/rules.def src/model/steps.def \
	src/model/verdict.c src/model/verdict.h

check_PROGRAMS += tests/unit/test_model_report
tests_unit_test_model_report_SOURCES = tests/unit/test_model_report.c tests/unit/unit.h
tests_unit_test_model_report_LDADD = libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_model_verdict
tests_unit_test_model_verdict_SOURCES = tests/unit/test_model_verdict.c tests/unit/unit.h
tests_unit_test_model_verdict_LDADD = libmodel.a libbyte.a libbase.a \
	$(BYTE_LIBS) $(CMOCKA_LIBS)
