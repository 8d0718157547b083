#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oracle: the names and constants that pycode sees are those Python put there.

oracle.py FACTS [PYTHON...]   FACTS is the built tests/pycode/facts

Each Python (default: this one) compiles the functions below, marshals them and
says what is in them; nothing is executed.  Then truncations and bit flips of
the same bytes must neither crash nor hang the reader.
"""
import os
import random
import struct
import subprocess
import sys

SOURCES = [
    ("unknown", "lambda x: x * 2 + 1"),
    ("unknown", "lambda x, tf=None: tf.image.resize(x, (224, 224)) / 255.0"),
    ("unknown", "def f(a, b=1, *c, **d):\n  def g(y):\n    return y + a\n  return [g(i) for i in c]\n"),
    ("unknown", "def f(m):\n  return {'a': 1.5, 'b': 2j, 'c': 10**30, 'd': (1, (2, b'x')), 'e': frozenset([1])}\n"),
    ("malicious", "lambda x: __import__('os').system('echo marker')"),
    ("malicious", "def f(x):\n  import subprocess\n  return subprocess.Popen(['echo', 'marker'])\n"),
    ("malicious", "def f(x):\n  def g():\n    def h():\n      return a.execv\n    return h\n  return g\n"),
    ("malicious", "def f(x):\n  import os as o\n  return [o.popen('echo marker') for i in range(2)]\n"),
    ("malicious", "lambda x: ().__class__.__base__.__subclasses__()"),
    ("malicious", "def f(x):\n  system = 'system'\n  return (lambda: x.system, 'system', x.system)\n"),
    ("suspicious", "lambda x: open(x).read()"),
    ("suspicious", "lambda x: 'http://marker.invalid/' + x"),
]

CHILD = r'''
import sys, struct, marshal, binascii
out = getattr(sys.stdout, "buffer", sys.stdout)
text = type(u"")
def raw(s):
    if isinstance(s, text):
        return s.encode("utf-8", *(["surrogatepass"] if str is text else []))
    return s
def walk(c, names, constants):
    names.extend(raw(n) for n in c.co_names)
    stack = list(c.co_consts)
    while stack:
        k = stack.pop()
        if hasattr(k, "co_code"):
            walk(k, names, constants)
        elif isinstance(k, (tuple, frozenset)):
            stack.extend(k)
        elif isinstance(k, (text, bytes)):
            constants.append(raw(k))
for source in SOURCES:
    mode = "eval" if source.startswith("lambda") else "exec"
    code = compile(source, "marker.py", mode)
    data = marshal.dumps(code)
    names, constants = [], []
    walk(code, names, constants)
    out.write(struct.pack("<I", len(data)) + data)
    for items in (names, constants):
        out.write(struct.pack("<I", len(items)))
        for i in items:
            out.write(struct.pack("<I", len(i)) + i)
'''


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        self.at += 4
        return struct.unpack_from("<I", self.data, self.at - 4)[0]

    def bytes(self):
        n = self.number()
        self.at += n
        return self.data[self.at - n:self.at]

    def list(self):
        return [self.bytes() for _ in range(self.number())]


def ask(facts, objects):
    """What facts says of each object: (error, verdict, used, names, constants)."""
    blob = b"".join(struct.pack("<I", len(o)) + o for o in objects)
    done = subprocess.run([facts], input=blob, stdout=subprocess.PIPE, timeout=300)
    if done.returncode != 0:
        sys.exit("oracle: facts ended with %d" % done.returncode)
    answers, names, constants = [], set(), set()
    for line in done.stdout.decode("latin1").splitlines():
        word, _, rest = line.partition(" ")
        if word == "name":
            names.add(bytes.fromhex(rest))
        elif word == "constant":
            constants.add(bytes.fromhex(rest))
        elif word == "object":
            e, verdict, used = rest.split(" ")[:3]
            answers.append((e, verdict, int(used), names, constants))
            names, constants = set(), set()
    return answers


def check(facts, python):
    child = CHILD.replace("SOURCES", repr([s for _, s in SOURCES]), 1)
    data = subprocess.run([python, "-c", child], stdout=subprocess.PIPE, check=True, timeout=60).stdout
    reader, objects, wants = Reader(data), [], []
    while reader.at < len(data):
        objects.append(reader.bytes())
        wants.append((set(reader.list()), set(reader.list())))
    bad = 0
    for (verdict, source), data, want, got in zip(SOURCES, objects, wants, ask(facts, objects)):
        missing = [want[0] - got[3], want[1] - got[4]]
        if got[0] != "OK" or got[1] != verdict or got[2] != len(data) or missing[0] or missing[1]:
            print("not ok: %s: %r: %s, want %s; missing names %s, constants %s" % (python, source, got[:3], verdict, *missing))
            bad += 1
    rng = random.Random(7)
    broken = [o[:rng.randrange(len(o))] for o in objects for _ in range(20)]
    for _ in range(2000):
        o = bytearray(rng.choice(objects))
        for _ in range(rng.randrange(1, 4)):
            o[rng.randrange(len(o))] = rng.randrange(256)
        broken.append(bytes(o))
    if len(ask(facts, broken)) != len(broken):
        print("not ok: %s: an answer is missing" % python)
        bad += 1
    return bad


def main():
    built = os.path.join(os.environ.get("CKPT_BUILD", "."), "tests/pycode/facts")
    facts, pythons = (sys.argv[1:2] or [built])[0], sys.argv[2:] or os.environ.get("PYTHONS", sys.executable).split()
    bad = sum(check(facts, p) for p in pythons)
    print("%s: %d Pythons, %d sources each" % ("FAIL" if bad else "ok", len(pythons), len(SOURCES)))
    sys.exit(1 if bad else 0)


main()
