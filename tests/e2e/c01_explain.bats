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
	expect_line why
	expect_part 'in a\x1b[31m/data.pkl at byte 17 [pickle.import.dangerous]'
	expect_line 'what loading or using it does, step by step (none of it was run)'
	expect_line '                 ... 1 more step like that'
	expect_line "         17 !!! _1 = os.system('\\n\x1b[2J')"
	expect_line '                 ^ malicious: runs commands'
	expect_line 'what it needs of Python, and what is known of that'
	expect_line '         17     calls os.system  [malicious: runs commands]'
	expect_line '          0               1  the file itself: fake'
	expect_line '         64              99    a\x1b[31m/data.pkl: pickle'
	expect_line 'what to do, rule by rule (more: ckptguard rules explain ID)'
	expect_line '  pickle.import.dangerous'
	[ -z "$stderr" ]
}

@test "c01.2 JSON has what the scan has, and the members" {
	run ckptguard explain --format=json malicious
	expect_status 0
	json '
f, = o
assert f["verdict"] == "malicious" and len(f["imports"]) == 1
assert [m["format"] for m in f["members"]] == ["fake", "pickle"]
assert f["meaning"] and f["advice"]
rule, = f["rules"]
assert rule["advice"] in " ".join(rule["page"].split()), rule
step, = f["steps"]
assert step["code"].startswith("_1 = os.system(") and step["verdict"] == "malicious"
assert step["reason"] == "runs commands" and step["skipped"] == 1'
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
