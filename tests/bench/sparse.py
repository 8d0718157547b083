# SPDX-License-Identifier: Apache-2.0
"""sparse: a torch checkpoint of any size that takes up a few pages"""

import os
import struct
import zlib

from samples import state_dict


def sparse_checkpoint(path, size):
    """a clean torch checkpoint with one sparse storage of size bytes"""
    name, members = b"archive/data/0", []
    small = [(b"archive/data.pkl", state_dict()),
             (b"archive/byteorder", b"little"), (b"archive/version", b"3\n"),
             (b"archive/data/1", bytes(16))]
    with open(path, "wb") as f:
        for member, data in small:
            members.append((member, zlib.crc32(data), len(data), f.tell()))
            f.write(local_header(*members[-1][:3]) + data)
        # the checksum is the writer's word; nobody reads 20 GB to check it
        members.append((name, 0, size, f.tell()))
        f.write(local_header(name, 0, size))
        f.seek(size, os.SEEK_CUR)
        start = f.tell()
        f.write(b"".join(map(central_header, members)))
        f.write(end_records(len(members), start, f.tell() - start))


def wide(size, at=None):
    """the zip64 extra field"""
    body = struct.pack("<QQ", size, size)
    body += struct.pack("<Q", at) if at is not None else b""
    return struct.pack("<HH", 1, len(body)) + body


def local_header(name, crc, size):
    extra = wide(size)
    return struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 45, 0, 0, 0, 33, crc,
                       0xffffffff, 0xffffffff, len(name),
                       len(extra)) + name + extra


def central_header(member):
    name, crc, size, at = member
    extra = wide(size, at)
    return struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 45, 45, 0, 0, 0, 33,
                       crc, 0xffffffff, 0xffffffff, len(name), len(extra), 0,
                       0, 0, 0, 0xffffffff) + name + extra


def end_records(count, start, size):
    return (struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count,
                        count, size, start) +
            struct.pack("<4sIQI", b"PK\6\7", 0, start + size, 1) +
            struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count,
                        0xffffffff, 0xffffffff, 0))
