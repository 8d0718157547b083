#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g03: a clean file that changes between two opens is judged by what it holds
# at the second, however it was changed.

load guard

# changed HOW: good, opened twice, then changed; the next open sees it.
changed() {
	for fs in tmpfs ext4 xfs btrfs; do
		[ $fs = tmpfs ] || command -v mkfs.$fs >/dev/null || continue
		scene $fs <<-E || { echo "on $fs"; return 1; }
			good \$W/a.pkl
			bad \$B/bad
			guard
			opens ok \$W/a.pkl
			counts events 0 opens ok \$W/a.pkl
			opener change $1 \$W/a.pkl \$B/bad </dev/null
			cmp \$B/bad \$W/a.pkl && exit 1
			opens EPERM \$W/a.pkl
		E
	done
}

@test "g03.1 write" {
	changed write
}

@test "g03.2 a store through a mapping" {
	changed map
}

@test "g03.3 truncate" {
	changed truncate
}

@test "g03.4 O_TRUNC" {
	changed otrunc
}

@test "g03.5 copy_file_range" {
	changed copy
}

@test "g03.6 splice" {
	changed splice
}

@test "g03.7 rename over it" {
	changed rename
}

@test "g03.8 asynchronous I/O" {
	changed aio
}

@test "g03.9 io_uring" {
	changed uring
}

# kept HOW: the same, with the writer staying there.
kept() {
	for fs in tmpfs ext4 xfs btrfs; do
		[ $fs = tmpfs ] || command -v mkfs.$fs >/dev/null || continue
		scene $fs <<-E || { echo "on $fs"; return 1; }
			good \$W/a.pkl
			[ $1 = map-kept ] || truncate -s 4096 \$W/a.pkl
			bad \$B/bad
			guard
			opens ok \$W/a.pkl
			mkfifo \$B/go
			opener change $1 \$W/a.pkl \$B/bad \
				<\$B/go >\$B/said 2>&1 &
			P=\$!
			exec 9>\$B/go
			until_true grep -q . \$B/said
			grep -qx ok \$B/said || cat \$B/said
			opens EPERM \$W/a.pkl
			opens EPERM \$W/a.pkl
			exec 9>&-
			wait \$P || true
			opens EPERM \$W/a.pkl
		E
	done
}

@test "g03.10 a mapping that stays after its descriptor is closed" {
	kept map-kept
}

@test "g03.11 a loop device that writes its backing file" {
	[ -e /dev/loop-control ] || skip "no loop devices here"
	kept loop
}

@test "g03.12 a good file takes the place of a bad one" {
	scene ext4 <<-'E'
		bad $W/a.pkl
		good $B/good
		guard
		opens EPERM $W/a.pkl
		rm $W/a.pkl
		cp $B/good $W/a.pkl
		opens ok $W/a.pkl
		bad $W/new.pkl
		opens EPERM $W/new.pkl
		good $O/good.pkl
		mv $O/good.pkl $W/new.pkl
		opens ok $W/new.pkl
	E
}

@test "g03.13 a file with a writer is never remembered" {
	scene ext4 <<-'E'
		good $W/a.pkl
		mkfifo $B/go
		guard
		opener hold $W/a.pkl rw <$B/go >$B/said &
		P=$!
		exec 9>$B/go
		until_true grep -q ok $B/said
		counts scans 1 opens ok $W/a.pkl
		counts scans 1 opens ok $W/a.pkl
		[ "$(counter tokens)" -eq 0 ]
		exec 9>&-
		wait $P
		counts scans 1 opens ok $W/a.pkl
		counts scans 0 opens ok $W/a.pkl
	E
}

@test "g03.14 a download under way opens, and is judged when it is whole" {
	scene ext4 <<-'E'
		guard
		exec 9>$W/part.pkl
		broken $B/cut
		cat $B/cut >&9
		opens ok $W/part.pkl
		exec 9>&-
		opens EIO $W/part.pkl
	E
}

@test "g03.15 evidence of harm counts while a download is under way" {
	scene ext4 <<-'E'
		bad $B/bad
		guard
		exec 9>$W/part.pkl
		cat $B/bad >&9
		opens EPERM $W/part.pkl
		exec 9>&-
	E
}

@test "g03.16 a writer is not held up by a token" {
	scene ext4 <<-'E'
		opener tree 300 $W
		guard
		gives "300 ok" opener all $W
		from=$(date +%s%N)
		for f in $W/*; do echo more >>$f; done
		ms=$((($(date +%s%N) - from) / 1000000))
		echo "300 writers took $ms ms"
		[ $ms -lt 5000 ]
		[ "$(counter tokens_broken)" -eq 300 ]
	E
}

@test "g03.17 a writer is not held up by a scan" {
	scene ext4 <<-'E'
		[ -n "$FAKE" ] || fake
		good $W/hang
		guard --deadline 5
		opener read $W/hang >$B/result &
		P=$!
		until_true scanning 1
		timeout 3 $CKPT_BUILD/tests/e2e/opener shrink $W/hang
		wait $P
		gives EIO cat $B/result
	E
}

@test "g03.18 without a lease an opener waits for a scan of its own" {
	scene ext4 <<-'E'
		good $W/a.pkl
		mkfifo $B/go
		guard
		until_true has_workers
		opener hold $W/a.pkl rw <$B/go >$B/said &
		exec 9>$B/go
		until_true grep -q ok $B/said
		stop_workers
		from=$(counter scans)
		opener read $W/a.pkl >$B/first &
		P=$!
		until_true scanning 1
		opener read $W/a.pkl >$B/second &
		Q=$!
		until_true waiting 2
		cont_workers
		wait $P
		wait $Q
		gives ok cat $B/first
		gives ok cat $B/second
		[ $(($(counter scans) - from)) -eq 2 ]
		exec 9>&-
	E
}

@test "g03.19 what a writer may have changed under a scan is looked at anew" {
	scene ext4 <<-'E'
		good $W/a.pkl
		guard
		until_true has_workers
		stop_workers
		opener read $W/a.pkl >$B/result &
		P=$!
		until_true scanning 1
		opener shrink $W/a.pkl
		cont_workers
		wait $P
		[ "$(counter rescans)" -eq 1 ]
		[ "$(counter scans)" -eq 2 ]
	E
}

@test "g03.20 tokens are given up in time, however many break at once" {
	scene tmpfs <<-'E'
		OPENER_SECONDS=90
		opener tree 2000 $W
		guard
		gives "2000 ok" opener all $W
		made=$(counter tokens)
		jobs=
		for i in 000 005 010 015; do
			seq -f %05.0f $((10#$i * 100)) $((10#$i * 100 + 499)) |
				while read n; do echo x >>$W/f$n.txt; done &
			jobs="$jobs $!"
		done
		for job in $jobs; do wait $job; done
		[ "$(counter tokens_broken)" -eq 2000 ] || [ $made -lt 2000 ]
		counts events 2000 gives "2000 ok" opener all $W
	E
}

@test "g03.21 what is deleted is not kept on the disk" {
	for fs in tmpfs ext4 xfs btrfs; do
		[ $fs = tmpfs ] || command -v mkfs.$fs >/dev/null || continue
		scene $fs <<-'E' || { echo "on $fs"; return 1; }
			free() {
				sync
				df -k --output=avail $M | tail -n 1
			}
			enough() {
				[ "$(free)" -gt $((before - 4000)) ]
			}
			bad $W/bad.pkl
			guard
			before=$(free)
			head -c 60000000 /dev/zero >$W/big
			opens ok $W/big
			opens EPERM $W/bad.pkl
			[ "$(counter tokens)" -ge 1 ]
			not enough
			rm $W/big $W/bad.pkl
			until_true enough
			until_true tokens 0
			head -c 60000000 /dev/zero >$W/big
			opens ok $W/big
			not enough
			good $B/good
			cp $B/good $W/new
			mv $W/new $W/big
			until_true enough
		E
	done
}
