#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g15: what made other monitors fail, where no other test has it; and what a
# user may try against the daemon itself.

load guard

@test "g15.1 the queue of events has no limit, and its answers no rivals" {
	scene tmpfs <<-'E'
		guard
		flags=$(sed -n 's/^fanotify flags:\([0-9a-f]*\).*/\1/p' \
			/proc/$(child gate)/fdinfo/* | sort -u | head -n 1)
		# FAN_UNLIMITED_QUEUE, FAN_UNLIMITED_MARKS
		for f in $(sed -n 's/^fanotify flags:\([0-9a-f]*\).*/\1/p' \
			/proc/$(child gate)/fdinfo/*); do
			[ $((0x$f & 0x30)) -eq $((0x30)) ]
		done
		[ -n "$flags" ]
		# Workers, template and recorder hold no group.
		for pid in $(child template) $(child rec) $(workers); do
			not grep -q '^fanotify' /proc/$pid/fdinfo/* 2>/dev/null
		done
	E
}

@test "g15.2 a mark that is lost is noticed, said, and set again" {
	scene tmpfs <<-'E'
		bad $W/bad.pkl
		guard
		opens EPERM $W/bad.pkl
		# Another scout begins with a canary, on a group without a mark.
		cat >$B/unmark <<-'P'
		import ctypes, os, sys
		libc = ctypes.CDLL(None, use_errno=True)
		pid = os.pidfd_open(int(sys.argv[1]))
		for n in os.listdir(f"/proc/{sys.argv[1]}/fd"):
		    if "fanotify" in os.readlink(f"/proc/{sys.argv[1]}/fd/{n}"):
		        fd = libc.syscall(438, pid, int(n), 0)
		        libc.syscall(301, fd, 0x180, ctypes.c_uint64(0), -100, 0)
		P
		kill -STOP $(child scout)
		python3 $B/unmark $(child gate)
		opens ok $W/bad.pkl
		scout=$(child scout)
		kill -KILL $scout
		until_true another scout $scout
		until_true opens EPERM $W/bad.pkl
	E
}

# A user without rights, who may read the watch.
user='
	as_user() {
		setpriv --reuid 4321 --regid 4321 --clear-groups \
			--bounding-set=-all --inh-caps=-all "$@"
	}
'

@test "g15.3 a user can't stop, trace, or read any process of the daemon" {
	scene tmpfs <<-E
		$user
		bad \$W/bad.pkl
		chmod 755 \$M \$W
		guard
		until_true has_workers
		for pid in \$D \$(cat /proc/\$D/task/\$D/children) \$(workers); do
			not as_user kill -STOP \$pid 2>/dev/null
			not as_user kill -KILL \$pid 2>/dev/null
			not as_user head -c 1 /proc/\$pid/mem 2>/dev/null
			not as_user head -c 1 /proc/\$pid/environ 2>/dev/null
			not as_user ls /proc/\$pid/fd/ 2>/dev/null
			not as_user readlink /proc/\$pid/exe 2>/dev/null
			python3 -c '
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
os.setgroups([])
os.setresgid(4321, 4321, 4321)
os.setresuid(4321, 4321, 4321)
for how in 16, 0x4206:  # PTRACE_ATTACH, PTRACE_SEIZE
    assert libc.ptrace(how, int(sys.argv[1]), None, None) == -1
    assert ctypes.get_errno() == errno.EPERM
' \$pid
		done
		opens EPERM \$W/bad.pkl
	E
}

@test "g15.4 a user can't read or change the state, nor root be led astray by it" {
	scene tmpfs <<-E
		$user
		bad \$W/bad.pkl
		mount --bind \$B /mnt
		guard
		opens EPERM \$W/bad.pkl
		until_true logged '"event":"denied"'
		for f in /mnt/state /mnt/state/*; do
			[ "\$(stat -c %u \$f)" = 0 ]
			[ \$((0\$(stat -c %a \$f) & 0022)) -eq 0 ]
			not as_user sh -c "echo x >>\$f" 2>/dev/null
		done
		[ \$((0\$(stat -c %a /mnt/state/log.jsonl) & 0077)) -eq 0 ]
		not as_user cat /mnt/state/log.jsonl 2>/dev/null
	E
	scene tmpfs <<-'E'
		# The log's name leads elsewhere: nothing is written there.
		echo precious >$B/precious
		ln -s $B/precious $S/log.jsonl
		status=0
		$CKPT_BUILD/ckptguardd -f --watch $W --state-dir $S \
			>$LOG 2>&1 || status=$?
		[ $status -eq 2 ]
		[ "$(cat $B/precious)" = precious ]
	E
}

@test "g15.5 a worker has no rights, no way to the network, and one user's id" {
	scene tmpfs <<-'E'
		guard
		until_true has_workers
		for pid in $(child template) $(workers); do
			sed -n 's/^Cap[A-Z][a-z]*:\s*//p' /proc/$pid/status |
				while read caps; do
					[ $((0x$caps)) -eq 0 ]
				done
			grep -q '^NoNewPrivs:	1' /proc/$pid/status
			grep -q '^Seccomp:	2' /proc/$pid/status
			[ "$(sed -n 's/^Uid:\s*//p' /proc/$pid/status |
				tr '\t' '\n' | sort -u | wc -l)" -eq 1 ]
			not grep -q '^Uid:	0' /proc/$pid/status
			grep -q '^Groups:\s*$' /proc/$pid/status
			# Descriptors: stdio, its socket; never another worker's.
			[ $(ls /proc/$pid/fd | wc -l) -le 8 ]
		done
	E
}

@test "g15.6 every test that the table of failures names is there" {
	table=$CKPT_SRC/docs/failures.md
	n=0
	for id in $(grep '^| ' "$table" | grep -oE '\b[adgl][0-9]{2}\.[0-9]+\b' |
		sort -u); do
		grep -q "^@test \"$id " "$BATS_TEST_DIRNAME"/*.bats || {
			echo "$id is named in docs/failures.md and is no test"
			return 1
		}
		n=$((n + 1))
	done
	[ $n -gt 30 ]
	# Each row has a reason or a test.
	not grep '^| [A-Z"]' "$table" | grep -vE 'By design|[adgl][0-9]{2}\.' |
		grep .
}

@test "g15.7 the lists of system calls are in their document" {
	cd "$BATS_TEST_TMPDIR"
	"${PYTHON:-python3}" "$CKPT_SRC/tools/syscalls-doc" >made
	diff made "$CKPT_SRC/docs/syscalls.md"
	# None is left out.
	rows=$(cat "$CKPT_SRC/src/guardd/gate_calls.def" \
		"$CKPT_SRC/src/sandbox/syscalls.def" |
		grep -cE '^(CALL|SYSCALL)(_IF2?)?\(')
	[ "$(grep -c '^| [a-z]' made)" -eq $((rows + 3)) ]
}
