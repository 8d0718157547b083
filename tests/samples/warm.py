# SPDX-License-Identifier: Apache-2.0
"""warm: the bytes of src/worker/warm.def, a checkpoint as torch.save() makes it

    python3 tests/samples/warm.py > src/worker/warm.def

Rows are WARM_BYTES(offset, bytes...); what lies between them is zeros.
"""

import os
import tempfile

import samples as s

STORAGE = 16384  # so long that the file is not read whole at the first look
COLUMNS = 12


def pieces(data):
    """what is not zeros, with its offset"""
    hole = data.index(bytes(STORAGE // 2))
    end = hole + len(data[hole:]) - len(data[hole:].lstrip(b"\0"))
    return [(0, data[:hole]), (end, data[end:])]


def main():
    path = os.path.join(tempfile.mkdtemp(), "warm.pt")
    s.torch_zip(path, s.state_dict(), storages=(STORAGE, 16))
    with open(path, "rb") as f:
        data = f.read().replace(b"\0\0\0\x3f", bytes(4))
    print("/* SPDX-License-Identifier: Apache-2.0 */\n"
          "/* A harmless checkpoint, made by tests/samples/warm.py.\n"
          " * WARM_BYTES(offset, bytes...): zeros lie between the rows. */")
    for at, piece in pieces(data):
        print(f"WARM_BYTES({at},")
        rows = [piece[i:i + COLUMNS] for i in range(0, len(piece), COLUMNS)]
        print(",\n".join("    " + ", ".join(f"0x{b:02x}" for b in row)
                         for row in rows) + ")")


main()
