#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g14: under a service manager that keeps descriptors, a restart leaves no
# moment in which nobody guards.

load guard

# managed [OPTION...]: start the daemon under a manager, with its pid in $D
# and its gate's in $G; tell: a command for the manager.
upgrade='
	managed() {
		opts=${1-}
		mkfifo $B/commands
		: >$LOG
		python3 $CKPT_SRC/tests/tools/manager.py $opts $B/notify \
			$B/commands $CKPT_BUILD/ckptguardd -f --watch $W \
			--state-dir $S --settle 0 >$LOG 2>&1 &
		MANAGER=$!
		until_true test -S $B/notify
		tell start
		became_ready 1
		ERRNOS=
		said "^guarding .*pre-content" && ERRNOS=yes || true
	}
	tell() {
		echo $1 >$B/commands
	}
	ready_times() {
		[ "$(grep -c "^ready " $LOG)" -eq $1 ]
	}
	became_ready() {
		until_true ready_times $1
		D=$(sed -n "s/^ready //p" $LOG | tail -n 1)
		until_true child gate
		G=$(child gate)
	}
	# storm: open a bad file and good ones without an end; $B/opened says
	# what came.
	storm() {
		bad $W/bad.pkl
		while :; do
			opener read $W/bad.pkl
			good $W/new.pkl && opener read $W/new.pkl |
				sed s/^/good-/
			rm -f $W/new.pkl
		done >$B/opened 2>$B/opened.err &
		STORM=$!
	}
	opened() {
		[ "$(grep -c "^$1$" $B/opened)" -ge $2 ]
	}
	more() {
		n=$(grep -c "^EPERM$" $B/opened || true)
		until_true opened EPERM $((n + 20))
	}
'

@test "g14.1 restarts under load: no bad file opens, and no good one is denied" {
	scene ext4 <<-E
		$upgrade
		managed
		until_true said '^kept ckptguard-baton'
		storm
		for k in 2 3 4; do
			more
			old=\$G
			tell restart
			became_ready \$k
			until_true gone \$old
			more
		done
		kill \$STORM
		not grep -vxE 'EPERM|good-ok' \$B/opened
		grep -q '^ended [0-9]* 0' \$LOG
		[ "\$(grep -c '^kept ckptguard-baton' \$LOG)" -eq 4 ]
	E
}

@test "g14.2 the keeper is killed: its gate goes on until another guards" {
	scene ext4 <<-E
		$upgrade
		managed
		until_true said '^kept ckptguard-baton'
		storm
		more
		old=\$G
		tell kill
		became_ready 2
		until_true gone \$old
		more
		kill \$STORM
		not grep -vxE 'EPERM|good-ok' \$B/opened
	E
}

@test "g14.3 a service that is stopped lets everything go" {
	scene ext4 <<-E
		$upgrade
		bad \$W/bad.pkl
		managed
		opens EPERM \$W/bad.pkl
		until_true said '^kept ckptguard-baton'
		template=\$(child template)
		tell stop
		until_true opens ok \$W/bad.pkl
		until_true gone \$G
		until_true gone \$template
		tell start
		became_ready 2
		opens EPERM \$W/bad.pkl
	E
}

@test "g14.4 between two daemons the gate alone judges what is new" {
	scene ext4 <<-E
		$upgrade
		bad \$W/bad.pkl
		mkdir \$O/d
		bad \$O/d/bad.pkl
		managed
		opens ok \$O/d/bad.pkl
		until_true said '^kept ckptguard-baton'
		# No other can be started: its program is another.
		mount --bind /bin/false \$CKPT_BUILD/ckptguardd
		tell restart
		until_true said '^ended [0-9]* 1'
		not test -e /proc/\$D/exe
		opens EPERM \$W/bad.pkl
		bad \$W/new.pkl
		opens EPERM \$W/new.pkl
		good \$W/good.pkl
		opens ok \$W/good.pkl
		mv \$O/d \$W/d
		opens EPERM \$W/d/bad.pkl
		umount \$CKPT_BUILD/ckptguardd
		tell start
		became_ready 2
		opens EPERM \$W/bad.pkl
	E
}

@test "g14.5 a gate that is stopped does not keep its place" {
	scene ext4 <<-E
		$upgrade
		bad \$W/bad.pkl
		managed
		until_true said '^kept ckptguard-gate'
		kill -STOP \$G
		tell restart
		became_ready 2
		opens EPERM \$W/bad.pkl
		until_true gone \$(sed -n 's/^ready //p' \$LOG | head -n 1)
	E
	scene ext4 <<-E
		$upgrade
		bad \$W/bad.pkl
		managed
		until_true said '^kept ckptguard-gate'
		old=\$G
		tell kill
		kill -STOP \$old
		became_ready 2
		until_true gone \$old
		opens EPERM \$W/bad.pkl
	E
}

@test "g14.6 a manager that keeps nothing: it ends as it does without one" {
	scene ext4 <<-E
		$upgrade
		bad \$W/bad.pkl
		managed --no-store
		opens EPERM \$W/bad.pkl
		tell stop
		until_true said '^ended [0-9]* 0'
		until_true gone \$G
		opens ok \$W/bad.pkl
	E
}

@test "g14.7 a restart waits for nobody when its own files are guarded" {
	scene ext4 <<-E
		$upgrade
		mkdir \$W/programs
		cp \$CKPT_BUILD/ckptguardd \$CKPT_BUILD/ckptguard-worker \
			\$W/programs
		bad \$W/bad.pkl
		mount --bind \$W/programs/ckptguardd \$CKPT_BUILD/ckptguardd
		mount --bind \$W/programs/ckptguard-worker \
			\$CKPT_BUILD/ckptguard-worker
		managed
		until_true said '^kept ckptguard-baton'
		tell restart
		became_ready 2
		opens EPERM \$W/bad.pkl
	E
}

@test "g14.8 what a stranger hands over is closed" {
	scene ext4 <<-'E'
		bad $W/bad.pkl
		exec 3<$B 4<$W/bad.pkl
		: >$LOG
		LISTEN_FDS=2 LISTEN_FDNAMES=ckptguard-baton:other \
			bash -c 'export LISTEN_PID=$$; exec "$@"' - \
			$CKPT_BUILD/ckptguardd -f --watch $W --state-dir $S \
			>$LOG 2>&1 &
		D=$!
		until_true said '^guarding'
		opens EPERM $W/bad.pkl
		not sh -c "ls -l /proc/$D/fd | grep -q bad.pkl"
		not grep -q LISTEN_ /proc/$(child template)/environ
	E
}
