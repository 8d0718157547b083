# SPDX-License-Identifier: Apache-2.0
"""corpus: what the scanner says of a corpus of labelled files.

CKPT_CORPUS names a directory with index.tsv (columns: file, expected, format,
source, licence).  All of it is scanned in one run.  Then:

  every file has a verdict, and nothing crashed or hung;
  every pickle and zip that is labelled malicious is flagged (the guard would
  deny it), save a pickle in which Python itself looks up no name at all: it
  can run nothing;
  of the files labelled clean, whatever their format, none is called
  malicious and few are denied.

Prints a table by format.  Skips, with the reason, when there is no corpus.
"""

import collections
import csv
import io
import json
import os
import pickle
import subprocess
import sys

SECONDS = 800  # for the whole corpus; a hang, not a benchmark
DENIED_CLEAN_MAX = 10  # clean files that may be suspicious or unverified
VERDICTS = ("clean", "unknown", "unverified", "suspicious", "malicious")
# Beginnings of what is neither a pickle nor a zip.
OTHER_MAGIC = (b"\x89HDF", b"GGUF", b"\x93NUMPY", b"\x1f\x8b", b"BZh",
               b"\xfd7zXZ", b"\x04\x22\x4d\x18", b"7z\xbc\xaf", b"\x5d\x00\x00",
               b"x\x01", b"x\x5e", b"x\x9c", b"x\xda", b"\x28\xb5\x2f\xfd")
OTHER_SUFFIX = (".onnx", ".pb", ".h5", ".hdf5", ".gguf", ".tar", ".7z",
                ".json", ".safetensors")

failures = 0
number = 0


def ok(good, name, details=()):
    global failures, number
    number += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
    for line in details:
        print(f"# {line}")


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def read_index(corpus):
    with open(os.path.join(corpus, "index.tsv"), encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [r for r in rows if os.path.isfile(os.path.join(corpus, r["file"]))]


def scan(corpus, rows):
    """(reports by file, exit status, messages)"""
    paths = "".join(os.path.join(corpus, r["file"]) + "\n" for r in rows)
    try:
        done = subprocess.run(
            ["ckptguard", "scan", "--format=jsonl", "--files-from=-"],
            input=paths.encode("utf-8", "surrogateescape"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS,
            check=False)
    except subprocess.TimeoutExpired as late:
        return parse(corpus, late.stdout or b""), "timeout", []
    messages = done.stderr.decode("utf-8", "replace").splitlines()
    return parse(corpus, done.stdout), done.returncode, messages


def parse(corpus, out):
    reports = {}
    for line in out.splitlines():
        try:
            report = json.loads(line)
        except ValueError:
            continue  # a cut last line: its file counts as missing
        reports[os.path.relpath(report["path"], corpus)] = report
    return reports


def is_pickle_or_zip(path):
    with open(path, "rb") as f:
        head = f.read(512)
        f.seek(0, os.SEEK_END)
        f.seek(max(0, f.tell() - 65557))
        tail = f.read()
    if head[257:262] == b"ustar":
        return False
    if head.startswith(b"PK") or b"PK\x05\x06" in tail:
        return True
    if head.startswith(OTHER_MAGIC):
        return False
    return not path.endswith(OTHER_SUFFIX)


class Lookups:
    """The names that Python's unpicklers look up in a file; none is imported,
    and nothing is called but stand-ins that do nothing."""

    def __init__(self):
        self.seen = set()

    def of(self, path):
        with open(path, "rb") as f:
            data = f.read()
        lookups = self

        def stand_in(module, name):
            lookups.seen.add((module, name))
            return type("StandIn", (), {"__init__": lambda self, *a: None})

        class InC(pickle.Unpickler):
            def find_class(self, module, name):
                return stand_in(module, name)

        class InPython(pickle._Unpickler):
            def find_class(self, module, name):
                return stand_in(module, name)

        for unpickler in (InC, InPython):
            try:
                unpickler(io.BytesIO(data)).load()
            except Exception:  # whatever a broken file makes of it
                pass
        return self.seen


def can_run_nothing(path):
    """A small pickle without a single name (checked by Python, not by us)."""
    with open(path, "rb") as f:
        head = f.read(2)
    return (head != b"PK" and os.path.getsize(path) < 4096 and
            not Lookups().of(path))


def flagged(report):
    """What the guard denies: found, or in place and not read whole."""
    return report["verdict"] in ("suspicious", "malicious") or (
        report["verdict"] == "unverified" and report["in_place"])


def tell(row, report):
    found = report["findings"]
    worst = max(found, key=lambda f: ("info", "low", "medium", "high",
                                      "critical").index(f["severity"])) \
        if found else {"rule": "-", "message": report["error"] or "-"}
    return (f"{report['verdict']}: {row['file']} ({report['format']}):"
            f" {worst['rule']}: {worst['message'][:120]}")


def table(rows, reports):
    """verdicts by label and by the format that the scanner saw"""
    counts = collections.defaultdict(collections.Counter)
    for row in rows:
        report = reports.get(row["file"])
        if report:
            key = (row["expected"], report["format"])
            counts[key][report["verdict"]] += 1
    print("# %-11s %-28s" % ("label", "format seen") +
          "".join("%11s" % v for v in VERDICTS))
    for (label, name), seen in sorted(counts.items()):
        print("# %-11s %-28s" % (label, name[:28]) +
              "".join("%11s" % (seen[v] or ".") for v in VERDICTS))


def main():
    corpus = os.path.realpath(os.environ.get("CKPT_CORPUS", ""))
    if not os.path.isfile(os.path.join(corpus, "index.tsv")):
        skip(f"no corpus: {os.environ.get('CKPT_CORPUS')}/index.tsv "
             "is not there (CKPT_CORPUS names it)")
    rows = read_index(corpus)
    reports, status, messages = scan(corpus, rows)
    ok(status == 1, f"the scan of {len(rows)} files ends with 1",
       [f"it ended with {status}"] + messages[:20] if status != 1 else ())

    missing = [r["file"] for r in rows if r["file"] not in reports]
    ok(not missing, "every file has a verdict", missing)

    died = [tell(r, reports[r["file"]]) for r in rows
            if r["file"] in reports and reports[r["file"]]["error"]]
    ok(not died, "no scan failed by itself", died)

    seen = [(r, reports[r["file"]]) for r in rows if r["file"] in reports]
    missed = [(r, tell(r, p)) for r, p in seen if r["expected"] ==
              "malicious" and not flagged(p)]
    bad = [m for r, m in missed
           if is_pickle_or_zip(os.path.join(corpus, r["file"])) and
           not can_run_nothing(os.path.join(corpus, r["file"]))]
    ok(not bad, "every malicious pickle and zip is flagged", bad)
    for _, line in missed:
        if line not in bad:
            print(f"# labelled malicious, not counted: {line}")

    clean = [(r, p) for r, p in seen if r["expected"] == "clean"]
    wrong = [tell(r, p) for r, p in clean if p["verdict"] == "malicious"]
    ok(not wrong, f"none of {len(clean)} clean files is called malicious",
       wrong)
    denied = [tell(r, p) for r, p in clean
              if p["verdict"] in ("suspicious", "unverified")]
    ok(len(denied) <= DENIED_CLEAN_MAX,
       f"at most {DENIED_CLEAN_MAX} clean files are suspicious or unverified",
       denied)
    table(rows, reports)
    print(f"1..{number}")
    return 1 if failures else 0


sys.exit(main())
