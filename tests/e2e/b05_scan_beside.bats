#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# b05: scan looks at the name of a file, and at what lies beside it.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR"
	# an OrderedDict, which every policy allows
	pickle 'ccollections\nOrderedDict\n)R.' >model.pkl
}

# verdict_of FILE
verdict_of() {
	ckptguard scan --format=jsonl "$1" |
		sed 's/.*"verdict":"\([a-z]*\)","format".*/\1/'
}

@test "b05.1 code of a module's name beside a pickle that imports it is run" {
	[ "$(verdict_of model.pkl)" = clean ]
	mkdir collections
	[ "$(verdict_of model.pkl)" = clean ]
	printf 'x = 1\n' >collections/__init__.py
	[ "$(verdict_of model.pkl)" = malicious ]
	rm -r collections
	printf 'x = 1\n' >collections.py
	[ "$(verdict_of model.pkl)" = malicious ]
	[ "$(cd / && verdict_of "$OLDPWD/model.pkl")" = malicious ]
}

@test "b05.2 other code beside a model is what its project needs" {
	printf 'x = 1\n' | tee train.py >my_module.py
	pickle 'cmy_module\nf\n)R.' >own.pkl
	[ "$(verdict_of model.pkl)" = clean ]
	[ "$(verdict_of own.pkl)" = unknown ]
}

@test "b05.3 where Python's own libraries lie, modules lie beside data" {
	mkdir -p lib/python3.11
	cp model.pkl lib/python3.11
	printf 'x = 1\n' >lib/python3.11/collections.py
	[ "$(verdict_of lib/python3.11/model.pkl)" = clean ]
}

@test "b05.4 a name that promises less than the file is" {
	cp model.pkl weights.safetensors
	cp model.pkl weights.JSON
	cp model.pkl weights.bin
	[ "$(verdict_of weights.safetensors)" = suspicious ]
	[ "$(verdict_of weights.JSON)" = suspicious ]
	[ "$(verdict_of weights.bin)" = clean ]
	printf 'words\n' >notes.txt
	[ "$(verdict_of notes.txt)" = clean ]
}
