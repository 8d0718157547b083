#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# a01: a wrong command line gets one clear sentence, a hint and status 2.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# bad SENTENCE ARG...: ckptguard ARG... complains with SENTENCE.
bad() {
	local sentence="$1"
	shift
	run --separate-stderr ckptguard "$@"
	expect_status 2
	[ -z "$output" ] || { echo "said: $output"; return 1; }
	[ "${stderr_lines[0]}" = "ckptguard: $sentence" ] ||
		{ echo "said: $stderr"; return 1; }
	[[ "${stderr_lines[1]}" == "Try: ckptguard help"* ]]
	[ "${#stderr_lines[@]}" -eq 2 ]
}

@test "a01.1 the version is printed on standard output" {
	run --separate-stderr ckptguard --version
	expect_status 0
	[[ "$output" =~ ^ckptguard\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	[ -z "$stderr" ]
}

@test "a01.2 help names every command, and help of each is its own" {
	run ckptguard --help
	expect_status 0
	for name in $(printf '%s\n' "$output" |
	    sed -n 's/^  ckptguard \([a-z]*\) .*/\1/p' | grep -v help); do
		run ckptguard help "$name"
		expect_status 0
		[[ "${lines[0]}" == "ckptguard $name "* ]]
		expect_part 'Exit status:'
		local text="$output"
		run ckptguard "$name" --help
		expect_status 0
		[ "$output" = "$text" ]
	done
	run ckptguard
	expect_status 2
}

@test "a01.3 wrong commands and options are named" {
	bad 'a command is needed'
	bad 'there is no command frob' frob
	bad 'there is no command frob' help frob
	bad 'there is no option --frob before a command' --frob
	bad 'scan: option --frob is unknown, ambiguous or lacks its value' \
		scan --frob x
	bad 'scan: there is no option -x' scan -x x
	bad 'scan: option -j needs a value' scan -j
	bad 'scan: no file or directory is named' scan
	bad 'explain: exactly one file is needed' explain
	bad 'explain: exactly one file is needed' explain a b
	bad 'rules: say check, explain or list' rules
	bad 'rules: say check, explain or list, not frob' rules frob
	bad 'rules list: there is no option --frob' rules list --frob
}

@test "a01.4 wrong values are named with what would be right" {
	for n in 0 -1 x 1x '' 257 99999999999999999999; do
		bad "-j needs a number from 1 to 256, not $n" scan -j "$n" x
	done
	bad '--format is text, jsonl, sarif or html, not xml' scan --format=xml x
	bad '--format is text or json, not jsonl' explain --format=jsonl x
	bad '--profile is balanced or strict, not lax' scan --profile=lax x
	bad '--fail-on is clean, unknown, unverified, suspicious or malicious, not bad' \
		scan --fail-on=bad x
}

@test "a01.5 hostile arguments stay text in complaints" {
	bad 'there is no command a\x1b[31mb\x0ac' $'a\x1b[31mb\nc'
}

@test "a01.6 a full disk is trouble, not success" {
	[ -c /dev/full ] || skip "no /dev/full"
	fake_worker
	printf 0 >clean
	run --separate-stderr bash -c 'ckptguard scan clean >/dev/full'
	expect_status 2
	expect_error 'cannot write the report: No space left on device'
	run bash -c 'ckptguard help >/dev/full'
	expect_status 2
}

@test "a01.7 each command of help has its manual page" {
	run ckptguard --help
	for name in $(printf '%s\n' "$output" |
	    sed -n 's/^  ckptguard \([a-z]*\) .*/\1/p' | grep -v help); do
		[ -f "$CKPT_SRC/man/ckptguard-$name.1" ]
	done
}
