# Tools for those who work on the source.  Three are tests themselves.
dist_check_SCRIPTS += \
	tools/analyze \
	tools/build \
	tools/check-floors \
	tools/checksrc \
	tools/csource.py \
	tools/demo \
	tools/fuzz \
	tools/new-format \
	tools/packages \
	tools/soak \
	tools/syscalls-doc \
	tools/test-summary \
	tools/top-length \
	tools/update-golden

TESTS += tools/check-floors tools/checksrc tools/top-length
