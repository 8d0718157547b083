#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# d01: the configuration file is read whole or not at all, and what is said of
# it is true.

load helpers
load guard

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "d01.1 check names each mistake with its line" {
	printf 'deadline = 0\n\nprofile = lax\nwatch models {}\n' >a.conf
	run --separate-stderr ckptguard config check a.conf
	expect_status 1
	[ "$(printf '%s\n' "$stderr" | cut -d: -f1,2)" = \
		"$(printf '%s\n' a.conf:1 a.conf:3 a.conf:4)" ]
	expect_error 'deadline is a whole number of seconds from 1 to 600'
	run --separate-stderr ckptguard config check missing.conf
	expect_status 2
	expect_error 'missing.conf: No such file or directory'
	printf 'watch "/srv" {}\n' >b.conf
	run ckptguard config check b.conf
	expect_status 0
	expect_line 'b.conf: right, 1 watch'
}

@test "d01.2 what show prints holds, and reads back as the same" {
	printf 'stall = 7\nwatch "/a b" {}\n' >a.conf
	run ckptguard config show a.conf
	expect_line 'stall = 7'
	expect_line 'deadline = 10'
	expect_line 'watch "/a b" {}'
	printf '%s\n' "$output" >b.conf
	[ "$(ckptguard config show b.conf)" = "$output" ]
}

@test "d01.3 suggest finds where programs keep their models" {
	mkdir -p r/home/{ann,bob}/.cache/huggingface r/home/ann/ComfyUI/models
	ln -s / r/home/bob/Downloads
	run ckptguard config suggest r
	expect_status 0
	expect_line '# Hugging Face: 2 directories'
	expect_line 'watch "/home/*/.cache/huggingface" {}'
	expect_line 'watch "/home/*/ComfyUI/models" {}'
	! printf '%s' "$output" | grep -q Downloads
	printf '%s\n' "$output" >a.conf
	ckptguard config check a.conf
	mkdir empty
	run ckptguard config suggest empty
	expect_status 1
}

@test "d01.4 the sample file and the manual are what the table says" {
	"$CKPT_BUILD/src/conf/doc" sample | diff "$CKPT_SRC/etc/ckptguard.conf" -
	"$CKPT_BUILD/src/conf/doc" manual >table
	sed -n '/^\.\\" begin/,/^\.\\" end/p' "$CKPT_SRC/man/ckptguard.conf.5" |
		sed '1d;$d' | diff - table
}

@test "d01.5 the guard watches what the file says, and answers as it says" {
	scene tmpfs <<-'E'
		mkdir "$M/home" "$M/home/ann" "$M/home/ann/models" "$M/home/bob"
		ln -s "$O" "$M/home/bob/models"
		cat >"$B/a.conf" <<-C
			watch "$M/home/*/models" {}
			unknown = deny
		C
		: >"$LOG"
		"$CKPT_BUILD/ckptguardd" -f -c "$B/a.conf" --state-dir "$S" \
			--settle 0 >"$LOG" 2>&1 &
		D=$!
		until_true said '^guarding'
		bad "$M/home/ann/models/bad.pkl"
		own "$M/home/ann/models/own.pkl"
		good "$M/home/ann/models/good.pkl"
		bad "$O/bad.pkl"
		opens EPERM "$M/home/ann/models/bad.pkl"
		opens EPERM "$M/home/ann/models/own.pkl"
		opens ok "$M/home/ann/models/good.pkl"
		# a pattern does not follow a link that a user made
		opens ok "$O/bad.pkl"
		not said "guarding $O"
		unguard
	E
}

@test "d01.6 a file that others may write, or with a mistake, guards nothing" {
	scene tmpfs <<-'E'
		printf 'watch "%s" {}\n' "$W" >"$B/a.conf"
		chmod 666 "$B/a.conf"
		not "$CKPT_BUILD/ckptguardd" -f -c "$B/a.conf" >"$LOG" 2>&1
		said 'a.conf: must belong to root and be writable by nobody else'
		printf 'watch "%s" {}\nstall = 0\n' "$W" >"$B/b.conf"
		not "$CKPT_BUILD/ckptguardd" -f -c "$B/b.conf" >"$LOG" 2>&1
		said 'b.conf:2: stall is a whole number'
		said 'nothing is guarded'
		printf 'watch "%s/no*" {}\n' "$W" >"$B/c.conf"
		not "$CKPT_BUILD/ckptguardd" -f -c "$B/c.conf" >"$LOG" 2>&1
		said 'no directory that the configuration watches is there'
	E
}

@test "d01.7 a reload takes the new file whole, or leaves the old one" {
	scene tmpfs <<-'E'
		mkdir "$M/second"
		printf 'watch "%s" {}\n' "$W" >"$B/a.conf"
		: >"$LOG"
		"$CKPT_BUILD/ckptguardd" -f -c "$B/a.conf" --state-dir "$S" \
			--settle 0 >"$LOG" 2>&1 &
		D=$!
		until_true said '^guarding'
		bad "$W/bad.pkl"
		own "$W/own.pkl"
		bad "$M/second/bad.pkl"
		opens EPERM "$W/bad.pkl"
		opens ok "$W/own.pkl"
		opens ok "$M/second/bad.pkl"

		printf 'watch "%s" {}\nunknown = deny\nstall = 0\n' \
			"$M/second" >"$B/a.conf"
		kill -HUP "$D"
		until_true said 'a.conf:3: stall is .*stays as it was'
		opens ok "$W/own.pkl"
		opens ok "$M/second/bad.pkl"

		printf 'watch "%s" {}\nwatch "%s" {}\nunknown = deny\n' \
			"$M/second" "$W" >"$B/a.conf"
		kill -HUP "$D"
		until_true said 'the new configuration of .*a.conf holds'
		# what was allowed, and needed no event any more, is judged anew
		until_true opens EPERM "$W/own.pkl"
		until_true opens EPERM "$M/second/bad.pkl"
		opens EPERM "$W/bad.pkl"

		printf 'watch "%s" {}\nmalicious = notify\n' "$M/second" \
			>"$B/a.conf"
		kill -HUP "$D"
		until_true opens ok "$M/second/bad.pkl"
		until_true said "noted $M/second/bad.pkl: malicious"
		unguard
	E
}
