# SPDX-License-Identifier: Apache-2.0
"""rule_pages: each rule has a page of its own in docs/rules, and no page is
about a rule that is none."""

import glob
import os
import re
import subprocess
import sys

SRC = os.environ["CKPT_SRC"]
WORDS_MIN = 40  # of a page: less explains nothing
PARTS = ("**What to do.** ", "**An honest case.** ")


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def rules():
    """The ids that a finding can have."""
    found = re.findall(r'^RULE\(\w+,\s*"([^"]+)"',
                       read(os.path.join(SRC, "src/model/rules.def")), re.M)
    for path in glob.glob(os.path.join(SRC, "rules/*.yar")):
        found += ["yara." + i for i in
                  re.findall(r'^\s*id\s*=\s*"([^"]+)"', read(path), re.M)]
    return found


def pages():
    """Pairs of an id and the paragraphs below its heading."""
    for path in sorted(glob.glob(os.path.join(SRC, "docs/rules/*.md"))):
        for part in re.split(r"^## ", read(path), flags=re.M)[1:]:
            head, _, text = part.partition("\n")
            yield head.strip(), text.strip().split("\n\n")


def about_pages(known, told):
    """What is wrong with them."""
    ids = [i for i, _ in told]
    for i in sorted(set(known) - set(ids)):
        yield f"{i} has no page: write one in docs/rules"
    for i in sorted(set(ids) - set(known)):
        yield f"{i} has a page and is no rule"
    for i in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"{i} has two pages"
    seen = {}
    for i, paragraphs in told:
        starts = [p.replace("\n", " ") for p in paragraphs]
        if not paragraphs or paragraphs[0].startswith("**"):
            yield f"{i} does not say what it means"
        for part in PARTS:
            if sum(p.startswith(part) for p in starts) != 1:
                yield f"{i} needs one paragraph that begins with {part}"
        if sum(len(p.split()) for p in paragraphs) < WORDS_MIN:
            yield f"{i} is too short for a person to understand"
        # Boilerplate helps nobody: what it means is said once.
        other = seen.setdefault(starts[0] if starts else "", i)
        if other != i:
            yield f"{i} says what {other} says"


def about_program(known):
    """The program has the same pages."""
    done = subprocess.run(["ckptguard", "rules", "explain"], check=True,
                          stdout=subprocess.PIPE, timeout=60)
    if sorted(done.stdout.decode().split()) != sorted(known):
        yield "ckptguard rules explain names other rules"
    for i in known:
        done = subprocess.run(["ckptguard", "rules", "explain", i],
                              check=False, stdout=subprocess.PIPE, timeout=60)
        text = done.stdout.decode()
        if done.returncode != 0 or not text.startswith(i + "\n\n") or \
                "\nWhat to do. " not in text or "**" in text:
            yield f"ckptguard rules explain {i} does not print its page"


def main():
    known, told = rules(), list(pages())
    assert len(known) > 100
    tests = (
        ("every rule has a page of its own", list(about_pages(known, told))),
        ("the program prints each page", list(about_program(known))))
    print(f"1..{len(tests)}")
    for number, (name, wrong) in enumerate(tests, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        for line in wrong:
            print(f"# {line}")
    return 1 if any(wrong for _, wrong in tests) else 0


sys.exit(main())
