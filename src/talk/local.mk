# Floor 1: talk.  May include base.
noinst_LIBRARIES += libtalk.a
libtalk_a_SOURCES = \
	src/talk/json.c src/talk/json.h \
	src/talk/talk.c src/talk/talk.h

check_PROGRAMS += tests/unit/test_talk_json
tests_unit_test_talk_json_SOURCES = tests/unit/test_talk_json.c tests/unit/unit.h
tests_unit_test_talk_json_LDADD = libtalk.a libbase.a $(CMOCKA_LIBS)
