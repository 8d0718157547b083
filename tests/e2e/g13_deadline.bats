#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g13: whatever hangs, each opener is answered by its deadline, and those of
# other files don't wait for it.

load guard

needs_fuse() {
	[ -e /dev/fuse ] || skip "there is no /dev/fuse"
}

# disk N: ext4 at $B/slow with N files and a bad one, whose blocks come from a
# server that can stop; what it reads is not in memory yet.  The files are in
# pieces, so that the kernel has to read where these lie: who waits for that
# can't even be killed.
disk='
	disk() {
		mkdir $B/back $B/fuse $B/slow
		truncate -s 64M $B/back/disk
		mkfs.ext4 -q $B/back/disk
		mount -o loop $B/back/disk $B/slow
		head -c 4000000 /dev/zero >$B/slow/filler
		python3 - $1 $B/slow/f <<-P
		import os, sys
		for i in range(int(sys.argv[1])):
		    fd = os.open(f"{sys.argv[2]}{i + 1}", os.O_CREAT | os.O_WRONLY)
		    for k in range(8):
		        os.pwrite(fd, b"text and nothing else\n", k * 8192)
		    os.close(fd)
		P
		bad $B/slow/bad.pkl
		umount $B/slow
		served $B/fuse $B/back
		mount -o loop,ro $B/fuse/disk $B/slow
		ls -l $B/slow >/dev/null
	}
'

@test "g13.1 a disk that hangs holds up its own files, to their deadline" {
	needs_fuse
	scene ext4 <<-E
		$disk
		disk 40
		good \$W/known
		guard --watch \$B/slow --deadline 6 --stall 60
		opens ok \$W/known
		touch \$B/stop
		jobs=
		for i in \$(seq 40); do
			opener read \$B/slow/f\$i >\$B/r\$i &
			jobs="\$jobs \$!"
		done
		until_true waiting 40
		for i in 1 2 3 4 5 6 7 8 9; do
			good \$W/quick\$i
			opens ok \$W/quick\$i
		done
		opens ok \$W/known
		[ "\$(counter late)" -eq 0 ]
		for job in \$jobs; do wait \$job; done
		for i in \$(seq 40); do gives EIO cat \$B/r\$i; done
		[ "\$(counter late)" -eq 40 ]
		bad \$W/bad
		opens EPERM \$W/bad
		rm \$B/stop
		for i in \$(seq 40); do until_true opens ok \$B/slow/f\$i; done
		until_true opens EPERM \$B/slow/bad.pkl
		until_true scanning 0
	E
}

@test "g13.2 with a disk that hangs it ends in time, and lets openers go" {
	needs_fuse
	scene ext4 <<-E
		$disk
		disk 20
		guard --watch \$B/slow --deadline 60 --stall 60
		touch \$B/stop
		jobs=
		for i in \$(seq 20); do
			opener read \$B/slow/f\$i >\$B/r\$i &
			jobs="\$jobs \$!"
		done
		until_true waiting 20
		from=\$(date +%s%N)
		unguard
		ms=\$(((\$(date +%s%N) - from) / 1000000))
		echo "ended after \$ms ms"
		[ \$ms -lt 1500 ]
		for job in \$jobs; do wait \$job; done
		for i in \$(seq 20); do gives EIO cat \$B/r\$i; done
		rm \$B/stop
	E
}

@test "g13.3 with a disk that hangs a new gate takes over" {
	needs_fuse
	scene ext4 <<-E
		$disk
		disk 20
		guard --watch \$B/slow --deadline 4 --stall 60
		touch \$B/stop
		jobs=
		for i in \$(seq 20); do
			opener read \$B/slow/f\$i >\$B/r\$i &
			jobs="\$jobs \$!"
		done
		until_true waiting 20
		gate=\$(child gate)
		kill -KILL \$gate
		until_true another gate \$gate
		good \$W/quick
		until_true opens ok \$W/quick
		for job in \$jobs; do wait \$job; done
		for i in \$(seq 20); do gives EIO cat \$B/r\$i; done
		rm \$B/stop
		until_true opens ok \$B/slow/f1
	E
}

@test "g13.4 a FUSE server below a watch that never answers holds up nobody" {
	needs_fuse
	scene ext4 <<-'E'
		mkdir $W/fuse $W/disk
		bad $O/bad.pkl
		bad $W/bad.pkl
		good $W/good.pkl
		served $W/fuse $O
		touch $B/stop.all
		guard
		opens EPERM $W/bad.pkl
		opens ok $W/good.pkl
		mount -t tmpfs none $W/disk
		bad $W/disk/bad.pkl
		until_true opens EPERM $W/disk/bad.pkl
		scout=$(child scout)
		kill -KILL $scout
		until_true another scout $scout
		umount $W/disk || until_true umount $W/disk
		mount -t tmpfs none $W/disk
		bad $W/disk/bad.pkl
		until_true opens EPERM $W/disk/bad.pkl
		unguard
		rm $B/stop.all
	E
}
