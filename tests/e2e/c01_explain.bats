#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# c01: explain says all that is known of one file, and what to do.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	fake_worker
	printf 0 >clean
	printf 4 >malicious
}

@test "c01.1 verdict, findings, imports and tree are in words" {
	run --separate-stderr ckptguard explain malicious
	expect_status 0
	[ "${lines[0]}" = malicious ]
	expect_part 'verdict     malicious: loading it runs something harmful'
	expect_part 'what to do  do not load it'
	expect_line 'what was found'
	expect_part 'pickle.import.dangerous in a\x1b[31m/data.pkl at byte 17'
	expect_line 'what loading it does'
	expect_line '    byte 17: calls os.system  [malicious: runs commands]'
	expect_line 'what is inside'
	expect_line '  the file: fake, 1 bytes from byte 0'
	expect_line '    a\x1b[31m/data.pkl: pickle, 99 bytes from byte 64'
	[ -z "$stderr" ]
}

@test "c01.2 JSON has what the scan has, and the members" {
	run ckptguard explain --format=json malicious
	expect_status 0
	json '
f, = o
assert f["verdict"] == "malicious" and len(f["imports"]) == 1
assert [m["format"] for m in f["members"]] == ["fake", "pickle"]
assert f["meaning"] and f["advice"]'
}

@test "c01.3 a clean file needs nothing to be done" {
	run ckptguard explain clean
	expect_status 0
	expect_part 'verdict     clean'
	[[ "$output" != *'what to do'* ]]
}

@test "c01.4 what can't be read is trouble" {
	mkdir d
	for name in absent d /dev/null; do
		run --separate-stderr ckptguard explain "$name"
		expect_status 2
		[ -z "$output" ]
		expect_error "ckptguard: $name: not scanned: "
	done
	printf 0 >crash
	run ckptguard explain crash
	expect_status 2
	expect_part 'error       the worker crashed (signal 11)'
	expect_part 'verdict     unverified'
}
