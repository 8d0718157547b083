# SPDX-License-Identifier: Apache-2.0
"""honest: no name that honest models were seen to use is more than unknown
in the use that was seen.

A name with the action args may be called: its arguments are looked at by the
machine, which this test does not run.
"""

import names

USES = {
    "REDUCE": "call", "INST": "call", "OBJ": "call", "NEWOBJ": "construct",
    "NEWOBJ_EX": "construct",
    "BUILD": "setstate", "VIA": "construct", "ARG": "import",
    "PERSID-ARG": "import", "only imported": "import",
}
ALL = ("import", "setstate", "construct", "call")


def seen():
    """(module, name, use) of names with their uses in honest files."""
    for row in names.facts("globals_seen.tsv")[1:]:
        module, name, how, _, repos, generated = row[:6]
        if int(repos) + int(generated) == 0:
            continue
        for use in how.split("; "):
            yield module, name, USES[use.rsplit("=", 1)[0].split(":")[0]]


def surveyed():
    """The same of a survey that says nothing of uses."""
    for row in names.facts("benign_globals.tsv"):
        for use in ALL:
            yield row[2], row[3], use


def main():
    asked = sorted(set(seen()) | set(surveyed()))
    problems = [
        f"{module} {name}, {use}: {v}"
        for (module, name, use), v in zip(asked, names.judge(asked))
        if v.worse_than("unknown") and v.action != "args"]
    names.finish("honest names", len(asked), problems)


main()
