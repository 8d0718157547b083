#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g02: whatever way a file comes into view, it is judged; what stays outside is
# left alone.

load guard

for_each_fs() {
	for fs in tmpfs ext4 xfs btrfs; do
		[ $fs = tmpfs ] || command -v mkfs.$fs >/dev/null || continue
		scene $fs <<<"$1" || { echo "on $fs"; return 1; }
	done
}

@test "g02.1 a file renamed into the watch is judged" {
	for_each_fs '
		bad $O/bad.pkl
		guard
		opens ok $O/bad.pkl
		until_true ignored || true
		mv $O/bad.pkl $W/bad.pkl
		opens EPERM $W/bad.pkl
	'
}

@test "g02.2 a directory renamed into the watch is judged, known or not" {
	for_each_fs '
		mkdir -p $O/known/deep $O/fresh
		bad $O/known/bad.pkl
		bad $O/known/deep/bad.pkl
		bad $O/fresh/bad.pkl
		guard
		opens ok $O/known/bad.pkl
		opens ok $O/known/deep/bad.pkl
		mv $O/fresh $W/fresh
		opens EPERM $W/fresh/bad.pkl
		mv $O/known $W/known
		until_true opens EPERM $W/known/bad.pkl
		until_true opens EPERM $W/known/deep/bad.pkl
	'
}

@test "g02.3 the moved directory is seen within moments" {
	scene tmpfs <<-'E'
		opener tree 20 $O
		mkdir $O/d
		bad $O/d/bad.pkl
		guard
		opens ok $O/d/bad.pkl
		until_true ignored
		counts events 0 opens ok $O/d/bad.pkl
		from=$(date +%s%N)
		mv $O/d $W/d
		until [ "$(opener read $W/d/bad.pkl)" = EPERM ]; do :; done
		ms=$((($(date +%s%N) - from) / 1000000))
		echo "seen after $ms ms"
		[ $ms -lt 1000 ]
	E
}

@test "g02.4 a hard link into the watch is judged" {
	for_each_fs '
		bad $O/bad.pkl
		guard
		opens ok $O/bad.pkl
		ln $O/bad.pkl $W/bad.pkl
		opens EPERM $W/bad.pkl
	'
}

@test "g02.5 a hard link out of the watch is judged too" {
	scene ext4 <<-'E'
		bad $W/bad.pkl
		guard
		opens EPERM $W/bad.pkl
		ln $W/bad.pkl $O/link.pkl
		opens EPERM $O/link.pkl
	E
}

@test "g02.6 a bind mount of the watch elsewhere is judged" {
	for_each_fs '
		mkdir $B/elsewhere
		bad $W/bad.pkl
		mount --bind $W $B/elsewhere
		guard
		opens EPERM $B/elsewhere/bad.pkl
		mkdir $B/later
		mount --bind $W $B/later
		opens EPERM $B/later/bad.pkl
	'
}

@test "g02.7 a directory bind-mounted into the watch is judged" {
	for_each_fs '
		mkdir $W/here $O/d
		bad $O/d/bad.pkl
		guard
		opens ok $O/d/bad.pkl
		mount --bind $O/d $W/here
		until_true opens EPERM $W/here/bad.pkl
		until_true opens EPERM $O/d/bad.pkl
		until_true umount $W/here
		until_true opens ok $O/d/bad.pkl
	'
}

@test "g02.8 a single file bind-mounted into the watch is judged" {
	scene ext4 <<-'E'
		touch $W/file.pkl
		bad $O/bad.pkl
		guard
		mount --bind $O/bad.pkl $W/file.pkl
		opens EPERM $W/file.pkl
	E
}

@test "g02.9 new directories are guarded at once, however deep" {
	for_each_fs '
		bad $B/bad.pkl
		guard
		d=$W
		for i in 1 2 3 4 5 6 7 8; do
			d=$d/$i
			mkdir $d
			ln -s / $d/link
			cp $B/bad.pkl $d/bad.pkl
			opens EPERM $d/bad.pkl
		done
	'
}

@test "g02.10 a filesystem mounted below the watch is guarded" {
	for_each_fs '
		mkdir $W/disk
		guard
		mount -t tmpfs none $W/disk
		bad $W/disk/bad.pkl
		until_true opens EPERM $W/disk/bad.pkl
		until_true umount $W/disk
		mount -t tmpfs none $W/disk
		bad $W/disk/bad.pkl
		until_true opens EPERM $W/disk/bad.pkl
	'
}

@test "g02.25 a filesystem that takes another's place and number is guarded" {
	scene tmpfs <<-'E'
		mkdir $W/disk
		guard
		for i in $(seq 30); do
			mount -t tmpfs none $W/disk
			bad $W/disk/bad.pkl
			until_true opens EPERM $W/disk/bad.pkl
			until_true umount $W/disk
		done
	E
}

@test "g02.11 the same filesystem mounted twice is judged in both places" {
	scene ext4 <<-'E'
		mkdir $B/twice
		bad $W/bad.pkl
		bad $O/bad.pkl
		mount "$(findmnt -n -o SOURCE $M)" $B/twice
		guard
		opens EPERM $B/twice/watch/bad.pkl
		opens ok $B/twice/out/bad.pkl
	E
}

@test "g02.12 an opener in another mount namespace is judged" {
	for_each_fs '
		bad $W/bad.pkl
		guard
		gives EPERM unshare -m $CKPT_BUILD/tests/e2e/opener read \
			$W/bad.pkl
		gives EPERM unshare -m sh -c \
			"mount --bind $W $O; exec $CKPT_BUILD/tests/e2e/opener \
			read $O/bad.pkl"
	'
}

@test "g02.13 an unprivileged user's own namespaces are no way round" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		mount -t tmpfs none /mnt
		chmod 755 /mnt
		cp $CKPT_BUILD/tests/e2e/opener /mnt/opener
		mkdir /mnt/w
		mount --bind $W /mnt/w
		guard
		gives EPERM setpriv --reuid 65534 --regid 65534 --clear-groups \
			unshare -Urm /mnt/opener read /mnt/w/bad.pkl
		gives EPERM setpriv --reuid 65534 --regid 65534 --clear-groups \
			unshare -Urm sh -c "mount --bind /mnt/w /mnt; \
			exec $CKPT_BUILD/tests/e2e/opener read /mnt/bad.pkl" ||
			not test -x /root
	E
}

@test "g02.14 other ways to the same file: /proc, symbolic links, chroot" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		ln -s $W/bad.pkl $B/link
		ln -s $W $B/dirlink
		guard
		opens EPERM $B/link
		opens EPERM $B/dirlink/bad.pkl
		(cd $W && opens EPERM /proc/self/cwd/bad.pkl)
		(cd $W && opens EPERM ./bad.pkl)
	E
}

@test "g02.15 a file too deep for a path is judged" {
	scene tmpfs <<-'E'
		name=$(printf 'd%.0s' {1..200})
		bad $B/bad.pkl
		guard
		cd $W
		for i in $(seq 30); do
			mkdir $name
			cd -P $name
		done
		cp $B/bad.pkl bad.pkl
		opens EPERM bad.pkl
		until_true said '^denied (no path)'
	E
}

@test "g02.16 an overlay over the watch, and one below it" {
	scene ext4 <<-'E'
		mkdir $W/lower $O/upper $O/work $B/merged $W/merged
		bad $W/lower/bad.pkl
		mkdir $O/low2 $O/up2 $O/work2
		bad $O/low2/bad.pkl
		guard
		mount -t overlay -o \
			lowerdir=$W/lower,upperdir=$O/upper,workdir=$O/work \
			none $B/merged
		opens EPERM $B/merged/bad.pkl
		mount -t overlay -o \
			lowerdir=$O/low2,upperdir=$O/up2,workdir=$O/work2 \
			none $W/merged
		until_true opens EPERM $W/merged/bad.pkl
	E
}

@test "g02.17 a watch that is renamed stays guarded, and so does its path" {
	for_each_fs '
		bad $W/bad.pkl
		bad $B/bad.pkl
		guard
		mv $W $M/renamed
		until_true opens EPERM $M/renamed/bad.pkl
		mkdir $W
		cp $B/bad.pkl $W/bad.pkl
		until_true opens EPERM $W/bad.pkl
	'
}

@test "g02.18 a filesystem that goes away frees its place" {
	scene tmpfs <<-'E'
		mkdir $W/disk
		guard
		for i in $(seq 70); do
			mount -t tmpfs none $W/disk
			bad $W/disk/bad.pkl
			until_true opens EPERM $W/disk/bad.pkl
			opens EPERM $W/disk/bad.pkl
			umount -l $W/disk
		done
	E
}

@test "g02.19 a subvolume of btrfs is guarded" {
	scene btrfs <<-'E'
		command -v btrfs >/dev/null || exit 0
		btrfs subvolume create $M/sub >/dev/null
		mkdir $M/sub/models $M/sub/out $B/sub
		bad $M/sub/models/bad.pkl
		bad $M/sub/out/bad.pkl
		mount -o subvol=sub "$(findmnt -n -o SOURCE $M)" $B/sub
		W=$B/sub/models
		guard
		opens EPERM $W/bad.pkl
		opens EPERM $M/sub/models/bad.pkl
		opens ok $M/sub/out/bad.pkl
		mkdir $B/sub/out/d
		bad $B/sub/out/d/bad.pkl
		opens ok $B/sub/out/d/bad.pkl
		mv $B/sub/out/d $W/d
		opens EPERM $W/d/bad.pkl
	E
}

@test "g02.20 what can't be guarded below a watch is named" {
	scene tmpfs <<-'E'
		mkdir $W/proc
		guard
		mount -t proc none $W/proc
		opens ok $W/proc/version
		not said 'not guarded'
	E
}

@test "g02.21 outside stays cheap for other namespaces and overlays too" {
	scene ext4 <<-'E'
		opener tree 30 $O
		mkdir $M/lower $M/upper $M/work $B/merged
		opener tree 30 $M/lower
		bad $W/bad.pkl
		guard
		gives ok unshare -m $CKPT_BUILD/tests/e2e/opener read \
			$O/f00000.txt
		until_true ignored
		counts events 0 gives "30 ok" unshare -m \
			$CKPT_BUILD/tests/e2e/opener all $O
		mount -t overlay -o \
			lowerdir=$M/lower,upperdir=$M/upper,workdir=$M/work \
			none $B/merged
		quiet() {
			from=$(counter events)
			opener all $B/merged
			[ "$(counter events)" -eq "$from" ]
		}
		until_true quiet
		gives EPERM unshare -m $CKPT_BUILD/tests/e2e/opener read \
			$W/bad.pkl
	E
}

@test "g02.22 a file that can't be placed by its path is no way in" {
	scene ext4 <<-'E'
		mkdir $O/d
		opener tree 5 $O/d
		bad $W/bad.pkl
		guard
		gives "5 ok" unshare -m $CKPT_BUILD/tests/e2e/opener all $O/d
		until_true ignored
		gives EPERM unshare -m sh -c "mount --bind $W $O/d; \
			exec $CKPT_BUILD/tests/e2e/opener read $O/d/bad.pkl"
		mv $O/d $W/d
		cp $W/d/f00000.txt $B/
		gives EPERM unshare -m sh -c "mount --bind $M $B; \
			mount --move $B /mnt; exec \
			$CKPT_BUILD/tests/e2e/opener read /mnt/watch/bad.pkl"
	E
}

@test "g02.23 a directory that is exchanged with one in the watch is judged" {
	for_each_fs '
		mkdir $O/d $W/d
		bad $O/d/bad.pkl
		good $W/d/good.pkl
		guard
		opens ok $O/d/bad.pkl
		until_true ignored
		opener swap $O/d $W/d
		until_true opens EPERM $W/d/bad.pkl
		opens ok $O/d/good.pkl
	'
}

@test "g02.24 what was just unpacked beside the watch has no gap when moved in" {
	for_each_fs '
		SETTLE=60
		bad $B/bad.pkl
		guard
		for i in 1 2 3 4 5 6 7 8 9; do
			mkdir -p $O/tree/a/b/c
			cp $B/bad.pkl $O/tree/a/b/c/
			opens ok $O/tree/a/b/c/bad.pkl
			mv $O/tree $W/tree$i
			opens EPERM $W/tree$i/a/b/c/bad.pkl
		done
	'
}
