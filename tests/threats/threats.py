#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every technique of attack has a sample, and gets the verdict it should.

	threats.py [-v] [NUMBER...]

A module beside this file has a list THREATS of

	(number, about, verdict, name, what[, why])

number is the technique's in the catalogue; a technique may have several rows.
name is the file's, what its bytes, or (bytes, size) of one that goes on with
zeros, or a dict of the folder in which it lies.
why argues a verdict that is not the one the catalogue expects.  COVERS names
the catalogue's formats of which the module must have every technique.

The programs that users run do the scan, with the rules and policies of this
build.  Samples are made here, hold harmless markers and are never loaded.
The catalogue is threats.tsv of CKPT_SPEC: number, format, technique,
references, expected verdict.
"""

import glob
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

SRC = os.environ.get("CKPT_SRC", os.getcwd())
BUILD = os.environ.get("CKPT_BUILD", os.getcwd())
CATALOGUE = os.path.join(os.environ.get("CKPT_SPEC", ""), "threats.tsv")
HERE = os.path.join(SRC, "tests/threats")

failures = []


def fail(text):
    failures.append(text)
    print("not as expected:", text)


def modules():
    sys.path.insert(0, os.path.join(SRC, "tests/samples"))
    for path in sorted(glob.glob(os.path.join(HERE, "*.py"))):
        if os.path.basename(path) == os.path.basename(__file__):
            continue
        name = "threats_" + os.path.basename(path)[:-3]
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module


def catalogue():
    """number: (format, technique, expected), or nothing when there is none."""
    if not os.path.isfile(CATALOGUE):
        print("no catalogue: the table is held against itself alone")
        return {}
    with open(CATALOGUE, encoding="utf-8") as f:
        lines = [line.rstrip("\n").split("\t") for line in f]
    return {row[0]: (row[1], row[2], row[4]) for row in lines[1:]}


def lay(folder, name, what):
    """Write a sample; the path that is scanned."""
    files = what if isinstance(what, dict) else {name: what}
    for each, data in files.items():
        path = os.path.join(folder, each)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data, size = data if isinstance(data, tuple) else (data, len(data))
        with open(path, "wb") as f:
            f.write(data)
            f.truncate(size)
    return os.path.join(folder, name)


def scan(paths):
    run = subprocess.run(
        [os.path.join(BUILD, "ckptguard"), "scan", "--format=jsonl",
         "--files-from=-"], input="\n".join(paths) + "\n", text=True,
        stdout=subprocess.PIPE, check=False)
    reports = [json.loads(line) for line in run.stdout.splitlines()]
    return {report["path"]: report for report in reports}


def said(report):
    """Some words about why."""
    seen = {}
    for finding in report["findings"]:
        seen.setdefault(finding["rule"], finding["message"][:100])
    return f"{report['format']}: " + \
        "; ".join(f"{rule} ({text})" for rule, text in seen.items())[:600]


def check_row(row, report, known, verbose):
    number, about, verdict, name = row[:4]
    why = row[5] if len(row) > 5 else None
    if report is None:
        fail(f"{number} {about}: {name} was not reported")
        return
    if verbose:
        print(f"{number}\t{verdict}\t{report['verdict']}\t{about}\t"
              f"{said(report)}")
    if report["verdict"] != verdict:
        fail(f"{number} {about}: {report['verdict']}, not {verdict}: "
             f"{said(report)}")
    if report["verdict"] != "clean" and report["format"] == "other":
        fail(f"{number} {about}: judged, and of no format")
    expected = known.get(number, ("", "", verdict))[2]
    if expected != verdict and not why:
        fail(f"{number} {about}: the catalogue expects {expected}, and "
             "nothing is said against it")
    if expected == verdict and why and known:
        fail(f"{number} {about}: argues against what the catalogue says too")


def check_coverage(known, rows, covers):
    have = {row[0] for row in rows}
    for number, (kind, technique, _) in known.items():
        if kind in covers and number not in have:
            fail(f"{number} has no sample: {technique}")
    if known:
        print(f"{len(have)} of {len(known)} techniques have samples")
        for number in sorted(have - set(known)):
            fail(f"{number} is not in the catalogue")


def main():
    verbose = "-v" in sys.argv
    only = [a for a in sys.argv[1:] if not a.startswith("-")]
    known, rows, covers = catalogue(), [], set()
    for module in modules():
        rows += module.THREATS
        covers |= set(module.COVERS)
    if only:
        rows = [row for row in rows if row[0] in only]
    with tempfile.TemporaryDirectory(prefix="ckptguard-threats-") as top:
        paths = [lay(os.path.join(top, str(i)), row[3], row[4])
                 for i, row in enumerate(rows)]
        reports = scan(paths)
        for row, path in zip(rows, paths):
            check_row(row, reports.get(path), known, verbose)
    if not only:
        check_coverage(known, rows, covers)
    print(f"{len(rows) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures or not rows else 0


sys.exit(main())
