#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# h05: a day in the life of two users of one guard: what each is told of his
# own files, what he may do about it, and that the other learns nothing.

load helpers
load guard

teardown() {
	[ -z "${XVFB:-}" ] || kill "$XVFB" 2>/dev/null || true
}

# desktop: an X server; the scene has its own bus and notification daemon.
desktop() {
	for tool in Xvfb dunst dunstctl dbus-daemon; do
		command -v $tool >/dev/null || skip "$tool is not installed"
	done
	[ -x "$CKPT_BUILD/ckptguard-notify" ] ||
		skip "built without libnotify"
	cd "$BATS_TEST_TMPDIR"
	mkdir -p screen
	Xvfb -displayfd 5 -ac -screen 0 800x600x24 -fbdir screen 5>display \
		>/dev/null 2>&1 3>&- &
	XVFB=$!
	until [ -s display ]; do
		kill -0 $XVFB || skip "no X server here"
	done
	export DISPLAY=:$(cat display)
}

@test "h05.1 two users: denied, told, why, restored, allowed, each his own" {
	scene tmpfs <<-'E'
		public
		vault_conf
		users 1000 1001
		for u in 1000 1001; do
			follower $u events -f --format=jsonl >$B/events.$u
			[ ! -x "$CKPT_BUILD/ckptguard-notify" ] ||
				follower $u notify --print >$B/told.$u
		done
		for u in 1000 1001; do
			bad $B/model.pkl
			[ $u = 1000 ] || printf '#' >>$B/model.pkl
			f=$W/$u/model.pkl
			as $u sh -c "cp $B/model.pkl $f.part && mv $f.part $f"
			stat -c '%i %u %g %a %y %s' $f >$B/was.$u
			gives EPERM as $u $OPENER read $f
			until_true eval "[ ! -e $f ]"
			until_true grep -q '"quarantined"' $B/events.$u
		done
		ask quarantine list >$B/list
		for u in 1000 1001; do
			other=$((2001 - u))
			id=$(sed -n "s,  .*/$u/model.pkl$,,p" $B/list)
			his=$(sed -n "s,  .*/$other/model.pkl$,,p" $B/list)
			echo $id >$B/id.$u
			# He is told in words what it was, and what to do.
			as $u ask why $W/$u/model.pkl >$B/out
			grep -q 'runs code, commands' $B/out
			grep -q 'What to do:' $B/out
			grep -q pickle.import.dangerous $B/out
			as $u ask quarantine list >$B/out
			grep -q "^$id .*/$u/model.pkl" $B/out
			[ $(wc -l <$B/out) -eq 1 ]
			as $u ask quarantine show $id >$B/out
			grep -q "owner       user $u" $B/out
			as $u ask events -n all >$B/out
			grep -q "/$u/model.pkl" $B/out
			cat $B/events.$u >>$B/out
			if [ -e $B/told.$u ]; then
				until_true grep -q "in $W/$u" $B/told.$u
				grep -q 'dangerous file was put into' $B/told.$u
				cat $B/told.$u >>$B/out
			fi
			# Of the other's he learns nothing, however he asks.
			not as $u ask events --user=$other 2>$B/err >>$B/out
			grep -q 'what happened to others' $B/err
			grep -q "\"denied\".*/$u/model.pkl" $B/events.$u
			as $u ask events --path=$W/$other -n all >>$B/out
			not grep -e "/$other" -e ckptguard-vault $B/out
			not as $u ask why $W/$other/model.pkl 2>$B/err >$B/out
			not as $u ask why $W/$other/none.pkl 2>$B/none >>$B/out
			sed s/model.pkl/none.pkl/ $B/err | cmp - $B/none
			for what in show restore; do
				not as $u ask quarantine $what $his 2>$B/err
				not as $u ask quarantine $what ${his//?/0} \
					2>$B/none
				sed "s/$his/${his//?/0}/" $B/err | cmp - $B/none
			done >>$B/out
			[ ! -s $B/out ]
			# What is his he gets not back, unless he may.
			not as $u ask quarantine restore $id 2>$B/err
			grep -q users_restore $B/err
			not as $u ask allow --quarantined $id 2>$B/err
			grep -q 'only root and administrators' $B/err
		done
		ask events -n all >$B/out
		grep -q /1000/model.pkl $B/out
		grep -q /1001/model.pkl $B/out
		# For the first one root decides; to restore is not to allow.
		f=$W/1000/model.pkl
		ask quarantine restore --keep-denied $(cat $B/id.1000)
		[ "$(stat -c '%i %u %g %a %y %s' $f)" = "$(cat $B/was.1000)" ]
		gives EPERM as 1000 $OPENER read $f
		not as 1000 ask allow $f 2>$B/err
		ask allow $f
		gives ok as 1000 $OPENER read $f
		[ "$(stat -c '%i %u %g %a %y %s' $f)" = "$(cat $B/was.1000)" ]
		# The second one may himself, what is his.
		printf 'quarantine { users_restore = yes }\n' >>$B/c.conf
		ask reload
		not as 1000 ask quarantine restore $(cat $B/id.1001)
		as 1001 ask quarantine restore $(cat $B/id.1001)
		gives ok as 1001 $OPENER read $W/1001/model.pkl
		[ "$(stat -c '%i %u %g %a %y %s' $W/1001/model.pkl)" = \
			"$(cat $B/was.1001)" ]
		ask quarantine list | grep -q Nothing
		not grep /1001 $B/events.1000
		not grep /1000 $B/events.1001
	E
}

@test "h05.2 the desktop's buttons ask the guard, and it decides" {
	desktop
	scene tmpfs <<-'E'
		public
		vault_conf
		printf 'quarantine { users_restore = yes }\n' >>$B/c.conf
		ask reload
		users 1000
		session 1000
		f=$W/1000/model.pkl
		follower 1000 notify
		bad $f
		chown 1000:1000 $f
		gives EPERM as 1000 $OPENER read $f
		shows 'A dangerous file was put into quarantine'
		until_true eval "[ ! -e $f ]"
		click 'What is it?'
		shows 'What this file is'
		grep -q 'ckptguard why model.pkl' $B/shown
		# Once more is asked before it is done.
		click Restore
		shows 'Restore this file all the same?'
		[ ! -e $f ]
		click 'Restore it, I know'
		shows 'The file was restored'
		gives ok as 1000 $OPENER read $f
		# What the user may not do the button does not do either.
		kill $FOLLOWER
		wait $FOLLOWER
		desk dunstctl close-all
		: >$B/shown
		sed -i s/users_restore.*yes/users_restore=no/ $B/c.conf
		ask reload
		follower 1000 notify
		f=$W/1000/second.pkl
		bad $B/second
		printf '#' >>$B/second
		cp $B/second $f
		chown 1000:1000 $f
		gives EPERM as 1000 $OPENER read $f
		shows 'A dangerous file was put into quarantine'
		click Restore
		shows 'Restore this file all the same?'
		click 'Restore it, I know'
		shows 'The file was not restored'
		grep -q users_restore $B/shown
		[ ! -e $f ]
		ask quarantine list | grep -q /1000/second.pkl
	E
}
