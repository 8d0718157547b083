#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# h03: a flagged file goes into the vault, and comes out as it was; what is
# decided about a content holds for it, and for nothing else.

load helpers
load guard

@test "h03.1 a day in the life: quarantined, why, restored, opened" {
	scene ext4 <<-'E'
		vault_conf
		chmod 755 $M $W
		bad $W/a.pkl
		chown 1000:1001 $W/a.pkl
		chmod 640 $W/a.pkl
		touch -d '2020-01-02 03:04:05.678901234' $W/a.pkl
		before=$(stat -c '%i %u %g %a %y %s' $W/a.pkl)
		opens EPERM $W/a.pkl
		until_true said '^quarantined'
		[ ! -e $W/a.pkl ]
		ask why $W/a.pkl >$B/why
		grep -q pickle.import.dangerous $B/why
		ask quarantine list >$B/list
		id=$(cut -d' ' -f1 $B/list)
		ask quarantine show $id | grep -q 'mode 0640'
		ask quarantine export $id >$B/out
		grep -q system $B/out
		ask quarantine restore $id
		[ "$(stat -c '%i %u %g %a %y %s' $W/a.pkl)" = "$before" ]
		opens ok $W/a.pkl
		cp $W/a.pkl $W/b.pkl
		opens ok $W/b.pkl
		printf '#' >>$W/b.pkl
		opens EPERM $W/b.pkl
		until_true eval '[ ! -e $W/b.pkl ]'
		ask quarantine list | grep -q b.pkl
		ask quarantine delete $(ask quarantine list | cut -d' ' -f1)
		ask quarantine list | grep -q Nothing
		logged '"event":"quarantined"'
	E
}

@test "h03.2 another user sees nothing of it, and the owner no more than he may" {
	scene tmpfs <<-'E'
		public
		vault_conf
		bad $W/a.pkl
		chown 1000:1000 $W/a.pkl
		chmod 777 $W
		opens EPERM $W/a.pkl
		until_true said '^quarantined'
		id=$(ask quarantine list | cut -d' ' -f1)
		as 1000 ask quarantine list | grep -q "^$id"
		as 1001 ask quarantine list | grep -q Nothing
		not as 1001 ask quarantine show $id 2>$B/err
		grep -q 'no file of that number' $B/err
		not as 1000 ask quarantine restore $id 2>$B/err
		grep -q 'users_restore' $B/err
		for what in delete export; do
			not as 1000 ask quarantine $what $id 2>$B/err >$B/out
			grep -q 'only root and administrators' $B/err
		done
		not as 1000 ask allow $W 2>$B/err
		printf 'quarantine { users_restore = yes }\n' >>$B/c.conf
		ask reload
		# Nowhere that he could not write himself.
		not as 1000 ask quarantine restore --to $O/x $id 2>$B/err
		not as 1001 ask quarantine restore --to $W/x $id 2>$B/err
		as 1000 ask quarantine restore --to $W/x $id
		[ "$(stat -c %u $W/x)" = 1000 ]
		[ "$(ls $O)" = '' ]
	E
}

@test "h03.3 a content is allowed or denied, whatever it is called" {
	scene tmpfs <<-'E'
		vault_conf deny
		good $W/g.pkl
		bad $W/a.pkl
		opens ok $W/g.pkl
		opens EPERM $W/a.pkl
		ask allow $W/a.pkl
		ask deny $W/g.pkl
		opens ok $W/a.pkl
		opens EPERM $W/g.pkl
		opens ok $W/a.pkl
		cp $W/a.pkl $W/c.pkl
		opens ok $W/c.pkl
		ask allow --list | grep -q ':33:a.pkl'
		ask deny --list | grep -q ':g.pkl'
		# They outlive the daemon.
		kill -TERM $D
		wait $D || :
		vault_conf deny
		opens ok $W/a.pkl
		opens EPERM $W/g.pkl
		ask deny --forget $W/g.pkl
		ask allow --forget "$(ask allow --list)"
		opens ok $W/g.pkl
		opens EPERM $W/a.pkl
		# Bytes that come after the decision are not decided on.
		ask allow $W/a.pkl
		opens ok $W/a.pkl
		printf x >>$W/a.pkl
		opens EPERM $W/a.pkl
	E
}

@test "h03.4 it is kept on every filesystem, also a full one" {
	for fs in ext4 xfs btrfs tmpfs; do
		[ $fs = tmpfs ] || command -v mkfs.$fs >/dev/null || continue
		scene $fs <<-'E'
			vault_conf
			bad $W/a.pkl
			mkdir $M/fill
			[ "$(stat -f -c %T $M)" != tmpfs ] ||
				mount -o remount,size=8M $M
			for step in 64M 4M 64K 4K; do
				for i in $(seq 20); do
					fallocate -l $step $M/fill/$step.$i ||
						break
				done 2>/dev/null
			done
			opens EPERM $W/a.pkl
			# In the vault, or said to be where it is.
			until_true said '^quarantined\|stays where it is'
			rm -r $M/fill
			if said '^quarantined'; then
				ask quarantine restore \
					$(ask quarantine list | cut -d' ' -f1)
			fi
			grep -q system $W/a.pkl || opens EPERM $W/a.pkl
		E
	done
}

@test "h03.5 what the vaulter was at when it died is ended or taken back" {
	scene ext4 <<-'E'
		vault_conf
		for i in 1 2 3 4 5 6 7 8; do
			bad $W/$i.pkl
			opens EPERM $W/$i.pkl
			kill -KILL $(pgrep -x ckptguard-vault) || :
		done
		until_true pgrep -x ckptguard-vault
		until_true ask quarantine list
		n=$(ask quarantine list | grep -c malicious || :)
		[ $(($(ls $W | wc -l) + n)) -eq 8 ]
		[ "$(ls $M/.ckptguard-vault | wc -l)" -eq $n ]
		[ "$(ls $S/vault | wc -l)" -eq $n ]
	E
}

@test "h03.6 lists of hashes beside the configuration deny and allow" {
	scene tmpfs <<-'E' || { [ $? -eq 77 ] && skip "no overlay here"; }
		beside_conf
		line() {
			echo "$(sha256sum <$1 | cut -d' ' -f1):$2:$3"
		}
		good $W/g.pkl
		good $W/h.pkl
		sed -i s/a/b/ $W/h.pkl
		bad $W/a.pkl
		size=$(stat -c %s $W/g.pkl)
		"$CKPT_BUILD/ckptguard" scan $W/g.pkl
		not "$CKPT_BUILD/ckptguard" scan $W/a.pkl
		line $W/g.pkl $size Known.Bad >$HASHES/others.hsb
		line $W/a.pkl $size our_own >$HASHES/own.sfp
		line $W/h.pkl $size no_list >$HASHES/readme.txt
		line $W/h.pkl '*' any_size >>$HASHES/others.hsb
		cp $W/[gh].pkl $B
		vault_conf deny
		said 'others.hsb: line 2 is no .*such lines: 1'
		opens EPERM $W/g.pkl
		opens ok $W/a.pkl
		opens ok $W/h.pkl
		until_true ask why $W/g.pkl
		ask why $W/g.pkl | grep -q Known.Bad
		# By what is in it, not by its name or its size.
		cp $B/g.pkl $W/c.pkl
		opens EPERM $W/c.pkl
		cp $B/h.pkl $W/d.pkl
		opens ok $W/d.pkl
		# What was decided by command counts more, and is no list's.
		[ -z "$(ask deny --list)" ]
		ask allow $W/g.pkl
		opens ok $W/g.pkl
		ask allow --forget $W/g.pkl
		opens EPERM $W/g.pkl
		# They are read again with the configuration.
		mv $HASHES/others.hsb $HASHES/others.off
		rm $HASHES/own.sfp
		opens EPERM $W/g.pkl
		ask reload
		until_true opens ok $W/g.pkl
		opens EPERM $W/a.pkl
		line $W/h.pkl $size Late >$HASHES/late.hsb
		ask reload
		until_true opens EPERM $W/h.pkl
	E
}

@test "h03.7 a content that somebody wants to write is not decided about" {
	scene tmpfs <<-'E'
		vault_conf deny
		# So long that its sum takes a while; holes need no room.
		truncate -s 2G $M/long.bin
		python3 - $M/long.bin <<-'P' &
			import os, sys, time
			until = time.monotonic() + 20
			while time.monotonic() < until:
			    try:
			        os.close(os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK))
			    except BlockingIOError:
			        sys.exit(0)  # a lease was there, and breaks
			sys.exit(1)
		P
		writer=$!
		not ask allow $M/long.bin 2>$B/why
		wait $writer
		grep -q 'could not be read whole' $B/why
		[ -z "$(ask allow --list)" ]
		ask allow $M/long.bin
		[ -n "$(ask allow --list)" ]
	E
}
