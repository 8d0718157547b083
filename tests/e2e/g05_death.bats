#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g05: whoever of the daemon dies or stops, openers are answered, nothing bad
# gets through, and it goes on.

load guard

@test "g05.1 a worker that is killed costs nothing: another looks again" {
	scene ext4 <<-'E'
		good $W/a.pkl
		guard
		until_true has_workers
		stop_workers
		opener read $W/a.pkl >$B/result &
		P=$!
		until_true scanning 1
		for worker in $(workers); do
			kill -KILL $worker
			sleep 0.1
			[ "$(counter rescans)" -eq 0 ] || break
		done
		[ "$(counter rescans)" -eq 1 ]
		cont_workers
		wait $P
		gives ok cat $B/result
	E
}

@test "g05.2 a file that kills its workers is EIO, once and again" {
	scene ext4 <<-'E'
		[ -n "$FAKE" ] || fake
		good $W/crash
		good $W/fine.pkl
		guard
		counts scans 2 opens EIO $W/crash
		until_true said 'crash: unverified: the worker crashed'
		counts scans 0 opens EIO $W/crash
		opens ok $W/fine.pkl
		opener shrink $W/crash
		counts scans 2 opens EIO $W/crash
	E
}

@test "g05.3 a worker that lies is not believed" {
	scene ext4 <<-'E'
		[ -n "$FAKE" ] || fake
		guard
		gate=$(child gate)
		fds=$(ls /proc/$gate/fd | wc -l)
		for lie in other garbage twice huge nonsense half fds exit \
			forbidden laden flood brimful; do
			good $W/$lie
			opens EIO $W/$lie
		done
		# The same gate, without what they sent (a worker each at most).
		[ "$(child gate)" = $gate ]
		[ $(ls /proc/$gate/fd | wc -l) -lt $((fds + 30)) ]
		good $W/linger
		opens ok $W/linger
		good $W/dribble
		opens ok $W/dribble
	E
}

@test "g05.4 a worker that stands still is ended; the opener has its EIO" {
	scene ext4 <<-'E'
		good $W/a.pkl
		guard --deadline 1 --stall 1
		until_true has_workers
		stop_workers
		opens EIO $W/a.pkl
		until_true stalled 1
		cont_workers
		until_true opens ok $W/a.pkl
	E
}

@test "g05.5 the gate is killed: who waited is denied, and all goes on" {
	scene ext4 <<-'E'
		[ -n "$FAKE" ] || fake
		good $W/hang
		good $W/a.pkl
		bad $W/bad.pkl
		guard --deadline 30
		opens ok $W/a.pkl
		opener read $W/hang $W/hang >$B/result &
		P=$!
		until_true scanning 1
		gate=$(child gate)
		kill -KILL $gate
		until_true grep -q EIO $B/result
		until_true another gate $gate
		opens ok $W/a.pkl
		opens EPERM $W/bad.pkl
		until_true logged 'the gate died'
		kill $P
	E
}

@test "g05.6 after a dead gate a changed file is judged anew" {
	scene ext4 <<-'E'
		good $W/a.pkl
		bad $B/bad
		guard
		opens ok $W/a.pkl
		counts events 0 opens ok $W/a.pkl
		gate=$(child gate)
		kill -KILL $gate
		until_true another gate $gate
		opener change map $W/a.pkl $B/bad
		opens EPERM $W/a.pkl
	E
}

@test "g05.7 the gate is killed under load: nobody hangs, nothing bad opens" {
	scene ext4 <<-'E'
		opener tree 300 $W
		for i in $(seq 100); do bad $W/bad$i.pkl; done
		guard
		jobs=
		for i in 1 2 3 4 5 6; do
			opener all $W >$B/all$i &
			jobs="$jobs $!"
		done
		for i in 1 2 3 4 5; do
			sleep 0.1
			until_true child gate
			kill -KILL $(child gate) || true
		done
		for job in $jobs; do wait $job; done
		until_true child gate
		gives "300 ok, 100 EPERM" sorted opener all $W
		not grep -qE ' (3[0-9][1-9]|3[1-9][0-9]|400) ok' $B/all*
	E
}

@test "g05.8 --on-crash=open lets go whom a dead gate left" {
	scene ext4 <<-'E'
		[ -n "$FAKE" ] || fake
		good $W/hang
		guard --deadline 30 --on-crash=open
		opener read $W/hang >$B/result &
		P=$!
		until_true scanning 1
		kill -KILL $(child gate)
		wait $P
		gives ok cat $B/result
	E
}

@test "g05.9 a gate that is stopped is replaced" {
	scene ext4 <<-'E'
		good $W/a.pkl
		guard
		gate=$(child gate)
		kill -STOP $gate
		opener read $W/a.pkl >$B/result &
		P=$!
		until_true another gate $gate
		wait $P
		opens ok $W/a.pkl
		logged 'has not answered'
	E
}

@test "g05.10 the template is killed: another one serves" {
	scene ext4 <<-'E'
		good $W/a.pkl
		good $W/b.pkl
		guard
		opens ok $W/a.pkl
		template=$(child template)
		kill -KILL $template
		until_true another template $template
		opens ok $W/b.pkl
	E
}

@test "g05.11 the recorder is killed or stopped: denials go on" {
	scene ext4 <<-'E'
		bad $W/a.pkl
		bad $W/b.pkl
		bad $W/c.pkl
		guard
		rec=$(child rec)
		kill -STOP $rec
		opens EPERM $W/a.pkl
		opens EPERM $W/b.pkl
		kill -KILL $rec
		until_true another rec $rec
		opens EPERM $W/c.pkl
		until_true logged '"event":"denied".*/c.pkl'
	E
}

@test "g05.12 the scout is killed: another one sees what comes into view" {
	scene ext4 <<-'E'
		mkdir $O/d $W/disk
		bad $O/d/bad.pkl
		guard
		opens ok $O/d/bad.pkl
		scout=$(child scout)
		kill -KILL $scout
		until_true another scout $scout
		mv $O/d $W/d
		until_true opens EPERM $W/d/bad.pkl
		mount -t tmpfs none $W/disk
		bad $W/disk/bad.pkl
		until_true opens EPERM $W/disk/bad.pkl
	E
}

@test "g05.13 a scout that is stopped hides no moved directory for long" {
	scene ext4 <<-'E'
		mkdir $O/d
		bad $O/d/bad.pkl
		guard
		opens ok $O/d/bad.pkl
		until_true ignored
		scout=$(child scout)
		kill -STOP $scout
		mv $O/d $W/d
		until_true opens EPERM $W/d/bad.pkl
		until_true logged 'scout does not answer'
		kill -CONT $scout
		opens EPERM $W/d/bad.pkl
	E
}

@test "g05.14 an opener that is killed while it waits harms nobody" {
	scene ext4 <<-'E'
		[ -n "$FAKE" ] || fake
		good $W/hang
		good $W/a.pkl
		guard --deadline 2
		opener read $W/hang &
		P=$!
		until_true scanning 1
		kill -KILL $P
		opens ok $W/a.pkl
		opens EIO $W/hang
		until_true waiting 0
	E
}

@test "g05.15 the keeper is killed: all end, nobody hangs" {
	scene ext4 <<-'E'
		good $W/a.pkl
		guard
		children=$(cat /proc/$D/task/$D/children)
		kill -KILL $D
		wait $D || true
		D=
		for pid in $children; do
			until_true gone $pid
		done
		opens ok $W/a.pkl
	E
}

@test "g05.16 when memory runs out workers go first" {
	scene tmpfs <<-'E'
		guard
		[ "$(cat /proc/$(child template)/oom_score_adj)" -ge 300 ]
		[ "$(cat /proc/$(child gate)/oom_score_adj)" -lt 300 ]
	E
}

@test "g05.17 nothing is leaked over many opens, changes and deaths" {
	scene ext4 <<-'E'
		opener tree 50 $W
		for i in $(seq 20); do bad $W/bad$i; done
		guard
		gives "50 ok, 20 EPERM" sorted opener all $W
		until_true waiting 0
		fds=$(ls /proc/$(child gate)/fd | wc -l)
		for i in $(seq 10); do
			for f in $W/f*; do echo x >>$f; done
			opener all $W >$B/all
		done
		until_true waiting 0
		[ $(ls /proc/$(child gate)/fd | wc -l) -le $((fds + 4)) ]
		for what in gate rec scout template; do
			pid=$(child $what)
			kill -KILL $pid
			until_true another $what $pid
			gone $pid
		done
		gives "50 ok, 20 EPERM" sorted opener all $W
		until_true waiting 0
		[ $(ls /proc/$(child gate)/fd | wc -l) -le $((fds + 4)) ]
		[ $(ls /proc/$D/fd | wc -l) -le 30 ]
	E
}
