# SPDX-License-Identifier: Apache-2.0
"""Protocol buffers, as far as samples need them."""


def varint(n):
    out = b""
    n &= (1 << 64) - 1
    while n > 0x7f:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    """A varint for a number, else bytes or text."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(*pairs):
    return b"".join(field(number, value) for number, value in pairs)
