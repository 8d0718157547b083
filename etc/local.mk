# The services; what the guard may be told stands in
# SYSCONFDIR/default/ckptguardd and in ckptguard.conf(5).
EXTRA_DIST += etc/ckptguardd.service.in etc/ckptguard-notify.service.in \
	etc/ckptguard-notify.desktop.in etc/ckptguard.tmpfiles \
	etc/ckptguard.sysusers
dist_doc_DATA += etc/ckptguard.conf
made_units = etc/ckptguardd.service etc/ckptguard-notify.service \
	etc/ckptguard-notify.desktop
CLEANFILES += $(made_units)
check_DATA += $(made_units)
if UNIT
systemdsystemunit_DATA = etc/ckptguardd.service
# Named after the program, whatever they are called here.
install-data-hook: install-systemd
endif
if NOTIFY
autostartdir = $(sysconfdir)/xdg/autostart
autostart_DATA = etc/ckptguard-notify.desktop
if UNIT
userunitdir = $(prefix)/lib/systemd/user
userunit_DATA = etc/ckptguard-notify.service
endif
endif

.PHONY: install-systemd
install-systemd:
	$(MKDIR_P) '$(DESTDIR)$(prefix)/lib/tmpfiles.d' \
		'$(DESTDIR)$(prefix)/lib/sysusers.d'
	$(INSTALL_DATA) '$(srcdir)/etc/ckptguard.tmpfiles' \
		'$(DESTDIR)$(prefix)/lib/tmpfiles.d/ckptguard.conf'
	$(INSTALL_DATA) '$(srcdir)/etc/ckptguard.sysusers' \
		'$(DESTDIR)$(prefix)/lib/sysusers.d/ckptguard.conf'

uninstall-hook:
	rm -f '$(DESTDIR)$(prefix)/lib/tmpfiles.d/ckptguard.conf' \
		'$(DESTDIR)$(prefix)/lib/sysusers.d/ckptguard.conf'

make_unit = $(AM_V_GEN)$(MKDIR_P) etc && $(SED) -e 's|@sbindir[@]|$(sbindir)|g' \
	-e 's|@libexecdir[@]|$(libexecdir)|g' \
	-e 's|@sysconfdir[@]|$(sysconfdir)|g'
etc/ckptguardd.service: etc/ckptguardd.service.in Makefile
	$(make_unit) $(srcdir)/etc/ckptguardd.service.in >$@
etc/ckptguard-notify.service: etc/ckptguard-notify.service.in Makefile
	$(make_unit) $(srcdir)/etc/ckptguard-notify.service.in >$@
etc/ckptguard-notify.desktop: etc/ckptguard-notify.desktop.in Makefile
	$(make_unit) $(srcdir)/etc/ckptguard-notify.desktop.in >$@
