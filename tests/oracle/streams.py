# SPDX-License-Identifier: Apache-2.0
"""streams: pickles that go after every rule of the machine.

A Maker gives streams without end, the same for the same seed: opcodes drawn
with a model of the stack at hand, so that most of a stream runs, and honest
pickles that are then spoilt.
"""

import collections
import datetime
import decimal
import fractions
import pickle
import random
import struct

MODULES = [b"os", b"posix", b"subprocess", b"mod", b"a.b", b"__builtin__",
           b"copy_reg", b"m\xc3\xa9", b"collections", b"x\r", b"os\x00"]
NAMES = [b"system", b"name", b"C.d", b"loads.__globals__", b"popen", b"",
         b"n\xc3\xa9", b"OrderedDict", b"_reconstructor", b" spaced", b"Thing"]
INTS = [b"0", b"1", b"00", b"01", b"0x10", b"0o7", b"0b1", b"010", b"1_0",
        b" 10 ", b"-5", b"+5", b"5\0junk", b"0x_1", b"12L", b"99999999999999",
        b"9" * 40, b"", b" ", b"1__0", b"_1", b"0x", b"abc", b"09", b"\0",
        b"1 1", b"0X1F", b"\t3", b"-0x5", b"--1", b"1\0"]
FLOATS = [b"1.5", b" 1.5 ", b"1_0.5", b"nan", b"inf", b"-inf", b"1e5", b"1.5\0",
          b"", b"x", b"0x1p3", b"1_.5", b"infinity", b"1e", b".5", b"5."]
KEYS = [b"0", b"1", b"2", b"+1", b" 1", b"01", b"1_0", b"7", b"1\0", b"-1",
        b"x", b"1 ", b"300", b"100000", b"2000000000"]


class Stream:
    """A stream in the making, with what would be on the stack."""

    def __init__(self, draw):
        self.draw = draw
        self.out = bytearray()
        self.stack = []
        self.marks = []
        self.keys = []
        self.next_key = 0

    def need(self, count):
        floor = self.marks[-1] if self.marks else 0
        return len(self.stack) - floor >= count

    def push(self, kind):
        self.stack.append(kind)

    def pop(self, count):
        if count:
            del self.stack[-count:]

    def to_mark(self):
        if self.marks:
            del self.stack[self.marks.pop():]

    def emit(self, *parts):
        for part in parts:
            self.out += part


def line(text):
    return text + b"\n"


class Maker:
    """Streams without end."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.names = 0
        self.honest = [self.dump() for _ in range(400)]
        self.table = self.weights()

    # operands

    def module(self):
        return self.draw.choice(MODULES)

    def name(self):
        return self.draw.choice(NAMES)

    def text(self):
        return self.draw.choice([self.module, self.name, lambda: b"text"])()

    def quoted(self, raw):
        """STRING with escapes, in the forms that loaders take or not."""
        out = b""
        for byte in raw:
            form = self.draw.random()
            if form < 0.1:
                out += b"\\x%02x" % byte
            elif form < 0.2:
                out += b"\\%03o" % byte
            elif byte in b"\\'\"\n\r\0":
                out += b"\\x%02x" % byte
            else:
                out += bytes([byte])
        quote = self.draw.choice([b"'", b'"'])
        tail = self.draw.choice([b""] * 20 + [b" ", b"\r", b"x", b"\\"])
        return quote + out + quote + tail

    def escaped(self, raw):
        """UNICODE with escapes."""
        out = b""
        for char in raw.decode("utf-8", "replace"):
            form = self.draw.random()
            if form < 0.15 or char in "\\\n\r\0" or ord(char) > 255:
                out += b"\\u%04x" % ord(char)
            elif form < 0.2:
                out += b"\\U%08x" % ord(char)
            else:
                out += char.encode("latin-1")
        return self.draw.choice([b""] * 20 + [b"\\\\", b"\\x6d", b"\\u00"]) + \
            out

    # groups of opcodes

    def scalar(self, s):
        n = self.draw.randrange(12)
        if n == 0:
            s.emit(b"N")
        elif n == 1:
            s.emit(self.draw.choice([b"\x88", b"\x89"]))
        elif n == 2:
            s.emit(b"K", bytes([self.draw.randrange(256)]))
        elif n == 3:
            s.emit(b"M", struct.pack("<H", self.draw.randrange(65536)))
        elif n == 4:
            s.emit(b"J", struct.pack("<i", self.draw.randrange(-9, 9)))
        elif n == 5:
            s.emit(b"G", struct.pack(">d", 1.5))
        elif n == 6:
            s.emit(b"I", line(self.draw.choice(INTS)))
        elif n == 7:
            s.emit(b"L", line(self.draw.choice(INTS) +
                              self.draw.choice([b"", b"L"])))
        elif n == 8:
            s.emit(b"F", line(self.draw.choice(FLOATS)))
        elif n == 9:
            size = self.draw.choice([0, 1, 8, 10])
            s.emit(b"\x8a", bytes([size]), b"\x01" * size)
        elif n == 10:
            s.emit(b"\x8b", struct.pack("<i", self.draw.choice([0, 3, -1])),
                   b"abc")
        else:
            s.emit(self.draw.choice([b")", b"]", b"}", b"\x8f"]))
        s.push("data")

    def string(self, s, raw=None):
        raw = self.text() if raw is None else raw
        size = len(raw)
        s.emit(self.draw.choice([
            b"\x8c" + bytes([size]) + raw,
            b"\x8c" + bytes([size]) + raw,
            b"X" + struct.pack("<I", size) + raw,
            b"\x8d" + struct.pack("<Q", size) + raw,
            b"V" + line(self.escaped(raw)),
            b"S" + line(self.quoted(raw)),
            b"U" + bytes([size]) + raw,
            b"T" + struct.pack("<i", size) + raw]))
        s.push("str")

    def payload(self, s):
        inside = self.draw.choice([
            b"", b"xyz", b"cos\nsystem\n.", b"\x80\x02N.", b"z" * 300])
        size = len(inside)
        lie = self.draw.choice([0] * 30 + [1, -1, 1 << 20])
        s.emit(self.draw.choice([
            b"B" + struct.pack("<I", max(0, size + lie)),
            b"C" + bytes([max(0, min(255, size + lie))]),
            b"\x8e" + struct.pack("<Q", max(0, size + lie)),
            b"\x96" + struct.pack("<Q", max(0, size + lie))]),
            inside[:255] if size > 255 else inside)
        s.push("bytes")

    def imports(self, s):
        form = self.draw.random()
        self.names += 1
        if form < 0.4:
            s.emit(b"c", line(self.module()), line(self.name()))
            s.push("global")
        elif form < 0.5:
            s.emit(b"i", line(self.module()), line(self.name()))
            s.to_mark()
            s.push("call")
        else:
            for raw in (self.module(), self.name()):
                self.operand(s, raw)
            s.emit(b"\x93")
            s.pop(2)
            s.push("global")

    def operand(self, s, raw):
        """A string on top of the stack, by some way round."""
        self.string(s, raw)
        for _ in range(self.draw.choice([0, 0, 0, 1, 2])):
            self.padding(s)
        form = self.draw.random()
        if form < 0.15:
            key = self.put(s)
            s.emit(b"0")
            s.pop(1)
            self.get(s, key)
        elif form < 0.2:
            s.emit(b"2", b"0")
        elif form < 0.25:
            s.emit(b"(", b"N", b"N", b"1")

    def padding(self, s):
        s.emit(self.draw.choice([
            b"\x80\x04", b"\x80\x02", b"\x80\x00", b"N0", b"(0", b"(N1",
            b"\x94", b"q\x09", b"20", b"\x95" + bytes(8), b"p9\n",
            b"I0x1\n0", b"\x80\x09"]))
        self.keys_unknown(s)

    def keys_unknown(self, s):
        s.next_key = None

    def put(self, s):
        """Memoize the top: the key, if it is known."""
        form = self.draw.random()
        if form < 0.4:
            s.emit(b"\x94")
            key = s.next_key
        elif form < 0.7:
            key = self.draw.choice([0, 1, 2, 5, 7, 200])
            s.emit(b"q", bytes([key]))
        elif form < 0.85:
            key = self.draw.choice([0, 1, 300, 70000, 4000000000])
            s.emit(b"r", struct.pack("<I", key))
        else:
            text = self.draw.choice(KEYS)
            s.emit(b"p", line(text))
            try:
                key = int(text)
            except ValueError:
                key = None
        if key is not None and key not in s.keys:
            s.keys.append(key)
        if s.next_key is not None:
            s.next_key = len(s.keys)
        return key

    def get(self, s, key):
        if key is None:
            key = self.draw.choice(s.keys or [0])
        forms = [b"g" + line(b"%d" % key), b"g" + line(b" %d" % key),
                 b"g" + line(b"+%d" % key) if key >= 0 else b"N"]
        if 0 <= key < 256:
            forms += [b"h" + bytes([key])] * 4
        if 0 <= key < 1 << 32:
            forms += [b"j" + struct.pack("<I", key)] * 2
        s.emit(self.draw.choice(forms))
        s.push("str")

    def memo(self, s):
        if s.need(1) and self.draw.random() < 0.6:
            self.put(s)
        elif s.keys:
            self.get(s, self.draw.choice(s.keys))
        else:
            s.emit(b"g", line(self.draw.choice(KEYS)))
            s.push("data")

    def mark(self, s):
        s.emit(b"(")
        s.marks.append(len(s.stack))

    def container(self, s):
        if self.draw.random() < 0.5 and s.need(3):
            n = self.draw.randrange(1, 4)
            s.emit(bytes([0x84 + n]))
            s.pop(n)
            s.push("tuple")
        elif s.marks:
            s.emit(self.draw.choice([b"t", b"t", b"l", b"d", b"\x91"]))
            s.to_mark()
            s.push("tuple")
        else:
            s.emit(b")")
            s.push("tuple")

    def calls(self, s):
        form = self.draw.random()
        if form < 0.1 and s.marks:
            s.emit(b"o")
            s.to_mark()
            s.push("call")
            return
        if self.draw.random() < 0.7:
            self.imports(s)
        args = self.draw.choice([b")", b")", b"N\x85", b"]", b"}", b"(t",
                                 b"(NNt", b"X\x01\0\0\0a", b"N", b"\x8f"])
        s.emit(args, self.draw.choice([b"R", b"R", b"\x81", b"}\x92", b"b"]))
        s.pop(0)

    def store(self, s):
        if s.marks and self.draw.random() < 0.6:
            s.emit(self.draw.choice([b"e", b"u", b"\x90"]))
            s.to_mark()
        else:
            s.emit(self.draw.choice([b"Na", b"NNs", b"Nb", b"}b", b"N}\x86b",
                                     b"(Ne", b"(NNu", b"(N\x90", b"(Nu"]))

    def odd(self, s):
        s.emit(self.draw.choice([
            b"P", b"P" + line(b"id"), b"Q", b"\x82\x01", b"\x83\x01\x01",
            b"\x84\x01\0\0\0", b"\x84\0\0\0\0", b"\x97", b"\x98", b"1", b"0",
            b"t", b"R", b"s", b".", b"\xff", b"\0", b"e", b"o", b"Ni", b"2",
            b"\x80\x06", b"T\xff\xff\xff\xff", b"c\n\n", b"cx\n\n", b"c\nx\n",
            b"c\xff\nx\n", b"i\xc3\xa9\nx\n", b"X\x01\0\0\0\xff",
            b"\x8d" + b"\xff" * 8, b"\x8e" + b"\xff" * 8,
            b"B\xff\xff\xff\xff", b"V" + b"a" * 5000 + b"\n"]))

    def frame(self, s):
        size = self.draw.choice([
            0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 100, 1000, 1 << 62])
        s.emit(b"\x95", struct.pack("<Q", size))

    def weights(self):
        table = [(self.scalar, 10), (self.string, 10), (self.payload, 3),
                 (self.imports, 14), (self.memo, 10), (self.mark, 6),
                 (self.container, 8), (self.calls, 10), (self.store, 5),
                 (self.padding, 5), (self.odd, 2), (self.frame, 2)]
        return [f for f, n in table for _ in range(n)]

    def made(self):
        s = Stream(self.draw)
        framed = self.draw.random() < 0.3
        if self.draw.random() < 0.8:
            s.emit(b"\x80", bytes([self.draw.choice([0, 1, 2, 3, 4, 4, 5])]))
        if framed:
            self.frame(s)
        for _ in range(self.draw.choice([2, 5, 10, 20, 40])):
            step = self.draw.choice(self.table)
            if step in (self.odd, self.frame) and self.draw.random() < 0.5:
                continue
            if step == self.store and not s.need(1):
                self.imports(s)
            step(s)
        end = self.draw.random()
        if end < 0.7:
            s.emit(b".")
        elif end < 0.9:
            s.emit(self.draw.choice([
                b"cos\nsystemX", b"cos\nsystem", b"cos", b"ios\nsystem", b"i",
                b"c\n", b"cos\n", b"S'os'X", b"\x93"]))
        return bytes(s.out)

    # honest pickles, spoilt

    def value(self, depth=0):
        n = self.draw.randrange(16 if depth < 3 else 9)
        if n < 3:
            return self.draw.choice([None, True, 0, 1, 255, 65536, 1 << 40,
                                     -1, 1.5, 1 << 70])
        if n < 6:
            return self.draw.choice(["", "os", "system", "text", "\u00e9",
                                     "a" * 300])
        if n < 8:
            return self.draw.choice([b"", b"\x80\x02", b"b" * 300,
                                     bytearray(b"xy")])
        if n == 8:
            return self.draw.choice([
                datetime.date(2026, 1, 2), decimal.Decimal("1.5"),
                fractions.Fraction(1, 3), complex(1, 2), range(3),
                collections.OrderedDict(a=1), collections.Counter("aab"),
                datetime.timedelta(1), len, dict, slice(1, 2)])
        items = [self.value(depth + 1) for _ in range(self.draw.randrange(5))]
        if n < 11:
            return items
        if n < 13:
            return tuple(items)
        if n == 13:
            return {str(i): item for i, item in enumerate(items)}
        if n == 14:
            return {i for i in (1, 2, "os")}
        return items + items

    def dump(self):
        return pickle.dumps(self.value(), self.draw.randrange(6))

    def spoilt(self):
        data = bytearray(self.draw.choice(self.honest))
        for _ in range(self.draw.choice([1, 1, 1, 2, 4])):
            at = self.draw.randrange(len(data) + 1)
            form = self.draw.randrange(7)
            if form == 0 and at < len(data):
                data[at] ^= 1 << self.draw.randrange(8)
            elif form == 1:
                del data[at:]
            elif form == 2:
                del data[at:at + self.draw.randrange(1, 5)]
            elif form == 3:
                other = self.draw.choice(self.honest)
                cut = self.draw.randrange(len(other) + 1)
                data[at:] = other[cut:]
            elif form == 4:
                s = Stream(self.draw)
                self.draw.choice(self.table)(s)
                data[at:at] = s.out
            elif form == 5:
                self.names += 1
                data[at:at] = b"c" + line(self.module()) + line(self.name())
            elif at < len(data):
                data[at] = self.draw.randrange(256)
        return bytes(data)

    def stream(self):
        form = self.draw.random()
        if form < 0.6:
            return self.made()
        if form < 0.95:
            return self.spoilt()
        return self.spoilt() + self.made()
