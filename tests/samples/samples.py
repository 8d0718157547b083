# SPDX-License-Identifier: Apache-2.0
"""What sample makers build with: pickles by hand and torch zips.

Nothing here imports a machine-learning library, and nothing that is made is
ever loaded.  A payload is always a harmless marker.  The same call makes the
same bytes on every run.
"""

import struct
import zipfile

MARKER = "echo marker"


def text(s):
    """BINUNICODE"""
    raw = s.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def glob(module, name):
    """GLOBAL"""
    return b"c%s\n%s\n" % (module.encode(), name.encode())


def number(n):
    """BININT1, BININT2 or BININT"""
    if n < 256:
        return b"K" + bytes([n])
    if n < 65536:
        return b"M" + struct.pack("<H", n)
    return b"J" + struct.pack("<i", n)


def call(function, *arguments):
    """function(*arguments): MARK, arguments, TUPLE, REDUCE"""
    return function + b"(" + b"".join(arguments) + b"tR"


def command(line=MARKER):
    """os.system(line), if anyone were to load it."""
    return call(glob("os", "system"), text(line))


def stream(body, proto=2):
    return b"\x80" + bytes([proto]) + body + b"."


def storage(key, count, kind="FloatStorage", device="cpu"):
    """torch's persistent id of a storage of count elements"""
    return (b"(" + text("storage") + glob("torch", kind) + text(key) +
            text(device) + number(count) + b"tQ")


def tensor(key, rows, columns):
    """torch._utils._rebuild_tensor_v2 over one storage"""
    return call(
        glob("torch._utils", "_rebuild_tensor_v2"),
        storage(key, rows * columns),
        number(0),
        number(rows) + number(columns) + b"\x86",
        number(columns) + number(1) + b"\x86",
        b"\x89",
        glob("collections", "OrderedDict") + b")R",
    )


def mapping(items):
    """an OrderedDict of text to already pickled values"""
    body = b"".join(text(k) + v for k, v in items)
    return glob("collections", "OrderedDict") + b")R(" + body + b"u"


def state_dict(extra=()):
    """a layer of 4 by 4 and its bias, then extra items"""
    return stream(mapping([("fc.weight", tensor("0", 4, 4)),
                           ("fc.bias", tensor("1", 1, 4)), *extra]))


def add(archive, name, data, method=zipfile.ZIP_STORED):
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = method
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)


def torch_zip(path, pickled, storages=(64, 16), method=zipfile.ZIP_STORED):
    """a checkpoint as torch.save() lays it out"""
    with zipfile.ZipFile(path, "w") as archive:
        add(archive, "archive/data.pkl", pickled, method)
        add(archive, "archive/byteorder", b"little", method)
        for key, size in enumerate(storages):
            floats = struct.pack("<f", 0.5) * (size // 4)
            add(archive, f"archive/data/{key}", floats, method)
        add(archive, "archive/version", b"3\n", method)


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
