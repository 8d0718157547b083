# SPDX-License-Identifier: Apache-2.0
"""Samples of archives that are models: about, verdict, rules, bytes."""

import io
import struct
import tarfile
import zipfile

ELF = b"\177ELF\2\1\1" + bytes(9) + b"\2\0\x3e\0" + bytes(44)
EVIL = b"\x80\x02cposix\nsystem\nX\x0b\x00\x00\x00echo marker\x85R."
GOOD = b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s."
GGUF = b"GGUF\3\0\0\0" + bytes(16) + bytes(8)
MANIFEST = b'{"model": {"handler": "handler.py", "modelName": "m"}}'
YAML = b"target: nemo.x.Model\nmodel:\n  _target_: "


def archive(members, prefix=b""):
    out = io.BytesIO()
    out.write(prefix)
    with zipfile.ZipFile(out, "a") as z:
        for name, data in members.items():
            z.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def tar(members, links=(), format=tarfile.GNU_FORMAT, pax=None):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as t:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.pax_headers = dict(pax or {})
            t.addfile(info, io.BytesIO(data))
        for name in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, links[name]
            t.addfile(info)
    return out.getvalue()


def mar(handler, weights=GOOD):
    return archive({"MAR-INF/MANIFEST.json": MANIFEST, "handler.py": handler,
                    "weights.pkl": weights})


def torch(members, pickle=GOOD):
    return archive({"a/data.pkl": pickle, "a/version": b"3\n", **members})


def nemo(target, weights=GOOD):
    return tar({"./model_config.yaml": YAML + target + b"\n",
                "./model_weights.ckpt": torch({}, weights)})


SAMPLES = [
    ("a handler of TorchServe", "unknown", ["mar.handler"],
     mar(b"class Handler:\n    pass\n")),
    ("a handler that starts programs", "suspicious", ["torch.python"],
     mar(b"import os\nos.system('echo marker')\n")),
    ("a handler that sets up logs and quotes calls", "unknown",
     ["mar.handler"], mar(b'"""Use it so:\nserve(this)\n"""\n'
                          b"import logging\nlogging.basicConfig(level=1)\n"
                          b"if __name__ == '__main__':\n    handle(1)\n")),
    ("a handler that acts when it is imported", "suspicious",
     ["mar.import"], mar(b"import x\n\nx.run('echo marker')\n")),
    ("TorchServe with a pickle", "malicious", ["pickle.import.dangerous"],
     mar(b"x = 1\n", EVIL)),
    ("a library in an exported program", "suspicious", ["model.program"],
     archive({"m/archive_format": b"pt2",
              "m/data/aotinductor/model/x.so": ELF})),
    ("a library among the weights", "suspicious", ["model.program"],
     torch({"a/data/0": ELF + bytes(64)})),
    ("weights that are numbers", "clean", [],
     torch({"a/data/0": b"\177ELF" + bytes(96)})),
    ("a llamafile", "suspicious", ["llamafile.program"],
     archive({"m.gguf": GGUF, ".args": b"-m\nm.gguf\n"},
             b"MZqFpD='\n" + bytes(600))),
    ("a zip of weights", "clean", [], archive({"m.gguf": GGUF})),
    ("a tar of a checkpoint and more", "clean", [],
     tar({"a.pt": torch({}), "note.txt": b"text"})),
    ("a pickle with a checkpoint as bytes", "clean", [],
     b"\x80\x03}(X\1\0\0\0tB" + struct.pack("<I", len(torch({}))) +
     torch({}) + b"X\1\0\0\0xK\1u."),
    ("NeMo", "clean", [], nemo(b"nemo.core.Model")),
    ("NeMo that runs commands", "malicious", ["config.target"],
     nemo(b"os.system")),
    ("NeMo with a member that climbs", "malicious", ["tar.escape"],
     tar({"./model_config.yaml": b"a: 1\n", "./model_weights.ckpt": torch({}),
          "../../x": b"x"})),
    ("NeMo with a link that leads out", "malicious", ["tar.escape"],
     tar({"./model_config.yaml": b"a: 1\n", "./model_weights.ckpt": torch({})},
         links={"x": "/etc"})),
    ("NeMo with a link within", "suspicious", ["tar.link"],
     tar({"./model_config.yaml": b"a: 1\n", "./model_weights.ckpt": torch({})},
         links={"x": "model_config.yaml"})),
    ("a tar with a member that climbs", "suspicious", ["tar.path"],
     tar({"../x": b"x"})),
    ("a tar with a second name that climbs", "malicious", ["tar.escape"],
     tar({"x": b"x"}, format=tarfile.PAX_FORMAT, pax={"path": "../x"})),
    ("a tar with long names", "clean", [],
     tar({"a/" * 80 + "x": b"x", "\xe9": b"x"},
         format=tarfile.PAX_FORMAT)),
    ("NeMo with a pickle in its weights", "malicious",
     ["pickle.import.dangerous"], nemo(b"nemo.core.Model", EVIL)),
]
