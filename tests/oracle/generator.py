# SPDX-License-Identifier: Apache-2.0
"""generator: pickle streams that go after every rule of the language.

Streams are written opcode by opcode, not dumped: what no pickler writes is
what matters.  Names are markers; a few are dangerous ones, and nothing ever
resolves them.
"""
import collections
import io
import pickle
import struct

MODULES = ["os", "posix", "subprocess", "builtins", "__builtin__", "collections", "torch._utils", "mod", "pkg.sub", "x",
           "copy_reg", "_codecs", "joblib.numpy_pickle", "numpy", "numpy.core.multiarray", "torch"]
NAMES = ["system", "Popen", "eval", "getattr", "OrderedDict", "_rebuild_tensor_v2", "name", "A.b.c", "y", "_reconstructor",
         "encode", "NumpyArrayWrapper", "ndarray", "_reconstruct", "dtype", "FloatStorage", "list", "dict", "set", "<locals>.f"]
ODD = ["mod\r", " mod", "mod ", "m\x00d", "mod\t", "m\xe9d", "\u043e\u0441", "\uff4f\uff53", "m\U0001d4d0d", "m\ud800d", "a'b",
       'a"b', "a\\b", "\\u006fs", "\x7f", "\x01", "m\x85d", "m\u2028d", "", ".", "..", "a..b", "m" * 255, "n" * 256, "o" * 300,
       "p" * 1024, "m\xff", "\x1a", "cos"]
PROBABLE = b"()]}NKMJIFSVUXCcilaesubtdRoq\x81\x85\x86\x87\x8c\x93\x94"


def u4(n):
    return struct.pack("<I", n & 0xffffffff)


def u8(n):
    return struct.pack("<Q", n & 0xffffffffffffffff)


class Generator:
    def __init__(self, rng):
        self.rng = rng
        self.memo = 0

    def pick(self, things):
        return things[self.rng.randrange(len(things))]

    def often(self, chance):
        return self.rng.random() < chance

    def word(self, common):
        if self.often(0.08):
            return self.pick(ODD)
        if self.often(0.1):
            return self.pick(common) + self.pick(["1", ".z", "_", "\n", "0", "\xe9"])
        return self.pick(common)

    def pair(self):
        return self.word(MODULES), self.word(NAMES)

    # Numbers as text, with all that int() and strtol() forgive.

    def number(self, n=None):
        n = self.rng.randrange(-300, 70000) if n is None else n
        text = self.pick(["%d", "%d", "%d", " %d", "%d ", "+%d", "0%d", "%d\t", "\t%d", "%dL", "%d\0junk", "%d\r", "\v%d\f",
                          "%d\x1c", "\x85%d", "\xa0%d"]) % n
        if self.often(0.1):
            text = self.pick([hex, oct, bin])(n)
        if self.often(0.05):
            text = "_".join(str(n))
        if self.often(0.03):
            text = self.pick(["", "\0", "0_", "_0", "0x", "0x_1", "00", "01", "1e3", "--1", "0777", "0779", "1__0", "L", "0L", "\u0661"])
        return text.encode("latin1" if self.often(0.5) and all(ord(c) < 256 for c in text) else "utf-8")

    # One text, pushed in any way there is.

    def escaped(self, text):
        """The argument of UNICODE."""
        out = []
        for c in text:
            if c == "\n" or ord(c) > 255 or self.often(0.2):
                out.append("\\u%04x" % ord(c) if ord(c) < 65536 and self.often(0.8) else "\\U%08x" % ord(c))
            elif c == "\\":
                out.append(self.pick(["\\u005c", "\\", "\\\\"]))
            else:
                out.append(c)
        return "".join(out).encode("latin1", "replace")

    def quoted(self, text):
        """The argument of STRING."""
        quote = self.pick(["'", '"'])
        raw = text.encode("latin1" if self.often(0.7) else "utf-8", "replace")
        out = b""
        for b in raw:
            c = bytes([b])
            if c in b"\n\\" or c == quote.encode() or self.often(0.2):
                c = self.pick([b"\\%03o" % b, b"\\x%02x" % b])
            elif self.often(0.01):
                c = b"\\" + c
            out += c
        out = quote.encode() + out + quote.encode()
        if self.often(0.06):
            out = self.pick([out + b" ", out + b"\r", out[:-1], out[1:], b" " + out, out + b"\x00", out + b"'"])
        return out

    def text_plain(self, text):
        utf = text.encode("utf-8", "surrogatepass")
        raw = text.encode("latin1", "replace") if self.often(0.5) else utf
        return self.pick([
            lambda: b"\x8c" + bytes([len(utf) & 255]) + utf,
            lambda: b"X" + u4(len(utf)) + utf,
            lambda: b"\x8d" + u8(len(utf)) + utf,
            lambda: b"V" + self.escaped(text) + b"\n",
            lambda: b"S" + self.quoted(text) + b"\n",
            lambda: b"U" + bytes([len(raw) & 255]) + raw,
            lambda: b"T" + u4(len(raw)) + raw,
        ])()

    def key(self):
        return self.rng.randrange(self.memo + 1) if self.often(0.9) else self.pick([0, 1, 255, 256, 65536, 2**31, 10**10])

    def put(self, key=None):
        key = self.key() if key is None else key
        ways = [b"p" + (b"%d" % key if self.often(0.7) else self.number(key)) + b"\n"]
        if key < 256:
            ways += [b"q" + bytes([key])] * 2
        if key < 1 << 32:
            ways.append(b"r" + u4(key))
        self.memo += 1
        return self.pick(ways)

    def get(self, key=None):
        key = self.key() if key is None else key
        ways = [b"g" + (b"%d" % key if self.often(0.7) else self.number(key)) + b"\n"]
        if key < 256:
            ways += [b"h" + bytes([key])] * 2
        if key < 1 << 32:
            ways.append(b"j" + u4(key))
        return self.pick(ways)

    def text(self, text):
        plain = self.text_plain(text)
        way = self.rng.randrange(14)
        if way == 0:
            key = self.rng.randrange(300)
            return plain + self.put(key) + b"0" + self.junk() + self.get(key)
        if way == 1:
            key = self.memo
            self.memo += 1
            return plain + b"\x94" + self.pick([b"0", b"", b"00"]) + self.get(key)
        if way == 2:
            return plain + b"20"
        if way == 3:
            return plain + self.junk()
        if way == 4:
            return b"(" + plain + self.put(7) + b"1" + self.get(7)
        if way == 5:
            return self.value() + plain + self.put(9) + b"\x860" + self.get(9)
        return plain

    def junk(self):
        """What leaves the stack as it was."""
        return self.pick([
            lambda: b"", lambda: b"(0", lambda: b"N0", lambda: b"(1", lambda: b"(N1", lambda: b"(NN1",
            lambda: b"\x80" + bytes([self.rng.randrange(7)]), lambda: self.put(), lambda: b"\x94", lambda: b"\x95" + u8(0),
            lambda: self.value() + b"0", lambda: b"\x95" + u8(self.rng.randrange(40)), lambda: b"(" + self.value() + b"1",
            lambda: b"20", lambda: b"N" * 40 + b"0" * 40, lambda: b"(l0",
        ])()

    def value(self, depth=0):
        """Push one thing."""
        r = self.rng
        data = r.getrandbits(8 * 9).to_bytes(9, "little")[:r.randrange(9)]
        if self.often(0.05):
            data = self.pickle(small=True)[:250] if depth < 2 else b".."
        if depth > 2:
            return b"N"
        inner = lambda: self.value(depth + 1)
        return self.pick([
            lambda: b"N", lambda: b"\x88", lambda: b"\x89", lambda: b"]", lambda: b"}", lambda: b")", lambda: b"\x8f",
            lambda: b"K" + data[:1].ljust(1, b"a"), lambda: b"M" + data[:2].ljust(2, b"c"), lambda: b"J" + data[:4].ljust(4, b"."),
            lambda: b"G" + data[:8].ljust(8, b"R"), lambda: b"I" + self.number() + b"\n", lambda: b"L" + self.number() + b"\n",
            lambda: b"F" + self.pick([b"1.5", b" 1.5 ", b"1_0.5", b"nan", b"-inf", b"1.5\x00j", b"1e5", b"0x1p3", b"", b"1.5\r"]) + b"\n",
            lambda: b"\x8a" + bytes([len(data)]) + data, lambda: b"\x8b" + u4(len(data)) + data,
            lambda: b"C" + bytes([len(data)]) + data, lambda: b"B" + u4(len(data)) + data,
            lambda: b"\x8e" + u8(len(data)) + data, lambda: b"\x96" + u8(len(data)) + data,
            lambda: self.text_plain(self.word(NAMES)), lambda: self.get(),
            lambda: inner() + b"\x85", lambda: inner() + inner() + b"\x86", lambda: inner() + inner() + inner() + b"\x87",
            lambda: b"(" + inner() + b"t", lambda: b"(" + inner() + inner() + b"l", lambda: b"(" + inner() + inner() + b"d",
            lambda: b"(" + inner() + b"\x91", lambda: b"}(" + inner() + inner() + b"u", lambda: b"](" + inner() + inner() + b"e",
            lambda: b"]" + inner() + b"a", lambda: b"}" + inner() + inner() + b"s", lambda: b"\x8f(" + inner() + b"\x90",
            lambda: self.imported(), lambda: inner() + b"Q", lambda: b"P" + self.pick([b"id", b"", b"\xff", b"a b"]) + b"\n",
            lambda: b"\x82" + data[:1].ljust(1, b"c"), lambda: b"\x83" + data[:2].ljust(2, b"c"), lambda: b"\x84" + data[:4].ljust(4, b"c"),
            lambda: b"\x97", lambda: inner() + b"\x98", lambda: inner() + b"2\x86", lambda: b"N2222220" + b"0" * 5,
        ])()

    def lines(self):
        module, name = self.pair()
        how = self.pick(["utf-8", "utf-8", "utf-8", "latin1"])
        out = []
        for s in (module, name):
            try:
                out.append(s.encode(how, "surrogatepass" if how == "utf-8" else "strict"))
            except UnicodeEncodeError:
                out.append(s.encode("utf-8", "surrogatepass"))
        return b"\n".join(out) + b"\n"

    def imported(self):
        """Push something that is looked up."""
        way = self.rng.randrange(10)
        module, name = self.pair()
        if way < 3:
            return b"c" + self.lines()
        if way < 8:
            return self.text(module) + self.junk() + self.text(name) + self.junk() + b"\x93"
        if way == 8:
            return self.pick([b"(", b"(", b"(N", b"", b"(("]) + b"i" + self.lines()
        if self.often(0.5):
            return b"(" + self.value(2) + b"1" + self.text(module) + self.text(name) + b"\x93"
        # Operands that are no text.
        return self.pick([self.value(1), self.text(module)]) + self.pick([self.value(1), self.text(name)]) + b"\x93"

    def used(self):
        """Something looked up and used in any way."""
        g, v = self.imported(), lambda: self.value(1)
        return g + self.pick([
            lambda: b"", lambda: b")R", lambda: v() + b"R", lambda: v() + b"\x85R", lambda: b"]R", lambda: b"}R", lambda: b")\x81",
            lambda: v() + b"\x81", lambda: v() + b"\x85\x81", lambda: b")}\x92", lambda: v() + v() + b"\x92", lambda: v() + b"b",
            lambda: b"}b", lambda: b"}" + v() + v() + b"sb", lambda: b")R}" + v() + v() + b"sb", lambda: b"N}" + self.text("a") + v() + b"s\x86b",
            lambda: v() + b"a", lambda: b"(" + v() + v() + b"e", lambda: b"(" + v() + b"\x90", lambda: v() + v() + b"s",
            lambda: b"(" + v() + v() + b"u", lambda: b"0(" + self.imported() + v() + b"o", lambda: b"0(" + self.imported() + b"o",
            lambda: b")R" + v() + b"a", lambda: b")R(" + v() + b"e", lambda: b")\x81(" + v() + b"\x90", lambda: b")R" + v() + v() + b"s",
            lambda: b")R" + v() + b"R", lambda: b"2", lambda: self.put(), lambda: b"Q", lambda: b"N\x86R", lambda: b")RN\x86b",
        ])()

    def piece(self):
        way = self.rng.randrange(12)
        if way < 5:
            return self.used() + self.pick([b"0", b"0", b"", b"\x94", b"\x940"])
        if way < 8:
            return self.value() + self.pick([b"0", b"0", b"", b"\x94"])
        if way < 10:
            return self.junk()
        if way == 10:
            return self.bomb()
        return b"(" + self.value() + self.used() + self.pick([b"t", b"l", b"1", b"d", b"\x91", b""])

    def bomb(self):
        n = self.rng.randrange(3, 14)
        return self.pick([b"N" + b"2\x86" * n, b"(" * n + b"l" * n, b"N" + b"\x85" * n * 4, b"]" + b"2a" * 2,
                          b"V" + b"v" * n * 30 + b"\n0", b"N0" * n * 4, b"]" * n]) + b"0"

    def frames(self, body):
        """Frames over it: right, short, long, inside each other."""
        at = self.rng.randrange(len(body) + 1)
        left = len(body) - at
        size = self.pick([left, left, self.rng.randrange(left + 1), self.rng.randrange(left + 1), self.rng.randrange(12), left + 1,
                          left + 9, left + 1000, 2**40, 2**63, 2**64 - 1, 0, 4, 5])
        return body[:at] + b"\x95" + u8(size) + body[at:]

    def straddle(self):
        """An argument over the end of a frame, with another one behind."""
        rest = self.pick([self.used() + b".", b"mod\nname\n.", b"os\nsystem\n)R.", self.imported() + b"0N.", b"\nos\nsystem\n."])
        op = self.pick([b"csafe", b"cmod\nna", b"isafe\nx", b"B" + u4(len(rest)), b"B" + u4(3) + b"ab", b"C\x05ab", b"X" + u4(9) + b"abc",
                        b"\x8c\x04a", b"U\x08abc", b"T" + u4(6), b"Vab", b"S'ab", b"I12", b"L12", b"F1.", b"p1", b"g1", b"K", b"J12",
                        b"M1", b"G1234", b"\x8a\x03a", b"\x8b" + u4(5) + b"a", b"\x8d" + u8(4) + b"a", b"\x8e" + u8(7) + b"abc", b"\x96" + u8(5) + b"a",
                        b"r12", b"j12", b"q", b"h", b"\x80", b"\x82", b"\x95" + u8(9)[:4], b"Pab", b"B" + u4(30)[:2]])
        lead = self.pick([b"", self.junk(), self.value()])
        cut = self.rng.randrange(len(op) + 1) if self.often(0.3) else len(op)
        return lead + b"\x95" + u8(cut) + op + self.pick([b"", b"\n", b"x", b"zz\nzz\n", b"a" * self.rng.randrange(8)]) + rest

    def pickle(self, small=False):
        self.memo = 0
        out = b""
        if self.often(0.75):
            out = b"\x80" + bytes([self.pick([0, 1, 2, 2, 3, 4, 4, 5])])
        for _ in range(self.rng.randrange(1, 3 if small else 8)):
            out += self.piece()
        if self.often(0.12):
            out += self.straddle()
        while self.often(0.2):
            out = self.frames(out) if out[:1] != b"\x80" else out[:2] + self.frames(out[2:])
        return out + self.pick([b".", b".", b".", b"N.", b"0N.", b""])

    def honest(self):
        """What pickle.dumps makes of ordinary things."""
        r = self.rng
        plain = [1, "text", b"bytes", 1.5, None, True, ("a", 2), [1, 2, 3], {"k": [1]}, 2**70, {1, 2}, frozenset([3]), "\u00e9", bytearray(b"x")]
        rich = [collections.OrderedDict([("a", 1)]), complex(1, 2), collections.deque([1], 5), range(3), slice(1, 2), io.BytesIO,
                collections.Counter("ab"), ValueError("x"), len, str.join]
        thing = [self.pick(plain + rich) for _ in range(r.randrange(1, 6))]
        if self.often(0.5):
            thing = {"state": thing, self.pick(["a", 2]): (thing, self.pick(plain))}
        return pickle.dumps(thing, r.randrange(6))

    def soup(self):
        """Opcodes with arguments that fit, in any order."""
        out = b""
        for _ in range(self.rng.randrange(2, 25)):
            out += self.pick([self.value, self.junk, self.imported, lambda: bytes([self.pick(PROBABLE)]),
                              lambda: bytes([self.rng.randrange(256)]), lambda: self.pick([b"t", b"R", b"a", b"0", b"1", b"2", b"b", b".", b"e", b"("])])()
        return out + b"."

    def broken(self, data):
        """Cut, spliced, flipped, with bytes put in or taken out."""
        data = bytearray(data)
        for _ in range(self.rng.randrange(1, 4)):
            if not data:
                break
            at, way = self.rng.randrange(len(data)), self.rng.randrange(7)
            if way == 0:
                data[at] ^= 1 << self.rng.randrange(8)
            elif way == 1:
                data[at] = self.rng.randrange(256)
            elif way == 2:
                del data[at:at + self.rng.randrange(1, 5)]
            elif way == 3:
                data[at:at] = self.pick([self.used, self.junk, self.value, self.imported])()
            elif way == 4:
                data[at:at] = bytes([self.pick(PROBABLE)])
            elif way == 5:
                del data[at:]
            else:
                data[at:] = self.pick([self.pickle, self.honest])()[self.rng.randrange(20):]
        return bytes(data)

    def stream(self):
        way = self.rng.randrange(20)
        if way < 8:
            out = self.pickle()
        elif way < 11:
            out = self.broken(self.pickle())
        elif way < 14:
            out = self.broken(self.honest())
        elif way < 16:
            out = self.soup()
        elif way == 16:
            out = self.straddle()
        elif way == 17:
            out = self.honest()
        else:
            out = b"".join(self.pick([self.pickle, self.honest])() for _ in range(self.rng.randrange(2, 4)))
        if self.often(0.05):
            out += self.pick([b"\xff", b"X\xff\xff\xff\x7f", b"\x00" * 40, b"garbage " * 3])
            out += self.pick([b"", self.pickle()])
        return out
