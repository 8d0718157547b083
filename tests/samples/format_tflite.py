# SPDX-License-Identifier: Apache-2.0
"""Samples of TensorFlow Lite: name, verdict, rules, bytes.

A FlatBuffer is written from its end: each part is placed and its offset known
when the parts that name it follow in front.  Here everything is written
forwards instead, with offsets filled in later, which readers take as well.
"""

import struct

INDEX = "tflite.index"


class Writer:
    """Parts one behind the other; a table's fields name parts by number."""

    def __init__(self, mark=b"TFL3"):
        self.data = bytearray(8)
        self.data[4:8] = mark

    def place(self):
        self.data += bytes(-len(self.data) % 8)
        return len(self.data)

    def point(self, at, to):
        self.data[at:at + 4] = struct.pack("<I", to - at)

    def string(self, text):
        at = self.place()
        raw = text.encode()
        self.data += struct.pack("<I", len(raw)) + raw + b"\0"
        return at

    def numbers(self, values, count=None):
        at = self.place()
        self.data += struct.pack(f"<I{len(values)}i", len(
            values) if count is None else count, *values)
        return at

    def raw(self, data, count=None):
        at = self.place()
        self.data += struct.pack(
            "<I", len(data) if count is None else count) + data
        return at

    def list(self, makers, count=None):
        """A vector of tables, each made behind it."""
        at = self.place()
        self.data += struct.pack(
            "<I", len(makers) if count is None else count)
        first = len(self.data)
        self.data += bytes(4 * len(makers))
        for i, maker in enumerate(makers):
            self.point(first + 4 * i, maker())
        return at

    def table(self, fields):
        """fields: number to a maker of a part, or to (format, value)."""
        size = max(fields, default=-1) + 1
        vtable = self.place()
        places, at = {}, 4
        for number, field in fields.items():
            width = 4 if callable(field) else struct.calcsize(field[0])
            at += -at % width
            places[number] = at
            at += width
        self.data += struct.pack("<HH", 4 + 2 * size, at)
        for number in range(size):
            self.data += struct.pack("<H", places.get(number, 0))
        table = self.place()
        self.data += bytes(at)
        struct.pack_into("<i", self.data, table, table - vtable)
        for number, field in fields.items():
            if callable(field):
                self.point(table + places[number], field())
            else:
                struct.pack_into(field[0], self.data, table + places[number],
                                 field[1])
        return table

    def file(self, root):
        self.data[0:4] = struct.pack("<I", root)
        return bytes(self.data)


def model(code=None, tensor=(("<I", 1), [2, 2]), op=0, inputs=(0,),
          buffer=None, **lies):
    w = Writer()

    def operator_code():
        fields = {2: ("<i", 1), 3: ("<i", 32 if code else 0)}
        if code is not None:
            fields[1] = lambda: w.string(code)
        return w.table(fields)

    def one_tensor():
        return w.table({0: lambda: w.numbers(tensor[1]), 2: tensor[0],
                        3: lambda: w.string("t")})

    def operator():
        return w.table({0: ("<I", op),
                        1: lambda: w.numbers(list(inputs)),
                        2: lambda: w.numbers([0])})

    def subgraph():
        return w.table({0: lambda: w.list([one_tensor],
                                          lies.get("tensors")),
                        1: lambda: w.numbers([0]),
                        2: lambda: w.numbers([0]),
                        3: lambda: w.list([operator])})

    def empty():
        return w.table({})

    def full():
        return w.table(buffer or {0: lambda: w.raw(
            bytes(16), lies.get("data"))})

    return w.file(w.table({
        0: ("<I", 3), 1: lambda: w.list([operator_code]),
        2: lambda: w.list([subgraph]), 3: lambda: w.string("made"),
        4: lambda: w.list([empty, full])}))


HONEST = model()

SAMPLES = [
    ("honest", "clean", [], HONEST),
    ("no input", "clean", [], model(inputs=(0, -1))),
    ("Flex operator", "clean", [], model("FlexTensorListReserve")),
    ("data behind", "clean", [], model(
        buffer={1: ("<Q", len(HONEST)), 2: ("<Q", 16)}) + bytes(64)),
    ("operator of another library", "unknown", ["tflite.custom"],
     model("SomebodysOp")),
    ("operator of the runtime", "clean", [],
     model("TFLite_Detection_PostProcess")),
    ("FlexReadFile", "suspicious", ["tflite.flex"], model("FlexReadFile")),
    ("FlexPyFunc", "suspicious", ["tflite.flex"], model("FlexPyFunc")),
    ("root outside", "suspicious", [INDEX],
     struct.pack("<I", 1 << 30) + HONEST[4:]),
    ("root in the head", "suspicious", [INDEX],
     struct.pack("<I", 4) + HONEST[4:]),
    ("vector of tables outside", "suspicious", [INDEX],
     model(tensors=1 << 29)),
    ("data outside", "suspicious", [INDEX], model(data=1 << 30)),
    ("data behind outside", "suspicious", [INDEX],
     model(buffer={1: ("<Q", 1 << 40), 2: ("<Q", 16)})),
    ("buffer's index", "suspicious", [INDEX],
     model(tensor=(("<I", 7), [2, 2]))),
    ("operator's index", "suspicious", [INDEX], model(op=9)),
    ("tensor's index", "suspicious", [INDEX], model(inputs=(5,))),
    ("tensor's index below -1", "suspicious", [INDEX], model(inputs=(-7,))),
    ("sizes wrap", "suspicious", [INDEX],
     model(tensor=(("<I", 1), [1 << 30] * 4))),
    ("negative size", "suspicious", [INDEX],
     model(tensor=(("<I", 1), [-5]))),
    ("cut off", "suspicious", [INDEX], HONEST[:-60]),
]
