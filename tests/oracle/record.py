#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""record: which names CPython's unpicklers look up in a stream.

Reads streams from standard input, each behind its length (u32le), and prints
a line for each: "-" and module:name in hexadecimal for every call of
find_class() by any unpickler of this interpreter.  find_class() imports
nothing: it returns a class that survives whatever a pickle does to it.
Works in Python 2.7 and 3.4 or later.
"""

import binascii
import io
import pickle
import struct
import sys

try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
except (ImportError, ValueError):
    pass

PYTHON2 = sys.version_info[0] == 2


def harmless(*_args, **_kwargs):
    return None


class Meta(type):
    """Classes that take items and calls of any kind."""

    append = extend = add = update = harmless

    def __setitem__(cls, key, value):
        pass

    def __call__(cls, *args, **kwargs):
        return cls.__new__(cls)

    def __iter__(cls):
        return iter(())


class Body(object):
    append = extend = add = update = harmless
    __setstate__ = staticmethod(harmless)

    def __new__(cls, *_args, **_kwargs):
        return object.__new__(cls)

    def __call__(self, *_args, **_kwargs):
        return self

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        return iter(())


Dummy = Meta("Dummy", (Body,), {})


def bare(name):
    return name if isinstance(name, bytes) else name.encode(
        "utf-8", "surrogatepass" if not PYTHON2 else "strict")


def noting(base, seen):
    """A subclass of an unpickler that notes names in seen."""

    class Noting(base):
        def find_class(self, module, name):
            seen.add((bare(module), bare(name)))
            return Dummy

        def persistent_load(self, pid):
            return Dummy()

    return Noting


def loaders(data, seen):
    """Each way to read the stream, as a function."""
    if PYTHON2:
        import cPickle

        def note(module, name):
            seen.add((module, name))
            return Dummy

        def fast():
            unpickler = cPickle.Unpickler(io.BytesIO(data))
            unpickler.find_global = note
            unpickler.persistent_load = lambda pid: Dummy()
            unpickler.load()

        yield fast
        yield noting(pickle.Unpickler, seen)(io.BytesIO(data)).load
        return
    import _pickle
    fast = noting(_pickle.Unpickler, seen)
    slow = noting(pickle._Unpickler, seen)
    # As from bytes: all of it can be seen ahead.
    yield fast(io.BufferedReader(io.BytesIO(data), len(data) + 16)).load
    # As from an open file whose buffer ends somewhere.
    yield fast(io.BufferedReader(io.BytesIO(data), 16)).load
    # As torch reads a record.
    yield fast(io.BytesIO(data)).load
    yield fast(io.BytesIO(data), encoding="latin1").load
    yield slow(io.BytesIO(data)).load
    yield slow(io.BytesIO(data), encoding="latin1").load


def record(data):
    seen = set()
    for load in loaders(data, seen):
        try:
            load()
        except Exception:  # pylint: disable=broad-except
            pass
    return seen


def main():
    source = sys.stdin if PYTHON2 else sys.stdin.buffer
    while True:
        head = source.read(4)
        if len(head) < 4:
            return
        data = source.read(struct.unpack("<I", head)[0])
        print(" ".join(["-"] + [
            "%s:%s" % tuple(binascii.hexlify(part).decode("ascii")
                            for part in pair) for pair in record(data)]))


if __name__ == "__main__":
    main()
