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

# The blocks of one language in a document.
blocks() {
	awk -v begin='```'"$2" '$0 == "```" { on = 0 } on; $0 == begin { on = 1 }' \
		"$CKPT_SRC/$1"
}

@test "c02.7 the rules of docs/own-rules.md do what it says" {
	mkdir -p rules.d imports.d zip/scratch
	blocks docs/own-rules.md yara >rules.d/ours.yar
	blocks docs/own-rules.md policy >imports.d/ours.policy
	run ckptguard rules check rules.d imports.d
	expect_status 0
	[ -z "$output" ]
	printf '#!/bin/sh\nexec "%s" "$@" --rules=%s --imports=%s\n' \
		"$CKPT_BUILD/ckptguard-worker" "$PWD/rules.d" \
		"$PWD/imports.d" >worker
	chmod +x worker
	export CKPTGUARD_WORKER="$PWD/worker"
	pickle '\x80\x02cour_project.models\nNet\n)\x81}b.' >net.pkl
	pickle '\x80\x02cour_project.tools\nwait\n.' >tools.pkl
	pickle '\x80\x02cretired_project.nets\nNet\n)\x81}b.' >retired.pkl
	pickle '\x80\x02N.' >zip/scratch/a.pkl
	pickle '\x80\x02cm\nf\nX\x18\0\0\0http://db.inside.example\x85R.' \
		>inside.pkl
	pickle '\x80\x02X\x18\0\0\0http://db.inside.example.' >words.pkl
	(cd zip && "${PYTHON:-python3}" -m zipfile -c ../m.zip scratch)
	run ckptguard scan --deep --format=jsonl *.pkl m.zip
	json '
def of(name):
    f, = (f for f in o if f["path"] == name)
    return [f["verdict"]] + [x["rule"] for x in f["findings"]
                             if "ours" in x["rule"]]
assert of("net.pkl") == ["clean"], of("net.pkl")
assert of("tools.pkl") == ["malicious"], of("tools.pkl")
assert of("retired.pkl") == ["suspicious", "yara.ours.retired-package"]
assert of("m.zip") == ["malicious", "yara.ours.scratch"], of("m.zip")
assert of("inside.pkl") == ["suspicious", "yara.ours.inside-address"]
assert of("words.pkl") == ["clean"], of("words.pkl")'
	"${PYTHON:-python3}" -c "import sys; sys.path.insert(0, sys.argv[1])
import explain; open('m.joblib', 'wb').write(explain.SAMPLES[
'joblib-estimator.joblib']())" "$CKPT_SRC/tests/samples"
	run ckptguard scan --format=jsonl m.joblib
	json '
f, = o
assert f["verdict"] == "unknown", f
assert [x["rule"] for x in f["findings"]] == ["yara.ours.no-joblib"], f'
}
