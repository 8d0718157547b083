# SPDX-License-Identifier: Apache-2.0
"""golden: each sample of TESTLIST gives the report that was once reviewed.

    golden.py		test (TAP)
    golden.py --update	write what comes out now; review it with git diff

TESTLIST has a row for each test: a name, a sample of tests/samples/golden.py,
options of ckptguard scan (- for none) and the file with the expected report,
from which times and paths are left out.
"""

import difflib
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = os.path.join(HERE, "..", "samples", "golden.py")
SECONDS = 60  # for one sample; all are tiny


def rows():
    with open(os.path.join(HERE, "TESTLIST"), encoding="ascii") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, sample, options, expected = line.split()
                options = [] if options == "-" else options.split(",")
                yield name, sample, options, os.path.join(HERE, expected)


def report(directory, sample, options):
    """The report of a sample as text, without what differs between runs."""
    done = subprocess.run(
        ["ckptguard", "scan", "--format=jsonl", *options, sample],
        cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=SECONDS, check=False)
    try:
        got = json.loads(done.stdout)
    except ValueError:
        return f"exit {done.returncode}\n{done.stdout.decode(errors='replace')}"
    del got["elapsed_us"]
    got["exit"] = done.returncode
    return json.dumps(got, indent=1, ensure_ascii=True) + "\n"


def differs(want, got):
    return list(difflib.unified_diff(want.splitlines(), got.splitlines(),
                                     "expected", "got", lineterm=""))


def compare(number, name, expected, got):
    want = ""
    if os.path.exists(expected):
        with open(expected, encoding="ascii") as f:
            want = f.read()
    good = want == got
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
    for line in [] if good else differs(want, got):
        print(f"# {line}")
    return good


def main(update):
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([sys.executable, "-B", SAMPLES, directory], check=True)
        made = set(os.listdir(directory))
        tested = list(rows())
        unused = made - {sample for _, sample, _, _ in tested}
        if not update:
            print(f"1..{len(tested) + 1}")
        good = True
        for number, row in enumerate(tested, 1):
            name, sample, options, expected = row
            got = report(directory, sample, options)
            if update:
                with open(expected, "w", encoding="ascii") as f:
                    f.write(got)
            else:
                good &= compare(number, name, expected, got)
        if not update:
            word = "not ok" if unused else "ok"
            print(f"{word} {len(tested) + 1} - every sample is tested")
            for sample in sorted(unused):
                print(f"# {sample} is not in TESTLIST")
    return 0 if good and not unused else 1


sys.exit(main(sys.argv[1:] == ["--update"]))
