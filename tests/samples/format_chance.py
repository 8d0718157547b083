# SPDX-License-Identifier: Apache-2.0
"""What begins or ends like a model by chance: files of a whole machine, each of
which was once taken for one."""

import io
import struct
import zipfile

UNPACK = True


def archive(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, data in members.items():
            z.writestr(name.replace("__", "/"), data)
    return out.getvalue()


SERVICES = b"\n".join(
    b"com.example.api.%s.I%sServiceFactoryProvider" % (s.lower(), s)
    for s in (b"Users", b"Images", b"Mail", b"Log", b"Search", b"Quota"))
PROVIDERS = b"\n".join(
    b"io.example.xds.%sLoadBalancerProvider" % s
    for s in (b"Cds", b"Priority", b"Weighted", b"Ring", b"Least", b"Wrr"))
PYC = b"\x33\r\r\n\xba\xe2\xfe\x69"
MARK = b"PK\5\6i\0\0\1" + bytes(40)

SAMPLES = [
    ("Java's list of services", "clean", [], SERVICES),
    ("the same with io in front", "clean", [], PROVIDERS),
    ("the same in an archive", "clean", [],
     archive(META__services__a=SERVICES, META__services__b=PROVIDERS)),
    ("compiled Python with a brace in the ninth place", "clean", [],
     PYC + b"{\r\0\0\xe3" + bytes(200)),
    ("a length that lies in front of a header", "suspicious",
     ["safetensors.header"],
     struct.pack("<Q", 1 << 40) + b'{"w":{"dtype":"F32"}}'),
    ("compiled Python with an archive's mark", "clean", [],
     PYC + b"\x7b" + bytes(99) + b"s\4\0\0\0" + MARK),
    ("compiled Python with archives", "clean", [],
     (PYC + bytes(99) + archive(a=b"1")[:-1] + b"s" + archive(b=b"2") +
      b"u" + archive(c=b"3") + bytes(40))),
    ("an installer with an archive and what is behind", "clean", [],
     b"MZ" + bytes(510) + archive(a=b"1") + b"signed"),
    ("C++ with braces", "clean", [],
     b"// ARM{{{\n#if defined __aarch64__\n#define A 1\n#endif\n//}}}\n"
     b"template<> int x[2][2] = {{ __a, _M_data(__b._M_data) }};\n"
     b"auto f() { return g<__x>({{ __builtin_neon(__y) }}); }\n"),
    ("a web page with the word of a builtin", "clean", [],
     b"{% extends 'base.html' %}{{ namespace.name }} {{ request.get('q') }}"),
]
