# SPDX-License-Identifier: Apache-2.0
"""C source as the tools see it: without comments and the inside of strings."""

import os
import re

_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""",
    re.DOTALL,
)


def _blank(match):
    text = match.group(0)
    if text[0] in "\"'":
        return text[0] + " " * (len(text) - 2) + text[0]
    return re.sub(r"[^\n]", " ", text)


def stripped(text):
    """The text with comments and string contents as blanks, lines kept."""
    return _TOKEN.sub(_blank, text)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def top():
    """The top of the source: where CKPT_SRC says, or above this file."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.environ.get("CKPT_SRC", here)


def files(suffixes, folders):
    """Paths below the top, sorted, of files that end in one of suffixes."""
    found = []
    for folder in folders:
        for where, dirs, names in os.walk(os.path.join(top(), folder)):
            dirs.sort()
            for name in names:
                if name.endswith(suffixes):
                    path = os.path.join(where, name)
                    found.append(os.path.relpath(path, top()))
    return sorted(found)


def read(path):
    with open(os.path.join(top(), path), encoding="utf-8") as f:
        return f.read()
