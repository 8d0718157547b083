#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g06: beginning and end.

load guard

@test "g06.1 SIGTERM ends it under a second, with openers that wait" {
	scene ext4 <<-'E'
		[ -n "$FAKE" ] || fake
		good $W/hang
		guard --deadline 60
		opener storm 20 $W/hang >$B/result &
		P=$!
		until_true waiting 20
		from=$(date +%s%N)
		unguard
		ms=$((($(date +%s%N) - from) / 1000000))
		echo "ended after $ms ms"
		[ $ms -lt 1000 ]
		wait $P
		gives "20 EIO" cat $B/result
		opens ok $W/hang
	E
}

@test "g06.2 SIGINT of a terminal ends it as well" {
	scene tmpfs <<-'E'
		good $W/a.pkl
		guard
		opens ok $W/a.pkl
		pid=$D
		D=
		kill -INT $pid
		wait $pid
		opens ok $W/a.pkl
	E
}

@test "g06.3 it ends while its recorder, scout and a worker are stopped" {
	scene ext4 <<-'E'
		good $W/a.pkl
		guard
		until_true has_workers
		stop_workers
		opener read $W/a.pkl >$B/result &
		P=$!
		until_true scanning 1
		kill -STOP $(child rec) $(child scout) $(child template)
		from=$(date +%s%N)
		unguard
		ms=$((($(date +%s%N) - from) / 1000000))
		echo "ended after $ms ms"
		[ $ms -lt 1500 ]
		wait $P
		gives EIO cat $B/result
	E
}

@test "g06.4 it ends while its gate is stopped" {
	scene ext4 <<-'E'
		good $W/a.pkl
		guard
		kill -STOP $(child gate)
		opener read $W/a.pkl >$B/result &
		P=$!
		from=$(date +%s%N)
		unguard
		ms=$((($(date +%s%N) - from) / 1000000))
		echo "ended after $ms ms"
		[ $ms -lt 2000 ]
		wait $P
		opens ok $W/a.pkl
	E
}

@test "g06.5 without -f it goes to the background when it guards" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		$CKPT_BUILD/ckptguardd --watch $W --state-dir $S >$LOG 2>&1
		said '^guarding'
		opens EPERM $W/bad.pkl
		D=$(pgrep -o -x ckptguardd)
		until_true logged '"event":"denied"'
		kill -TERM $D
		until_true gone $D
		D=
		opens ok $W/bad.pkl
	E
}

@test "g06.6 in the background an error still has its sentence and status" {
	scene tmpfs <<-'E'
		mount -t tmpfs none /sys/fs/fanotify 2>/dev/null || true
		mount --bind /bin/false $CKPT_BUILD/ckptguard-worker
		status=0
		$CKPT_BUILD/ckptguardd --watch $W --state-dir $S >$LOG 2>&1 ||
			status=$?
		[ $status -eq 2 ]
		said 'ckptguardd: the worker program ended before'
	E
}

@test "g06.7 it tells a service manager that it is ready" {
	scene tmpfs <<-'E'
		python3 - $B/notify >$B/said <<-'P' &
		import socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind(sys.argv[1])
		while True:
		    print(s.recv(100).decode().replace("\n", " "), flush=True)
		P
		until_true test -S $B/notify
		export NOTIFY_SOCKET=$B/notify
		guard
		until_true grep -q READY=1 $B/said
		grep -q "MAINPID=$D" $B/said
		! grep -q WATCHDOG $B/said
		unguard
		export WATCHDOG_USEC=100000
		guard
		until_true grep -q WATCHDOG=1 $B/said
	E
}

@test "g06.8 its own files may lie in the watch, and be replaced there" {
	scene ext4 <<-'E'
		mkdir $W/programs $W/rules
		cp $CKPT_BUILD/ckptguardd $CKPT_BUILD/ckptguard-worker \
			$W/programs
		cp -r $CKPT_SRC/rules/. $W/rules
		good $W/a.pkl
		bad $W/bad.pkl
		opener=$CKPT_BUILD/tests/e2e/opener
		cp $opener $B/opener
		mount --bind $W/rules $CKPT_SRC/rules
		mount --bind $W/programs/ckptguardd $CKPT_BUILD/ckptguardd
		mount --bind $W/programs/ckptguard-worker \
			$CKPT_BUILD/ckptguard-worker
		guard
		opens EPERM $W/bad.pkl
		for what in template gate rec scout; do
			pid=$(child $what)
			kill -KILL $pid
			until_true another $what $pid
		done
		opens ok $W/a.pkl
		opens EPERM $W/bad.pkl
	E
}

@test "g06.9 two daemons don't share a state directory" {
	scene tmpfs <<-'E'
		guard
		status=0
		$CKPT_BUILD/ckptguardd -f --watch $O --state-dir $S >$B/second \
			2>&1 || status=$?
		[ $status -eq 2 ]
		grep -q 'is used by another ckptguardd' $B/second
	E
}

@test "g06.10 two daemons may watch the same directory" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		good $W/good.pkl
		guard
		mkdir $B/state2
		$CKPT_BUILD/ckptguardd -f --watch $W --state-dir $B/state2 \
			>$B/second 2>&1 &
		second=$!
		until_true grep -q ^guarding $B/second
		opens EPERM $W/bad.pkl
		opens ok $W/good.pkl
		kill -TERM $second
		wait $second
		opens EPERM $W/bad.pkl
		opens ok $W/good.pkl
	E
}

@test "g06.11 anybody may ask how it is, and what asks badly is told so" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		good $W/good.pkl
		mount --bind $B /mnt
		guard --socket $B/control
		opens EPERM $W/bad.pkl
		opens ok $W/good.pkl
		cat >$B/ask <<-'P'
		import json, os, socket, sys
		if len(sys.argv) > 3: os.setresuid(*[int(sys.argv[3])] * 3)
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		s.settimeout(5)
		s.connect(sys.argv[1])
		f = s.makefile("rw")
		f.write(sys.argv[2] + "\n")
		f.flush()
		print(json.dumps(json.loads(f.readline()), sort_keys=True))
		P
		status='{"v":1,"command":"status"}'
		python3 $B/ask $B/control "$status" >$B/status
		grep -q "\"guarding\": \[\"guarding $W (tmpfs" $B/status
		grep -q '"denied": 1,' $B/status
		python3 $B/ask $B/control 'hello' | grep -q malformed
		python3 $B/ask /mnt/control "$status" 65534 |
			grep -q '"denied": 1,'
		python3 $B/ask /mnt/control '{"v":1,"command":"reload"}' 65534 |
			grep -q forbidden
		rec=$(child rec)
		kill -KILL $rec
		until_true another rec $rec
		until_true python3 $B/ask $B/control "$status"
		python3 $B/ask $B/control "$status" |
			grep -q 'the recorder died\|guarding /'
	E
}

@test "g06.12 each process keeps only the rights that it needs" {
	scene tmpfs <<-'E'
		status() {
			sed -n "s/^$2:[[:space:]]*//p" /proc/$1/status
		}
		within() {
			[ $((0x$(status $1 CapEff) & ~$2)) -eq 0 ] &&
				[ $((0x$(status $1 CapBnd) & ~$2)) -eq 0 ]
		}
		guard
		read_search=$((1 << 2)) override=$((1 << 1))
		ptrace=$((1 << 19)) admin=$((1 << 21)) lease=$((1 << 28))
		audit=$((1 << 29)) owner=$((1 << 3))
		gate=$(child gate)
		within $gate $((read_search | admin | lease))
		within $(child scout) \
			$((read_search | override | admin | audit | owner))
		within $(child rec) $((read_search | ptrace))
		[ $((0x$(status $(child template) CapEff))) -eq 0 ]
		[ "$(status $(child template) Uid | cut -f1)" -ne 0 ]
		for pid in $D $(cat /proc/$D/task/$D/children); do
			[ "$(status $pid NoNewPrivs)" = 1 ]
		done
		sanitized || [ "$(status $gate Seccomp)" = 2 ]
		[ "$(status $(child template) Seccomp)" = 2 ]
		sanitized || [ "$(status $gate VmLck | tr -dc 0-9)" -gt 1000 ]
		grep -q '^Max core file size *0 *0' /proc/$gate/limits
		unguard
		not grep -q 'Uid:' /proc/$gate/status 2>/dev/null
	E
}
