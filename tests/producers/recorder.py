# SPDX-License-Identifier: Apache-2.0
"""recorder: what a maker of this folder writes, with what its loader looks up.

Import it before any library: it puts unpicklers that record in the place of
Python's, so that a library's own load() tells each name that it asks for.
Only files that the maker has just written itself are ever loaded.

A maker writes FOLDER/NAME and one line to FOLDER/made.jsonl for each:
{"file": NAME, "imports": [[module, name], ...]}; null where no loader in Python
reads the file.
"""

import functools
import io
import json
import os
import pickle
import sys
import warnings

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)

seen = None  # set of (module, name) while something is loaded
inside = 0  # find_class() that calls another's


def recorded(find_class):
    """find_class, telling what the outermost of them was asked for."""

    @functools.wraps(find_class)
    def asked(self, module, name):
        global inside
        if seen is not None and inside == 0:
            seen.add((module, name))
        inside += 1
        try:
            return find_class(self, module, name)
        finally:
            inside -= 1

    return asked


class Unpickler(pickle.Unpickler):
    """Python's, recording; also what a library derives from it."""

    def __init_subclass__(cls):
        if "find_class" in cls.__dict__:
            cls.find_class = recorded(cls.find_class)

    find_class = recorded(pickle.Unpickler.find_class)


def load(file, **options):
    return Unpickler(file, **options).load()


def loads(data, **options):
    return Unpickler(io.BytesIO(data), **options).load()


pickle.Unpickler = Unpickler
pickle.load = load
pickle.loads = loads
pickle._Unpickler.find_class = recorded(pickle._Unpickler.find_class)
warnings.simplefilter("ignore")


class Out:
    """The folder that a maker fills."""

    def __init__(self, folder):
        self.folder = folder
        self.rows = open(os.path.join(folder, "made.jsonl"), "w")
        self.refused = {}  # reason: names

    def path(self, name):
        return os.path.join(self.folder, name)

    def add(self, name, read):
        """The file NAME is there; read(path) loads it, or None."""
        global seen
        imports = None
        if read is not None:
            seen = set()
            try:
                read(self.path(name))
            finally:
                imports = sorted(seen)
                seen = None
        self.rows.write(json.dumps({"file": name, "imports": imports}) + "\n")

    def made(self, name, write, read):
        """write(path), then read(path); what a library refuses is no file."""
        try:
            write(self.path(name))
        except Exception as refusal:
            self.refuse(name, refusal)
            return
        self.add(name, read)

    def refuse(self, name, refusal):
        if os.path.exists(self.path(name)):
            os.unlink(self.path(name))
        why = " ".join(f"{type(refusal).__name__}: {refusal}".split())[:120]
        self.refused.setdefault(why, []).append(name)

    def pickled(self, name, thing, protocols=PROTOCOLS):
        def read(path):
            with open(path, "rb") as f:
                return pickle.load(f)

        for protocol in protocols:
            def write(path, protocol=protocol):
                with open(path, "wb") as f:
                    pickle.dump(thing, f, protocol)

            self.made(f"{name}-{protocol}.pickle", write, read)

    def close(self):
        self.rows.close()
        for why, names in self.refused.items():
            print(f"refused by its library: {names[0]} ({len(names)}): {why}")


def run(make, *needs):
    """A maker's main(): make(out) when all that it needs is there, else the
    status 77 and the reason.  A library that is there and broken fails."""
    for need in needs:
        try:
            __import__(need)
        except ModuleNotFoundError as missing:
            print(f"no module {missing.name} in {sys.executable}")
            sys.exit(77)
    out = Out(sys.argv[1])
    make(out)
    out.close()
