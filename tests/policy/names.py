# SPDX-License-Identifier: Apache-2.0
"""names: what the drivers of this folder share.

Asks the program judge about many names at once, and finds the facts about
names that others have collected (CKPT_SPEC), which may be absent.
"""

import os
import subprocess
import sys

ORDER = ["clean", "unknown", "unverified", "suspicious", "malicious"]
SOURCE = os.environ.get("CKPT_SRC") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.environ.get("CKPT_BUILD") or os.getcwd()
SKIPPED = 77


class Verdict:
    """What judge says of one name in one use."""

    def __init__(self, line):
        self.verdict, self.action, self.rule, self.reason = line.split("\t")

    def worse_than(self, verdict):
        return ORDER.index(self.verdict) > ORDER.index(verdict)

    def __str__(self):
        return f"{self.verdict} ({self.action}, {self.rule}: {self.reason})"


def escape(text):
    return (text.replace("\\", "\\\\").replace("\t", "\\t")
            .replace("\n", "\\n").replace("\r", "\\r"))


def judge(questions):
    """The Verdict of each (module, name, use)."""
    text = "".join(f"{escape(m)}\t{escape(n)}\t{u}\n" for m, n, u in questions)
    run = subprocess.run(
        [os.path.join(BUILD, "tests", "policy", "judge"),
         os.path.join(SOURCE, "rules", "imports")],
        input=text, stdout=subprocess.PIPE, check=True,
        universal_newlines=True)
    lines = run.stdout.splitlines()
    assert len(lines) == len(questions), "judge answers every question"
    return [Verdict(line) for line in lines]


def facts(name):
    """The rows of a table of facts, or the end of the test as skipped."""
    folder = os.environ.get("CKPT_SPEC") or os.path.join(
        SOURCE, "..", "shared", "spec")
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        print(f"SKIP: no {path}; set CKPT_SPEC to the folder with {name}")
        sys.exit(SKIPPED)
    with open(path, encoding="utf-8") as table:
        rows = [line.rstrip("\n").split("\t") for line in table
                if not line.startswith("#")]
    assert rows, f"{path} has rows"
    return rows


def finish(what, asked, problems):
    """Print the problems and end the test."""
    for problem in problems:
        print(problem)
    print(f"{what}: {asked} asked, {len(problems)} wrong")
    assert asked > 0, "something was asked"
    sys.exit(1 if problems else 0)
