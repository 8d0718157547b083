#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# b02: every regular file under what was named is scanned once, nothing else.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	fake_worker
}

# paths: the paths of the last run's JSON lines, sorted, as python shows them.
paths() {
	json 'print(sorted(f["path"] for f in o))'
}

@test "b02.1 directories recurse with and without -r, whatever names are" {
	mkdir -p d/e/f .hidden
	printf 0 >d/a.pkl
	printf 0 >d/e/b
	printf 0 >d/e/f/.c
	printf 0 >.hidden/d
	for option in '' -r --recursive; do
		run ckptguard scan $option --format=jsonl d .hidden/
		expect_status 0
		[ "$(paths)" = "['.hidden/d', 'd/a.pkl', 'd/e/b', 'd/e/f/.c']" ]
	done
	run ckptguard scan --format=jsonl .
	[ "$(json 'print(len(o))')" -eq 4 ]
}

@test "b02.2 links in directories are not followed, named ones are" {
	mkdir -p d outside
	printf 4 >outside/bad
	ln -s ../outside/bad d/link
	ln -s ../outside d/dirlink
	ln -s .. d/loop
	printf 0 >d/file
	run ckptguard scan --format=jsonl d
	expect_status 0
	[ "$(paths)" = "['d/file']" ]
	run ckptguard scan --format=jsonl d/link d/dirlink
	expect_status 1
	[ "$(paths)" = "['d/dirlink/bad', 'd/link']" ]
	ln -s nowhere dangling
	run --separate-stderr ckptguard scan dangling
	expect_status 2
	expect_error 'dangling: not scanned: No such file or directory'
}

@test "b02.3 pipes and sockets in directories are skipped, named ones told of" {
	mkdir d
	mkfifo d/pipe
	printf 0 >d/file
	"${PYTHON:-python3}" -c 'import socket
socket.socket(socket.AF_UNIX).bind("d/socket")'
	run --separate-stderr timeout 60 ckptguard scan d
	expect_status 0
	expect_line '1 file: 1 clean, 2 skipped (not regular files)'
	run --separate-stderr timeout 60 ckptguard scan d/pipe d/socket /dev/null
	expect_status 2
	expect_error 'd/pipe: not scanned: it is a pipe'
	expect_error 'd/socket: not scanned: it is a socket'
	expect_error '/dev/null: not scanned: it is a device'
}

@test "b02.4 names are bytes: newlines, escapes, no UTF-8, blanks" {
	mkdir d
	printf 0 >$'d/new\nline'
	printf 0 >$'d/\x1b[31mred'
	printf 0 >$'d/\xff\xfe'
	printf 0 >'d/ blank '
	printf 0 >$'d/\xe2\x80\xaetxt'
	run ckptguard scan d
	expect_status 0
	expect_line 'd/new\x0aline: clean (fake)'
	expect_line 'd/\x1b[31mred: clean (fake)'
	expect_line 'd/\xff\xfe: clean (fake)'
	expect_line 'd/\u{202e}txt: clean (fake)'
	run ckptguard scan --format=jsonl d
	expect_status 0
	json 'import os
names = sorted(os.fsencode(f["path"]) for f in o)
assert names == [b"d/\x1b[31mred", b"d/ blank ", b"d/new\nline",
                 b"d/\xe2\x80\xaetxt", b"d/\xff\xfe"], names'
	printf 0 >./-j
	run ckptguard scan -- -j
	expect_status 0
}

@test "b02.5 names come from a list, by line or by NUL" {
	mkdir d
	printf 0 >a
	printf 1 >$'new\nline'
	printf 0 >d/b
	printf 'a\n\nd\n' >list
	run ckptguard scan --format=jsonl --files-from=list
	expect_status 0
	[ "$(paths)" = "['a', 'd/b']" ]
	run bash -c "printf 'a\0new\nline\0d' | ckptguard scan --format=jsonl --files-from=- --null a"
	expect_status 0
	[ "$(paths)" = "['a', 'a', 'd/b', 'new\nline']" ]
	run bash -c "printf 'a\0d\n' | ckptguard scan --files-from=-"
	expect_status 2
	expect_part 'is --null missing?'
	run --separate-stderr ckptguard scan --files-from=absent
	expect_status 2
	expect_error 'absent: not scanned: No such file or directory'
	run ckptguard scan --files-from=/dev/null
	expect_status 0
}

@test "b02.6 a directory that can't be read is named, and the rest is scanned" {
	mkdir -p d/closed d/open
	printf 0 >d/open/file
	chmod 000 d/closed
	chmod 755 . d d/open
	local as=()
	if [ "$(id -u)" -eq 0 ]; then
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		"${as[@]}" test -x "$CKPT_BUILD/ckptguard" -a -r d ||
			skip "another user can't reach the build"
	fi
	run --separate-stderr "${as[@]}" ckptguard scan d
	chmod 755 d/closed
	expect_status 2
	expect_line 'd/open/file: clean (fake)'
	expect_error 'd/closed: not scanned: Permission denied'
}

@test "b02.7 directories nested beyond any path's length are reached" {
	"${PYTHON:-python3}" -c 'import os
for i in range(40):
    os.mkdir("n" * 200)
    os.chdir("n" * 200)
open("bad", "w").write("4")'
	run ckptguard scan --format=jsonl .
	expect_status 1
	json 'assert len(o) == 1 and len(o[0]["path"]) == 2 + 40 * 201 + 3'
	run bash -c 'ckptguard scan --format=sarif . | "${PYTHON:-python3}" -m json.tool'
	expect_status 0
}

@test "b02.8 a directory nested too deeply is trouble, not silence" {
	"${PYTHON:-python3}" -c 'import os
for i in range(1000):
    os.mkdir("n")
    os.chdir("n")'
	run --separate-stderr ckptguard scan .
	"${PYTHON:-python3}" -c 'import shutil, sys
sys.setrecursionlimit(10000)
shutil.rmtree("n")' || true
	expect_status 2
	expect_error 'not scanned: directories are nested too deeply here'
}
