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
	expect_error 'text: is no rule (*.yar) and no policy (*.policy)'
	mkdir empty
	run --separate-stderr ckptguard rules check empty
	expect_status 2
	expect_error 'empty: holds no rule (*.yar) and no policy (*.policy)'
}

@test "c02.5 single files are checked and listed, rules without policies too" {
	printf 'deny os system "runs commands" -\nfrob os popen\n' >a.policy
	run ckptguard rules check a.policy
	expect_status 1
	[[ "$output" == 'a.policy:2: '* ]]
	printf 'rule broken {\n condition: frob\n}\n' >b.yar
	run ckptguard rules check b.yar
	expect_status 1
	[[ "$output" == 'b.yar:2: '* ]]
	printf 'rule fine { meta: severity = "low" message = "m"\n condition: false }\n' >c.yar
	run ckptguard rules list c.yar
	expect_status 0
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == $'rule\tc.yar\tyara.fine\tlow\t'* ]]
}

@test "c02.6 explain prints the page of a rule, and names them all" {
	run --separate-stderr ckptguard rules explain pickle.bomb zip.crc
	expect_status 0
	[ "${lines[0]}" = pickle.bomb ]
	expect_line zip.crc
	[ "$(printf '%s\n' "$output" | grep -c '^What to do\. ')" -eq 2 ]
	run --separate-stderr ckptguard rules explain
	expect_status 0
	expect_line yara.shell.destroys
	run --separate-stderr ckptguard rules explain $'no\x1b[2J' zip.crc
	expect_status 2
	[ "${lines[0]}" = zip.crc ]
	expect_error 'there is no page about no\x1b[2J;'
}
