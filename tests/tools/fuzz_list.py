# SPDX-License-Identifier: Apache-2.0
"""fuzz_list: every parser of hostile bytes has a fuzz harness with seeds.

  each walker of the engine's table is run by a harness;
  each other reader of PARSERS is called by the one that is named beside it;
  each harness is built, and has a folder of seeds.
"""

import glob
import os
import re
import sys

SRC = os.environ["CKPT_SRC"]
# Readers that are no walkers: what a harness calls of them.
PARSERS = {
    "cursor": "cursor_take", "inflate": "inflate_", "policy": "policy_add_file",
    "wire": "wire_", "pycode": "pycode_marshal", "engine": "engine_scan_memory",
}

failures = 0


def read(path):
    with open(os.path.join(SRC, path), encoding="utf-8") as f:
        return f.read()


def ok(number, wrong, name):
    global failures
    failures += bool(wrong)
    print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
    for line in wrong:
        print("#", line)


def main():
    harnesses = {os.path.basename(p)[5:-2]: read(p) for p in
                 glob.glob(os.path.join(SRC, "tests/fuzz/fuzz_*.c"))}
    every = "\n".join(harnesses.values())
    walkers = re.findall(r"&(format_\w+)", read("src/engine/table.c"))
    ok(1, [w for w in walkers if not re.search(rf"&{w}\b", every)] or
       (["no walkers"] if len(walkers) < 20 else []),
       f"each of {len(walkers)} walkers has a harness")
    ok(2, [f"{name}: {call}" for name, call in PARSERS.items()
           if call not in harnesses.get(name, "")],
       f"each of {len(PARSERS)} other parsers has one")
    built = "\n".join(read(p) for p in glob.glob(
        os.path.join(SRC, "src/*/local.mk"))) + read("tests/fuzz/local.mk")
    ok(3, [n for n in harnesses if not re.search(
        rf"fuzz_harnesses \+= tests/fuzz/fuzz_{n}$", built, re.M)],
       f"each of {len(harnesses)} harnesses is built")
    ok(4, [n for n in harnesses if not glob.glob(
        os.path.join(SRC, "tests/fuzz/corpus", n, "*"))],
       "each has seeds")
    print("1..4")
    return 1 if failures else 0


sys.exit(main())
