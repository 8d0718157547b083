# SPDX-License-Identifier: Apache-2.0
"""demo: the files of ./start --demo.

    python3 demo.py DIRECTORY
"""

import os
import sys

import samples as s


def main(where):
    evil = [("fc.scale", s.command())]
    s.torch_zip(os.path.join(where, "evil.pt"), s.state_dict(evil))
    s.write(os.path.join(where, "evil.pkl"), s.stream(s.command()))
    s.torch_zip(os.path.join(where, "clean.pt"), s.state_dict())


main(sys.argv[1])
