#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# d06: the desktop's agent tells its user what the guard did, and no more.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	[ -x "$CKPT_BUILD/ckptguard-notify" ] ||
		skip "built without libnotify"
	export CKPTGUARD_SOCKET="$PWD/s" XDG_RUNTIME_DIR="$PWD"
	PIDS=
	mkfifo events
	"${PYTHON:-python3}" "$CKPT_SRC/tests/e2e/fake_guard.py" s \
		<events >asked 2>&1 &
	PIDS="$PIDS $!"
	exec 7>events
	until [ -S s ]; do
		kill -0 $!
	done
}

teardown() {
	exec 7>&-
	for pid in ${PIDS:-}; do
		kill "$pid" 2>/dev/null || true
	done
	wait
}

# begin: the agent, which prints.
begin() {
	ckptguard notify --print "$@" >told 2>err &
	AGENT=$!
	PIDS="$PIDS $AGENT"
}

# told TEXT: wait until it was.
told() {
	until grep -Fq -- "$1" told; do
		kill -0 "$AGENT"
	done
}

@test "d06.1 what is denied to its user is told in words, once" {
	begin
	echo '{"path":"/d/other.pt","uid":99999}' >&7
	echo '{"path":"/d/noted.pt","event":"noted"}' >&7
	echo '{"path":"/d/e.pt","exe":"/usr/bin/python3","message":"it runs x"}' >&7
	told 'A dangerous file was blocked'
	told 'It runs x.'
	[ "$(head -n 4 told)" = "$(printf '%s\n' 'A dangerous file was blocked' \
		e.pt 'in /d' 'It runs x.')" ]
	! grep -q -e other -e noted told
	grep -Fqx '{"v":1,"command":"follow"}' asked
}

@test "d06.2 what comes in one go is told in one go" {
	begin --all
	for i in 1 2 3 4 5 6 7 8 9; do
		printf '{"path":"/d/%s.pt","uid":%s}\n' $i $i
	done >&7
	told '9 files were blocked'
	told 'and 5 more'
}

@test "d06.3 a guard that goes away is waited for" {
	begin
	echo '{"path":"/d/a.pt"}' >&7
	told a.pt
	echo 'hang up' >&7
	echo '{"path":"/d/b.pt"}' >&7
	told b.pt
	grep -q 'waiting for the guard' err
	grep -q 'is back' err
}

@test "d06.4 it ends when it is asked to, and needs a session to show" {
	begin
	until grep -q follow asked; do
		kill -0 "$AGENT"
	done
	kill -TERM "$AGENT"
	wait "$AGENT"
	XDG_RUNTIME_DIR= run --separate-stderr ckptguard notify
	expect_status 2
	expect_error 'this is no session of a desktop'
}

@test "d06.5 a desktop shows it, one agent for a session, with buttons" {
	for tool in Xvfb dunst dunstctl dbus-run-session; do
		command -v $tool >/dev/null || skip "$tool is not installed"
	done
	cat >session <<-'S'
		until dunstctl count >/dev/null 2>&1; do
			[ $((tries += 1)) -lt 100 ] || exit 77
		done
		ckptguard notify 2>err &
		N=$!
		until grep -q follow asked; do kill -0 $N || exit 1; done
		ckptguard notify 2>second && exit 2
		grep -q 'another one shows it already' second || exit 3
		echo '{"path":"/d/<b>&.pt","event":"quarantined"}' >events
		until [ "$(dunstctl count displayed)" = 1 ]; do
			kill -0 $N || exit 4
		done
		dunstctl close-all
		kill $N
		wait $N || exit 5
	S
	Xvfb -displayfd 5 -screen 0 800x600x24 5>display 2>/dev/null 7>&- &
	PIDS="$PIDS $!"
	until [ -s display ]; do
		kill -0 $! || skip "no X server here"
	done
	DISPLAY=:$(cat display) run timeout 60 dbus-run-session -- bash session
	[ "$status" -ne 77 ] || skip "no dunst here"
	expect_status 0
}
