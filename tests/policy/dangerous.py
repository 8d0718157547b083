# SPDX-License-Identifier: Apache-2.0
"""dangerous: every name that is known to be dangerous is at least suspicious
when it is called."""

import names

# Rows that are no globals of Python: layers, operations, headings.
NO_GLOBALS = ("@keras_layer", "@tf_op", "module")

# Where the table calls dangerous what honest pickles need, and why it may be.
ARGUED = {
    ("test", "*"): "a file test.py of any project; the package of Python 3 "
                   "has modules, which are denied, and no names",
}


def main():
    asked = {}
    for row in names.facts("gadgets.tsv"):
        module, name, verdict = row[:3]
        if module in NO_GLOBALS or verdict not in ("dangerous", "suspicious"):
            continue
        if (module, name) in ARGUED:
            continue
        # "(any)" is an attribute of anything; "*" every name of a module.
        where = "some_project.utils" if module == "(any)" else module
        what = "some_name" if name == "*" else name
        asked[where, what, "call"] = f"{module} {name}"
    problems = [
        f"{row} called: {v}"
        for row, v in zip(asked.values(), names.judge(list(asked)))
        if not v.worse_than("unverified")]
    names.finish("dangerous names", len(asked), problems)


main()
