# SPDX-License-Identifier: Apache-2.0
# check: the shipped policies have no bad line, contradiction or repetition, and
# every policy file of the source is one that gets installed.
set -eu
"$CKPT_BUILD/tests/policy/judge" --check "$CKPT_SRC/rules/imports"
for file in "$CKPT_SRC"/rules/imports/*.policy; do
	grep -q "rules/imports/${file##*/}" "$CKPT_SRC/rules/local.mk" || {
		echo "${file##*/} is not in rules/local.mk"
		exit 1
	}
done
