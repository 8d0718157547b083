# Manuals.
dist_man_MANS += \
	man/ckptguard.1 \
	man/ckptguard-config.1 \
	man/ckptguard-explain.1 \
	man/ckptguard-formats.1 \
	man/ckptguard-rules.1 \
	man/ckptguard-scan.1 \
	man/ckptguard.conf.5 \
	man/ckptguardd.8
