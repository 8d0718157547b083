#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every opcode of pickletools is in opcodes.def, with its name, protocol and
the way its argument lies in the stream, and no other is."""

import os
import pickletools
import re
import sys

ARGUMENTS = {
    None: "NONE", "uint1": "UINT1", "uint2": "UINT2", "uint4": "UINT4",
    "uint8": "UINT8", "int4": "INT4", "float8": "FLOAT8",
    "decimalnl_short": "LINE", "decimalnl_long": "LINE", "floatnl": "LINE",
    "stringnl": "LINE", "stringnl_noescape": "LINE", "unicodestringnl": "LINE",
    "stringnl_noescape_pair": "LINES", "long1": "BYTES1", "long4": "BYTES4S",
    "string1": "BYTES1", "string4": "BYTES4S", "bytes1": "BYTES1",
    "bytes4": "BYTES4", "bytes8": "BYTES8", "bytearray8": "BYTES8",
    "unicodestring1": "BYTES1", "unicodestring4": "BYTES4",
    "unicodestring8": "BYTES8",
}

path = os.path.join(os.environ["CKPT_SRC"], "src/pickle/opcodes.def")
rows = re.findall(r"^OP\((0x..), (\w+), (\d), (\w+), \w+\)$",
                  open(path, encoding="ascii").read(), re.M)
ours = {int(code, 16): (name, int(protocol), argument)
        for code, name, protocol, argument in rows}
theirs = {ord(op.code): (op.name, op.proto,
                         ARGUMENTS[op.arg and op.arg.name])
          for op in pickletools.opcodes}

for code in sorted(set(ours) | set(theirs)):
    if ours.get(code) != theirs.get(code):
        print("0x%02x: opcodes.def has %s, pickletools %s" % (
            code, ours.get(code), theirs.get(code)))
print("%d opcodes compared" % len(theirs))
sys.exit(len(rows) != len(ours) or ours != theirs)
