# SPDX-License-Identifier: Apache-2.0
"""meta: each rule that is shipped says what it is, in its own words.

A rule has id, severity, message and reference; its id begins with the name of
its file; no id is had twice; a message is one sentence without a full stop.
That each has samples of both kinds is tests/rules/test_samples.
"""

import glob
import os
import re
import sys

SOURCE = os.environ.get("CKPT_SRC") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..")
RULE = re.compile(r"^(?:private\s+|global\s+)*rule\s+(\w+).*?^}", re.M | re.S)
META = re.compile(r'^\s*(\w+)\s*=\s*"((?:[^"\\]|\\.)*)"', re.M)
SEVERITIES = ("info", "low", "medium", "high", "critical")
VERDICTS = ("clean", "unknown", "unverified", "suspicious", "malicious")


def judge(file, name, text):
    """(id, what is wrong with one rule)"""
    head = text.split("strings:")[0].split("condition:")[0]
    meta = dict(META.findall(head.partition("meta:")[2]))
    wrong = [f"no {key}" for key in ("id", "severity", "message", "reference")
             if not meta.get(key)]
    if meta.get("severity") not in SEVERITIES:
        wrong.append(f"severity {meta.get('severity')}")
    if meta.get("verdict", "clean") not in VERDICTS:
        wrong.append(f"verdict {meta['verdict']}")
    if not meta.get("id", "").startswith(file + "."):
        wrong.append(f"its id does not begin with {file}.")
    if meta.get("message", "").endswith("."):
        wrong.append("a full stop")
    return meta.get("id"), [f"{file}.yar: {name}: {w}" for w in wrong]


def main():
    problems, ids = [], []
    for path in sorted(glob.glob(os.path.join(SOURCE, "rules", "*.yar"))):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        file = os.path.splitext(os.path.basename(path))[0]
        for rule in RULE.finditer(text):
            found, wrong = judge(file, rule.group(1), rule.group(0))
            problems += wrong
            if found in ids:
                problems.append(f"{file}.yar: {found} is the id of another")
            ids.append(found)
    for problem in problems:
        print(problem)
    print(f"{len(ids)} rules, {len(problems)} problems")
    return 1 if problems or not ids else 0


sys.exit(main())
