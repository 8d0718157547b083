# SPDX-License-Identifier: Apache-2.0
"""agree: all that one scan says, in every form, is the same.

Several hundred files, with names that hurt, are scanned once; the JSON lines,
SARIF, HTML, text, table and progress of that scan must count and name the same.
JSON lines and SARIF are held against their schemas; CKPT_SARIF_SCHEMA may name
the official one.
"""

import collections
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse

SRC = os.environ["CKPT_SRC"]
sys.path.insert(0, os.path.join(SRC, "tests/samples"))
os.environ.setdefault("LC_ALL", "C.UTF-8")

import golden  # noqa: E402

COPIES = 200 if os.environ.get("CKPT_LONG") else 12  # 10,400 or 624 files
LISTED = 5000  # files of a verdict that a page lists
NAMES = [b"plain%d", b"<script>alert(%d)<b>", b"a b%%41%d", b"a:b%d",
         b"quote\"'&%d", b"\xff\xfe%d", b"\xe2\x80\xae%dtxt", b"new\nline%d",
         b"\x1b[31m%d", b"caf\xc3\xa9%d", b"-%d", b"]]>%d--!>&amp;"]
VERDICTS = ("malicious", "suspicious", "unverified", "unknown", "clean")


def make(top):
    """Files in several folders; returns how many."""
    n = 0
    samples = {name: function() for name, function in
               sorted(golden.SAMPLES.items())}
    for copy in range(COPIES):
        folder = os.path.join(top, b"f" + NAMES[copy % len(NAMES)] % copy)
        os.mkdir(folder)
        for name, data in samples.items():
            base = NAMES[n % len(NAMES)] % n + b"." + name.encode()
            with open(os.path.join(folder, base), "wb") as f:
                f.write(data)
            n += 1
    os.mkfifo(os.path.join(top, b"pipe"))
    os.mkdir(os.path.join(top, b"skipme"))
    with open(os.path.join(top, b"skipme", b"x"), "wb"):
        pass
    return n


class Page(html.parser.HTMLParser):
    """What a browser makes of the report."""

    def __init__(self):
        super().__init__()
        self.tags = collections.Counter()
        self.tiles, self.cards = {}, collections.Counter()
        self.names, self.ids, self.links = [], [], []
        self.policy = self.tile = None
        self.in_name = False
        self.text = ""

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.tags[tag] += 1
        assert not any(k.startswith("on") or k == "style" for k in a), a
        if a.get("http-equiv") == "Content-Security-Policy":
            self.policy = a["content"]
        if "data-f" in a:
            self.tile = a["data-f"]
        if "data-count" in a:
            self.tiles[self.tile] = int(a["data-count"])
        if "data-v" in a:
            self.cards[a["data-v"]] += 1
            self.in_name = True
        if tag == "code" and self.in_name:
            self.text = ""
        if "id" in a:
            self.ids.append(a["id"])
        for key in ("href", "src"):
            if key in a:
                assert a[key].startswith("#"), a
                self.links.append(a[key][1:])

    def handle_endtag(self, tag):
        if tag == "code" and self.in_name:
            self.names.append(self.text)
            self.in_name = False

    def handle_data(self, data):
        self.text += data


def shown(path):
    """A path as people see it: src/base/text.h."""
    out = ""
    for c in path:
        p = ord(c)
        if 0xdc80 <= p <= 0xdcff:
            out += "\\x%02x" % (p - 0xdc00)
        elif p < 0x20 or p == 0x7f:
            out += "\\x%02x" % p
        elif p == 0x202e:
            out += "\\u{202e}"
        else:
            out += "\\\\" if c == "\\" else c
    return out


def validator(schema):
    try:
        import jsonschema
    except ImportError:
        print("# schemas not looked at: python3-jsonschema is not installed")
        return lambda document: []
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return lambda document: [e.message[:200] for e in
                             kind(schema).iter_errors(document)]


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def about_jsonl(files):
    check = validator(load(os.path.join(SRC, "docs/scan.schema.json")))
    for f in files:
        yield from check(f)
    broken = dict(files[0], verdict="fine")
    if check(broken) == [] and check({}) != []:
        yield "the schema takes a verdict that is none"


def about_sarif(files, document):
    yield from validator(
        load(os.path.join(SRC, "tests/scan/sarif.schema.json")))(document)
    official = os.environ.get("CKPT_SARIF_SCHEMA")
    if official:
        yield from validator(load(official))(document)
    run = document["runs"][0]
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    if len(rules) != len(set(rules)):
        yield "a rule is described twice"
    if {r["ruleId"] for r in run["results"]} != set(rules):
        yield "rules and results name other rules"

    def key(path, rule, where, offset, verdict):
        return os.fsencode(path), rule, where, offset, verdict

    ours = collections.Counter(
        key(f["path"], x["rule"], x["where"], x["offset"], f["verdict"])
        for f in files for x in f["findings"])
    theirs = collections.Counter()
    for r in run["results"]:
        place = r["locations"][0]
        uri = place["physicalLocation"]["artifactLocation"]["uri"]
        logical = place.get("logicalLocations", [{}])[0]
        theirs[key(os.fsdecode(urllib.parse.unquote_to_bytes(
            re.sub("^file://", "", uri))), r["ruleId"],
            logical.get("fullyQualifiedName", ""),
            r["properties"]["offset"], r["properties"]["verdict"])] += 1
    if ours != theirs:
        yield f"findings differ: {list((ours - theirs) + (theirs - ours))[:3]}"


def about_html(files, path):
    counts = collections.Counter(f["verdict"] for f in files)
    page = Page()
    with open(path, encoding="utf-8") as f:
        whole = f.read()
    page.feed(whole)
    for v in VERDICTS:
        listed = min(counts[v], LISTED)
        if page.tiles.get(v) != counts[v] or page.cards[v] != listed:
            yield f"{v}: {page.tiles.get(v)} and {page.cards[v]}," \
                  f" not {counts[v]} and {listed}"
        more = f"and {counts[v] - listed:,} more of this verdict"
        if counts[v] != listed and more not in whole:
            yield f"{v}: it does not say: {more}"
    names = collections.Counter(shown(f["path"]) for f in files)
    if collections.Counter(page.names) - names or \
            (max(counts.values()) <= LISTED and len(page.names) != len(files)):
        yield "names differ"
    if page.tags["script"] != 1 or page.tags["style"] != 1:
        yield "there are other scripts or styles"
    if page.tags["svg"] != 3 or page.tags["img"] or page.tags["iframe"]:
        yield "other pictures than three"
    if "default-src 'none'" not in page.policy or \
            "unsafe" in page.policy:
        yield f"the policy is weak: {page.policy}"
    if len(page.ids) != len(set(page.ids)) or \
            not set(page.links) <= set(page.ids):
        yield f"links lead nowhere, or twice: {[i for i in page.ids if page.ids.count(i) > 1 or i in set(page.links) - set(page.ids)]}"
    if not {"rule-" + x["rule"] for f in files for x in f["findings"]} <= \
            set(page.ids):
        yield "a rule that was found is not explained"


def about_text(files, text, progress):
    counts = collections.Counter(f["verdict"] for f in files)
    last = text.rstrip("\n").split("\n")[-1]
    wanted = f"{len(files)} files: " + ", ".join(
        f"{counts[v]} {v}" for v in VERDICTS if counts[v]) + \
        ", 1 skipped (not regular files), 1 excluded"
    if last != wanted:
        yield f"text ends: {last}\nnot: {wanted}"
    for v in VERDICTS:
        rows = re.findall(rf"^{v} +([\d,]+) ", text, re.M)
        if counts[v] and [int(r.replace(",", "")) for r in rows] != [counts[v]]:
            yield f"the table's row of {v} is {rows}"
    for f in files:
        if f"{shown(f['path'])}: {f['verdict']} ({f['format']})\n" not in text:
            yield f"text lacks {f['path']!r}"
    ends = [line for line in progress.split("\r\x1b[K") if line]
    found = counts["malicious"] + counts["suspicious"]
    if not re.search(rf"100%  {len(files)} of {len(files)} files.*"
                     rf"  {found} found$", ends[-1]):
        yield f"progress ends: {ends[-1]!r}"


def main():
    with tempfile.TemporaryDirectory() as top:
        os.chdir(top)
        os.mkdir("in")
        n = make(b"in")
        done = subprocess.run(
            ["ckptguard", "scan", "--format=jsonl", "--report=r.html",
             "--report=r.sarif", "--report=r.txt", "--progress=always",
             "--color=never", "--exclude=skip*", "in"],
            check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=600)
        files = [json.loads(line)
                 for line in done.stdout.decode().splitlines()]
        assert n > 300
        with open("r.txt", encoding="utf-8") as f:
            text = f.read()
        tests = (
            ("every file is there once",
             [] if done.returncode == 1 and len(files) == n ==
             len({f["path"] for f in files}) else [done.stderr.decode()]),
            ("JSON lines are what the schema says", list(about_jsonl(files))),
            ("SARIF is sound and has the same findings",
             list(about_sarif(files, load("r.sarif")))),
            ("the page has the same files, and nothing that acts",
             list(about_html(files, "r.html"))),
            ("text, table and progress count the same",
             list(about_text(files, text, done.stderr.decode()))),
            ("nothing else was written",
             [x for x in os.listdir(".") if x not in
              ("in", "r.html", "r.sarif", "r.txt")]),
        )
        failed = 0
        for name, problems in tests:
            print("not ok" if problems else "ok", "-", name)
            for p in problems[:10]:
                print("#", p)
            failed |= bool(problems)
        return int(failed)


sys.exit(main())
