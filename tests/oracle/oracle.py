#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oracle: whatever an unpickler would import, the pickle machine has reported.

oracle.py [STREAM-FILE...]

Makes ORACLE_STREAMS streams (from ORACLE_SEED, printed) with generator.py and
streams.py, has the unpicklers of each Python (PYTHONS, default this one) record
what they look up, and holds it against what tests/oracle/imports prints.  Two
things are wanted:

- every pair that a loader looked up is among the imports reported, byte for
  byte (text compared as UTF-8 with surrogates);
- a stream from which a loader looks up a name that the policy denies as it
  stands (any other of such a module may be a word of a text, and harms nobody
  unless it is used) is recognised as a pickle and malicious: all that was said
  of bytes that were not recognised is taken back.

Not compared: an empty module, which __import__() refuses before it looks for
anything (pickle.py only, C asks for a name); names longer than LIMIT_NAME of
model/limits.h, which the machine reports as too long instead of by their text;
what record.py leaves out; and in malicious streams in which something crosses
the end of a frame, what only a small buffer makes of it (which bytes are lost
depends on where the buffer ended) and what stands behind the first pickle
(which begins where that reading ended).  Streams that kill a loader or keep it busy for
too long have no answer; they are counted.

What misses is shrunk and left in the build directory, to be given back as
STREAM-FILE.
"""
import concurrent.futures
import os
import random
import struct
import subprocess
import sys
import tempfile

import generator
import streams as streams_of

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("CKPT_BUILD", ".")
IMPORTS = os.path.join(BUILD, "tests/oracle/imports")
BATCH = 2500
SECONDS = 60  # for one batch
NAME_MAX = 1024  # LIMIT_NAME
DENIED = {(b"os", b"system"), (b"posix", b"system"), (b"subprocess", b"Popen")}  # in imports.c
SHOWN = 5  # misses shrunk by each worker


def packed(streams):
    return b"".join(struct.pack("<I", len(s)) + s for s in streams)


def pairs_of(words):
    """(module, name, far)"""
    return {tuple(bytes.fromhex(half) for half in word.lstrip("~").split(":")) + (word[0] == "~",) for word in words}


def machine(streams):
    """For each stream: recognised, verdict, imports."""
    done = subprocess.run([IMPORTS], input=packed(streams), stdout=subprocess.PIPE, timeout=600)
    lines = done.stdout.decode().splitlines()
    if done.returncode != 0 or len(lines) != len(streams):
        raise SystemExit("oracle: imports ended with %d at stream %s" % (done.returncode, streams[len(lines)].hex()))
    out = []
    for line in lines:
        words = line.split(" ")
        out.append((words[0], words[1], {p[:2] for p in pairs_of(words[2:])}))
    return out


def loaded(python, streams):
    """For each stream: the pairs looked up, or None when the loader died."""
    out = []
    while len(out) < len(streams):
        with tempfile.NamedTemporaryFile("r") as answer:
            try:
                subprocess.run([python, "-W", "ignore", os.path.join(HERE, "record.py"), answer.name], stderr=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, input=packed(streams[len(out):]), timeout=SECONDS)
            except (subprocess.TimeoutExpired, BrokenPipeError):
                pass
            lines = answer.read().split("\n")[:-1]
        out += [pairs_of(line.split()) for line in lines]
        if len(out) < len(streams):
            out.append(None)
    return out


def missed(wanted, answer):
    """What is wrong with the machine's answer: a list of words."""
    mark, verdict, imports = answer
    recognised = mark[0] == "R"
    if mark == "RF" and verdict == "malicious":
        wanted = {p for p in wanted if not p[2]}
    wanted = {p[:2] for p in wanted if p[0] != b"" and len(p[0]) <= NAME_MAX and len(p[1]) <= NAME_MAX}
    words = ["%r" % (p,) for p in sorted(wanted - imports)]
    denied = bool(wanted & DENIED)
    if denied and not recognised:
        words.append("not recognised")
    elif denied and verdict != "malicious":
        words.append(verdict)
    return words


def shrink(python, stream):
    """Take away what is not needed for a miss."""
    size = max(len(stream) // 2, 1)
    while True:
        tries = [stream[:at] + stream[at + size:] for at in range(0, len(stream), size)]
        for data, wanted, answer in zip(tries, loaded(python, tries), machine(tries)):
            if wanted and missed(wanted, answer):
                stream = data
                break
        else:
            if size == 1:
                return stream
            size //= 2
        size = max(min(size, len(stream)), 1)


def check(job):
    """One batch: counts of streams, with imports, dead, taken back; misses."""
    pythons, seed, streams = job
    if streams is None:
        made = streams_of.Maker(seed) if seed % 3 == 0 else generator.Generator(random.Random(seed))
        streams = [made.stream() for _ in range(BATCH)]
    answers, counts, misses = machine(streams), [len(streams), 0, 0, 0, 0], []
    for python in pythons:
        for stream, wanted, answer in zip(streams, loaded(python, streams), answers):
            counts[1] += bool(wanted)
            counts[2] += wanted is None
            counts[3] += bool(wanted) and answer[0][0] == "N"
            if wanted and missed(wanted, answer):
                counts[4] += 1
                if len(misses) < SHOWN:
                    small = shrink(python, stream)
                    misses.append((python, stream, small, missed(loaded(python, [small])[0], machine([small])[0])))
    return counts, misses


def main():
    long = bool(os.environ.get("CKPT_LONG"))
    count = int(os.environ.get("ORACLE_STREAMS") or (2000000 if long else 100000))
    seed = int(os.environ.get("ORACLE_SEED") or (random.SystemRandom().randrange(1 << 32) if long else 20261124))
    pythons = os.environ.get("PYTHONS", sys.executable).split()
    if len(sys.argv) > 1:
        jobs = [(pythons, 0, [open(path, "rb").read() for path in sys.argv[1:]])]
    else:
        jobs = [(pythons, seed * 1000003 + i, None) for i in range((count + BATCH - 1) // BATCH)]
    print("ORACLE_SEED=%d, %s" % (seed, " ".join(pythons)), flush=True)
    total, all_misses = [0] * 5, []
    with concurrent.futures.ProcessPoolExecutor(min(os.cpu_count() or 1, 2)) as pool:
        for counts, misses in pool.map(check, jobs):
            total = [a + b for a, b in zip(total, counts)]
            all_misses += misses
    seen = set()
    for i, (python, stream, small, words) in enumerate(all_misses):
        if small in seen:
            continue
        seen.add(small)
        with open(os.path.join(BUILD, "oracle-miss-%d.pickle" % i), "wb") as f:
            f.write(stream)
        print("not ok: %s: %s: %s (all of it: oracle-miss-%d.pickle)" % (python, small.hex(), ", ".join(words), i))
    print("%s: %d streams, %d answers with imports, %d loaders dead, %d harmless ones taken back, %d missed"
          % ("FAIL" if total[4] else "ok", *total))
    sys.exit(1 if total[4] or total[1] == 0 else 0)


if __name__ == "__main__":
    main()
