# SPDX-License-Identifier: Apache-2.0
"""stdlib: every function, class and method of the standard library is at least
suspicious when it is called, save the constructors that 30-stdlib-data lists.

Names are taken from the sources of each Python that is there (this one, and
the programs that PYTHONS names) and never imported; names of modules in C come
from dir() in a process of that Python's own.
"""

import ast
import json
import os
import re
import subprocess
import sys

import names

LISTED = "30-stdlib-data.policy"
# What an interpreter says of itself: its library, and its modules in C.
ASK = r"""
import json, os, sys
lib = os.path.dirname(os.__file__)
c = list(sys.builtin_module_names)
for d in sys.path:
    if os.path.basename(d) == "lib-dynload" and os.path.isdir(d):
        for f in os.listdir(d):
            n = f.split(".")[0]
            c.append(n[:-6] if n.endswith("module") else n)
out = {}
for n in c:
    if n == "__main__" or n.startswith("_test") or n.startswith("xx"):
        continue
    try:
        out[n] = dir(__import__(n))
    except BaseException:
        out[n] = []
print(json.dumps({"lib": lib, "c": out}))
"""
SKIPPED_DIRS = {"site-packages", "dist-packages", "__pycache__",
                "lib-dynload", "test", "tests", "idle_test"}
MODULE = re.compile(r"^[A-Za-z_][\w.]*$")
OLD_DEF = re.compile(r"^(    |\t)?(?:def|class)\s+(\w+)", re.M)
OLD_CLASS = re.compile(r"^class\s+(\w+)", re.M)
# Modules that a project's own files shadow; each has no names in Python 3, and
# none that are called like a class in Python 2.
SHADOWED = {"test", "user", "new", "parser", "__main__"}


def names_of_tree(body, prefix=""):
    """Functions, classes, what they hold, and what a module imports."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield prefix + node.name
        elif isinstance(node, ast.ClassDef):
            yield prefix + node.name
            yield from names_of_tree(node.body, prefix + node.name + ".")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if alias.name != "*":
                    yield prefix + (alias.asname or alias.name.split(".")[0])
        elif isinstance(node, (ast.If, ast.Try)):
            inner = list(node.body) + list(node.orelse)
            for handler in getattr(node, "handlers", []):
                inner += handler.body
            yield from names_of_tree(inner, prefix)


def names_of_old(text):
    """The same of source that this Python cannot parse."""
    current = None
    for m in OLD_DEF.finditer(text):
        if m.group(1) is None:
            current = None
            if OLD_CLASS.match(m.group(0)):
                current = m.group(2)
            yield m.group(2)
        elif current:
            yield f"{current}.{m.group(2)}"


def names_of_file(path):
    with open(path, "rb") as source:
        data = source.read()
    try:
        return set(names_of_tree(ast.parse(data).body))
    except (SyntaxError, ValueError):
        return set(names_of_old(data.decode("latin-1")))


def modules_of(lib):
    """(module, path) of each source file below a library."""
    for folder, dirs, files in os.walk(lib):
        dirs[:] = [d for d in dirs if d not in SKIPPED_DIRS
                   and not d.startswith(("plat-", "config-"))]
        inside = os.path.relpath(folder, lib).replace(os.sep, ".")
        inside = "" if inside in (".", "lib-tk") else inside + "."
        for name in files:
            if name.endswith(".py"):
                module = inside + name[:-3]
                yield re.sub(r"\.?__init__$", "", module), os.path.join(
                    folder, name)


def interpreters():
    return [sys.executable] + os.environ.get("PYTHONS", "").split()


def questions():
    asked = set()
    for python in interpreters():
        run = subprocess.run([python, "-c", ASK], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=True,
                             universal_newlines=True)
        said = json.loads(run.stdout)
        found = {m: set(n) for m, n in said["c"].items()}
        for module, path in modules_of(said["lib"]):
            found.setdefault(module, set()).update(names_of_file(path))
        for module, list_of_names in found.items():
            if not MODULE.match(module):
                continue
            # One that no source has: a module is known as a whole.
            for name in list_of_names | {"some_name_of_tomorrow"}:
                asked.add((module, name, "call"))
    return sorted(asked)


def main():
    asked = [q for q in questions() if q[0] not in SHADOWED]
    problems = []
    for (module, name, _), v in zip(asked, names.judge(asked)):
        listed = os.path.basename(v.rule.split(":")[0]) == LISTED
        if not v.worse_than("unverified") and not listed:
            problems.append(f"{module} {name} called: {v}")
    names.finish("names of the standard library", len(asked), problems)


main()
