# SPDX-License-Identifier: Apache-2.0
# guard.bash: what the tests of ckptguardd share.
#
# A test is a scene: a script that runs in mount and process namespaces of its
# own, on a filesystem of its own, under a deadline.  A filesystem mark never
# reaches the machine's own filesystems, and whatever a scene leaves behind
# ends with it.
#
#	scene FSTYPE <<-'E'
#		guard
#		bad $W/a.pkl
#		opens EPERM $W/a.pkl
#	E
#
# With SCENE_FAKE=yes the worker is the fake one everywhere (see fake below).
#
# In a scene: $M is the filesystem, $W the watched directory, $O another one
# beside it, $B a tmpfs that is not guarded, $S the state, $D the daemon.

SCENE_SECONDS=100
WAIT_STEPS=400 # of 25 ms: ten seconds

needs_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	unshare -m --pid --fork true 2>/dev/null ||
		skip "needs CAP_SYS_ADMIN for namespaces of its own"
}

needs_opener() {
	[ -x "$CKPT_BUILD/tests/e2e/opener" ] ||
		skip "tests/e2e/opener is not built: make check builds it"
	[ -x "$CKPT_BUILD/ckptguardd" ] || skip "ckptguardd is not built"
}

# scene FSTYPE: run the script on standard input as a scene.
scene() {
	needs_root
	needs_opener
	[ "$1" = tmpfs ] || [ "$1" = ramfs ] ||
		command -v "mkfs.$1" >/dev/null ||
		skip "mkfs.$1 is missing"
	[ "$1" = tmpfs ] || [ "$1" = ramfs ] || [ -e /dev/loop-control ] ||
		skip "there are no loop devices"
	cat >"$BATS_TEST_TMPDIR/scene"
	SCENE_TMP=$BATS_TEST_TMPDIR SCENE_LIB=$BATS_TEST_DIRNAME/guard.bash \
		timeout -k 5 "$SCENE_SECONDS" unshare -m --propagation private \
		--pid --fork --kill-child --mount-proc \
		bash -c '. "$SCENE_LIB"; scene_play "$1"' scene "$1" \
		</dev/null 3>&-
}

# --- inside a scene ---

scene_play() {
	B=$SCENE_TMP/base M=$SCENE_TMP/fs
	W=$M/watch O=$M/out S=$B/state LOG=$B/daemon.log
	mkdir -p "$B" "$M"
	mount -t tmpfs none "$B"
	chmod 755 "$B"
	mkdir "$S"
	filesystem "$1" "$M" || return 77
	mkdir "$W" "$O"
	D= FAKE= ERRNOS=yes
	[ -z "${SCENE_FAKE-}" ] || fake
	trap scene_end EXIT
	set -eu
	set -o errtrace
	trap 'echo "failed: $BASH_COMMAND" >&2' ERR
	. "$SCENE_TMP/scene"
}

scene_end() {
	status=$?
	[ $status -eq 0 ] || {
		echo "--- daemon:"
		tail -n 8 "$LOG"
		echo "--- log:"
		tail -n 3 "$S/log.jsonl"
	} 2>/dev/null
	[ -z "$D" ] || kill -TERM "$D" 2>/dev/null || true
	exit $status
}

# filesystem TYPE DIR: a new one, mounted there.
filesystem() {
	if [ "$1" = tmpfs ] || [ "$1" = ramfs ]; then
		mount -t "$1" none "$2"
		return
	fi
	image=$B/$1-$(basename "$2").img
	truncate -s 512M "$image"
	"mkfs.$1" -q "$image" >/dev/null
	mount -o loop "$image" "$2"
}

# until COMMAND...: wait until it succeeds.
until_true() {
	for ((i = 0; i < WAIT_STEPS; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.025
	done
	echo "never came true: $*"
	"$@"
	return 1
}

# not COMMAND...: it fails. (A plain "!" is not seen by set -e.)
not() {
	if "$@"; then
		echo "should have failed: $*"
		return 1
	fi
}

said() {
	grep -q -- "$1" "$LOG"
}

logged() {
	grep -q -- "$1" "$S/log.jsonl"
}

# sanitized: this build is many times slower, and has calls of its own.
sanitized() {
	grep -q __asan_init "$CKPT_BUILD/ckptguardd"
}

# guard [OPTION...]: start the daemon on $W and wait until it guards.  SETTLE is
# the age at which directories outside are ignored.  Only with SCAN_NEW=yes are
# new files scanned before they are opened: else the counts here would not be
# those of the opens.
guard() {
	: >"$LOG"
	"$CKPT_BUILD/ckptguardd" -f --watch "$W" --state-dir "$S" \
		--settle "${SETTLE-0}" --scan-new "${SCAN_NEW-no}" "$@" \
		>"$LOG" 2>&1 &
	D=$!
	until_true said '^guarding'
	ERRNOS=
	said '^guarding .*pre-content' && ERRNOS=yes || true
}

# expected TEXT: kernels before 6.14 can only say EPERM.
expected() {
	if [ -n "$ERRNOS" ]; then echo "$1"; else echo "${1//EIO/EPERM}"; fi
}

# unguard: stop it, and expect that it ends well.
unguard() {
	kill -TERM "$D"
	wait "$D"
	D=
}

opener() {
	timeout "${OPENER_SECONDS-30}" "$CKPT_BUILD/tests/e2e/opener" "$@"
}

# fake: from now on the worker is one that does wrong on request: what it does
# is the name of the file (see tests/unit/fake_worker.c), and its verdict is
# the first byte.
fake() {
	[ -x "$CKPT_BUILD/tests/unit/fake_worker" ]
	mount --bind "$CKPT_BUILD/tests/unit/fake_worker" \
		"$CKPT_BUILD/ckptguard-worker"
	FAKE=yes
}

# real: the worker is the real one.
real() {
	[ -z "$FAKE" ] || umount "$CKPT_BUILD/ckptguard-worker"
	FAKE=
}

# bad FILE, good FILE: pickles of the same size; broken FILE: one without an
# end; own FILE: one that names code which nobody knows.
bad() {
	if [ -n "$FAKE" ]; then printf '4%032d' 0 >"$1"; return; fi
	printf "cposix\nsystem\n(S'echo marker'\ntR." >"$1"
}

good() {
	if [ -n "$FAKE" ]; then printf '0%032d' 0 >"$1"; return; fi
	printf "S'aaaaaaaaaaaaaaaaaaaaaaaaaaaa'\n." >"$1"
}

broken() {
	if [ -n "$FAKE" ]; then printf '2%032d' 0 >"$1"; return; fi
	printf "\x80\x04\x95\xff\xff\x00\x00\x00\x00\x00\x00\x8c\xffabc" >"$1"
}

own() {
	if [ -n "$FAKE" ]; then printf '1%032d' 0 >"$1"; return; fi
	printf 'cmyproject.layers\nBlock\n)\x81.' >"$1"
}

# opens RESULT FILE: an open of it gives "ok" or an errno.
opens() {
	result=$(opener read "$2")
	[ "$result" = "$(expected "$1")" ] || {
		echo "open of $2 gave $result, not $1"
		return 1
	}
}

# gives TEXT COMMAND...: it prints exactly that.
gives() {
	want=$(expected "$1")
	shift
	got=$("$@")
	[ "$got" = "$want" ] || {
		echo "$*: '$got', not '$want'"
		return 1
	}
}

# row NAME RESULT COMMAND...: one line of docs/coverage.md, seen to be true;
# "absent" is no failure: this kernel has no such way.
row() {
	name=$1 want=$(expected "$2")
	shift 2
	grep -q "^| $name |" "$CKPT_SRC/docs/coverage.md" || {
		echo "docs/coverage.md has no row '$name'"
		return 1
	}
	got=$("$@" 2>&1) || true
	[ "$got" = absent ] || [ "$got" = "$want" ] || {
		echo "$name: $* gave '$got', not '$want'"
		return 1
	}
	echo "$name: $got" >>"$B/rows"
}

reacher() {
	timeout "${OPENER_SECONDS-30}" "$CKPT_BUILD/tests/e2e/reacher" "$@"
}

# served DIR BACKING: a FUSE filesystem on DIR that shows the files of BACKING,
# and answers no read while $B/stop exists.
served() {
	"$CKPT_BUILD/tests/e2e/fuser" "$1" "$2" "$B/stop" >"$B/served" 2>&1 &
	until_true grep -qx ok "$B/served"
}

# counter NAME: what the gate has counted.
counter() {
	before=$(grep -c '"event":"counters"' "$S/log.jsonl" || true)
	kill -USR1 "$D"
	for ((i = 0; i < WAIT_STEPS; i++)); do
		now=$(grep -c '"event":"counters"' "$S/log.jsonl" || true)
		[ "$now" -gt "$before" ] && break
		sleep 0.025
	done
	grep '"event":"counters"' "$S/log.jsonl" | tail -n 1 |
		sed -n "s/.*\"$1\":\\([0-9]*\\).*/\\1/p"
}

# counts NAME N COMMAND...: it moves the counter by exactly N.
counts() {
	name=$1 by=$2
	shift 2
	from=$(counter "$name")
	"$@"
	to=$(counter "$name")
	[ $((to - from)) -eq "$by" ] || {
		echo "$*: $name moved by $((to - from)), not $by"
		return 1
	}
}

# child TITLE: the pid of one of the daemon's processes (gate, rec, scout,
# tmpl); a worker's title is the template's.
child() {
	case $1 in
	template) comm=ckptguard-worke ;;
	*) comm=ckptguard-$1 ;;
	esac
	for pid in $(cat "/proc/$D/task/$D/children"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$comm" ] &&
			echo "$pid" && return
	done
	return 1
}

# workers: the pids of the workers, idle ones too.
workers() {
	template=$(child template)
	cat "/proc/$template/task/$template/children"
}

has_workers() {
	[ -n "$(workers)" ]
}

# another TITLE PID: that child has been replaced.
another() {
	now=$(child "$1") && [ "$now" != "$2" ]
}

# ignored: a directory outside has been asked for, and the scout has acted.
ignored() {
	[ "$(counter outside_asked)" -gt 0 ] || return 1
	grep -q ignored_mask "/proc/$(child scout)/fdinfo/"* 2>/dev/null
}

# scanning N: so many files are at a worker.
scanning() {
	[ "$(counter scanning)" -eq "$1" ]
}

# Counters as conditions.
tokens() {
	[ "$(counter tokens)" -eq "$1" ]
}

waiting() {
	[ "$(counter waiting)" -eq "$1" ]
}

stalled() {
	[ "$(counter worker_stalls)" -ge "$1" ]
}

stop_workers() {
	kill -STOP $(workers)
}

cont_workers() {
	kill -CONT $(workers)
}

gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:	Z' "/proc/$1/status"
}

# sorted COMMAND...: its "3 EPERM, 5 ok", in the order of the numbers.
sorted() {
	"$@" | sed 's/, /\n/g' | sort -rn | paste -sd, | sed 's/,/, /g'
}

# vault_conf [ACTION]: guard $W by a configuration that does that (quarantine)
# with what is malicious.
vault_conf() {
	[ -e "$B/c.conf" ] ||
		printf 'watch "%s" {}\nmalicious = %s\nadministrators = root\n' \
			"$W" "${1-quarantine}" >"$B/c.conf"
	chmod 600 "$B/c.conf"
	: >"$LOG"
	"$CKPT_BUILD/ckptguardd" -f -c "$B/c.conf" --state-dir "$S" \
		--socket "$B/control" --scan-new "${SCAN_NEW-no}" >"$LOG" 2>&1 &
	D=$!
	until_true said '^guarding'
	ERRNOS=
	said '^guarding .*pre-content' && ERRNOS=yes || true
}

# beside_conf: an empty $HASHES, where the daemon looks for lists; what else
# is beside its configuration stays as it is. Ends the scene where it can't.
beside_conf() {
	conf=$(grep -aoE '/[[:graph:]]+/ckptguard\.conf' \
		"$CKPT_BUILD/ckptguardd" | head -n 1)
	HASHES=${conf%/*}/hashes.d
	over=${conf%/*}
	until [ -d "$over" ]; do
		over=${over%/*}
	done
	[ -n "$over" ] || exit 77
	mkdir "$B/upper" "$B/work"
	mount -t overlay -o "lowerdir=$over,upperdir=$B/upper,workdir=$B/work" \
		none "$over" || exit 77
	rm -rf "$HASHES"
	mkdir -p "$HASHES"
}

# public: everything is where other users can go, too.
public() {
	mount -t tmpfs none /mnt
	chmod 755 /mnt
	mkdir /mnt/b /mnt/fs
	mount --bind "$B" /mnt/b
	mount --bind "$M" /mnt/fs
	B=/mnt/b M=/mnt/fs
	W=$M/watch O=$M/out S=$B/state LOG=$B/daemon.log
	chmod 755 "$M" "$W" "$O"
}

# ask ARGUMENT...: ckptguard, asking the scene's daemon.
ask() {
	CKPTGUARD_SOCKET=$B/control "$CKPT_BUILD/ckptguard" "$@"
}

# as USER COMMAND...: as that user alone.
as() {
	user=$1
	shift
	[ "$1" != ask ] || set -- env CKPTGUARD_SOCKET="$B/control" \
		"$CKPT_BUILD/ckptguard" "${@:2}"
	setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}

# users USER...: each has a directory of his own in $W, which is his alone.
users() {
	OPENER=$CKPT_BUILD/tests/e2e/opener
	for user in "$@"; do
		mkdir -m 700 "$W/$user"
		chown "$user:$user" "$W/$user"
	done
}

# talked N: so many ask or follow now.
talked() {
	[ "$(ls -l "/proc/$(child rec)/fd" | grep -c socket:)" -ge "$1" ]
}

# sleeps PID: it waits for something.
sleeps() {
	grep -q '^State:	S' "/proc/$1/status"
}

# follower USER ARGUMENT...: that command of ckptguard, which follows events, as
# the user in the background; returns when it does follow.
follower() {
	user=$1
	shift
	before=$(ls -l "/proc/$(child rec)/fd" | grep -c socket:)
	(exec setpriv --reuid "$user" --regid "$user" --clear-groups \
		env ${SESSION-} CKPTGUARD_SOCKET="$B/control" \
		"$CKPT_BUILD/ckptguard" "$@" 2>"$B/follower.err") &
	FOLLOWER=$!
	until_true talked $((before + 1))
	until_true sleeps $FOLLOWER
	ask metrics >/dev/null
}

# session USER: a bus and a notification daemon of his, on the X server of the
# test. What is shown is in $B/shown; a choice in a menu is that in $B/choice.
session() {
	DESK=$1
	mkdir -m 700 "$B/run"
	>"$B/shown"
	printf '#!/bin/sh\ngrep -m 1 -F "$(cat %s/choice)"\n' "$B" >"$B/menu"
	printf '#!/bin/sh\nprintf "%%s\\n" "$2" "$3" >>%s/shown\n' "$B" \
		>"$B/show"
	chmod 755 "$B/menu" "$B/show"
	mkdir "$B/run/dunst"
	cat >"$B/run/dunst/dunstrc" <<-C
	[global]
		dmenu = $B/menu
		always_run_script = true
		markup = full
		width = (300, 460)
		height = 400
	[urgency_normal]
		timeout = 0
	[urgency_critical]
		timeout = 0
	[all]
		summary = "*"
		script = $B/show
	C
	chown -R "$DESK" "$B/run" "$B/shown"
	SESSION="XDG_RUNTIME_DIR=$B/run XDG_CONFIG_HOME=$B/run HOME=$B/run"
	as "$DESK" env $SESSION dbus-daemon --session --nofork \
		--print-address >"$B/bus" 2>/dev/null &
	until_true test -s "$B/bus"
	SESSION="$SESSION DBUS_SESSION_BUS_ADDRESS=$(cat "$B/bus")"
	until_true desk dunstctl count
}

# desk COMMAND...: in the session.
desk() {
	as "$DESK" env $SESSION "$@"
}

# shows TITLE: such a popup comes.
shows() {
	until_true grep -qxF -- "$1" "$B/shown"
}

# click LABEL: the first button that begins so.
click() {
	echo "#$1" >"$B/choice"
	desk dunstctl context
}
