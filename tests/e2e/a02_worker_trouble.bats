#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# a02: whatever becomes of workers, nothing is clean that was not read.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	printf 0 >clean
}

@test "a02.1 a worker that dies or lies costs its file, and the scan goes on" {
	fake_worker
	local names="crash forbidden exit garbage other twice huge nonsense half fds hide"
	for name in $names; do
		printf 0 >"$name"
	done
	run --separate-stderr ckptguard scan --format=jsonl -j2 $names clean
	expect_status 2
	json '
files = {f["path"]: f for f in o}
assert len(files) == 12, len(files)
for name, f in files.items():
    if name == "clean":
        assert f["verdict"] == "clean" and f["error"] is None
    else:
        assert f["verdict"] == "unverified", f
        assert "the worker" in f["error"], f
        assert f["findings"][0]["rule"] == "scan.failed"
'
}

@test "a02.2 text tells the reason too" {
	fake_worker
	printf 0 >crash
	run ckptguard scan crash clean
	expect_status 2
	expect_line 'crash: unverified (other)'
	expect_line '    error: the worker crashed (signal 11)'
	expect_line 'clean: clean (fake)'
	expect_line '2 files: 1 clean, 1 not scanned'
}

@test "a02.3 a lost file counts at the threshold unverified" {
	fake_worker
	printf 0 >crash
	run ckptguard scan --fail-on=unverified crash
	expect_status 1
}

@test "a02.4 a worker program that is not there is named" {
	export CKPTGUARD_WORKER=/nonexistent/worker
	run --separate-stderr ckptguard scan clean
	expect_status 2
	[ -z "$output" ]
	expect_error 'cannot start the worker program /nonexistent/worker: No such file or directory'
}

@test "a02.5 a template that ends, raves or leaves ends the scan with status 2" {
	for mode in dead mad leaving; do
		fake_worker "$mode"
		# --isolate: a worker serves one file, so the first ones cannot
		# serve all of them before the template has left
		run --separate-stderr timeout 60 ckptguard scan --isolate \
			clean clean clean \
			clean clean clean clean clean clean clean clean clean
		expect_status 2
		expect_error 'ckptguard: the worker program'
	done
}

@test "a02.6 workers that never live are not waited for" {
	for mode in stillborn chatty; do
		fake_worker $mode
		run --separate-stderr timeout 60 ckptguard scan clean clean
		expect_status 2
		[[ "$output" != *': clean'* ]]
		[ -n "$output$stderr" ]
	done
}

@test "a02.7 problems of the rules are named, and the scan goes on" {
	fake_worker problem
	run --separate-stderr ckptguard scan clean
	expect_status 0
	expect_error 'ckptguard: a.yar:1: syntax error'
	expect_line 'clean: clean (fake)'
}

@test "a02.8 an interrupt ends the scan as it ends any program" {
	fake_worker
	printf 0 >hang
	# A shell's background job would ignore the interrupt.
	run timeout 60 "${PYTHON:-python3}" -c '
import signal, subprocess
p = subprocess.Popen(["ckptguard", "scan", "-j2", "clean", "hang"],
    stdout=subprocess.PIPE, text=True,
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
# The first line comes as soon as nothing else happens.
assert p.stdout.readline() == "clean: clean (fake)\n"
p.send_signal(signal.SIGINT)
print(p.stdout.read(), p.wait())'
	expect_part 'interrupted after 1 file: 1 clean'
	expect_part ' -2'
}

@test "a02.9 a reader that goes away ends the scan" {
	fake_worker
	mkdir many
	for i in $(seq 300); do printf 4 >"many/$i"; done
	run bash -c 'ckptguard scan many | head -n 1; echo "${PIPESTATUS[0]}"'
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[1]}" -eq 141 ]
}

@test "a02.10 root's workers are nobody, where a process may become that" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	setpriv --reuid=65534 --regid=65534 --clear-groups true ||
		skip "there is no becoming nobody here"
	mkfifo names
	ckptguard scan --files-from=names >out &
	local pid=$!
	exec 7>names
	echo clean >&7
	# Answers come while the list is still being written.
	until grep -q '^clean: ' out; do
		kill -0 $pid
	done
	run cat "/proc/$(pgrep -P $pid)/status"
	expect_part $'Uid:\t65534\t65534\t65534\t65534'
	expect_part $'CapPrm:\t0000000000000000'
	exec 7>&-
	wait $pid
	# One user alone may be mapped: then they stay what we are.
	if unshare -r true; then
		run unshare -r ckptguard scan clean
		expect_status 0
	fi
}
