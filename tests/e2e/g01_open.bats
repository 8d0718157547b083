#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g01: an open below a watch is judged before it goes on, and the next one of
# the same file costs nothing.

load guard

@test "g01.1 a bad file is denied with EPERM, a good one opens" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		good $W/good.pkl
		guard
		opens EPERM $W/bad.pkl
		opens ok $W/good.pkl
	E
}

@test "g01.2 each denial is one line: who, what, why" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		guard
		opens EPERM $W/bad.pkl
		until_true said "^denied $W/bad.pkl: malicious: "
		said "opened by .*/opener (pid [0-9]*, user root)$"
		logged '"event":"denied","errno":"EPERM","path":"[^"]*/bad.pkl"'
		[ "$(grep -c '^denied' $LOG)" -eq 1 ]
	E
}

@test "g01.3 the second open of a clean file raises no event" {
	scene tmpfs <<-'E'
		good $W/good.pkl
		guard
		counts events 1 opens ok $W/good.pkl
		counts events 0 opens ok $W/good.pkl
		counts scans 0 opens ok $W/good.pkl
	E
}

@test "g01.4 the second open of a bad file is denied without a scan" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		guard
		counts scans 1 opens EPERM $W/bad.pkl
		counts scans 0 opens EPERM $W/bad.pkl
		counts flagged_hits 1 opens EPERM $W/bad.pkl
	E
}

@test "g01.5 what can't be read to its end is EIO, where the kernel tells" {
	scene tmpfs <<-'E'
		broken $W/cut.pkl
		guard
		opens EIO $W/cut.pkl
	E
}

@test "g01.6 files that are no models open, and cost nothing again" {
	scene tmpfs <<-'E'
		echo "hello, world" >$W/text
		head -c 3000000 /dev/urandom >$W/noise
		printf '#!/bin/sh\necho ran\n' >$W/script
		chmod +x $W/script
		: >$W/empty
		mkfifo $W/fifo
		guard
		opens ok $W/text
		opens ok $W/noise
		opens ok $W/empty
		gives ran $W/script
		echo x >$W/fifo &
		gives x cat $W/fifo
		counts events 0 opens ok $W/noise
	E
}

@test "g01.7 the name doesn't matter" {
	scene tmpfs <<-'E'
		bad $W/holiday.jpg
		good $W/virus.pkl
		bad "$W/$(printf 'a\n\033[31mb')"
		guard
		opens EPERM $W/holiday.jpg
		opens ok $W/virus.pkl
		opens EPERM "$W/$(printf 'a\n\033[31mb')"
		until_true said '^denied .*/a\\x0a\\x1b\[31mb: '
	E
}

@test "g01.8 files beside the watch are not judged" {
	scene tmpfs <<-'E'
		bad $O/bad.pkl
		bad $M/bad.pkl
		mkdir ${W}2
		bad ${W}2/bad.pkl
		guard
		opens ok $O/bad.pkl
		opens ok $M/bad.pkl
		opens ok ${W}2/bad.pkl
		[ "$(counter scans)" -eq 0 ]
	E
}

@test "g01.9 a directory outside raises one event, then none" {
	scene tmpfs <<-'E'
		opener tree 50 $O
		guard
		opens ok $O/f00000.txt
		until_true ignored
		counts events 0 gives "50 ok" opener all $O
	E
}

@test "g01.10 --observe denies nothing and says what it would have done" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		broken $W/cut.pkl
		guard --observe
		opens ok $W/bad.pkl
		opens ok $W/cut.pkl
		until_true said "^observed $W/bad.pkl: malicious"
		until_true said "^observed $W/cut.pkl: unverified"
		[ "$(counter observed)" -eq 2 ]
	E
}

@test "g01.11 strict denies what names unknown code, balanced records it" {
	scene tmpfs <<-'E'
		own $W/own.pkl
		guard
		opens ok $W/own.pkl
		until_true logged '"event":"noted".*"verdict":"unknown"'
		not said '^denied'
		unguard
		guard --profile strict
		opens EPERM $W/own.pkl
	E
}

@test "g01.12 a bad script is not executed either" {
	scene tmpfs <<-'E'
		bad $W/bad
		chmod +x $W/bad
		guard
		run=0
		$W/bad 2>/dev/null || run=$?
		[ $run -eq 126 ]
	E
}

@test "g01.13 an open for writing is judged like any other" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		good $W/good.pkl
		guard
		gives EPERM opener hold $W/bad.pkl w
		gives ok opener hold $W/good.pkl rw </dev/null
		echo new >$W/new.txt
		gives new cat $W/new.txt
	E
}

@test "g01.14 a denied opener leaves its target as it was" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		cp $W/bad.pkl $B/copy
		guard
		not sh -c ": >$W/bad.pkl" 2>/dev/null
		unguard
		cmp $W/bad.pkl $B/copy
		rm $W/bad.pkl
	E
}

@test "g01.15 two watches on two filesystems are both guarded" {
	scene tmpfs <<-'E'
		mkdir $B/other
		mount -t tmpfs none $B/other
		bad $W/bad.pkl
		bad $B/other/bad.pkl
		guard --watch $B/other
		opens EPERM $W/bad.pkl
		opens EPERM $B/other/bad.pkl
		[ "$(grep -c ^guarding $LOG)" -eq 2 ]
	E
}

@test "g01.16 the log may lie in the watch itself" {
	scene tmpfs <<-'E'
		S=$W/state
		mkdir $S
		bad $W/bad.pkl
		guard
		opens EPERM $W/bad.pkl
		until_true logged '"event":"denied"'
		opens ok $S/log.jsonl
	E
}
