# SPDX-License-Identifier: Apache-2.0
"""Samples of Keras configurations: name, verdict, rules, bytes.

A row that is judged otherwise than scanners by names do: a Lambda of harmless
words and a class of another package are "unknown", not "suspicious", since
honest models have them and no name in them does harm; a TFOpLambda of
TensorFlow's arithmetic is clean.
"""

import base64
import json
import marshal


def code(text, version=marshal.version):
    """The marshalled code of lambda x: text, never run."""
    function = compile(f"lambda x: {text}", "f", "eval")
    inner = [c for c in function.co_consts if hasattr(c, "co_code")][0]
    return base64.b64encode(marshal.dumps(inner, version)).decode()


EVIL = code("__import__('os').system('echo marker')")
PLAIN = code("x * 2 + 1")


def layer(name, config=None, **more):
    return dict({"class_name": name, "config": config or {}}, **more)


def keras3(module, name, config=None, registered=None):
    return {"module": module, "class_name": name, "config": config or {},
            "registered_name": registered}


def lambda3(text):
    return keras3("keras.layers", "Lambda", {"name": "l", "function": {
        "class_name": "__lambda__", "config": {
            "code": text, "defaults": None, "closure": None}}})


def lambda2(text):
    return layer("Lambda", {
        "name": "l", "function": [text, None, None],
        "function_type": "lambda", "module": "__main__",
        "output_shape": None, "output_shape_type": "raw"})


def model(*layers):
    return json.dumps(keras3("keras", "Sequential", {
        "name": "sequential", "layers": list(layers)})).encode()


def model2(*layers):
    return json.dumps(layer("Sequential", {
        "name": "sequential", "layers": list(layers)})).encode()


def text(s):
    return s.encode()


def nest(inner, depth):
    for _ in range(depth):
        inner = keras3("keras.layers", "TimeDistributed", {"layer": inner})
    return inner


DENSE = keras3("keras.layers", "Dense", {
    "units": 4, "activation": "relu", "kernel_initializer": keras3(
        "keras.initializers", "GlorotUniform", {"seed": None}),
    "dtype": keras3("keras", "DTypePolicy", {"name": "float32"})})
DANGER, UNREAD = "keras.code.dangerous", "keras.code.unread"
MODULE, GADGET = "keras.module", "keras.gadget"
FUNCTION = "function"
SSTI = "{{ ''.__class__ }}"

SAMPLES = [
    ("benign Sequential", "clean", [], model(DENSE)),
    ("benign, two formats ago", "clean", [], model2(
        layer("Dense", {"units": 4}), layer("LSTM", {"units": 2}))),
    ("benign, with a mask of a layer", "clean", [], model2(layer(
        "LSTM", {"mask": ["masking", 0, 0], "output_shape": ["a", 1]}))),
    ("loss as builtin", "clean", [], model(
        DENSE, keras3("builtins", FUNCTION, "mse", FUNCTION))),
    ("Lambda, dangerous code", "malicious", [DANGER], model(lambda3(EVIL))),
    ("Lambda, dangerous code, old", "malicious", [DANGER],
     model2(lambda2(EVIL))),
    ("Lambda, code in lines", "malicious", [DANGER], model2(lambda2(
        "\n".join(EVIL[i:i + 76] for i in range(0, len(EVIL), 76))))),
    ("Lambda, code as latin-1", "malicious", [DANGER], model2(lambda2(
        base64.b64decode(EVIL).decode("latin-1")))),
    ("Lambda with exec", "malicious", [DANGER],
     model(lambda3(code("exec('1')")))),
    ("Lambda with a socket", "malicious", [], model(lambda3(
        code("__import__('socket').create_connection(('x.invalid', 1))")))),
    ("Lambda of arithmetic", "unknown", ["keras.code"],
     model(lambda3(PLAIN))),
    ("Lambda of arithmetic, old", "unknown", ["keras.code"],
     model2(lambda2(PLAIN))),
    ("Lambda, no code", "malicious", ["keras.code.none"],
     model(lambda3("eA=="))),
    ("Lambda, no code, old", "malicious", ["keras.code.none"],
     model2(lambda2("eA=="))),
    ("Lambda, code of another version", "suspicious", [UNREAD],
     model(lambda3(base64.b64encode(b"\xe3" + b"\x77" * 40).decode()))),
    ("Lambda without code", "unknown", ["keras.lambda"], model2(layer(
        "Lambda", {"function": "relu6", "function_type": FUNCTION}))),
    ("Lambda that names os.system", "malicious", [MODULE], model2(layer(
        "Lambda", {"function": "system", "module": "os",
                   "function_type": FUNCTION}))),
    ("Lambda as keras.layers.Lambda", "malicious", [DANGER], model2(
        dict(lambda2(EVIL), class_name="keras.layers.Lambda"))),
    ("Lambda as Custom>Lambda", "malicious", [DANGER], model2(
        dict(lambda2(EVIL), class_name="Custom>Lambda"))),
    ("Lambda by registered name", "malicious", [DANGER], model(
        dict(lambda3(EVIL), class_name="Dense", registered_name="Lambda"))),
    ("Lambda 40 wrappers deep", "malicious", [DANGER],
     model(nest(lambda3(EVIL), 40))),
    ("code behind its class", "malicious", [DANGER], text(
        '{"config":{"layers":[{"config":{"function":{"config":{"code":"%s"},'
        '"class_name":"__lambda__"}},"class_name":"Lambda"}]},'
        '"class_name":"Sequential"}' % EVIL)),
    ("code in an unknown place", "malicious", [DANGER],
     model(keras3("keras.layers", "Dense", {"note": EVIL}))),
    ("code in an unknown place, old and as latin-1", "malicious", [DANGER],
     model(keras3("keras.layers", "Dense", {"note": base64.b64decode(code(
         "__import__('os').system('echo marker')", 2)).decode("latin-1")}))),
    ("code as output_shape", "malicious", [DANGER], model2(layer(
        "Lambda", {"function": [PLAIN, None, None],
                   "output_shape": [EVIL, None, None]}))),
    ("module os", "malicious", [MODULE],
     model(keras3("os", FUNCTION, "system"))),
    ("module subprocess, class", "malicious", [MODULE],
     model(keras3("subprocess", "Popen"))),
    ("module builtins, eval", "malicious", [MODULE],
     model(keras3("builtins", FUNCTION, "eval"))),
    ("module builtins, exec as a class", "malicious", [MODULE],
     model(keras3("builtins", "exec", {"x": 1}))),
    ("module at the top", "malicious", [MODULE],
     json.dumps(keras3("posix", FUNCTION, "system")).encode()),
    ("module torch", "malicious", [MODULE],
     model(keras3("torch.hub", FUNCTION, "load"))),
    ("get_file", "malicious", [GADGET], model(keras3(
        "keras.utils", FUNCTION, "get_file"))),
    ("get_file as a class", "malicious", [GADGET], model(keras3(
        "keras.utils", "get_file", {"origin": "http://x.invalid"}))),
    ("unsafe deserialization", "malicious", [GADGET], model(keras3(
        "keras.config", FUNCTION, "enable_unsafe_deserialization"))),
    ("anything of keras.config", "malicious", [GADGET], model(keras3(
        "keras.config", FUNCTION, "set_backend"))),
    ("load_model", "malicious", [GADGET], model(keras3(
        "keras.models", FUNCTION, "load_model"))),
    ("a function that is no part of a model", "suspicious",
     ["keras.function"], model(keras3(
         "keras.utils", FUNCTION, "image_dataset_from_directory"))),
    ("data set of Keras", "malicious", [GADGET], model(keras3(
        "keras.datasets.imdb", FUNCTION, "load_data"))),
    ("functions of models", "clean", [], model(
        keras3("keras.activations", FUNCTION, "relu"),
        keras3("keras.src.ops.nn", FUNCTION, "softmax"),
        keras3("keras.ops", FUNCTION, "add"),
        keras3("keras.utils", FUNCTION, "normalize"),
        keras3("keras.src.models.functional", "Functional"))),
    ("TFSMLayer", "suspicious", ["keras.function", "keras.path"],
     model(keras3("keras.layers", "TFSMLayer", {"filepath": "/tmp/m"}))),
    ("TorchModuleWrapper", "malicious", [GADGET], model(keras3(
        "keras.layers", "TorchModuleWrapper", {"module": "UEsDBA=="}))),
    ("TFOpLambda of arithmetic", "clean", [], model2(layer(
        "TFOpLambda", {"name": "t", "function": "math.multiply"}))),
    ("TFOpLambda that writes", "malicious", [GADGET], model2(layer(
        "TFOpLambda", {"name": "t", "function": "io.write_file"}))),
    ("custom layer", "unknown", ["keras.custom"], model(keras3(
        "my_project.layers", "Attention", registered="My>Attention"))),
    ("custom layer of a module called test", "unknown", ["keras.custom"],
     model(keras3("test", "Attention"))),
    ("module code", "malicious", [MODULE],
     model(keras3("code", FUNCTION, "interact"))),
    ("custom layer, old", "unknown", ["keras.custom"],
     model2(layer("Custom>Attention"))),
    ("vocabulary of a file", "suspicious", ["keras.path"], model(keras3(
        "keras.layers", "StringLookup", {"vocabulary": "/etc/hostname"}))),
    ("vocabulary of an address", "suspicious", ["keras.path"], model(keras3(
        "keras.layers", "TextVectorization",
        {"vocabulary": "http://x.invalid/v"}))),
    ("vocabulary of words", "clean", [], model(keras3(
        "keras.layers", "StringLookup", {"vocabulary": ["a", "/b"]}))),
    ("class_name twice", "malicious", ["keras.duplicate", MODULE], text(
        '{"module":"os","class_name":"function","config":"system",'
        '"module":"keras","class_name":"Dense","config":{}}')),
    ("code twice", "malicious", [DANGER], text(
        '{"class_name":"__lambda__","config":{"code":"%s","code":"%s"}}' %
        (EVIL, PLAIN))),
    ("not a number", "clean", [], text(
        '{"class_name":"ReLU","config":{"max_value":Infinity,"a":NaN}}')),
    ("broken", "unverified", ["file.malformed"], text(
        '{"class_name":"ReLU","config":{"max_value":}')),
    ("some other JSON", "clean", [], text(
        '{"module": "os", "function": ["eA=="], "code": "x"}')),
    ("tokenizer_config", "clean", [], json.dumps({
        "tokenizer_class": "X", "chat_template":
        "{% for m in messages %}{{ m.role }}{% endfor %}"}).encode()),
    ("tokenizer_config with an escape", "malicious", ["template.escape"],
     json.dumps({"chat_template": SSTI}).encode()),
    ("chat templates by name", "malicious", ["template.escape"],
     json.dumps({"chat_template": [
         {"name": "default", "template": "{{ x }}"},
         {"name": "tool_use", "template": SSTI}]}).encode()),
    ("config with auto_map", "unknown", ["config.auto-map"],
     json.dumps({"auto_map": {"AutoModel": "m.X"}, "a": 1}).encode()),
]
