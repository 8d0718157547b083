# SPDX-License-Identifier: Apache-2.0
"""Techniques of the formats that are neither torch's nor one of the large
frameworks': archives, configurations, R, Lua Torch, XML, skops and others.
What the tests of a format have as a sample is that sample."""

import io
import tarfile

import format_archive as packed
import format_models as models
import format_others as others
import format_rdata as rdata
import format_torch7 as torch7
import format_xml as xml
import format_yaml as yaml
import samples as s

COVERS = ["torch-7z", "executorch", "torch-pt2", "skops", "nemo", "tar", "mar",
          "mlflow", "rds", "pmml", "openvino", "paddle", "torch7", "llamafile",
          "tensorrt", "coreml", "mxnet", "msgpack", "xgboost", "lightgbm",
          "catboost"]
M, S, U, C, V = "malicious", "suspicious", "unknown", "clean", "unverified"
PICKLE = s.stream(s.command())


def each(number, verdict, name, module, *abouts, why=None):
    """Rows of a format's samples, by what they are about; none where nothing
    here can write such files."""
    made = {row[0]: row[3] for row in module.SAMPLES}
    for about in abouts if made else ():
        if about.startswith("R's own ") and about not in made:
            print(f"{number} {about}: not tried, no Rscript")
            continue
        yield (number, about, verdict, name, made[about]) + (
            (why,) if why else ())


def cut():
    """A tar that ends in the header of its second member."""
    data = models.tar({"a": b"x" * 600, "b": PICKLE})
    return data[:512 + 1024 + 200]


def renamed(data):
    """The same archive, packed, as .nemo.tar.gz would be."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as t:
        info = tarfile.TarInfo("a.nemo")
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
    return out.getvalue()


NEMO = {row[0]: row[3] for row in models.SAMPLES}["NeMo that runs commands"]

THREATS = [
    *each("T177", M, "m.pt", packed, "7z, the second member", "7z packed as copy",
          "7z packed as bzip2", "7z packed as deflate"),
    *each("T185", S, "m.pte", others, "ExecuTorch whose root is outside",
          "ExecuTorch whose table is outside"),
    *each("T186", S, "m.pt2", models, "a library in an exported program"),
    *each("T254", M, "schema.json", others,
          "an operator function of another module"),
    *each("T255", M, "schema.json", others, "a method of another class"),
    ("T254", "in the archive", M, "m.skops", models.archive({
        "schema.json": others.skops(
            others.node("builtins", "eval", "OperatorFuncNode"))})),
    ("T255", "in the archive", M, "m.skops", models.archive({
        "schema.json": others.skops(others.method("mine.models"))})),
    ("T256", "a pickle", M, "m.skops", PICKLE),
    *each("T257", M, "m.nemo", models, "NeMo that runs commands"),
    ("T257", "packed", M, "m.tar.gz", renamed(NEMO)),
    *each("T257", M, "model_config.yaml", yaml, "a target that runs commands",
          "in flow style", "escaped", "behind an anchor", "in UTF-16"),
    *each("T258", M, "m.nemo", models, "NeMo with a member that climbs",
          "NeMo with a link that leads out"),
    *each("T259", M, "m.nemo", models, "NeMo with a pickle in its weights"),
    *each("T260", M, "m.tar", models, "a tar with a second name that climbs"),
    ("T261", "cut in a header", V, "m.tar", cut(),
     "a download that broke off looks the same: it is not clean, and what is "
     "there is judged"),
    *each("T262", S, "m.mar", models, "a handler that starts programs",
          "a handler that acts when it is imported"),
    *each("T262", U, "m.mar", models, "a handler of TorchServe",
          "a handler that sets up logs and quotes calls",
          why="most archives for TorchServe have a handler of their own, and "
          "this one does nothing when it is imported"),
    *each("T263", S, "MLmodel", yaml, "MLflow with a loader beside the model"),
    *each("T264", M, "m.rds", rdata, "a promise without a value",
          "packed, of version 3", "a promise in a list"),
    *each("T264", M, "m.rda", rdata, "a promise that load() binds"),
    *each("T265", C, "m.rds", rdata, "a function of one's own",
          "R's own l.gzip", "R's own l.plain", "R's own l.text"),
    *each("T266", M, "m.pmml", xml, "an entity of a file, in UTF-8",
          "a parameter entity", "a document type elsewhere"),
    *each("T267", M, "m.pmml", xml, "an entity of a file, in UTF-16",
          "an entity of a file, in UTF-16 without a mark",
          "an entity of a file, the other way round"),
    *each("T268", S, "m.xml", xml, "a layer of a library",
          "the path of a library, in numbers"),
    *each("T268", U, "m.xml", xml, "a layer of an extension",
          why="OpenVINO's own tokenizers are layers of an extension, in "
          "hundreds of its models; the file names no library of it"),
    ("T269", "a pickle", M, "m.pdparams", PICKLE),
    *each("T270", S, "m.pdmodel", others, "one that calls Python",
          "one that loads a file"),
    *each("T271", M, "m.t7", torch7, "a function alone",
          "a function in a module", "as text, with a function"),
    *each("T272", S, "m.llamafile", models, "a llamafile"),
    *each("T273", S, "m.plan", others, "one with a library in it"),
    *each("T274", S, "m.mlmodel", others, "Core ML with a layer of a class",
          "Core ML, a custom model in a pipeline"),
    *each("T275", S, "m-symbol.json", others, "MXNet with a library",
          "MXNet with an operator of its own"),
    *each("T276", M, "m.msgpack", others, "Flax with a pickle",
          why="the pickle runs a command wherever it lies"),
    *each("T276", S, "m.msgpack", others, "Flax with a pickle of data"),
    *each("T277", S, "m.ubj", others, "XGBoost whose count lies"),
    *each("T278", C, "m.txt", others, "LightGBM with an address"),
    *each("T279", S, "m.cbm", others, "CatBoost that lies of its size"),
]
