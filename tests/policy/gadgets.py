# SPDX-License-Identifier: Apache-2.0
"""gadgets: ways to do harm that no published list of names has.

Found by following what the constructors, state setters, destructors and
functions of installed packages call.  Each row is made as a pickle (which is
never loaded) and scanned: it is malicious, and the reason says why.  Where
CKPT_SPEC has the collected lists, none of them has the name.
"""

import json
import os
import subprocess
import sys
import tempfile

import names

sys.path.insert(0, os.path.join(names.SOURCE, "tests", "samples"))
from samples import call, glob, stream, text  # noqa: E402


def made(module, name, *arguments):
    """NEWOBJ"""
    return glob(module, name) + b"(" + b"".join(arguments) + b"t\x81"


def state(thing, key, value):
    """BUILD with a dict of one item"""
    return thing + b"}" + text(key) + value + b"sb"


MARKER = text("print('marker')")
NAME = text("/tmp/marker")
# module, name, what it does to whoever loads it, a word of the reason, pickle
GADGETS = (
    ("scipy.stats._continuous_distns", "norm_gen",
     "its state setter runs the text _parse_arg_template with exec()", "source that is run",
     lambda m, n: state(made(m, n), "_parse_arg_template", MARKER)),
    ("scipy.stats._discrete_distns", "poisson_gen", "the same",
     "source that is run",
     lambda m, n: state(made(m, n), "_parse_arg_template", MARKER)),
    ("statsmodels.base.data", "PandasData",
     "its state setter has patsy evaluate the formula", "formula",
     lambda m, n: state(made(m, n), "formula",
                        text("y ~ __import__('os').system('echo marker')"))),
    ("torch.utils.data.datapipes.datapipe", "_IterDataPipeSerializationWrapper",
     "its state setter calls pickle.loads() or dill.loads()", "loads a pickle",
     lambda m, n: made(m, n) + b"B\0\0\0\0\x89\x86b"),
    ("torch.utils.data.communication.eventloop", "SpawnThreadForDataPipeline",
     "a function that is named like a class; it starts a thread", "threads",
     lambda m, n: call(glob(m, n), b"N")),
    ("numpy.core.memmap", "memmap",
     "its __new__ opens a file, and in mode w+ empties it", "opens a file",
     lambda m, n: made(m, n, NAME, text("u1"), text("w+"))),
    ("xgboost.compat", "LazyLoader",
     "it imports a module by its name when anything is asked of it", "imports a module",
     lambda m, n: call(glob(m, n), text("x"), b"}", text("antigravity"))),
    ("scipy.odr._odrpack", "ODR", "it removes the report that it is to overwrite",
     "removes", lambda m, n: call(glob(m, n), b"N", b"N")),
    ("sympy.core.function", "Derivative", "sympify() evaluates a text", "evaluates a text",
     lambda m, n: call(glob(m, n), MARKER)),
    ("mpmath.identification", "identify", "eval() of a constant's text", "evaluates",
     lambda m, n: call(glob(m, n), b"K\1", b"]" + MARKER + b"a")),
    ("decorator", "FunctionMaker.create", "exec() of a body", "compiles",
     lambda m, n: call(glob(m, n), text("f()"), MARKER, b"}")),
    ("attr._make", "_compile_and_eval", "exec() of a script", "compiles",
     lambda m, n: call(glob(m, n), MARKER, b"}", b"}")),
    ("pygments.formatters", "load_formatter_from_file", "exec() of a file", "files",
     lambda m, n: call(glob(m, n), NAME)),
    ("pygments.styles", "get_style_by_name", "__import__() of a name", "imports",
     lambda m, n: call(glob(m, n), text("marker"))),
    ("h5py.ipy_completer", "_retrieve_obj", "eval() of a name", "evaluates",
     lambda m, n: call(glob(m, n), MARKER, b"N")),
    ("threadpoolctl", "LibController", "ctypes.CDLL() of a path", "native code",
     lambda m, n: call(glob(m, n), b"}")),
    ("functorch.dim.magic_trace", "magic_trace", "starts a program", "programs",
     lambda m, n: call(glob(m, n), NAME)),
    ("argcomplete.completers", "_call", "starts a program", "commands",
     lambda m, n: call(glob(m, n), text("echo marker"))),
    ("ply.yacc", "yacc", "runs a table and writes files", "imports modules",
     lambda m, n: call(glob(m, n))),
    ("apt.auth", "add_key_from_file", "changes whom packages are trusted from",
     "trusted", lambda m, n: call(glob(m, n), NAME)),
)


def scanned(folder):
    """reports by file name"""
    done = subprocess.run(
        [os.path.join(names.BUILD, "ckptguard"), "scan", "--format=jsonl", folder],
        stdout=subprocess.PIPE, check=False)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    return {os.path.basename(r["path"]): r for r in reports}


def listed():
    """(module, name) that the collected lists have"""
    folder = os.environ.get("CKPT_SPEC") or os.path.join(
        names.SOURCE, "..", "shared", "spec")
    if not os.path.exists(os.path.join(folder, "gadgets.tsv")):
        print(f"no gadgets.tsv in {folder}: whether lists have them is not asked")
        return set()
    return {(row[0], row[1]) for row in names.facts("gadgets.tsv")
            if row[2] in ("dangerous", "suspicious")}


def main():
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (module, name, _, _, pickle) in enumerate(GADGETS):
            with open(os.path.join(folder, f"{number}.pkl"), "wb") as f:
                f.write(stream(pickle(module, name)))
        reports = scanned(folder)
    lists = listed()
    for number, (module, name, does, why, _) in enumerate(GADGETS):
        report = reports.get(f"{number}.pkl", {"verdict": "none", "findings": []})
        said = [f["message"] for f in report["findings"] if name in f["message"]]
        if report["verdict"] != "malicious" or not any(why in s for s in said):
            problems.append(f"{module} {name} ({does}): {report['verdict']}: {said}")
        if (module, name) in lists:
            problems.append(f"{module} {name}: a list has it: find another")
    names.finish("gadgets that no list has", len(GADGETS), problems)


main()
