# Manuals.
dist_man_MANS += \
	man/ckptguard.1 \
	man/ckptguard-config.1 \
	man/ckptguard-events.1 \
	man/ckptguard-explain.1 \
	man/ckptguard-formats.1 \
	man/ckptguard-metrics.1 \
	man/ckptguard-notify.1 \
	man/ckptguard-reload.1 \
	man/ckptguard-rules.1 \
	man/ckptguard-scan.1 \
	man/ckptguard-status.1 \
	man/ckptguard-watch.1 \
	man/ckptguard-why.1 \
	man/ckptguard.conf.5 \
	man/ckptguardd.8
