# SPDX-License-Identifier: Apache-2.0
# What every e2e file loads.
bats_require_minimum_version 1.5.0
PATH="${CKPT_BUILD:?run by make check}:$PATH"
export LC_ALL=C
unset NO_COLOR CKPTGUARD_WORKER

# commands: the name of each command, but help.
commands() {
	ckptguard help | sed -n 's/^  ckptguard \([a-z]*\) .*/\1/p' |
		grep -vx help | sort
}

# fake_worker [MODE]: scans are answered by tests/unit/fake_worker, whose
# verdict is the file's first byte, from 0 clean to 4 malicious, and which does
# wrong as the file's name says.
fake_worker() {
	export CKPTGUARD_WORKER="$CKPT_BUILD/tests/unit/fake_worker"
	export FAKE_MODE="${1:-}"
}

# pickle ESCAPED: write the bytes of a pickle, \xNN escapes allowed.
pickle() {
	printf '%b' "$1"
}

# expect_status N: the last `run` ended with N; show its output if not.
expect_status() {
	[ "$status" -eq "$1" ] || {
		echo "status $status, not $1: $output ${stderr:-}"
		return 1
	}
}

# expect_line TEXT: the last `run` printed exactly this line.
expect_line() {
	printf '%s\n' "$output" | grep -Fqx -- "$1" || {
		echo "no line '$1' in: $output"
		return 1
	}
}

# expect_part TEXT: the last `run` printed this somewhere.
expect_part() {
	printf '%s\n' "$output" | grep -Fq -- "$1" || {
		echo "nowhere '$1' in: $output"
		return 1
	}
}

# expect_error TEXT: the last `run --separate-stderr` complained of this.
expect_error() {
	printf '%s\n' "$stderr" | grep -Fq -- "$1" || {
		echo "no complaint '$1' in: $stderr"
		return 1
	}
}

# json PROGRAM: python, with the last output's JSON lines as the list `o`.
json() {
	printf '%s\n' "$output" | "${PYTHON:-python3}" -c "
import json, sys
o = [json.loads(line) for line in sys.stdin.buffer.read().decode('utf-8').splitlines()]
$1"
}
