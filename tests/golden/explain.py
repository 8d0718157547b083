# SPDX-License-Identifier: Apache-2.0
"""explain: "ckptguard explain" says of each kind of file what was once reviewed.

    explain.py			test (TAP)
    explain.py --update		write what comes out now; review it with git diff

Each sample of tests/samples/explain.py has a NAME.txt and a NAME.json in
tests/golden/explain.  Times and bytes read are left out, and so is what the
pages of the rules say: they have tests of their own.
"""

import difflib
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = os.path.join(HERE, "..", "samples", "explain.py")
EXPECTED = os.path.join(HERE, "explain")
SECONDS = 60  # for one sample; all are tiny
ADVICE = re.compile(r"^what to do, rule by rule.*", re.M | re.S)
# What a terminal would obey, and what makes text run backwards.
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e"
                  "\u2066-\u2069]")


def explain(directory, sample, form):
    done = subprocess.run(
        ["ckptguard", "explain", f"--format={form}", sample],
        cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=SECONDS, check=False)
    text = done.stdout.decode(errors="replace")
    return text if done.returncode == 0 else f"exit {done.returncode}\n{text}"


def as_text(directory, sample):
    got = explain(directory, sample, "text")
    got = re.sub(r"in \d+ microseconds", "in N microseconds", got)
    got = re.sub(r"of which \d+ were|all of which were", "of which N were", got)
    return ADVICE.sub("", got)


def as_json(directory, sample):
    got = explain(directory, sample, "json")
    try:
        report = json.loads(got)
    except ValueError:
        return got
    del report["elapsed_us"], report["bytes_read"]
    report["rules"] = [rule["rule"] for rule in report.get("rules", [])]
    return json.dumps(report, indent=1, ensure_ascii=True) + "\n"


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as f:
        return f.read()


def wrong_with(sample, text, document):
    """What must hold of any report, whatever was once reviewed."""
    if ACTS.search(text) or ACTS.search(document):
        yield "a character that acts on a terminal came through"
    try:
        report = json.loads(document)
    except ValueError:
        yield "no JSON"
        return
    if report["verdict"] not in text.split("\n")[1]:
        yield "text and JSON have another verdict"
    for finding in report["findings"]:
        if f"[{finding['rule']}]" not in text:
            yield f"the text lacks the finding {finding['rule']}"
    if report["steps"] and "step by step" not in text:
        yield "the text lacks the steps"
    if max(map(len, text.split("\n"))) > 2200:
        yield "a line that nobody reads"


def compare(directory, sample, update):
    """Is it as expected?  The lines that say why not."""
    made = {"txt": as_text(directory, sample),
            "json": as_json(directory, sample)}
    wrong = list(wrong_with(sample, made["txt"], made["json"]))
    for form, got in made.items():
        path = os.path.join(EXPECTED, f"{sample}.{form}")
        if update:
            with open(path, "w", encoding="utf-8") as f:
                f.write(got)
        want = read(path)
        wrong += difflib.unified_diff(want.splitlines(), got.splitlines(),
                                      "expected", "got", lineterm="")
    return wrong


def main(update):
    os.makedirs(EXPECTED, exist_ok=True) if update else None
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([sys.executable, "-B", SAMPLES, directory], check=True)
        samples = sorted(os.listdir(directory))
        known = {os.path.splitext(f)[0] for f in os.listdir(EXPECTED)}
        print(f"1..{len(samples) + 1}")
        good = True
        for number, sample in enumerate(samples, 1):
            wrong = compare(directory, sample, update)
            good &= not wrong
            print(f"{'not ok' if wrong else 'ok'} {number} - {sample}")
            for line in wrong:
                print(f"# {line}")
    unused = sorted(known - set(samples))
    good &= not unused
    print(f"{'not ok' if unused else 'ok'} {len(samples) + 1} - "
          "nothing is expected of what is no sample")
    for name in unused:
        print(f"# {name}")
    return 0 if good else 1


sys.exit(main(sys.argv[1:] == ["--update"]))
