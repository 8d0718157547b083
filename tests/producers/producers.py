# SPDX-License-Identifier: Apache-2.0
"""producers: what real libraries write is let through, and read as they read it.

Each make_*.py beside this file has a library write what it can write: every
estimator, dtype, compressor and protocol.  It loads its own files with an
unpickler that records.  All files are scanned in one run; then each of them

  is clean or unknown;
  has among its imports exactly what its own loader looked up.

A library that is not there is skipped, with the reason.  The Python is PYTHON,
or whichever of PYTHON and /usr/bin/python3 has the library.
"""

import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MAKERS = ("sklearn", "torch", "scipy", "pandas", "numpy", "joblib", "xgboost",
          "sympy", "onnx", "r")
PYTHONS = tuple(dict.fromkeys((os.environ.get("PYTHON") or sys.executable,
                               "/usr/bin/python3")))
SECONDS = 300  # for one maker; a hang, not a benchmark
SKIPPED = 77
SHOWN = 20


def make(maker, folder):
    """(status, what it said)"""
    said = []
    environment = dict(os.environ, PYTHONHASHSEED="0", OMP_NUM_THREADS="1",
                       OPENBLAS_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
    for python in PYTHONS:
        done = subprocess.run(
            [python, os.path.join(HERE, f"make_{maker}.py"), folder],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=SECONDS, env=environment, check=False)
        text = done.stdout.decode("utf-8", "replace").splitlines()
        if done.returncode != SKIPPED:
            return done.returncode, text
        said += text[-1:]
    return SKIPPED, said


def made(folder):
    """imports by file: set of (module, name), or None"""
    with open(os.path.join(folder, "made.jsonl"), encoding="utf-8") as rows:
        return {os.path.join(folder, row["file"]):
                None if row["imports"] is None else
                {tuple(pair) for pair in row["imports"]}
                for row in map(json.loads, rows)}


def scan(folder):
    """reports by file"""
    done = subprocess.run(["ckptguard", "scan", "-r", "--format=jsonl", folder],
                          stdout=subprocess.PIPE, timeout=SECONDS, check=False)
    return {r["path"]: r for r in map(json.loads, done.stdout.splitlines())}


def judge(wanted, report):
    """What is wrong with a report, as lines."""
    if report is None:
        return ["not scanned"]
    problems = []
    if report["verdict"] not in ("clean", "unknown"):
        problems += [f"{report['verdict']}: {f['rule']}: {f['message']}"
                     for f in report["findings"]]
    if wanted is not None:
        got = {(i["module"], i["name"]) for i in report["imports"]}
        problems += [f"not reported: {' '.join(p)}" for p in sorted(wanted - got)]
        problems += [f"looked up by nobody: {' '.join(p)}" for p in sorted(got - wanted)]
    return problems


def problems_of(files, reports):
    """One line for each problem, however many files have it."""
    having = collections.defaultdict(list)
    for path, wanted in files.items():
        for problem in judge(wanted, reports.get(path)):
            having[problem].append(os.path.basename(path))
    return [f"{names[0]} ({len(names)} files): {problem}"
            for problem, names in having.items()]


def tell(number, maker, status, said, folder):
    """Print the lines of one maker; is it as it should be?"""
    if status == SKIPPED:
        print(f"ok {number} - {maker} # SKIP {'; '.join(said)}")
        return True
    files, reports = {}, {}
    if status == 0:
        files = made(folder)
        reports = scan(folder)
    problems = problems_of(files, reports)
    good = status == 0 and files and not problems
    unknown = sum(r["verdict"] == "unknown" for r in reports.values())
    print(f"{'ok' if good else 'not ok'} {number} - {maker}: each of {len(files)} files"
          f" passes ({unknown} as unknown), with the imports that its loader sees")
    for line in problems[:SHOWN] + said[-SHOWN:]:
        print("#", line)
    return good


def main():
    print(f"1..{len(MAKERS)}")
    with tempfile.TemporaryDirectory() as top, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        folders = [os.path.join(top, maker) for maker in MAKERS]
        for folder in folders:
            os.mkdir(folder)
        answers = pool.map(make, MAKERS, folders)
        good = [tell(number, maker, *answer, folder) for number, (maker, answer, folder)
                in enumerate(zip(MAKERS, answers, folders), 1)]
    return 0 if all(good) else 1


sys.exit(main())
