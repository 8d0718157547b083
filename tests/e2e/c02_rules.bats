#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# c02: rules and policies are listed and checked by the program that uses them.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "c02.1 the rules and policies that come with it have no problem" {
	run --separate-stderr ckptguard rules check
	expect_status 0
	[ -z "$output$stderr" ] || { echo "$output$stderr"; return 1; }
}

@test "c02.2 each rule is a line of fields" {
	run ckptguard rules list
	expect_status 0
	[ "${#lines[@]}" -gt 100 ]
	printf '%s\n' "$output" | awk -F '\t' '
		$1 == "import" && NF == 8 { n++; next }
		$1 == "rule" && NF == 7 { next }
		{ print "not a row: " $0; bad = 1 }
		END { exit bad || n == 0 }'
}

@test "c02.3 a bad line is named with its file and line" {
	mkdir mine
	printf 'deny os system "runs commands" -\nfrob os popen\n' >mine/a.policy
	run ckptguard rules check mine
	expect_status 1
	expect_part 'mine/a.policy:2: '
}

@test "c02.4 a path that is no rule is told" {
	run --separate-stderr ckptguard rules check absent
	expect_status 2
	expect_error 'absent: No such file or directory'
	printf x >text
	run --separate-stderr ckptguard rules check text
	expect_status 2
	expect_error 'text: is no rule file (.yar)'
}
