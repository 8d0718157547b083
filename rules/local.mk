# Rules and policies.
importsdir = $(pkgdatadir)/imports
dist_imports_DATA = \
	rules/imports/10-stdlib-deny.policy \
	rules/imports/20-stdlib-known.policy \
	rules/imports/30-stdlib-data.policy
EXTRA_DIST += rules/imports/README.md
