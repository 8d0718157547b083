#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# d05: watch tells of what comes into directories, and moves it aside.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	fake_worker
	mkdir -p d/sub
	printf 0 >d/clean
}

teardown() {
	stop
}

# begin ARGUMENT...: watch in the background, and wait until it does.
begin() {
	ckptguard watch "$@" >out 2>err &
	WATCH=$!
	until grep -q 'without rights' err; do
		kill -0 "$WATCH"
	done
}

stop() {
	[ -z "${WATCH:-}" ] || {
		kill -TERM "$WATCH"
		wait "$WATCH" || status=$?
	}
	WATCH=
}

# told TEXT: wait until this was said.
told() {
	until grep -Fq -- "$1" out; do
		kill -0 "$WATCH"
	done
}

@test "d05.1 what is there, is written, is moved in and is linked is told of" {
	printf 4 >d/there
	begin d
	told 'd/there: malicious (fake)'
	printf 4 >d/written
	told 'd/written: malicious (fake)'
	printf 3 >outside
	mv outside d/sub/moved
	told 'd/sub/moved: suspicious (fake)'
	printf 4 >outside
	ln outside d/linked
	told 'd/linked: malicious (fake)'
	printf 0 >d/written
	told 'd/written: clean (fake)'
	stop
	[ "$status" -eq 1 ]
	grep -Fqx '6 files: 3 malicious, 1 suspicious, 2 clean' out
	grep -q 'an open is not denied' err
}

@test "d05.2 directories that come are followed, those that leave are not" {
	mkdir -p new/er/est
	printf 4 >new/er/a
	begin d
	mkdir -p d/x/y
	printf 4 >d/x/y/b
	told 'd/x/y/b: malicious'
	mv new d/
	told 'd/new/er/a: malicious'
	printf 4 >d/new/er/est/c
	told 'd/new/er/est/c: malicious'
	mv d/new/er d/renamed
	printf 4 >d/renamed/e
	told 'd/renamed/e: malicious'
	mv d/renamed gone
	printf 4 >gone/f
	printf 4 >d/last
	told 'd/last: malicious'
	! grep -q '/f:' out
}

@test "d05.3 --new looks only at what comes, --once only at what is there" {
	printf 4 >d/there
	begin --new d
	printf 4 >d/comes
	told 'd/comes: malicious'
	! grep -q 'd/there' out
	stop
	run ckptguard watch --once --list=all d
	expect_status 1
	expect_line '3 files: 2 malicious, 1 clean'
	expect_line 'd/clean: clean (fake)'
}

@test "d05.4 what is found is moved, and comes back the same" {
	printf 4 >d/bad
	chmod 640 d/bad
	touch -d '2020-02-03 04:05:06' d/bad
	before=$(stat -c '%a %s %Y %u %g' d/bad)
	run ckptguard watch --once --quarantine=q d
	expect_status 1
	expect_part '    moved to q as '
	[ ! -e d/bad ]
	[ -e d/clean ]
	[ "$(stat -c %a q)" = 700 ]
	[ "$(find q/vault ! -name '*.rec' -type f -exec cat {} +)" = 4 ]
	run ckptguard watch --quarantine=q --quarantined
	expect_status 0
	expect_part "  malicious  1 B  $PWD/d/bad"
	run ckptguard watch --quarantine=q --restore="${output%% *}"
	expect_status 0
	[ "$(stat -c '%a %s %Y %u %g' d/bad)" = "$before" ]
	run ckptguard watch --quarantine=q --quarantined
	[ -z "$output" ]
	# who restored it knows what it is
	run ckptguard watch --once --quarantine=q d
	expect_status 1
	expect_part 'not moved: it was restored before, and stays'
	[ -e d/bad ]
}

@test "d05.5 a quarantine inside a watched directory is not watched" {
	begin --quarantine=d/q d
	printf 4 >d/bad
	told 'moved to d/q as'
	printf 4 >d/more
	told 'd/more: malicious'
	stop
	[ "$(grep -c malicious out)" -eq 3 ]
	[ "$(ls d)" = "$(printf '%s\n' clean q sub)" ]
}

@test "d05.6 nothing of others is overwritten or followed" {
	mkdir outside
	printf 4 >outside/bad
	ln -s ../outside d/link
	ln -s ../outside/bad d/file
	run ckptguard watch --once --quarantine=q d
	expect_status 0
	[ -e outside/bad ]
	mkdir -m 777 open
	run --separate-stderr ckptguard watch --once --quarantine=open d
	expect_status 2
	expect_error 'others may write there'
	run --separate-stderr ckptguard watch --once --quarantine=q --restore=abc d
	expect_status 2
	expect_error '--quarantined or --restore'
	run --separate-stderr ckptguard watch --quarantine=q --restore=abc
	expect_status 2
	expect_error 'has no quarantined file abc'
}

@test "d05.7 a file that is replaced while it is scanned is told of again" {
	begin --format=jsonl d
	for i in 1 2 3 4 5 6 7 8 9; do
		printf 4 >tmp$i
		mv tmp$i d/file
	done
	printf 3 >tmp
	mv tmp d/file
	told '"verdict":"suspicious"'
}

@test "d05.8 the limit of watches is told with what to do, and nothing runs" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to set a limit of its own"
	command -v unshare >/dev/null || skip "unshare is not installed"
	unshare -U true 2>/dev/null || skip "no user namespaces here"
	mkdir -p d/{1,2,3,4,5,6,7,8,9}
	run --separate-stderr unshare -U -r bash -c '
		echo 5 >/proc/sys/user/max_inotify_watches || exit 77
		exec ckptguard watch d'
	[ "$status" -ne 77 ] || skip "the limit can't be set here"
	expect_status 2
	expect_error 'is not watched: the limit of watched directories'
	expect_error 'not everything can be watched; nothing is'
}

@test "d05.9 a directory that goes away ends the watch, with trouble" {
	begin d/sub
	rmdir d/sub
	wait "$WATCH" || status=$?
	WATCH=
	[ "$status" -eq 2 ]
	grep -q 'd/sub is gone' err
	grep -q 'no directory is left to watch' err
	run --separate-stderr ckptguard watch absent
	expect_status 2
}
