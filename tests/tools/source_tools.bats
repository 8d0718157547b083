#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The source tools see what they are for, each in a tree of one file.

setup() {
	tools=$CKPT_SRC/tools
	export PYTHONDONTWRITEBYTECODE=1
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/src/format" "$tree/src/guardd" "$tree/tests"
	printf 'base:\nformat: base\nguardd: base\n' >"$tree/src/FLOORS"
}

# finds TOOL TEXT: the tool fails on a file src/format/x.c (from standard
# input) and says TEXT.
finds() {
	{
		echo '/* SPDX-License-Identifier: Apache-2.0 */'
		cat
	} >"$tree/src/format/x.c"
	CKPT_SRC=$tree run "$tools/$1"
	[ "$status" != 0 ] || { echo "status $status: $output"; return 1; }
	[[ "$output" == *"$2"* ]] || { echo "said: $output"; return 1; }
}

# passes TOOL: the tool has nothing to say of it.
passes() {
	{
		echo '/* SPDX-License-Identifier: Apache-2.0 */'
		cat
	} >"$tree/src/format/x.c"
	CKPT_SRC=$tree run "$tools/$1"
	[ "$status" = 0 ] || { echo "status $status: $output"; return 1; }
}

@test "checksrc finds banned calls, and not in comments or strings" {
	finds checksrc 'sprintf() is banned' <<<'int x = sprintf(a, "b");'
	finds checksrc 'mmap() is banned' <<<'void *p = mmap(0, 1);'
	finds checksrc 'goto' <<<'goto out;'
	finds checksrc 'qsort() in the sandbox' <<<'void f(void) { qsort(a, 1, 1, b); }'
	passes checksrc <<<'/* sprintf( */ const char *s = "system(";'
	passes checksrc <<<'int x = ops->system(1) + my_system(2);'
}

@test "checksrc finds descriptors that survive exec" {
	finds checksrc 'open() without O_CLOEXEC' <<<'int f = open(p, O_RDONLY);'
	finds checksrc 'dup() makes' <<<'int f = dup(1);'
	finds checksrc 'fopen() without "e"' <<<'FILE *f = fopen(p, "r");'
	passes checksrc <<<'int f = open(p,
    O_RDONLY | O_CLOEXEC);'
	passes checksrc <<<'FILE *f = fopen(p, "re");'
}

@test "checksrc finds long lines, blank ends and unfinished work" {
	finds checksrc 'longer than 80' <<<"/* $(printf '%80s' x) */"
	finds checksrc 'blank at the end' <<<'int a; '
	finds checksrc 'unfinished' <<<"/* TO""DO */"
}

@test "checksrc wants the licence" {
	echo 'int a;' >"$tree/src/format/y.c"
	finds checksrc 'y.c:1: no SPDX' <<<'int b;'
}

@test "top-length counts lines between the braces" {
	body() {
		printf 'static void\nf(void)\n{\n'
		for _ in $(seq "$1"); do printf '\tg();\n'; done
		printf '}\n'
	}
	body 60 | passes top-length
	body 61 | finds top-length 'f: 61 lines'
}

@test "top-length counts parameters, not the dots" {
	passes top-length <<<'static void
f(int a, int b, int (*c)(int, int), int d, int e, ...)
{
}'
	finds top-length 'f: 6 parameters' <<<'static void
f(int a, int b, int c, int d, int e, int g)
{
}'
}

@test "top-length counts levels, an else-if chain once, without braces too" {
	passes top-length <<<'static void
f(void)
{
	if (a)
		b();
	else if (c)
		d();
	else if (e)
		for (;;)
			while (g)
				h();
}'
	finds top-length 'f: 4 levels' <<<'static void
f(void)
{
	if (a)
		for (;;)
			while (g)
				if (h)
					i();
}'
	finds top-length 'f: 4 levels' <<<'static void
f(void)
{
	EACH(a) {
		switch (b) {
		case 1:
			do {
				if (c)
					d();
			} while (e);
		}
	}
}'
}

@test "top-length counts a file's lines without its tables" {
	lines() { for _ in $(seq "$1"); do printf "$2\n"; done; }
	{ lines 499 'int a;'; } | passes top-length
	{ lines 500 'int a;'; } | finds top-length '501 lines'
	{
		lines 400 'int a;'
		printf 'static const int t[] = {\n'
		lines 400 '\t1,'
		printf '};\n'
	} | passes top-length
}

@test "check-floors refuses an include that FLOORS does not allow" {
	passes check-floors <<<'#include "base/err.h"'
	finds check-floors 'format may not include guardd/event.h' \
		<<<'#include "guardd/event.h"'
}

@test "check-floors refuses a room that names one above itself" {
	printf 'format: base\nbase:\n' >"$tree/src/FLOORS"
	finds check-floors 'names base before it stands' <<<'int a;'
}

@test "packages lists names of every kind" {
	for kind in build demo test long; do
		run "$tools/packages" list "$kind"
		[ "$status" = 0 ] && [ "${#lines[@]}" -gt 0 ]
	done
	run "$tools/packages"
	[ "$status" = 2 ]
}

@test "new-format makes pieces that the other tools accept" {
	copy=$BATS_TEST_TMPDIR/copy
	mkdir -p "$copy/tests"
	cp -r "$CKPT_SRC/src" "$copy"
	cp -r "$CKPT_SRC/tests/fuzz" "$CKPT_SRC/tests/golden" \
		"$CKPT_SRC/tests/samples" "$copy/tests"
	chmod -R u+w "$copy"
	export CKPT_SRC=$copy
	run "$tools/new-format" shiny_new
	[ "$status" = 0 ] || { echo "$output"; return 1; }
	run "$tools/new-format" shiny_new
	[ "$status" = 1 ]
	"$tools/checksrc"
	"$tools/top-length"
	"$tools/check-floors"
	grep -q '&format_shiny_new,' "$copy/src/engine/table.c"
	grep -q 'format_shiny_new;' "$copy/src/format/formats.h"
	grep -q 'shiny_new.c' "$copy/src/format/local.mk"
	grep -q '^shiny-new-clean ' "$copy/tests/golden/TESTLIST"
	"${PYTHON:-python3}" -B "$copy/tests/samples/golden.py" \
		"$BATS_TEST_TMPDIR"
	[ "$(cat "$BATS_TEST_TMPDIR/shiny-new-clean.shiny_new")" = 'NEW?' ]
	[ -s "$copy/tests/fuzz/corpus/shiny_new/magic" ]
}

@test "new-format refuses a name that is no word" {
	for name in '' 9x X a-b ../x; do
		run "$tools/new-format" "$name"
		[ "$status" = 2 ]
	done
}
