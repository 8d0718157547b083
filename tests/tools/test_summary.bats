#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The summary counts single tests, and no way of dying goes uncounted.

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir d
}

# result NAME RESULT: a test's .trs; its log comes from standard input.
result() {
	cat >"d/$1.log"
	printf ':test-result: %s\n' "$2" >"d/$1.trs"
}

# last_line TEXT: the last line of the summary of d is exactly this.
last_line() {
	run "$CKPT_SRC/tools/test-summary" d
	[ "${lines[-1]}" = "$1" ] || { echo "$output"; return 1; }
}

@test "a program without a protocol is one test" {
	echo fine | result a PASS
	last_line '1 passed, 0 failed, 0 skipped'
	[ "$status" = 0 ]
}

@test "no test at all is a failure" {
	last_line '0 passed, 0 failed, 0 skipped'
	[ "$status" = 1 ]
}

@test "each test of a TAP log counts, a skip with its reason" {
	printf '1..3\nok 1 one\nok 2 two # skip no disk\nnot ok 3 three\n' |
		result a FAIL
	last_line '1 passed, 1 failed, 1 skipped'
	[ "$status" = 1 ]
	[[ "$output" == *"skipped: a: two: no disk"* ]]
	[[ "$output" == *"FAILED: a: three"* ]]
}

@test "tests of the plan that never ran have failed" {
	printf '1..3\nok 1 one\n' | result a FAIL
	last_line '1 passed, 1 failed, 0 skipped'
	[[ "$output" == *"2 of 3 tests never ran"* ]]
}

@test "each test of a cmocka log counts" {
	{
		printf '[==========] Running 3 test(s).\n'
		printf '[ RUN      ] one\n[       OK ] one\n'
		printf '[ RUN      ] two\nneeds root\n[  SKIPPED ] two\n'
		printf '[ RUN      ] three\n[  FAILED  ] three\n'
		printf '[==========] 3 test(s) run.\n'
		printf '[  FAILED  ] 1 test(s), listed below:\n'
		printf '[  FAILED  ] three\n'
	} | result a FAIL
	last_line '1 passed, 1 failed, 1 skipped'
	[[ "$output" == *"skipped: a: two: needs root"* ]]
}

@test "a cmocka program that dies in a test has failed that test" {
	printf '[ RUN      ] one\n[       OK ] one\n[ RUN      ] two\n' |
		result a FAIL
	last_line '1 passed, 1 failed, 0 skipped'
	[[ "$output" == *"FAILED: a: two"* ]]
}

@test "a program that fails after all its tests passed has failed" {
	printf '1..1\nok 1 one\n' | result a ERROR
	last_line '1 passed, 1 failed, 0 skipped'
}

@test "a program that skips itself says why" {
	printf 'no corpus here\nSKIP a (exit status: 77)\n' | result a SKIP
	last_line '0 passed, 0 failed, 1 skipped'
	[[ "$output" == *"skipped: a: all: no corpus here"* ]]
	[ "$status" = 1 ]
}

@test "a plan of none is a skip" {
	printf '1..0 # SKIP no loop devices\n' | result a SKIP
	last_line '0 passed, 0 failed, 1 skipped'
	[[ "$output" == *"no loop devices"* ]]
}
