# SPDX-License-Identifier: Apache-2.0
"""Samples of R objects: about, verdict, rules, bytes.

What R itself writes is added where R is installed.
"""

import gzip
import os
import shutil
import struct
import subprocess
import tempfile

PROMISE = "rdata.promise"
NIL, UNBOUND, GLOBAL = 254, 252, 253


class Writer:
    """Items in one of the three forms."""

    def __init__(self, form="X"):
        self.form = form

    def int(self, *numbers):
        if self.form == "A":
            return b"".join(b"%d\n" % n for n in numbers)
        order = ">" if self.form == "X" else "<"
        return struct.pack(f"{order}{len(numbers)}i", *numbers)

    def chars(self, s):
        end = b"\n" if self.form == "A" else b""
        return self.int(9 | 1 << 18, len(s)) + s.encode() + end

    def symbol(self, s):
        return self.int(1) + self.chars(s)

    def call(self, name, arg):
        return self.int(6) + self.symbol(name) + self.int(2) + \
            self.int(16, 1) + self.chars(arg) + self.int(NIL)

    def promise(self, expression, value=UNBOUND):
        # environment as tag, value, expression
        return self.int(5 | 0x400, GLOBAL, value) + expression

    def env(self, binding, name="x"):
        return self.int(4, 0, 242) + self.int(2 | 0x400) + \
            self.symbol(name) + binding + self.int(NIL) + self.int(NIL, NIL)

    def closure(self):
        return self.int(3 | 0x400, GLOBAL, NIL) + self.call("print", "marker")

    def bind(self, name, value):
        return self.int(2 | 0x400) + self.symbol(name) + value + self.int(NIL)

    def file(self, item, load=False, version=2):
        head = f"RD{self.form}{version}\n".encode() if load else b""
        head += f"{self.form}\n".encode()
        if version == 3:
            return head + self.int(3, 0x40000, 0x30500, 5) + b"UTF-8" + \
                (b"\n" if self.form == "A" else b"") + item
        return head + self.int(2, 0x30500, 0x20300) + item


def r_samples():
    """What R writes, every way in which it can."""
    if shutil.which("Rscript") is None:
        return []
    program = """
f <- lm(dist ~ speed, cars); g <- function(x) x + 1; for (i in 1:3) g(1)
g <- compiler::cmpfun(g); e <- new.env(); e$a <- 1:3; l <- list(f, g, e, pi)
for (c in c('gzip', 'bzip2', 'xz')) {
 saveRDS(l, paste0('l.', c), compress = c); save(f, g, e, file =
 paste0('a.', c), compress = c) }
saveRDS(l, 'l.plain', compress = FALSE); saveRDS(l, 'l.text', ascii = TRUE)
save(f, g, e, file = 'a.text', ascii = TRUE)
saveRDS(l, 'l.two', version = 2); saveRDS(1:1e5, 'l.alt')
save(f, g, file = 'a.two', version = 2)
h <- function(y) function() y; k <- h(f); saveRDS(k, 'closure')
"""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(["Rscript", "-e", program], cwd=folder,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, check=False)
        if run.returncode != 0:
            return []
        out = []
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as f:
                lazy = name == "closure"
                out.append((f"R's own {name}",
                            "unknown" if lazy else "clean",
                            ["rdata.lazy"] if lazy else [], f.read()))
        return out


W = Writer()
SAMPLES = [
    ("a promise without a value", "malicious", [PROMISE],
     W.file(W.promise(W.call("quote", "x")))),
    ("packed, of version 3", "malicious", [PROMISE],
     gzip.compress(W.file(W.promise(W.call("quote", "x")), version=3))),
    ("a promise in a list", "malicious", [PROMISE],
     W.file(W.int(19, 2, NIL) + W.promise(W.call("quote", "x")))),
    ("a promise that load() binds", "malicious", [PROMISE],
     W.file(W.bind("a", W.promise(W.call("quote", "x"))), load=True)),
    ("a promise that has its value", "clean", [],
     W.file(W.promise(W.call("quote", "x"), NIL))),
    ("an argument that was never used", "unknown", ["rdata.lazy"],
     W.file(W.env(W.promise(W.call("quote", "x"))))),
    ("one that starts a program", "malicious", [PROMISE],
     W.file(W.env(W.promise(W.call("system", "echo marker"))))),
    ("a call that starts a program", "suspicious", ["rdata.call"],
     W.file(W.call("system", "echo marker"))),
    ("a function bound to print", "suspicious", ["rdata.shadow"],
     W.file(W.bind("print", W.closure()), load=True)),
    ("a function of one's own", "clean", [],
     W.file(W.bind("mine", W.closure()), load=True)),
    ("cut off", "unverified", ["file.truncated"],
     W.file(W.bind("mine", W.closure()), load=True)[:-6]),
] + [
    (f"a promise, in form {form}", "malicious", [PROMISE],
     Writer(form).file(Writer(form).promise(Writer(form).call("quote", "x")),
                       version=version))
    for form in "AB" for version in (2, 3)
] + r_samples()
