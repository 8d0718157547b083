#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# a03: the manual pages are sound, complete, and their examples run.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	MANDOC="${MANDOC:-mandoc}"
	command -v "$MANDOC" >/dev/null || skip "mandoc is not installed"
}

@test "a03.1 mandoc finds nothing wrong" {
	for page in "$CKPT_SRC"/man/*.[1-8]; do
		run "$MANDOC" -T lint "$page"
		# Nothing is installed where it looks for other pages.
		! printf '%s' "$output" | grep -v \
			-e 'referenced manual not found' -e 'mandoc.db lacks' ||
			return 1
	done
}

@test "a03.2 every long option of help is in the page, and no other" {
	for name in $(commands); do
		ckptguard help $name | grep -oE -e '--[a-z-]+' | sort -u >help
		"$MANDOC" -T ascii "$CKPT_SRC/man/ckptguard-$name.1" | col -b |
			sed '/^EXAMPLES/,$d' |
			grep -oE -e '--[a-z-]+' | sort -u >page || true
		diff help page
	done
}

@test "a03.3 the examples run" {
	export HOME="$PWD"
	mkdir -p Downloads models mine
	printf 'hello' | tee model.pt model.ckpt models/a >Downloads/b
	# the harmless marker of every sample
	pickle 'cos\nsystem\n(S'\''echo marker'\''\ntR.' >models/bad.pkl
	printf 'deny mine * "is mine" -\n' >mine/a.policy
	printf 'watch "/srv/models" {}\n' >mine/ckptguard.conf
	local count=0
	for page in "$CKPT_SRC"/man/ckptguard*.1; do
		name=${page##*/ckptguard-}
		# l01 has a guard to ask
		[ "$name" = "$page" ] || ! ckptguard help "${name%.1}" |
			grep -q -e --socket || continue
		"$MANDOC" -T ascii "$page" | col -b |
			sed -n '/^EXAMPLES/,/^[D-Z]/s/^[[:blank:]]*\$ //p' >examples
		while read -r line; do
			run timeout 60 bash -c "$line" </dev/null
			# 1: something was found
			[ "$status" -le 1 ] || { echo "$line: $output"; return 1; }
			count=$((count + 1))
		done <examples
	done
	[ "$count" -ge 10 ]
}

@test "a03.4 the manual of findings has each rule, and is sound" {
	page="$CKPT_BUILD/man/ckptguard-findings.7"
	"$MANDOC" -T lint -W error "$page"
	"$MANDOC" -T ascii "$page" | col -b | sed -n 's/^   \([a-z].*\)/\1/p' |
		grep '\.' | sort >page
	ckptguard rules explain | sort >rules
	diff rules page
}
