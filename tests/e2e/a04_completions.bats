#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# a04: the shells' completions know every option, and no other.

load helpers

# options_of COMMAND: the long options in its help, a line each.
options_of() {
	{ ckptguard help "$1"; echo --help; } |
		grep -oE -e '--[a-z][a-z-]*' | sort -u
}

# complete_words WORD...: what bash would offer for the last of the words.
complete_words() {
	bash -c '
		. "$CKPT_SRC/completions/ckptguard.bash"
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_ckptguard
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | sort
}

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "a04.1 bash offers each command and each option" {
	[ "$(complete_words ckptguard '' | grep -v -e --)" = \
		"$({ commands; echo help; } | sort)" ]
	for command in $(commands); do
		options_of $command >help
		complete_words ckptguard $command -- | tr -d = >offered
		diff help offered
	done
}

@test "a04.0 they are what the table says" {
	"${PYTHON:-python3}" "$CKPT_SRC/tools/completions" --check
	[ "$(commands | wc -l)" -ge 6 ]
}

@test "a04.2 bash offers the values that are taken, and files" {
	for value in $(complete_words ckptguard scan --format = ''); do
		fake_worker
		printf 0 >clean
		ckptguard scan --format=$value clean
	done
	[ "$(complete_words ckptguard scan --profile = s)" = strict ]
	[ "$(complete_words ckptguard scan --fail-on un | wc -l)" -eq 2 ]
	[ "$(complete_words ckptguard rules '' | head -n 1)" = --help ]
	printf x >'with blank'
	[ "$(complete_words ckptguard scan with)" = 'with blank' ]
}

@test "a04.3 zsh and fish name each option of each command" {
	for command in $(commands); do
		for option in $(options_of $command); do
			grep -qe "$option" "$CKPT_SRC/completions/_ckptguard"
			grep -qe "-l ${option#--} " \
				"$CKPT_SRC/completions/ckptguard.fish"
		done
	done
	if command -v zsh >/dev/null; then
		zsh -n "$CKPT_SRC/completions/_ckptguard"
	fi
	if command -v fish >/dev/null; then
		fish -n "$CKPT_SRC/completions/ckptguard.fish"
	fi
}
