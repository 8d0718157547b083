#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# b01: the exit status of a scan says what was found, and nothing else.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	fake_worker
	printf 0 >clean
	printf 1 >unknown
	printf 2 >unverified
	printf 3 >suspicious
	printf 4 >malicious
}

# ends STATUS ARG...: scan ARG... ends with STATUS.
ends() {
	local want="$1"
	shift
	run ckptguard scan "$@"
	expect_status "$want"
}

@test "b01.1 without options, suspicious and malicious are found" {
	ends 0 clean
	ends 0 unknown
	ends 2 unverified
	ends 1 suspicious
	ends 1 malicious
}

@test "b01.2 the threshold decides, and below it unverified is trouble" {
	ends 0 --fail-on=unknown clean
	ends 1 --fail-on=unknown unknown
	ends 1 --fail-on=unverified unverified
	ends 2 --fail-on=suspicious unverified
	ends 0 --fail-on=malicious suspicious
	ends 2 --fail-on=malicious suspicious unverified
	ends 1 --fail-on=malicious malicious
	ends 1 --fail-on=clean clean
}

@test "b01.3 what was found wins over trouble" {
	ends 2 clean absent
	ends 1 absent malicious
	ends 1 malicious absent unverified
}

@test "b01.4 a profile counts what the guard would deny" {
	ends 0 --profile=balanced clean unknown
	ends 1 --profile=balanced unverified
	ends 1 --profile=balanced suspicious
	ends 0 --profile=strict clean
	ends 1 --profile=strict unknown
	ends 1 --profile=balanced --fail-on=unknown unknown
	ends 1 --profile=balanced --fail-on=malicious suspicious
}

@test "b01.5 the number of jobs changes nothing" {
	for jobs in 1 2 16; do
		ends 1 -j "$jobs" clean unknown unverified suspicious malicious
		expect_line '5 files: 1 malicious, 1 suspicious, 1 unverified, 1 unknown, 1 clean'
		ends 0 -j$jobs clean clean clean clean clean clean clean clean
	done
}
