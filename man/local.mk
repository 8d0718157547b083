# Manuals.
dist_man_MANS += \
	man/ckptguard.1 \
	man/ckptguard-allow.1 \
	man/ckptguard-config.1 \
	man/ckptguard-deny.1 \
	man/ckptguard-events.1 \
	man/ckptguard-explain.1 \
	man/ckptguard-formats.1 \
	man/ckptguard-metrics.1 \
	man/ckptguard-notify.1 \
	man/ckptguard-quarantine.1 \
	man/ckptguard-release.1 \
	man/ckptguard-reload.1 \
	man/ckptguard-rules.1 \
	man/ckptguard-scan.1 \
	man/ckptguard-status.1 \
	man/ckptguard-watch.1 \
	man/ckptguard-why.1 \
	man/ckptguard.conf.5 \
	man/ckptguardd.8

# What each finding means, out of docs/rules.
man_MANS = man/ckptguard-findings.7
CLEANFILES += man/ckptguard-findings.7
EXTRA_DIST += tools/rule-manual.awk
man/ckptguard-findings.7: $(rule_pages) tools/rule-manual.awk
	$(AM_V_GEN)$(MKDIR_P) man && (cd $(srcdir) && \
	$(AWK) -f tools/rule-manual.awk $(rule_pages)) >$@.tmp && mv $@.tmp $@
