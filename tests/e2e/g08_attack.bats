#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g08: no way to change a file gives an open of bytes that nobody has judged.

load guard

# attacked FSTYPE: at least 40 ways, each judged or not there at all.
attacked() {
	scene "$1" <<-'E'
		real
		good $B/good
		bad $B/bad
		mkdir $B/empty
		guard
		attacker=$CKPT_BUILD/tests/e2e/attacker
		made=$(counter tokens_made)
		timeout 60 $attacker $W $O $B/empty $B/good $B/bad >$B/came || {
			cat $B/came
			exit 1
		}
		[ $(grep -c ' judged$' $B/came) -ge 40 ]
		not grep -vE ' (judged|absent)$' $B/came
		# What was to be changed afterwards had a token then.
		[ $(($(counter tokens_made) - made)) -ge 33 ]
	E
}

@test "g08.1 ext4: no change passes" {
	attacked ext4
}

@test "g08.2 xfs: no change passes" {
	attacked xfs
}

@test "g08.3 btrfs: no change passes" {
	attacked btrfs
}

@test "g08.4 tmpfs: no change passes" {
	attacked tmpfs
}
