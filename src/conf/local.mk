# Floor 1: conf.  May include base.
noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = \
	src/conf/check.c src/conf/check.h \
	src/conf/conf.c src/conf/conf.h \
	src/conf/options.def \
	src/conf/print.c
libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS)
CONF_LIBS = libconf.a libbase.a $(CONFUSE_LIBS)

# What is generated from the table; the results are in the tree and compared.
check_PROGRAMS += src/conf/doc
src_conf_doc_SOURCES = src/conf/doc.c
src_conf_doc_LDADD = $(CONF_LIBS)

check_PROGRAMS += tests/unit/test_conf_conf
tests_unit_test_conf_conf_SOURCES = tests/unit/test_conf_conf.c
tests_unit_test_conf_conf_LDADD = $(CONF_LIBS) $(CMOCKA_LIBS)
