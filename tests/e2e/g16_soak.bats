#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g16: after hours of everything at once it holds no more than after minutes.
#
# CKPT_SOAK: for how many seconds (default 60, and only with ./check --long).
# What it measured is said in $CKPT_SOAK_LOG.

load guard

@test "g16.1 opens, writes, renames, mounts, reloads and deaths leave nothing" {
	[ -n "${CKPT_LONG-}${CKPT_SOAK-}" ] || skip "only with ./check --long"
	export CKPT_SOAK=${CKPT_SOAK-60}
	SCENE_SECONDS=$((CKPT_SOAK + 120))
	scene ext4 <<-'E'
		# kB and descriptors of those who are never replaced here.
		measure() {
			for role in keeper gate scout; do
				pid=$D
				[ $role = keeper ] || pid=$(child $role)
				kb=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' \
					/proc/$pid/status)
				swap=$(sed -n 's/^VmData:[^0-9]*\([0-9]*\).*/\1/p' \
					/proc/$pid/status)
				echo $role $kb $swap $(ls /proc/$pid/fd | wc -l)
			done
		}
		opener tree 200 $W
		good $B/good
		bad $B/bad
		mkdir $W/disk
		echo 'profile = balanced' >$B/conf
		guard -c $B/conf
		loops=
		forever() {
			while [ ! -e $B/over ]; do "$@"; done >/dev/null 2>&1 &
			loops="$loops $!"
		}
		opens_all() { opener all $W; }
		writes() {
			for i in $(seq 20); do
				cp $B/bad $W/flip$i; cat $W/flip$i
				cp $B/good $W/flip$i.new
				mv $W/flip$i.new $W/flip$i; cat $W/flip$i
				echo x >>$W/f00$((100 + i)).txt
			done
			sleep 0.1
		}
		renames() {
			mkdir -p $O/d/e
			cp $B/good $O/d/e/a; cat $O/d/e/a
			mv $O/d $W/d; cat $W/d/e/a
			rm -rf $W/d
			sleep 0.1
		}
		mounts() {
			mount -t tmpfs none $W/disk
			cp $B/good $W/disk/a; cat $W/disk/a
			umount -l $W/disk
			sleep 0.5
		}
		reloads() { sleep 3; kill -HUP $D; }
		deaths() {
			sleep 2
			kill -KILL $(child rec)
			sleep 2
			kill -KILL $(workers | tr ' ' '\n' | head -n 1)
			sleep 2
			kill -KILL $(child template)
		}
		for what in opens_all writes renames mounts deaths; do
			forever $what
		done
		sleep $((CKPT_SOAK / 4))
		measure >$B/before
		# Reloads replace the scout: they come before it is measured,
		# and after.
		sleep $((CKPT_SOAK * 3 / 4))
		measure >$B/after
		forever reloads
		sleep 7
		: >$B/over
		for job in $loops; do wait $job || true; done
		paste -d' ' $B/before $B/after >$B/both
		cat $B/both >&2
		[ -z "${CKPT_SOAK_LOG-}" ] || {
			cat $B/both
			echo "events $(counter events) scans $(counter scans)" \
				"deaths $(counter worker_deaths)"
		} >>"$CKPT_SOAK_LOG"
		[ "$(wc -l <$B/both)" -eq 3 ]
		while read role kb data fds _ kb2 data2 fds2; do
			[ $((data2 - data)) -lt 1024 ]
			[ $((kb2 - kb)) -lt 1024 ]
			[ $role = gate ] || [ $fds2 -le $((fds + 3)) ]
		done <$B/both
		until_true waiting 0
		bad $W/last
		opens EPERM $W/last
		good $W/last.good
		opens ok $W/last.good
	E
}
