# The service; what it may be told stands in SYSCONFDIR/default/ckptguardd.
EXTRA_DIST += etc/ckptguardd.service.in
dist_doc_DATA += etc/ckptguard.conf
if UNIT
systemdsystemunit_DATA = etc/ckptguardd.service
endif
CLEANFILES += etc/ckptguardd.service
etc/ckptguardd.service: etc/ckptguardd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(SED) -e 's|@sbindir[@]|$(sbindir)|g' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		$(srcdir)/etc/ckptguardd.service.in >$@
