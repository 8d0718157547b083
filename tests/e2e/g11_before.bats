#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g11: what was open before the guard began is said.

load guard

@test "g11.1 files open or mapped before the start are named, with who has them" {
	scene ext4 <<-'E'
		good $W/open.pkl
		good $W/mapped.pkl
		good $W/closed.pkl
		good $O/outside.pkl
		mkfifo $B/go
		exec 8<$W/open.pkl 7<$O/outside.pkl
		opener hold $W/mapped.pkl map <$B/go >$B/said &
		P=$!
		exec 9>$B/go
		until_true grep -q ok $B/said
		guard
		until_true said 'not held, was open before: .*/watch/open.pkl; by'
		said "not held, was mapped before: .*/mapped.pkl; by opener"
		until_true said 'was opened before the guard began'
		logged '"event":"open-before".*open.pkl","mapped":false'
		not said 'closed.pkl'
		not said 'outside.pkl'
		kill $P
	E
}

@test "g11.2 nothing open before: nothing said, not of the daemon's own files" {
	scene ext4 <<-'E'
		good $W/a.pkl
		S=$W/state
		mkdir $S
		guard
		until_true said 'ready'
		opens ok $W/a.pkl
		not said 'before'
		not logged 'open-before'
	E
}
