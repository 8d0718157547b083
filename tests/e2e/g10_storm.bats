#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# g10: whoever is killed, whenever: no bad file opens, nobody hangs.
#
# CKPT_KILLS: how many kills (default 150).

load guard

@test "g10.1 random kills under load answer nobody wrongly, and nobody late" {
	kills=${CKPT_KILLS-150}
	# A hundred and fifty take some ten seconds.
	SCENE_SECONDS=$((100 + kills / 3))
	export kills
	scene ext4 <<-'E'
		[ -n "$FAKE" ] || fake
		good $B/good
		bad $B/bad
		guard --deadline 5 --stall 2
		python3 $CKPT_SRC/tests/tools/killstorm.py --daemon $D \
			--dir $W --good $B/good --bad $B/bad --deadline 5 \
			--kills $kills --seed ${CKPT_SEED-$$} >$B/came || {
			cat $B/came
			exit 1
		}
		cat $B/came >&2
		[ -z "${CKPT_STORM_LOG-}" ] || cat $B/came >>"$CKPT_STORM_LOG"
		until_true waiting 0
		[ "$(counter overflows)" -eq 0 ]
	E
}
