#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every sample of tests/samples gets its verdict and says its rules; every
honest file of the corpus is left alone.

	samples.py [-v]

A module format_*.py has a list SAMPLES of (about, verdict, rules, bytes), which
is judged as by an open that waits, or with UNPACK = True as by a scan: the
verdict must be exactly that one; each rule must be among the findings; a clean
sample has no finding above "clean".
"""

import glob
import importlib.util
import os
import subprocess
import sys
import tempfile

SRC = os.environ.get("CKPT_SRC", os.getcwd())
BUILD = os.environ.get("CKPT_BUILD", os.getcwd())
CORPUS = os.environ.get("CKPT_CORPUS", "")
JUDGE = os.path.join(BUILD, "tests/format/judge")
# Above this, a file is read at most to so many parts of its bytes.
LARGE = 10 << 20
LARGE_PART = 50

failures = 0


def fail(text):
    global failures
    failures += 1
    print("not as expected:", text)


def judge(paths, unpack=False):
    """Lines of (verdict, format, bytes read, size, findings, path)."""
    run = subprocess.run([JUDGE] + ["unpack"] * unpack, input="\n".join(paths) + "\n", text=True,
                         stdout=subprocess.PIPE, check=True)
    rows = [line.split("\t") for line in run.stdout.splitlines()]
    return {row[5]: row for row in rows}


def load(path):
    name = os.path.basename(path)[:-3]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SAMPLES, getattr(module, "UNPACK", False)


def check_samples(path, verbose):
    samples, unpack = load(path)
    if not samples:
        return
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for i, sample in enumerate(samples):
            name = os.path.join(folder, str(i))
            with open(name, "wb") as f:
                f.write(sample[3])
            names[name] = sample
        rows = judge(list(names), unpack)
        for name, (about, verdict, rules, _) in names.items():
            row = rows[name]
            said = [f.split("=")[0].split("@")[0]
                    for f in row[4].split(" | ")]
            if verbose:
                print(f"  {about}: {row[0]} {row[1]} {row[4]}")
            if row[0] != verdict:
                fail(f"{os.path.basename(path)}: {about}: {row[0]}, not "
                     f"{verdict}: {row[4]}")
            for rule in rules:
                if rule not in said:
                    fail(f"{os.path.basename(path)}: {about}: no {rule}: "
                         f"{row[4]}")
    print(f"{len(samples)} samples of {os.path.basename(path)}")


def check_corpus():
    index = os.path.join(CORPUS, "index.tsv")
    if not os.path.exists(index):
        print("no corpus: honest files are not looked at")
        return
    clean = []
    with open(index, encoding="utf-8") as f:
        for line in f:
            field = line.rstrip("\n").split("\t")
            path = os.path.join(CORPUS, field[0])
            if len(field) > 1 and field[1] == "clean" and \
                    os.path.isfile(path):
                clean.append(path)
    formats = {}
    for path, row in judge(clean).items():
        formats[row[1]] = formats.get(row[1], 0) + 1
        if not row[1].startswith(MINE):
            continue
        # a pickle within may be of a package that no policy knows
        nested = row[4].startswith("pickle.import.unknown@")
        if row[0] != "clean" and not (row[0] == "unknown" and nested):
            fail(f"{path}: {row[0]} {row[1]}: {row[4]}")
        if int(row[3]) > LARGE and int(row[2]) * LARGE_PART > int(row[3]):
            fail(f"{path}: {row[2]} bytes of {row[3]} were read")
    print(len(clean), "honest files:", formats)


# The formats of this room whose honest files must be clean.
MINE = ("safetensors", "gguf", "ggml", "chat-template", "keras-config",
        "tokenizer-config", "model-config", "hdf5", "keras-h5", "keras-zip",
        "onnx", "tf-savedmodel", "tf-metagraph", "tf-graph", "keras-metadata",
        "tflite", "tf-text")


def main():
    verbose = "-v" in sys.argv
    if not os.access(JUDGE, os.X_OK):
        print("no", JUDGE)
        return 1
    for path in sorted(glob.glob(
            os.path.join(SRC, "tests/samples/format_*.py"))):
        check_samples(path, verbose)
    check_corpus()
    return 1 if failures else 0


sys.exit(main())
