#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# l01: what people ask the guard, and who is told what.

load helpers
load guard

# What the scenes share: the guard answers at /mnt/s/control, ann and bob are
# users with a program each that they can run.
#
#	asks: guard, and have it answer
#	ann COMMAND..., bob COMMAND...: as that user
#	tool ARGUMENT...: ckptguard
tools() {
	cat <<-'E'
	asks() {
		mkdir -p $B/s
		chmod 755 $B/s
		cp $CKPT_BUILD/ckptguard $CKPT_BUILD/tests/e2e/opener $B/
		mount --bind $B /mnt
		mkdir $B/w
		mount --bind $W /mnt/w
		chmod 755 $W $B/ckptguard $B/opener
		export CKPTGUARD_SOCKET=/mnt/s/control
		[ "${1-}" != conf ] || { conf_guard; return; }
		guard --socket /mnt/s/control "$@"
	}
	conf_guard() {
		: >"$LOG"
		"$CKPT_BUILD/ckptguardd" -f -c $B/a.conf --state-dir "$S" \
			--settle 0 --socket /mnt/s/control >"$LOG" 2>&1 &
		D=$!
		until_true said '^guarding'
		ERRNOS=
		said '^guarding .*pre-content' && ERRNOS=yes || true
	}
	as() {
		uid=$1
		shift
		setpriv --reuid $uid --regid $uid --clear-groups "$@"
	}
	ann() { as 4321 "$@"; }
	bob() { as 4322 "$@"; }
	tool() { /mnt/ckptguard "$@"; }
	reads() { as $1 /mnt/opener read /mnt/w/$2 >/dev/null; }
	E
}

play() {
	{ tools; cat; } | scene tmpfs
}

@test "l01.1 events tells what was opened, by whom, and filters it" {
	play <<-'E'
		bad $W/a.pkl
		own $W/b.pkl
		chmod 644 $W/*
		asks
		reads 4321 a.pkl
		reads 4322 a.pkl
		opens ok $W/b.pkl
		tool events >$B/out
		cat $B/out
		[ "$(wc -l <$B/out)" -eq 3 ]
		grep -c 'denied malicious .*/a.pkl: loading it .*\[pickle' $B/out
		grep -q 'opened by .*opener (pid [0-9]*, user 4321)' $B/out
		grep -q 'noted unknown .*/b.pkl' $B/out
		count() {
			n=$1
			shift
			[ "$(tool events "$@" | wc -l)" -eq $n ] || {
				echo "events $*: not $n"
				tool events "$@"
				return 1
			}
		}
		count 1 -n 1
		count 0 -n 0
		count 3 -n all
		count 2 --verdict malicious
		count 1 --verdict=unknown
		count 1 --user 4322
		count 2 --path /mnt/w/a.pkl
		count 2 --path /mnt/w
		count 1 --path $W
		count 0 --path $O
		count 3 --since 1h
		count 0 --since 2099-01-01
		count 0 --until 1h
		count 2 --rule pickle.import.dangerous
		tool events --format=jsonl >$B/json
		[ "$(grep -c '^{"time":".*"event":"[a-z]*".*}$' $B/json)" -eq 3 ]
		grep '"event":"denied"' $S/log.jsonl | head -n 1 >$B/one
		head -n 1 $B/json | diff - $B/one
		not tool events --verdict bad
		not tool events --since soon
		not tool events x
		not tool events --user nobody-of-that-name
	E
}

@test "l01.2 users see their own, administrators all" {
	play <<-'E'
		bad $W/a.pkl
		bad $W/b.pkl
		chmod 644 $W/*
		asks
		reads 4321 a.pkl
		reads 4322 b.pkl
		[ "$(ann /mnt/ckptguard events | grep -c /a.pkl)" -eq 1 ]
		[ "$(ann /mnt/ckptguard events | grep -c /b.pkl)" -eq 0 ]
		[ "$(bob /mnt/ckptguard events --user 4322 | wc -l)" -eq 1 ]
		not bob /mnt/ckptguard events --user 4321
		ann /mnt/ckptguard why /mnt/w/a.pkl >$B/why
		bob /mnt/ckptguard why /mnt/w/a.pkl && exit 1 || [ $? -eq 1 ]
		tool why /mnt/w/b.pkl | grep -q malicious
		bob /mnt/ckptguard reload && exit 1 || [ $? -eq 1 ]
		bob /mnt/ckptguard status >$B/status
		not grep -q ^warning $B/status
		grep -q 'opens: .* 2 denied' $B/status
		sum='[0-9a-f]\{16\}'
		held="^rules: .* [1-9][0-9]* of YARA ($sum), [1-9][0-9]* of"
		held="$held imports ($sum), loaded 20"
		grep "$held" $B/status >$B/held
		# another recorder knows it, too
		rec=$(child rec)
		kill -9 $rec
		until_true another rec $rec
		again() { tool status | grep "$held" >$B/again; }
		until_true again
		diff $B/held $B/again
	E
}

@test "l01.3 why says what happened in words, and what to do" {
	play <<-'E'
		bad $W/a.pkl
		good $W/good.pkl
		chmod 644 $W/*
		asks
		reads 4321 a.pkl
		opens ok $W/good.pkl
		ann /mnt/ckptguard why /mnt/w/a.pkl >$B/why
		cat $B/why
		grep -q '/a.pkl: malicious (pickle)' $B/why
		grep -q '^Its open was denied (EPERM), 20.* by .*opener (pid' $B/why
		grep -q '^Because loading it .*\[pickle.import.dangerous\]\.' $B/why
		grep -q '^What to do:' $B/why
		grep -q 'ckptguard explain .*/a.pkl' $B/why
		grep -q 'ckptguard rules explain pickle.import.dangerous' $B/why
		# the same file by another name, and a name that is gone
		ln $W/a.pkl $W/hard.pkl
		tool why $W/hard.pkl | grep -q malicious
		cd /mnt/w
		tool why a.pkl | grep -q malicious
		rm a.pkl hard.pkl
		tool why a.pkl | grep -q malicious
		tool why --format=json a.pkl | grep -q '^{"time":.*}$'
		tool why good.pkl >$B/no 2>&1 && exit 1 || [ $? -eq 1 ]
		grep -q 'knows nothing of it' $B/no
	E
}

@test "l01.4 events -f goes on, and misses nothing in between" {
	play <<-'E'
		bad $W/a.pkl
		bad $W/b.pkl
		own $W/c.pkl
		asks
		opens EPERM $W/a.pkl
		tool events -f --verdict malicious >$B/out &
		F=$!
		tool events -f --format=jsonl >$B/json &
		J=$!
		until_true grep -q a.pkl $B/out
		until_true grep -q a.pkl $B/json
		opens ok $W/c.pkl
		opens EPERM $W/b.pkl
		until_true grep -q b.pkl $B/out
		until_true grep -q b.pkl $B/json
		not grep -q c.pkl $B/out
		[ "$(wc -l <$B/json)" -eq 3 ]
		unguard
		wait $F && exit 1 || [ $? -eq 2 ]
		wait $J && exit 1 || [ $? -eq 2 ]
	E
}

@test "l01.5 status, metrics and reload" {
	play <<-'E'
		bad $W/a.pkl
		asks
		tool status --socket /mnt/none >$B/no 2>&1 && exit 1 ||
			[ $? -eq 2 ]
		grep -q 'no guard answers at /mnt/none' $B/no
		opens EPERM $W/a.pkl
		tool status >$B/status
		cat $B/status
		grep -q "^guarding $W (tmpfs" $B/status
		grep -q '^opens: .*1 denied' $B/status
		grep -q '^history:  1 events' $B/status
		[ "$(tool status --format=jsonl | wc -l)" -eq 2 ]
		mkdir $W/lower $W/over
		mount -t overlay -o lowerdir=$W/lower:$O none $W/over
		gap() {
			tool status >$B/status && return 1
			[ $? -eq 1 ]
		}
		until_true gap
		grep -q "^NOT GUARDED: .*$W/over" $B/status
		umount $W/over
		until_true tool status
		tool metrics >$B/metrics
		grep -qx 'ckptguard_denied_total 1' $B/metrics
		grep -qx '# TYPE ckptguard_scan_seconds histogram' $B/metrics
		grep -q '^ckptguard_scan_seconds_bucket{le="+Inf"} 1$' $B/metrics
		not grep -v -e '^# \(HELP\|TYPE\) ckptguard_[a-z_0-9]* .' \
			-e '^ckptguard_[a-z_0-9]*\({le="[+.0-9Inf]*"}\)\? [0-9.]*$' \
			$B/metrics
		ann /mnt/ckptguard metrics >/dev/null
		tool metrics --output=$B/m.prom
		[ "$(stat -c %a $B/m.prom)" = 644 ]
		grep -q ckptguard_denied_total $B/m.prom
		not tool metrics --output=$B/none/m.prom
		[ "$(ls $B/m.prom*)" = $B/m.prom ]
		not tool reload 2>$B/no
		grep -q 'started without a configuration' $B/no
	E
}

@test "l01.6 reload waits until it holds, or names each mistake" {
	play <<-'E'
		conf() {
			printf 'watch "%s" {}\n' $W >$B/a.conf
			printf '%s\n' "$@" >>$B/a.conf
		}
		conf
		asks -c $B/a.conf
		own $W/own.pkl
		opens ok $W/own.pkl
		conf 'unknown = deny'
		tool reload
		opens EPERM $W/own.pkl
		conf 'unknown = nonsense' 'stall = 0'
		not tool reload 2>$B/no
		grep -q 'a.conf:2: unknown is' $B/no
		grep -q 'a.conf:3: stall is' $B/no
		opens EPERM $W/own.pkl
	E
}

@test "l01.10 users and programs may be exempt, and that is written down" {
	play <<-'E'
		bad $W/a.pkl
		chmod 644 $W/*
		mkdir $B/bin
		cp $CKPT_BUILD/tests/e2e/opener $B/bin/backup
		printf '%s\n' "watch \"$W\" {}" "exempt {" 'users = {"4322"}' \
			"programs = {\"/mnt/bin/backup\", \"/mnt/bin/none\"}" \
			"}" >$B/a.conf
		mount --bind $B /mnt
		asks -c $B/a.conf
		said 'exempt program /mnt/bin/none: No such file'
		opens EPERM $W/a.pkl
		gives EPERM as 4321 /mnt/opener read /mnt/w/a.pkl
		gives ok as 4322 /mnt/opener read /mnt/w/a.pkl
		gives ok as 4321 /mnt/bin/backup read /mnt/w/a.pkl
		# the very file, not one of its name, nor a link to another
		cp $B/opener $B/bin/other
		mv $B/bin/other $B/bin/backup
		gives EPERM as 4321 /mnt/bin/backup read /mnt/w/a.pkl
		[ "$(counter exempted)" -eq 2 ]
		tool events | grep -c exempted | grep -qx 2
		tool reload
		gives ok as 4321 /mnt/bin/backup read /mnt/w/a.pkl
	E
}

@test "l01.11 a group may administer, and the history may be off" {
	play <<-'E'
		bad $W/a.pkl
		printf '%s\n' "watch \"$W\" {}" 'administrators = adm' \
			>$B/a.conf
		asks -c $B/a.conf
		opens EPERM $W/a.pkl
		adm=$(getent group adm | cut -d: -f3)
		setpriv --reuid 4321 --regid 4321 --groups $adm \
			/mnt/ckptguard events | grep -q a.pkl
		setpriv --reuid 4321 --regid 4321 --groups $adm \
			/mnt/ckptguard reload
		ann /mnt/ckptguard events >$B/out
		not grep -q a.pkl $B/out
		printf '%s\n' "watch \"$W\" {}" 'history { megabytes = 0 }' \
			'administrators = no-such-group' >$B/a.conf
		tool reload
		until_true said 'there is no group no-such-group'
		opens EPERM $W/a.pkl
		tool status | grep -q '^history:  1 events'
	E
}

@test "l01.12 a denial is said on the terminal of whoever opened the file" {
	play <<-'E'
		bad $W/a.pkl
		bad $W/b.pkl
		own $W/own.pkl
		cat >$B/term.py <<-'P'
		import os, pty, sys
		pid, fd = pty.fork()
		if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
		said = b""
		try:
		 while True: said += os.read(fd, 4096)
		except OSError: pass
		print(said.decode().replace("\r", ""))
		P
		asks
		# it waits for its end until what is told has come
		printf '%s\n' '#!/bin/sh' 'mesg $1 2>/dev/null || chmod $2 $(tty)' \
			'/mnt/opener read $3; sleep 0.5' >$B/opens
		chmod 755 $B/opens
		python3 $B/term.py $B/opens y 620 $W/a.pkl >$B/out
		cat $B/out
		grep -q 'ckptguard: opening .*/a.pkl was denied: malicious: ' $B/out
		grep -q 'ckptguard why FILE says more' $B/out
		python3 $B/term.py $B/opens n 600 $W/b.pkl >$B/out
		not grep -q ckptguard: $B/out
		python3 $B/term.py $B/opens y 620 $W/own.pkl >$B/out
		not grep -q ckptguard: $B/out
	E
}

@test "l01.13 the journal gets fields, and syslog a line where there is none" {
	play <<-'E'
		bad $W/a.pkl
		mount -t tmpfs none /run
		mkdir -p /run/systemd/journal
		cat >$B/journal.py <<-'P'
		import socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind(sys.argv[1])
		out = open(sys.argv[2], "wb", buffering=0)
		while True: out.write(s.recv(65536) + b"\n--\n")
		P
		python3 $B/journal.py /run/systemd/journal/socket $B/journal &
		P=$!
		until_true [ -S /run/systemd/journal/socket ]
		export JOURNAL_STREAM=1:1
		asks
		opens EPERM $W/a.pkl
		until_true grep -aq CKPTGUARD_PATH $B/journal
		grep -aq '^PRIORITY=4$' $B/journal
		grep -aq '/watch/a.pkl$' $B/journal
		grep -aq '^CKPTGUARD_UID=0$' $B/journal
		not said '^denied'
		kill $P
		rm /run/systemd/journal/socket
		mount -t tmpfs none /dev
		mknod /dev/null c 1 3
		python3 $B/journal.py /dev/log $B/syslog &
		P=$!
		until_true [ -S /dev/log ]
		bad $W/b.pkl
		opens EPERM $W/b.pkl
		until_true grep -aq '^<28>.* ckptguardd\[[0-9]*\]: denied .*b.pkl' \
			$B/syslog
		kill $P
	E
}

@test "l01.14 a history of a million events answers, and stays in its bounds" {
	[ -n "${CKPT_LONG-}" ] || skip "it is long: ./check --long runs it"
	[ -x "$CKPT_BUILD/tests/bench/bench_history" ] ||
		skip "tests/bench/bench_history is not built: make bench does"
	SCENE_SECONDS=600 play <<-'E'
		bad $W/a.pkl
		$CKPT_BUILD/tests/bench/bench_history $S 1000000 --fill
		printf '%s\n' "watch \"$W\" {}" 'history {' 'megabytes = 1024' \
			'days = 365' '}' >$B/a.conf
		asks -c $B/a.conf
		opens EPERM $W/a.pkl
		tool status | grep -q '^history:  1000001 events'
		# what takes longer than two seconds is given up by the guard
		tool events -n 3 | tail -n 1 | grep -q '/a.pkl'
		[ "$(tool events --verdict malicious -n all | wc -l)" -eq 101 ]
		[ "$(tool events --user 1007 | wc -l)" -eq 50 ]
		[ "$(tool events --path /srv/models/team07 | wc -l)" -eq 50 ]
		[ "$(tool events --rule none | wc -l)" -eq 0 ]
		tool why $W/a.pkl | grep -q malicious
		sed -i 's/1024/100/' $B/a.conf
		tool reload
		small() {
			# a quarter may be free pages
			[ "$(stat -c %s $S/history.db)" -lt 150000000 ]
		}
		WAIT_STEPS=8000 until_true small
		tool events -n 1 | grep -q '/a.pkl'
		opens EPERM $W/a.pkl
	E
}

@test "l01.15 each watch has its own profile and actions" {
	play <<-'E'
		mkdir $W/a $W/a/deep $W/strict $W/off
		printf '%s\n' "watch \"$W\" {}" \
			"watch \"$W/a/deep\" { unknown = deny }" \
			"watch \"$W/strict\" { profile = strict }" \
			"watch \"$W/off\" { malicious = notify }" >$B/a.conf
		asks conf
		for d in a a/deep strict off; do
			own $W/$d/own.pkl
			bad $W/$d/bad.pkl
			good $W/$d/good.pkl
		done
		opens ok $W/a/own.pkl
		opens EPERM $W/a/deep/own.pkl
		opens EPERM $W/strict/own.pkl
		opens ok $W/off/own.pkl
		opens EPERM $W/a/bad.pkl
		opens EPERM $W/a/deep/bad.pkl
		opens EPERM $W/strict/bad.pkl
		opens ok $W/off/bad.pkl
		for d in a a/deep strict off; do opens ok $W/$d/good.pkl; done
		said "noted $W/off/bad.pkl: malicious"
		# again, from memory
		opens ok $W/a/own.pkl
		opens EPERM $W/strict/own.pkl
		counts scans 0 opens ok $W/off/bad.pkl
		# what was allowed in one watch is not known as allowed in another
		mv $W/a/own.pkl $W/strict/moved.pkl
		opens EPERM $W/strict/moved.pkl
		mv $W/off/bad.pkl $W/a/moved.pkl
		opens EPERM $W/a/moved.pkl
		mv $W/strict/moved.pkl $W/a/back.pkl
		opens ok $W/a/back.pkl
		# a file with several names is judged as the strictest would
		ln $W/a/back.pkl $W/strict/link.pkl
		opens EPERM $W/strict/link.pkl
		opens EPERM $W/a/back.pkl
		# what many wait for at once
		own $W/a/new.pkl
		gives '8 ok' sorted opener storm 8 $W/a/new.pkl
		own $W/strict/new.pkl
		gives '8 EPERM' sorted opener storm 8 $W/strict/new.pkl
		printf '%s\n' "watch \"$W\" {}" >$B/a.conf
		tool reload
		until_true opens ok $W/strict/own.pkl
		opens EPERM $W/a/moved.pkl
	E
}

@test "l01.7 who floods the socket keeps nobody from the guard" {
	play <<-'E'
		for i in 1 2 3 4 5 6 7 8 9; do bad $W/$i.pkl; done
		chmod 644 $W/*
		asks
		cat >$B/flood.py <<-'P'
		import os, socket, time
		os.setresuid(4321, 4321, 4321)
		end = time.time() + 4
		kept = []
		while time.time() < end:
		 try:
		  s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		  s.setblocking(False)
		  s.connect("/mnt/s/control")
		  kept.append(s)
		  for t in (b'{"v":1,"command":"status"}\n' * 500, b'x' * 9000):
		   s.send(t)
		 except OSError:
		  if len(kept) > 200: kept = kept[100:]
		P
		python3 $B/flood.py &
		P=$!
		sleep 0.3
		for i in 1 2 3 4 5 6 7 8 9; do
			opens EPERM $W/$i.pkl
			tool status >/dev/null
		done
		[ "$(tool events | wc -l)" -eq 9 ]
		[ "$(counter records_dropped)" -eq 0 ]
		kill $P
	E
}

@test "l01.8 the table of commands is what its document says" {
	sed -n 's/^ASK(\([a-z_]*\), \([A-Z]*\),.*/\1 \2/p' \
		"$CKPT_SRC/src/guardd/asks.def" | tr A-Z a-z | sort \
		>"$BATS_TEST_TMPDIR/table"
	awk '/^### /{name=$2} /^Right: /{sub(/\..*/,"",$2); print name, $2}' \
		"$CKPT_SRC/docs/control.md" | tr -d . | sort |
		diff "$BATS_TEST_TMPDIR/table" -
}

@test "l01.9 the examples of the commands that ask run" {
	command -v "${MANDOC:-mandoc}" >/dev/null || skip "no mandoc"
	play <<-'E'
		mkdir $B/models $B/Downloads
		mount --bind $W $B/models
		conf=$B/a.conf
		printf 'watch "%s" {}\n' $W >$conf
		asks -c $conf
		cd $B
		bad models/bad.pkl
		opens EPERM models/bad.pkl
		export PATH=/mnt:$PATH
		pages=$(tool help | sed -n 's/^  ckptguard \([a-z]*\) .*/\1/p')
		[ -n "$pages" ]
		for page in $pages; do
			# notify is another program, of desktops
			[ $page != help ] && [ $page != notify ] || continue
			tool help $page | grep -q -e --socket || continue
			${MANDOC:-mandoc} -T ascii $CKPT_SRC/man/ckptguard-$page.1 |
				col -b | sed -n \
				'/^EXAMPLES/,/^[D-Z]/s/^[[:blank:]]*\$ //p' \
				>$B/examples
			[ -s $B/examples ]
			while read -r line; do
				timeout 20 bash -c "$line" >$B/said 2>&1 \
					</dev/null || {
					echo "$line: $(cat $B/said)"
					exit 1
				}
			done <$B/examples
		done
	E
}
