#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""corpus: seeds for tests/fuzz/fuzz_pickle, from the oracle's generator.

corpus.py DIRECTORY   the same files each time
"""
import os
import random
import sys

import generator

COUNT, SIZE_MAX = 200, 600


def main():
    made = generator.Generator(random.Random(11))
    count = 0
    while count < COUNT:
        data = made.stream()
        if 8 < len(data) <= SIZE_MAX:
            with open(os.path.join(sys.argv[1], "%03d" % count), "wb") as f:
                f.write(data)
            count += 1


main()
