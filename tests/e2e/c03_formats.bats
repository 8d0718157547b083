#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# c03: ckptguard formats lists every format that a report may name.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# names_of_source: the names that walkers give, as far as they are written out.
names_of_source() {
	cat "$CKPT_SRC"/src/*/*.c | tr '\n\t' '  ' |
		grep -oE 'visit_recognise\([^;]*;' | grep -oE '"[a-z0-9-]+"' |
		tr -d '"'
	# tables of marks and of kinds of zips
	sed -n 's/^[[:space:]]*{ "\([a-z0-9-]*\)", CHECK_.*/\1/p' \
		"$CKPT_SRC/src/format/marks.c"
	sed -n 's/^[[:space:]]*\[ZIP_KIND_.*{ "\([a-z0-9-]*\)",.*/\1/p' \
		"$CKPT_SRC/src/format/torch_zip.c"
}

# names_of_reports: the names in the golden reports.
names_of_reports() {
	sed -n 's/^ *"format": "\(.*\)",*$/\1/p' "$CKPT_SRC"/tests/golden/*.json |
		tr '+' '\n' | sort -u
}

@test "c03.1 every name that a walker gives is listed" {
	ckptguard formats --format=jsonl |
		sed 's/^{"name":"\([^"]*\)".*/\1/' >listed
	sort -c listed
	[ -z "$(sort listed | uniq -d)" ]
	names_of_source >given
	[ "$(wc -l <given)" -ge 15 ]
	names_of_reports >>given
	sort -u given | comm -23 - <(sort -u listed) >missing
	cat missing
	[ ! -s missing ]
}

@test "c03.2 each line of JSON is an object with all fields" {
	ckptguard formats --format=jsonl | "${PYTHON:-python3}" -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
assert len(rows) > 40
for row in rows:
    assert set(row) == {"name", "title", "extensions", "in_place", "judged",
                        "reference"}, row
    assert row["title"] and row["judged"] and row["reference"], row
    assert all(e.startswith(".") or e == "MLmodel"
               for e in row["extensions"].split()), row'
}

@test "c03.3 the table of the documentation is the one that is printed" {
	ckptguard formats --format=markdown >table
	sed -n '/^| name |/,$p' "$CKPT_SRC/docs/formats.md" >page
	diff table page
}

@test "c03.4 one format is asked for by its name, and no other name is taken" {
	run ckptguard formats gguf
	[ "$status" -eq 0 ]
	[[ "$output" == "gguf: GGUF model"* ]]
	[[ "$output" != *safetensors* ]]
	run ckptguard formats no-such-format
	[ "$status" -eq 2 ]
	run ckptguard formats --format=xml
	[ "$status" -eq 2 ]
}

@test "c03.5 each format has its section in the documentation, and only one" {
	ckptguard formats --format=jsonl |
		sed 's/^{"name":"\([^"]*\)".*/\1/' | sort >listed
	# from "Formats:" at the start of a line to the end of its paragraph
	awk '/^Formats: /,/^$/' "$CKPT_SRC/docs/formats.md" |
		grep -o '`[^`]*`' | tr -d '`' | sort >sections
	diff listed sections
	# and each section says of which it is
	[ "$(grep -c '^## ' "$CKPT_SRC/docs/formats.md")" -eq \
	    "$(($(grep -c '^Formats: ' "$CKPT_SRC/docs/formats.md") + 1))" ]
}
