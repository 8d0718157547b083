#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g07: whatever is wrong at the start is one clear sentence and status 2.

load guard

# refused SENTENCE ARGUMENT...
refused() {
	sentence=$1
	shift
	run "$CKPT_BUILD/ckptguardd" "$@"
	[ "$status" -eq 2 ] && [ "${#lines[@]}" -eq 1 ] &&
		[[ "$output" == "ckptguardd: "*"$sentence"* ]] || {
		echo "status $status: $output"
		return 1
	}
}

setup() {
	needs_opener
}

@test "g07.1 a command line that makes no sense" {
	refused "nothing to guard"
	refused "there is no option --bogus" --bogus
	refused "--watch needs a value" --watch
	refused 'what is "/tmp"?' --watch /nowhere /tmp
	refused "balanced or strict" --watch / --profile lax
	refused "from 1 to 600" --watch / --deadline 0
}

@test "g07.2 a watch that isn't there, or is no directory" {
	needs_root
	refused "/nowhere: No such file or directory" --watch /nowhere
	refused "is not a directory" --watch /etc/passwd
}

@test "g07.3 a watch where there is nothing to guard" {
	needs_root
	refused "on proc" --watch /proc
	refused "on sysfs" --watch /sys
}

@test "g07.4 no rights" {
	needs_root
	cp "$CKPT_BUILD/ckptguardd" "$BATS_TEST_TMPDIR/" || skip "no copy"
	mkdir -p "$BATS_TEST_TMPDIR/w"
	run setpriv --reuid 65534 --regid 65534 --clear-groups \
		--inh-caps=-all --bounding-set=-all \
		"$CKPT_BUILD/ckptguardd" --watch "$BATS_TEST_TMPDIR/w"
	[ "$status" -eq 2 ] || [ "$status" -eq 126 ] || [ "$status" -eq 127 ]
	[ "$status" -ne 2 ] || [[ "$output" == *"must be started as root"* ]]
	run setpriv --bounding-set=-sys_admin \
		"$CKPT_BUILD/ckptguardd" --watch "$BATS_TEST_TMPDIR/w"
	[ "$status" -eq 2 ]
	[[ "$output" == *"CAP_SYS_ADMIN"* ]]
}

@test "g07.5 a state directory that others may write to" {
	scene tmpfs <<-'E'
		mkdir -m 777 $B/open
		status=0
		$CKPT_BUILD/ckptguardd -f --watch $W --state-dir $B/open \
			>$LOG 2>&1 || status=$?
		[ $status -eq 2 ]
		said 'must belong to root'
		status=0
		$CKPT_BUILD/ckptguardd -f --watch $W --state-dir $B/no/where \
			>$LOG 2>&1 || status=$?
		[ $status -eq 2 ]
		said 'No such file or directory'
	E
}

@test "g07.6 a worker, rules or policies that are missing" {
	scene tmpfs <<-'E'
		mount -t tmpfs none $CKPT_SRC/rules
		status=0
		$CKPT_BUILD/ckptguardd -f --watch $W --state-dir $S \
			>$LOG 2>&1 || status=$?
		[ $status -eq 2 ]
		said 'import policies belong there'
		[ "$(wc -l <$LOG)" -eq 1 ]
	E
}

@test "g07.7 a file that is no model in the place of the worker" {
	scene tmpfs <<-'E'
		echo "no program" >$B/text
		mount --bind $B/text $CKPT_BUILD/ckptguard-worker
		status=0
		$CKPT_BUILD/ckptguardd -f --watch $W --state-dir $S \
			>$LOG 2>&1 || status=$?
		[ $status -eq 2 ]
		said 'ckptguard-worker: Permission denied'
	E
}

@test "g07.8 help and version need no rights" {
	run "$CKPT_BUILD/ckptguardd" --help
	[ "$status" -eq 0 ]
	[[ "$output" == *"--watch DIR"* ]]
	run "$CKPT_BUILD/ckptguardd" --version
	[ "$status" -eq 0 ]
	[[ "$output" == ckptguard* ]]
}

@test "g07.9 an overlay is guarded alone or not at all" {
	scene tmpfs <<-'E'
		mkdir $B/l $B/u $B/w $B/merged
		bad $B/l/bad.pkl
		mount -t overlay -o lowerdir=$B/l,upperdir=$B/u,workdir=$B/w none \
			$B/merged
		status=0
		$CKPT_BUILD/ckptguardd -f --watch $W --watch $B/merged \
			--state-dir $S >$LOG 2>&1 || status=$?
		[ $status -eq 2 ]
		said 'an overlay is guarded alone'
		W=$B/merged
		guard
		opens EPERM $W/bad.pkl
	E
}

@test "g07.10 every option of the help is in the manual page, and no other" {
	command -v mandoc >/dev/null || skip "mandoc is missing"
	cd "$BATS_TEST_TMPDIR"
	"$CKPT_BUILD/ckptguardd" --help | grep -oE -e '--[a-z-]+' | sort -u \
		>help
	mandoc -T ascii "$CKPT_SRC/man/ckptguardd.8" | col -b |
		sed '/^EXAMPLES/,$d' | grep -oE -e '--[a-z-]+' | sort -u >page
	diff help page
}
