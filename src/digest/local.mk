# Floor 1: digest.  May include base.
noinst_LIBRARIES += libdigest.a
libdigest_a_SOURCES = \
	src/digest/digest.c src/digest/digest.h \
	src/digest/known.c src/digest/known.h \
	src/digest/known_image.h \
	src/digest/known_list.c
libdigest_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)
DIGEST_LIBS = libdigest.a libbase.a $(CRYPTO_LIBS)

check_PROGRAMS += tests/unit/test_digest
tests_unit_test_digest_SOURCES = tests/unit/test_digest.c tests/unit/unit.h
tests_unit_test_digest_LDADD = $(DIGEST_LIBS) $(CMOCKA_LIBS)
