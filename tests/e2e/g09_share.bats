#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g09: what is held is shared fairly, and let go of.

load guard

@test "g09.1 on SIGUSR2 a filesystem is let go of and can be unmounted" {
	scene ext4 <<-'E'
		good $W/a.pkl
		bad $W/bad.pkl
		guard
		opens ok $W/a.pkl
		opens EPERM $W/bad.pkl
		[ "$(counter tokens)" -eq 1 ]
		not umount $M
		kill -USR2 $D
		until_true umount $M
	E
}

@test "g09.2 what was let go of is judged anew, and kept again" {
	scene ext4 <<-'E'
		good $W/a.pkl
		bad $W/bad.pkl
		guard
		opens ok $W/a.pkl
		opens EPERM $W/bad.pkl
		kill -USR2 $D
		until_true tokens 0
		[ "$(counter tokens_aged)" -eq 2 ]
		counts scans 1 opens ok $W/a.pkl
		counts scans 1 opens EPERM $W/bad.pkl
		counts events 0 opens ok $W/a.pkl
	E
}

@test "g09.3 one user cannot take all the places of those who wait" {
	scene ext4 <<-'E'
		as() {
			uid=$1
			shift
			setpriv --reuid $uid --regid $uid --clear-groups "$@"
		}
		waits() {
			[ "$(counter waiting)" -ge $1 ]
		}
		[ -n "$FAKE" ] || fake
		cp $CKPT_BUILD/tests/e2e/opener $O/opener
		chmod 755 $M $W $O $O/opener
		mount --bind $M /mnt
		good $W/hang
		good $W/a.pkl
		good $W/b.pkl
		chmod 644 $W/*
		ulimit -n 2048
		guard --deadline 40
		until_true has_workers
		room=$((2048 / 4))
		as 4321 /mnt/out/opener storm $((room / 2 + 40)) /mnt/watch/hang \
			>$B/result 2>&1 &
		P=$!
		until_true waits $((room / 2))
		[ "$(counter waiting)" -eq $((room / 2)) ] || {
			# Kernels before 6.13 don't tell whose an opener is.
			exit 0
		}
		gives ok as 4322 /mnt/out/opener read /mnt/watch/a.pkl
		opens ok $W/b.pkl
		[ "$(counter overload_user)" -eq 40 ]
		[ "$(counter overload)" -eq 0 ]
		kill $P
	E
}

@test "g09.4 slow files make room for others, and keep their openers" {
	scene ext4 <<-'E'
		[ -n "$FAKE" ] || fake
		guard --deadline 30 --stall 60
		until_true has_workers
		for i in $(seq 80); do
			mkdir $W/$i
			good $W/$i/hang
			opener read $W/$i/hang >$B/slow$i 2>&1 &
		done
		full() {
			[ "$(counter scanning)" -ge 8 ]
		}
		until_true full
		for i in 1 2 3 4 5 6 7 8 9; do
			good $W/quick$i
			opens ok $W/quick$i
		done
		[ "$(counter preempted)" -ge 1 ]
		[ "$(counter late)" -eq 0 ]
		[ "$(counter waiting)" -eq 80 ]
		[ "$(counter worker_deaths)" -eq 0 ]
	E
}

@test "g09.5 release lets go of one filesystem, which can then be unmounted" {
	scene ext4 <<-'E'
		mkdir $B/other
		filesystem ext4 $B/other
		X=$B/other/watch
		mkdir $X
		good $W/a.pkl
		good $X/b.pkl
		bad $X/bad.pkl
		guard --watch $X --socket $B/control
		opens ok $W/a.pkl
		opens ok $X/b.pkl
		opens EPERM $X/bad.pkl
		[ "$(counter tokens)" -eq 2 ]
		not umount $B/other
		ask release $W
		[ "$(counter tokens)" -eq 1 ]
		not umount $B/other
		counts events 0 opens ok $X/b.pkl
		counts scans 1 opens ok $W/a.pkl
		ask release $X/b.pkl
		umount $B/other
		[ "$(counter tokens)" -eq 1 ]
		not umount $M
		ask release
		umount $M
	E
}

@test "g09.6 release is for administrators, and says what went wrong" {
	scene ext4 <<-'E'
		good $W/a.pkl
		public
		guard --socket $B/control
		opens ok $W/a.pkl
		chmod 711 $B
		status=0
		as 4321 ask release $W 2>$B/said || status=$?
		[ $status -eq 1 ]
		grep -q 'only root and administrators' $B/said
		[ "$(counter tokens)" -eq 1 ]
		status=0
		ask release $W/none 2>$B/said || status=$?
		[ $status -eq 2 ]
		grep -q 'none: its filesystem is not known: No such file' $B/said
		status=0
		ask release $W $O 2>$B/said || status=$?
		[ $status -eq 2 ]
		ask release /proc
		[ "$(counter tokens)" -eq 1 ]
	E
}

@test "g09.7 release needs no gate, and reaches subvolumes" {
	scene btrfs <<-'E'
		btrfs -q subvolume create $W/sub || exit 0
		good $W/sub/a.pkl
		guard --socket $B/control
		opens ok $W/sub/a.pkl
		[ "$(counter tokens)" -eq 1 ]
		ask release $W
		[ "$(counter tokens)" -eq 0 ]
		for i in 1 2; do
			gate=$(child gate)
			kill -KILL $gate
			timeout 10 "$CKPT_BUILD/ckptguard" release $W \
				--socket $B/control
			until_true another gate $gate
		done
	E
}
