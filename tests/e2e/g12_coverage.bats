#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g12: on whatever way a file is reached, its open is judged.  Each row is one
# of docs/coverage.md.

load guard

for_each_fs() {
	for fs in "$@"; do
		[ $fs = tmpfs ] || [ $fs = ramfs ] ||
			command -v mkfs.$fs >/dev/null || continue
		scene $fs <<<"$script" || { echo "on $fs"; return 1; }
	done
}

@test "g12.1 every call that opens a file" {
	script='
		bad $W/bad.pkl
		good $W/good.pkl
		chmod 755 $W/*.pkl
		guard
		for way in open openat2 directory write create direct \
			path-only open-tree io-uring execve execveat \
			chroot cwd handle; do
			row "$way" EPERM reacher $way $W/bad.pkl
			row "$way" ok reacher $way $W/good.pkl
		done
	'
	for_each_fs tmpfs ramfs ext4 xfs btrfs
}

@test "g12.2 a file without a path: its handle, after all is forgotten" {
	script='
		bad $W/bad.pkl
		good $W/good.pkl
		bad=$(reacher keep $W/bad.pkl)
		good=$(reacher keep $W/good.pkl)
		umount $M
		mount -o loop $image $M
		guard
		row "handle, nothing cached" EPERM reacher by-handle $M $bad
		row "handle, nothing cached" ok reacher by-handle $M $good
	'
	for_each_fs ext4 xfs btrfs
}

@test "g12.3 other names and other places of the same file" {
	script='
		bad $W/bad.pkl
		mkdir $W/sub $O/d
		bad $W/sub/bad.pkl
		bad $O/d/bad.pkl
		touch $W/single
		bad $B/bad
		mkdir $B/before $B/later $B/other $B/twice
		mount --bind $W $B/before
		guard
		row "new directory" EPERM opener read $W/sub/bad.pkl
		ln $W/bad.pkl $O/link.pkl
		row "hard link out of a watch" EPERM opener read $O/link.pkl
		ln $O/d/bad.pkl $W/in.pkl
		row "hard link into a watch" EPERM opener read $W/in.pkl
		mv $O/d $W/d
		row "directory moved in" EPERM opener read $W/d/bad.pkl
		ln -s $W/bad.pkl $B/symbolic
		row "symbolic link" EPERM opener read $B/symbolic
		row "bind mount" EPERM opener read $B/before/bad.pkl
		mount --bind $W $B/later
		row "bind mount" EPERM opener read $B/later/bad.pkl
		mount --bind $W/bad.pkl $W/single
		row "bind mount of one file" EPERM opener read $W/single
		row "mount namespace" EPERM \
			unshare -m $CKPT_BUILD/tests/e2e/opener read $W/bad.pkl
		row "container" EPERM \
			unshare -m -p -i -u -n --fork sh -c "mount --bind \
			$W $B/other; exec $CKPT_BUILD/tests/e2e/reacher \
			chroot $B/other/bad.pkl"
		row "user namespace" EPERM unshare -Urm --map-root-user \
			$CKPT_BUILD/tests/e2e/opener read $W/bad.pkl
		python3 - $W <<-P
		import os, sys
		fd = os.open(sys.argv[1], os.O_TMPFILE | os.O_RDWR)
		os.write(fd, open("$B/bad", "rb").read())
		# With a directory it follows the link.
		os.link(f"/proc/self/fd/{fd}", sys.argv[1] + "/tmpfile.pkl",
		    src_dir_fd=fd)
		P
		row "O_TMPFILE, then a name" EPERM opener read $W/tmpfile.pkl
	'
	for_each_fs tmpfs ext4 xfs btrfs
}

@test "g12.4 the same filesystem mounted twice; a subvolume" {
	script='
		mkdir $B/twice
		bad $W/bad.pkl
		mount "$(findmnt -n -o SOURCE $M)" $B/twice
		guard
		row "second mount" EPERM opener read $B/twice/watch/bad.pkl
	'
	for_each_fs ext4 xfs
	command -v btrfs >/dev/null || return 0
	script='
		btrfs subvolume create $M/sub >/dev/null
		mkdir $M/sub/models $B/sub
		bad $M/sub/models/bad.pkl
		from=$(findmnt -n -o SOURCE $M)
		mount -o subvol=sub $from $B/sub
		W=$B/sub/models
		guard
		row "subvolume" EPERM opener read $W/bad.pkl
		row "subvolume" EPERM opener read $M/sub/models/bad.pkl
		btrfs subvolume snapshot $M/sub $W/snap >/dev/null
		row "subvolume" EPERM opener read $W/snap/models/bad.pkl
	'
	for_each_fs btrfs
}

@test "g12.5 overlay: files of its layers, and an overlay by itself" {
	script='
		mkdir $W/low $O/up $O/work $B/merged
		mkdir $O/low2 $W/up2 $W/work2 $B/merged2
		bad $W/low/bad.pkl
		bad $B/bad
		mount -t overlay -o \
			lowerdir=$W/low,upperdir=$O/up,workdir=$O/work \
			none $B/merged
		mount -t overlay -o \
			lowerdir=$O/low2,upperdir=$W/up2,workdir=$W/work2 \
			none $B/merged2
		guard
		row "overlay, lower layer" EPERM opener read $B/merged/bad.pkl
		cp $B/bad $B/merged2/new.pkl
		row "overlay, upper layer" EPERM opener read $B/merged2/new.pkl
		unguard
		umount $B/merged2 $B/merged
		mkdir $B/l $B/u $B/w
		bad $B/l/bad.pkl
		mount -t overlay -o lowerdir=$B/l,upperdir=$B/u,workdir=$B/w \
			none $B/merged
		W=$B/merged
		guard
		row "overlay, by itself" EPERM opener read $W/bad.pkl
		cp $B/bad $W/new.pkl
		row "overlay, by itself" EPERM opener read $W/new.pkl
	'
	for_each_fs ext4
}

@test "g12.6 filesystems that nobody can write to" {
	made=0
	for fs in squashfs erofs; do
		case $fs in
		squashfs) make=mksquashfs ;;
		erofs) make=mkfs.erofs ;;
		esac
		command -v $make >/dev/null || continue
		made=$((made + 1))
		fs=$fs scene ext4 <<-'E'
			mkdir $B/content $B/ro
			bad $B/content/bad.pkl
			good $B/content/good.pkl
			case $fs in
			squashfs) mksquashfs $B/content $B/image -quiet ;;
			erofs) mkfs.erofs $B/image $B/content ;;
			esac >/dev/null
			mount -o loop,ro $B/image $B/ro
			W=$B/ro
			guard
			if [ $fs = squashfs ]; then
				row "read-only: squashfs" EPERM \
					opener read $W/bad.pkl
			else
				row "read-only: erofs" EPERM \
					opener read $W/bad.pkl
			fi
			opens ok $W/good.pkl
		E
	done
	[ $made -gt 0 ] || skip "neither mksquashfs nor mkfs.erofs is here"
}

@test "g12.7 FUSE over a watch: what its server opens is judged" {
	[ -e /dev/fuse ] || skip "there is no /dev/fuse"
	scene ext4 <<-'E'
		mkdir $B/fuse
		bad $W/bad.pkl
		good $W/good.pkl
		guard
		served $B/fuse $W
		row "FUSE over a watch" EPERM opener read $B/fuse/bad.pkl
		row "FUSE over a watch" ok opener read $B/fuse/good.pkl
	E
}

@test "g12.8 FUSE below a watch is not guarded, and that is said" {
	[ -e /dev/fuse ] || skip "there is no /dev/fuse"
	scene ext4 <<-'E'
		mkdir $W/fuse
		bad $O/bad.pkl
		guard
		served $W/fuse $O
		until_true said 'NOT GUARDED: .*/watch/fuse (fuse)'
		row "FUSE below a watch" ok opener read $W/fuse/bad.pkl
		bad $W/bad.pkl
		opens EPERM $W/bad.pkl
	E
}

@test "g12.12 a part that is not guarded stays in the status, and then leaves it" {
	[ -e /dev/fuse ] || skip "there is no /dev/fuse"
	scene ext4 <<-'E'
		cat >$B/ask <<-'P'
		import json, socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		s.settimeout(5)
		s.connect(sys.argv[1])
		s.sendall(b'{"v":1,"command":"status"}\n')
		answer = json.loads(s.makefile().readline())
		print("\n".join(answer["guarding"] + answer["not_guarded"]))
		P
		state() {
			python3 $B/ask $B/control >$B/status
			grep -q "$1" $B/status
		}
		evil=$W/$(printf 'a\033[31m')
		mkdir $W/fuse "$evil"
		bad $O/bad.pkl
		guard --socket $B/control
		until_true state 'guarding /.*/watch (ext4'
		not state 'NOT GUARDED'
		served $W/fuse $O
		until_true state 'NOT GUARDED: /.*/watch/fuse (fuse): files'
		served "$evil" $O
		until_true state 'NOT GUARDED: /.*/watch/a[^ ]*x1b.31m (fuse): '
		rec=$(child rec)
		kill -KILL $rec
		until_true another rec $rec
		until_true state 'NOT GUARDED: /.*/watch/fuse (fuse): files'
		scout=$(child scout)
		kill -KILL $scout
		until_true another scout $scout
		until_true state 'NOT GUARDED: /.*/watch/fuse (fuse): files'
		umount $W/fuse
		until_true not state 'NOT GUARDED: /.*/watch/fuse '
		state 'NOT GUARDED: /.*/watch/a'
	E
}

@test "g12.13 one filesystem too many keeps no other from being guarded" {
	# It takes all the groups of fanotify that root may have.
	[ -n "${CKPT_LONG-}" ] || skip "only with ./check --long"
	scene tmpfs <<-'E'
		guard
		mkdir $W/d
		for i in $(seq 70); do
			mkdir $W/m$i
			mount -t tmpfs none $W/m$i
			bad $W/m$i/bad.pkl
		done
		until_true said 'NOT GUARDED: .*too many filesystems'
		opens EPERM $W/m1/bad.pkl
		opens ok $W/m70/bad.pkl
		for i in $(seq 8); do until_true umount $W/m$i; done
		[ "$(grep -c 'NOT GUARDED: .*/m70 ' $LOG)" -eq 1 ]
		until_true opens EPERM $W/m70/bad.pkl
	E
}

@test "g12.9 a filesystem that is mounted below a watch" {
	scene ext4 <<-'E'
		mkdir $W/disk $W/again
		guard
		mount -t tmpfs none $W/disk
		bad $W/disk/bad.pkl
		until_true opens EPERM $W/disk/bad.pkl
		row "filesystem mounted below a watch" EPERM \
			opener read $W/disk/bad.pkl
	E
}

@test "g12.10 what can't be held: descriptors from before" {
	scene ext4 <<-'E'
		bad $W/bad.pkl
		mkfifo $B/go
		reacher passed $W/bad.pkl <$B/go >$B/said &
		P=$!
		exec 9>$B/go
		until_true grep -q open $B/said
		guard 9>&-
		exec 9>&-
		wait $P
		cat $B/said
		row "descriptor from before" "read" sed -n 2p $B/said
		row "descriptor from before, opened anew" EPERM \
			sed -n 3p $B/said
		row "truncate by its name" "" opener shrink $W/bad.pkl
	E
}

@test "g12.11 every row of the document is tried here" {
	while IFS='|' read -r _ name _; do
		name=$(echo $name)
		case $name in
		'' | 'how' | ---*) continue ;;
		esac
		grep -qF "row \"$name\"" "$BATS_TEST_FILENAME" ||
			grep -qE "^		(for way in|	).*\b$name\b" \
				"$BATS_TEST_FILENAME" || {
			echo "$name is tried nowhere"
			return 1
		}
	done < <(sed -n '/^| how /,/^$/p' "$CKPT_SRC/docs/coverage.md")
}
