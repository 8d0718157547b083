#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oracle: no loader may look up a name that the pickle machine misses.

	tests/oracle/oracle.py [-n STREAMS] [-s SEED]

Makes streams that go after every rule of the machine, and spoils honest
pickles.  Each is loaded by CPython's own unpicklers with find_class()
overridden, so that names are noted and nothing is imported or called; the
machine (tests/oracle/imports) must report every one of them.  A stream with a
miss is made as short as it stays one, and kept in the current directory.

CKPT_LONG=1 makes more streams.  PYTHONS="/path/python2.7 ..." asks those
interpreters too.  Nothing is ever loaded with the real find_class().
"""

import argparse
import os
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import streams  # noqa: E402

BATCH = 2000
STREAMS = 100000
STREAMS_LONG = 2000000
DANGEROUS = {b"os", b"posix", b"subprocess"}


def pack(batch):
    return b"".join(struct.pack("<I", len(s)) + s for s in batch)


class Pipe:
    """A program that answers each batch of streams with a line for each."""

    def __init__(self, command):
        self.command = command

    def ask(self, batch):
        done = subprocess.run(self.command, input=pack(batch),
                              stdout=subprocess.PIPE, check=False)
        lines = done.stdout.decode("ascii").splitlines()
        if done.returncode != 0 or len(lines) != len(batch):
            raise SystemExit("%s: status %d after %d of %d streams" % (
                self.command[0], done.returncode, len(lines), len(batch)))
        return [line.split() for line in lines]


def dangerous(pair):
    """Would looking it up do harm, or only fail?"""
    module, name = [bytes.fromhex(part) for part in pair.split(":")]
    return module in DANGEROUS and name.isalpha()


def misses(machine, recorders, batch):
    """(stream, what was missed, by whom) for each stream with a miss."""
    said = machine.ask(batch)
    for recorder in recorders:
        for stream, mine, theirs in zip(batch, said, recorder.ask(batch)):
            missed = set(theirs[1:]) - set(mine[2:])
            if not missed and mine[0] == "N" and any(
                    map(dangerous, theirs[1:])):
                missed = {"not recognised"}
            if missed:
                yield stream, missed, recorder


def shrink(machine, recorder, stream):
    """The shortest stream found that still is a miss."""
    size = len(stream) // 2
    while size > 0:
        at = 0
        while at < len(stream):
            shorter = stream[:at] + stream[at + size:]
            if any(misses(machine, [recorder], [shorter])):
                stream = shorter
            else:
                at += size
        size //= 2
    return stream


def report(machine, found, count):
    stream, missed, recorder = found
    short = shrink(machine, recorder, stream)
    name = "oracle-miss-%d.pickle" % count
    with open(name, "wb") as out:
        out.write(short)
    print("MISS (%s): %s" % (" ".join(recorder.command[:1]),
                             ", ".join(sorted(missed))))
    print("  %r\n  kept as %s" % (short, name), flush=True)


def main():
    parser = argparse.ArgumentParser()
    default = STREAMS_LONG if os.environ.get("CKPT_LONG") else STREAMS
    parser.add_argument("-n", type=int, default=default)
    parser.add_argument("-s", type=int, default=20261124)
    options = parser.parse_args()
    build = os.environ.get("CKPT_BUILD", ".")
    machine = Pipe([os.path.join(build, "tests/oracle/imports")])
    record = os.path.join(HERE, "record.py")
    recorders = [Pipe([python, record]) for python in
                 [sys.executable] + os.environ.get("PYTHONS", "").split()]
    print("oracle: %d streams, seed %d" % (options.n, options.s), flush=True)
    make = streams.Maker(options.s)
    count = 0
    for start in range(0, options.n, BATCH):
        batch = [make.stream() for _ in range(min(BATCH, options.n - start))]
        for found in misses(machine, recorders, batch):
            count += 1
            report(machine, found, count)
            if count == 10:
                return 1
    print("oracle: %d streams, %d names looked up, %d missed" % (
        options.n, make.names, count))
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
