# Packages are built from "make dist"; packaging/README.md says how.
EXTRA_DIST += \
	packaging/README.md \
	packaging/debian/changelog \
	packaging/debian/ckptguard.install \
	packaging/debian/ckptguard.docs \
	packaging/debian/ckptguard.examples \
	packaging/debian/ckptguard-notify.install \
	packaging/debian/control \
	packaging/debian/copyright \
	packaging/debian/default/ckptguardd \
	packaging/debian/rules \
	packaging/debian/source/format \
	packaging/rpm/ckptguard.spec \
	packaging/slurm/epilog.sh \
	packaging/slurm/prolog.sh
