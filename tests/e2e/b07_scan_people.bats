#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# b07: what a person sees of a scan: progress, lists, exclusions, reports.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	fake_worker
	mkdir -p d/sub/cache d/other
	printf 0 >d/clean.pt
	printf 4 >d/bad.pt
	printf 4 >d/sub/cache/bad.tmp
	printf 0 >d/other/clean.tmp
}

# paths: the paths of the last run's JSON lines.
paths() {
	json 'print(" ".join(sorted(f["path"] for f in o)))'
}

@test "b07.1 a pattern leaves out names, one with a slash paths" {
	run ckptguard scan --format=jsonl --exclude='*.tmp' d
	[ "$(paths)" = 'd/bad.pt d/clean.pt' ]
	run ckptguard scan --format=jsonl --exclude='d/*/cache' d
	[ "$(paths)" = 'd/bad.pt d/clean.pt d/other/clean.tmp' ]
	run ckptguard scan --format=jsonl --exclude=sub --exclude=bad.pt d
	expect_status 0
	[ "$(paths)" = 'd/clean.pt d/other/clean.tmp' ]
	# what is named itself was asked for
	run ckptguard scan --format=jsonl --exclude='*.pt' d/bad.pt
	expect_status 1
	run ckptguard scan --exclude='*.pt' d
	expect_line '2 files: 1 malicious, 1 clean, 2 excluded'
}

@test "b07.2 progress goes to a terminal's standard error, or where it must" {
	run --separate-stderr ckptguard scan d
	[ -z "$stderr" ]
	run --separate-stderr ckptguard scan --progress=always d
	[[ "$stderr" == *'100%  4 of 4 files'*'2 found'* ]]
	# nothing of it is left on the screen
	[[ "$stderr" == *$'\r\x1b[K' ]]
	run --separate-stderr ckptguard scan --progress=never d
	[ -z "$stderr" ]
	command -v script >/dev/null || skip "script(1) is not installed"
	printf 0 >hang
	TERM=xterm script -qfc \
		'echo $$ >pid; exec ckptguard scan -j2 hang d >out' seen >/dev/null &
	until grep -q '4 of 5 files' seen 2>/dev/null; do
		kill -0 $!
	done
	kill -TERM "$(cat pid)"
	wait $! || true
	TERM=dumb run script -qec 'ckptguard scan d >out' /dev/null
	[ -z "$output" ]
}

@test "b07.3 --color decides, else the terminal and NO_COLOR" {
	run ckptguard scan --color=always d/bad.pt
	[[ "$output" == *$'\x1b[1;31mmalicious\x1b[0m'* ]]
	NO_COLOR=1 run ckptguard scan --color=always d/bad.pt
	[[ "$output" == *$'\x1b[1;31mmalicious\x1b[0m'* ]]
	command -v script >/dev/null || skip "script(1) is not installed"
	TERM=xterm run script -qec 'ckptguard scan --color=never d' /dev/null
	[[ "$output" != *$'\x1b['[0-9]* ]]
}

@test "b07.4 a list has what was asked for, and counts are of all" {
	run ckptguard scan --list=found d
	[ "${#lines[@]}" -eq 7 ]
	expect_line '4 files: 2 malicious, 2 clean'
	unset CKPTGUARD_WORKER
	printf text >d/text
	run ckptguard scan --list=models d
	[[ "$output" != *'d/text'* ]]
	expect_line '5 files: 5 clean'
	run ckptguard scan --list=models d d/text
	expect_line 'd/text: clean (other)'
	run ckptguard scan d
	expect_line 'd/text: clean (other)'
}

@test "b07.5 many files end with a table" {
	for i in $(seq 20); do printf 1 >d/$i; done
	run ckptguard scan d
	expect_line 'malicious             2      2 B  fake 2'
	expect_line 'unknown              20     20 B  fake 20'
	expect_part 'looked at 24 B of 24 B in '
	expect_line '24 files: 2 malicious, 20 unknown, 2 clean'
}

@test "b07.6 a report takes its place whole, or not at all" {
	printf old >r.html
	run ckptguard scan --report=r.html --report=r.jsonl d
	expect_status 1
	grep -q '<!doctype html>' r.html
	[ "$(wc -l <r.jsonl)" -eq 4 ]
	[ "$(stat -c %a r.html)" = "$(printf '%o' $((0666 & ~$(umask))))" ]
	printf old >r.html
	printf 0 >hang
	ckptguard scan --report=r.html hang d/bad.pt >out &
	local pid=$!
	until grep -q malicious out; do
		kill -0 $pid
	done
	[ "$(ls -A)" = "$(printf '%s\n' d hang out r.html r.jsonl)" ]
	kill -KILL $pid
	wait $pid || true
	[ "$(cat r.html)" = old ]
	[ "$(ls -A)" = "$(printf '%s\n' d hang out r.html r.jsonl)" ]
}

@test "b07.7 a report that can't be written is told before the scan" {
	run --separate-stderr ckptguard scan --report=nowhere/r.html d
	expect_status 2
	expect_error 'cannot write the report nowhere/r.html: No such file'
	[ -z "$output" ]
	run --separate-stderr ckptguard scan --report=r.pdf d
	expect_status 2
	expect_error '--report names a file that ends in .html, .sarif'
	mkdir r.html
	run --separate-stderr ckptguard scan --report=r.html d
	expect_status 2
	expect_error 'what is there is no file'
}

@test "b07.8 a whole page can go to standard output" {
	run ckptguard scan --format=html d
	expect_status 1
	expect_part '<!doctype html>'
	expect_part '2 files of 4 must not be loaded'
	[ "${lines[-1]}" = '</script></body></html>' ]
}

@test "b07.9 names come from a list with newlines or NULs" {
	run bash -c 'find d -name "*.pt" -print0 |
		ckptguard scan -0 --files-from=- --format=jsonl'
	[ "$(paths)" = 'd/bad.pt d/clean.pt' ]
	find d -name '*.tmp' >list
	run ckptguard scan --files-from=list --format=jsonl --progress=always
	expect_status 1
}
