# SPDX-License-Identifier: Apache-2.0
"""record: what each unpickler of this Python would import from each stream.

Reads streams behind their length (u32le) from standard input, prints a line
for each: module:name in hexadecimal, behind a ~ what was seen only after
another pickle or by way of a small buffer.  find_class only records: nothing is
imported and nothing called but the dummies below.  Runs in 2.7 and 3.x.
"""
import binascii
import collections
import io
import pickle
import re
import struct
import sys

PY2 = sys.version_info[0] == 2
SMALL = 2  # of files()
LOADS_MAX = 64  # pickles of one stream
MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")


def nothing(*args, **kwargs):
    return None


class Meta(type):
    def __setitem__(cls, key, item):
        pass


METHODS = {"append": staticmethod(nothing), "extend": staticmethod(nothing), "add": staticmethod(nothing),
           "__setitem__": nothing, "__call__": lambda self, *a, **k: self, "__init__": nothing,
           "__new__": staticmethod(lambda cls, *a, **k: object.__new__(cls))}
Dummy = Meta("Dummy", (object,), dict(METHODS, __setstate__=staticmethod(nothing)))
REAL = {"OrderedDict": collections.OrderedDict, "list": list, "dict": dict, "set": set}


def stand_in(name):
    """A harmless thing in the place of what the name stands for."""
    if name in REAL:
        return REAL[name]
    # With __setstate__ or without, a class or an object, as names have it.
    return (Dummy, Dummy(), Meta("Other", (object,), dict(METHODS)))[len(name) % 3]


class Recorder(object):
    def __init__(self):
        self.pairs = set()  # (module, name, far)
        self.behind = False  # another pickle
        self.far = False

    def find_class(self, module, name):
        # Behind a pickle the machine leaves raw data alone, unless it is a
        # pickle or names a module that could be installed.
        if not self.behind or MODULE.match(module):
            self.pairs.add((module, name, self.far or self.behind))
        return stand_in(name)

    def persistent_load(self, pid):
        return Dummy()


def files(data):
    if PY2:
        import cStringIO
        import StringIO
        return [cStringIO.StringIO(data), StringIO.StringIO(data)]
    # Without peek(), as torch reads a record, and with it, as open files have
    # it; in the last the buffer ends somewhere.
    return [io.BytesIO(data), io.BufferedReader(io.BytesIO(data)), io.BufferedReader(io.BytesIO(data), 16)]


def unpicklers(recorder):
    """Functions that open an unpickler on a file."""
    def python(**options):
        class P(pickle.Unpickler if PY2 else pickle._Unpickler):
            pass
        P.find_class = lambda self, m, n: recorder.find_class(m, n)
        P.persistent_load = lambda self, pid: recorder.persistent_load(pid)
        return lambda f: P(f, **options)
    if PY2:
        import cPickle

        def c(f):
            u = cPickle.Unpickler(f)
            u.find_global = recorder.find_class
            u.persistent_load = recorder.persistent_load
            return u
        return [c, python()]
    import _pickle

    class C(_pickle.Unpickler):
        def find_class(self, module, name):
            return recorder.find_class(module, name)

        def persistent_load(self, pid):
            return recorder.persistent_load(pid)
    return [C, lambda f: C(f, encoding="latin1"), lambda f: C(f, encoding="bytes"), python(), python(encoding="latin1")]


def record(data, recorder, ways):
    recorder.pairs.clear()
    for way in ways:
        for number, f in enumerate(files(data)):
            recorder.far = number == SMALL
            try:
                for i in range(LOADS_MAX):
                    recorder.behind = i > 0
                    way(f).load()
            except Exception:
                pass
    return recorder.pairs


def encoded(s):
    if not isinstance(s, type(u"")):
        return bytes(s)
    return s.encode("utf-8") if PY2 else s.encode("utf-8", "surrogatepass")


def line(pairs):
    return " ".join(sorted(("~" if far else "") + ":".join(binascii.hexlify(encoded(s)).decode() for s in (module, name))
                           for module, name, far in pairs))


def main():
    try:
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
    except (ImportError, ValueError):
        pass
    sys.setrecursionlimit(500)
    source = getattr(sys.stdin, "buffer", sys.stdin)
    out = open(sys.argv[1], "w") if len(sys.argv) > 1 else sys.stdout
    recorder = Recorder()
    ways = unpicklers(recorder)
    while True:
        head = source.read(4)
        if len(head) < 4:
            break
        data = source.read(struct.unpack("<I", head)[0])
        out.write(line(record(data, recorder, ways)) + "\n")
        out.flush()


main()
