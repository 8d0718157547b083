#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# b04: real models are judged by the real worker, whatever they are called.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	"${PYTHON:-python3}" "$CKPT_SRC/tests/samples/demo.py" .
}

@test "b04.1 a checkpoint that runs a command is malicious, a clean one is not" {
	run ckptguard scan clean.pt
	expect_status 0
	expect_line 'clean.pt: clean (torch-zip)'
	for name in evil.pt evil.pkl; do
		run ckptguard scan $name
		expect_status 1
		[[ "${lines[0]}" == "$name: malicious ("* ]]
		expect_part 'pickle.import.dangerous'
	done
}

@test "b04.2 imports have their place, use and judgement" {
	run ckptguard scan --format=jsonl evil.pt evil.pkl
	expect_status 1
	json '
assert len(o) == 2
for f in o:
    m = [m for m in f["imports"] if m["verdict"] == "malicious"]
    assert m and m[0]["use"] == "call" and m[0]["reason"], f["imports"]
    assert bool(m[0]["where"]) == (f["path"] == "evil.pt")
    assert f["in_place"] is True and f["error"] is None
    assert 0 < f["bytes_read"]'
}

@test "b04.3 names are not believed" {
	cp evil.pt holiday.jpg
	cp evil.pkl -- '-model.safetensors'
	cp clean.pt clean.exe
	run ckptguard scan --format=jsonl .
	expect_status 1
	json '
v = {f["path"]: f["verdict"] for f in o}
assert v == {"./clean.exe": "clean", "./clean.pt": "clean",
    "./evil.pkl": "malicious", "./evil.pt": "malicious",
    "./holiday.jpg": "malicious", "./-model.safetensors": "malicious"}, v'
}

@test "b04.4 what is cut off is never clean" {
	local size
	size=$(stat -c %s clean.pt)
	for part in 2 3 4; do
		head -c $((size * (part - 1) / part)) clean.pt >cut.pt
		run ckptguard scan cut.pt
		[ "$status" -ne 0 ]
	done
	head -c 20 evil.pkl >cut.pkl
	run ckptguard scan --fail-on=unknown cut.pkl
	[ "$status" -ne 0 ]
}

@test "b04.5 explain names the call, its place and the members" {
	run ckptguard explain evil.pt
	expect_status 0
	expect_part 'verdict     malicious'
	expect_line 'what loading or using it does, step by step (none of it was run)'
	printf '%s\n' "$output" | grep -Eq "^ +[0-9]+ !!! _1 = [a-z]+\.system\('"
	printf '%s\n' "$output" | grep -Eq '^ +[0-9]+     calls [a-z]+\.system  \[malicious: '
	printf '%s\n' "$output" | grep -Eq '/data\.pkl: pickle'
	run ckptguard explain --format=json clean.pt
	expect_status 0
	json 'assert any(m["format"] == "pickle" for m in o[0]["members"])'
}

@test "b04.6 many files keep their own answers, with any number of jobs" {
	mkdir many
	for i in $(seq 150); do
		ln evil.pkl "many/evil$i"
		ln clean.pt "many/clean$i"
	done
	for jobs in 1 7; do
		run ckptguard scan -j$jobs --format=jsonl many
		expect_status 1
		json '
assert len(o) == 300 == len({f["path"] for f in o})
for f in o:
    want = "malicious" if f["path"].startswith("many/evil") else "clean"
    assert f["verdict"] == want, f'
	done
}

@test "b04.7 the corpus has no file that is not answered" {
	[ -d "$CKPT_CORPUS/generated" ] || skip "no corpus at $CKPT_CORPUS"
	run bash -c 'timeout 600 ckptguard scan --format=jsonl "$CKPT_CORPUS/generated" >out'
	[ "$status" -eq 0 ] # all of it is what honest libraries write
	local files
	files=$(find "$CKPT_CORPUS/generated" -type f | wc -l)
	[ "$(wc -l <out)" -eq "$files" ]
	"${PYTHON:-python3}" -c '
import json
for line in open("out"):
    f = json.loads(line)
    assert f["error"] is None, f'
}

@test "b04.8 a model of thousands of tensors is read to its end in the sandbox" {
	"${PYTHON:-python3}" -c '
import struct
head = "{" + ",".join(
    "\"%d\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}"
    % (i, i * 4, i * 4 + 4) for i in reversed(range(3000))) + "}"
open("large.safetensors", "wb").write(
    struct.pack("<Q", len(head)) + head.encode() + bytes(12000))'
	run ckptguard scan large.safetensors
	expect_status 0
	expect_line 'large.safetensors: clean (safetensors)'
}
