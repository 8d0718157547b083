#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# b03: text is for people, JSON lines and SARIF for machines, all are true.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	fake_worker
	printf 0 >clean
	printf 4 >malicious
}

@test "b03.1 text says what was found, where, and what to do" {
	run ckptguard scan malicious
	expect_status 1
	[ "${lines[0]}" = 'malicious: malicious (fake)' ]
	[[ "${lines[1]}" == '    critical: '*': os.system\xff (pickle.import.dangerous in a\x1b[31m/data.pkl at byte 17)' ]]
	[[ "${lines[2]}" == '    what to do: do not load it'* ]]
	[ "${#lines[@]}" -eq 3 ]
}

@test "b03.2 colours are for terminals, and NO_COLOR is obeyed" {
	command -v script >/dev/null || skip "script(1) is not installed"
	export TERM=xterm
	run ckptguard scan malicious
	[[ "$output" != *$'\x1b'* ]]
	run script -qec 'ckptguard scan malicious' /dev/null
	[[ "$output" == *$'\x1b[1;31mmalicious\x1b[0m'* ]]
	NO_COLOR=1 run script -qec 'ckptguard scan malicious' /dev/null
	[[ "$output" != *$'\x1b['[0-9]* ]]
	TERM=dumb run script -qec 'ckptguard scan malicious' /dev/null
	[[ "$output" != *$'\x1b'* ]]
}

@test "b03.3 JSON lines have exactly the fields that are promised" {
	run ckptguard scan --format=jsonl malicious
	expect_status 1
	json '
f, = o
assert list(f) == ["path", "verdict", "format", "in_place", "size",
    "bytes_read", "elapsed_us", "findings", "imports", "error"], list(f)
assert (f["path"], f["verdict"], f["format"]) == ("malicious", "malicious", "fake")
assert f["in_place"] is True and f["size"] == 1 and f["bytes_read"] == 1
assert f["error"] is None
x, = f["findings"]
assert x["rule"] == "pickle.import.dangerous" and x["severity"] == "critical"
assert x["where"] == "a\x1b[31m/data.pkl" and x["offset"] == 17
assert x["evidence"] == "os.system\udcff" and x["count"] == 1
m, = f["imports"]
assert m == {"module": "os", "name": "system", "use": "call",
    "where": "a\x1b[31m/data.pkl", "offset": 17, "verdict": "malicious",
    "reason": "runs commands"}, m
'
}

@test "b03.4 a file that can't be read has a line of JSON as well" {
	run --separate-stderr ckptguard scan --format=jsonl absent clean
	expect_status 2
	[ -z "$stderr" ]
	json '
a = [f for f in o if f["path"] == "absent"][0]
assert a["verdict"] == "unverified" and a["error"] == "No such file or directory"
assert len(o) == 2'
}

@test "b03.5 SARIF is one document that names each rule that it uses" {
	printf 2 >'with space:and%colon'
	run ckptguard scan --format=sarif malicious clean absent \
		"$PWD/with space:and%colon"
	expect_status 1
	printf '%s\n' "$output" | "${PYTHON:-python3}" -c '
import json, sys
d = json.load(sys.stdin)
assert d["version"] == "2.1.0"
run, = d["runs"]
ids = [r["ruleId"] for r in run["results"]]
assert sorted(ids) == ["file.truncated", "pickle.import.dangerous"], ids
rules = run["tool"]["driver"]["rules"]
assert sorted(r["id"] for r in rules) == sorted(ids)
assert all(r["shortDescription"]["text"] for r in rules)
bad, = [r for r in run["results"] if r["level"] == "error"]
loc = bad["locations"][0]
assert loc["physicalLocation"]["artifactLocation"]["uri"] == "malicious"
assert loc["logicalLocations"][0]["fullyQualifiedName"] == "a\x1b[31m/data.pkl"
cut, = [r for r in run["results"] if r["level"] == "warning"]
uri = cut["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
assert uri.startswith("file:///") and uri.endswith("/with%20space%3Aand%25colon"), uri
assert cut["locations"][0]["physicalLocation"]["region"]["byteOffset"] == 2
inv, = run["invocations"]
assert inv["executionSuccessful"] is False
note, = inv["toolExecutionNotifications"]
assert note["message"]["text"] == "No such file or directory"'
	run bash -c 'ckptguard scan --format=sarif clean | "${PYTHON:-python3}" -m json.tool'
	expect_status 0
	expect_part '"executionSuccessful": true'
}

@test "b03.6 lines come as files finish, before the last one does" {
	printf 0 >hang
	ckptguard scan -j2 hang malicious >out &
	local pid=$!
	until grep -q 'malicious: malicious' out; do
		kill -0 $pid
	done
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ "$status" -eq 143 ]
}
