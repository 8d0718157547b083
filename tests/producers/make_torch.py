# SPDX-License-Identifier: Apache-2.0
"""make_torch: tensors, modules, optimizers and graphs, in each of its formats."""

import recorder

DTYPES = ("float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64",
          "uint8", "bool", "complex32", "complex64", "complex128", "uint16", "uint32",
          "uint64", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz")
# What a module of torch.nn wants to be made with, where one number will not do.
ARGUMENTS = {
    "AdaptiveLogSoftmaxWithLoss": (8, 20, [5, 10]), "Bilinear": (2, 3, 4),
    "MaxUnpool1d": (2,), "Embedding": (5, 3), "EmbeddingBag": (5, 3), "Fold": (4, 2),
    "GroupNorm": (2, 4), "LayerNorm": (4,), "RMSNorm": (4,), "Linear": (3, 2),
    "LocalResponseNorm": (2,), "MultiheadAttention": (4, 2), "Threshold": (1.0, 2.0),
    "TransformerEncoderLayer": (4, 2, 8), "TransformerDecoderLayer": (4, 2, 8),
    "Transformer": (4, 2, 1, 1, 8), "FractionalMaxPool2d": (2, 3),
    "FractionalMaxPool3d": (2, 3), "LPPool1d": (2, 3), "LPPool2d": (2, 3), "LPPool3d": (2, 3),
    "Unflatten": (1, (2, 2)), "GLU": (), "ParameterList": (), "ModuleList": (),
}


def tensors():
    import torch
    for name in DTYPES:
        kind = getattr(torch, name, None)
        if kind is not None:
            yield "tensor-" + name, lambda: torch.zeros(2, 3, dtype=torch.float32).to(kind)
    x = torch.eye(4)
    yield "view", lambda: x[1:, ::2]
    yield "shared", lambda: [x, x.t(), x[0]]
    yield "empty", lambda: torch.empty(0, 3)
    yield "scalar", lambda: torch.tensor(1.5)
    yield "parameter", lambda: torch.nn.Parameter(x.clone())
    yield "buffer", lambda: getattr(torch.nn, "Buffer", torch.nn.Parameter)(x.clone())
    yield "gradient", lambda: x.clone().requires_grad_()
    yield "conjugate", lambda: torch.ones(2, dtype=torch.complex64).conj()
    yield "negative", lambda: torch.ones(2, dtype=torch.complex64).conj().imag
    yield "meta", lambda: torch.empty(2, 2, device="meta")
    yield "sparse-coo", lambda: x.to_sparse()
    yield "sparse-csr", lambda: x.to_sparse_csr()
    yield "sparse-csc", lambda: x.to_sparse_csc()
    yield "sparse-bsr", lambda: x.to_sparse_bsr((2, 2))
    yield "sparse-bsc", lambda: x.to_sparse_bsc((2, 2))
    for name in ("qint8", "quint8", "qint32"):
        kind = getattr(torch, name)
        yield "quantised-" + name, lambda: torch.quantize_per_tensor(x, .1, 0, kind)
        yield "quantised-channels-" + name, lambda: torch.quantize_per_channel(
            x, torch.ones(4), torch.zeros(4, dtype=torch.int64), 0, kind)
    yield "quantised-float", lambda: torch.quantize_per_channel(
        x, torch.ones(4), torch.zeros(4), 0, torch.quint8)
    yield "nested", lambda: torch.nested.nested_tensor([x, x[:2]])
    yield "with-attribute", lambda: with_attribute(x.clone())
    yield "packed", lambda: torch.nn.utils.rnn.pack_sequence([x[0], x[0, :2]])
    yield "channels-last", lambda: torch.ones(1, 2, 3, 4).to(memory_format=torch.channels_last)
    yield "storage", lambda: x.storage()
    yield "storage-untyped", lambda: x.untyped_storage()
    yield "words", lambda: [torch.float32, torch.device("cpu"), torch.Size([1, 2]),
                            torch.strided, torch.contiguous_format, torch.per_tensor_affine,
                            torch.sparse_coo]
    yield "random-state", lambda: torch.get_rng_state()


def with_attribute(x):
    x.note = {"made": "by hand"}
    return x


def modules():
    """(name, function that makes it) of each module of torch.nn."""
    import torch
    import torch.nn.utils.prune
    for name in sorted(dir(torch.nn)):
        kind = getattr(torch.nn, name)
        if not isinstance(kind, type) or not issubclass(kind, torch.nn.Module):
            continue
        if name.startswith("Lazy"):
            yield name, lambda: kind(*(2,) * ("Conv" in name) * 2 or
                                     (2,) * ("Linear" in name))
            continue
        if name in ("Module", "Container"):
            yield name, kind
        elif name in ("DataParallel", "TransformerEncoder", "TransformerDecoder",
                      "Sequential"):
            continue
        else:
            yield name, lambda: made_somehow(kind, ARGUMENTS.get(name))
    nn = torch.nn
    yield "DataParallel", lambda: nn.DataParallel(nn.Linear(2, 2))
    yield "Encoder", lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2)
    yield "Decoder", lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8), 2)
    yield "network", network
    yield "containers", lambda: nn.ModuleDict({
        "a": nn.ModuleList([nn.Linear(1, 1)]), "b": nn.ParameterDict({
            "p": nn.Parameter(torch.zeros(1))}), "c": nn.ParameterList(
                [nn.Parameter(torch.zeros(1))])})
    yield "weight-norm", lambda: nn.utils.weight_norm(nn.Linear(2, 2))
    yield "spectral-norm", lambda: nn.utils.spectral_norm(nn.Linear(2, 2))
    yield "parametrised", lambda: nn.utils.parametrizations.orthogonal(nn.Linear(2, 2))
    yield "pruned", lambda: nn.utils.prune.l1_unstructured(nn.Linear(2, 2), "weight", 1)
    yield "dynamic-quantised", lambda: torch.ao.quantization.quantize_dynamic(
        nn.Sequential(nn.Linear(2, 2), nn.LSTM(2, 2)), dtype=torch.qint8)
    yield "observers", lambda: torch.ao.quantization.prepare(quantisable(), inplace=False)
    yield "quantised", lambda: torch.ao.quantization.convert(
        torch.ao.quantization.prepare(quantisable()))
    yield "aware", lambda: torch.ao.quantization.prepare_qat(quantisable(True).train())
    yield "graph", lambda: torch.fx.symbolic_trace(network())
    yield "averaged", lambda: torch.optim.swa_utils.AveragedModel(nn.Linear(2, 2))


def quantisable(aware=False):
    import torch
    model = torch.nn.Sequential(
        torch.ao.quantization.QuantStub(), torch.nn.Conv2d(1, 2, 1), torch.nn.ReLU(),
        torch.nn.Flatten(), torch.nn.Linear(2, 2), torch.ao.quantization.DeQuantStub())
    engine = "fbgemm" if "fbgemm" in torch.backends.quantized.supported_engines else "qnnpack"
    get = "get_default_qat_qconfig" if aware else "get_default_qconfig"
    model.qconfig = getattr(torch.ao.quantization, get)(engine)
    return model.train(aware)


def network():
    from torch import nn
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(), nn.Linear(4, 2))


def made_somehow(kind, arguments):
    tries = (arguments,) if arguments is not None else ((), (2,), (2, 2), (2, 2, 2))
    for each in tries:
        try:
            return kind(*each)
        except TypeError as refusal:
            last = refusal
    raise last


def training():
    import torch
    schedulers = torch.optim.lr_scheduler
    for name in sorted(dir(torch.optim)):
        kind = getattr(torch.optim, name)
        if isinstance(kind, type) and name != "Optimizer":
            yield "optimizer-" + name, lambda: stepped(kind)
    yield "scheduler", lambda: schedulers.StepLR(stepped(torch.optim.SGD), 2)
    yield "scheduler-cosine", lambda: schedulers.CosineAnnealingLR(
        stepped(torch.optim.SGD), 2).state_dict()
    yield "scheduler-plateau", lambda: schedulers.ReduceLROnPlateau(
        stepped(torch.optim.SGD)).state_dict()
    yield "checkpoint", lambda: {
        "epoch": 3, "model": network().state_dict(), "optimizer":
        stepped(torch.optim.Adam).state_dict(), "loss": torch.tensor(1.), "args": {
            "lr": .1, "betas": (.9, .99)}, "rng": torch.get_rng_state()}
    yield "state", lambda: network().state_dict()
    yield "scaler", lambda: torch.cuda.amp.GradScaler(enabled=False).state_dict()
    for name in ("Normal", "Bernoulli", "Categorical", "Gamma", "Beta", "Uniform",
                 "MultivariateNormal", "LogNormal", "Poisson"):
        yield "distribution-" + name, lambda: distribution(name)
    yield "data", lambda: torch.utils.data.TensorDataset(torch.zeros(2), torch.ones(2))
    yield "data-subset", lambda: torch.utils.data.Subset([1, 2, 3], [0, 2])


def distribution(name):
    import torch
    one = torch.ones(2)
    kind = getattr(torch.distributions, name)
    if name == "MultivariateNormal":
        return kind(one, torch.eye(2))
    return kind(one * .5) if name in ("Bernoulli", "Categorical", "Poisson") else \
        kind(one, one * 2)


def stepped(kind):
    import torch
    layer = torch.nn.Embedding(4, 2, sparse=True) if kind.__name__ == "SparseAdam" \
        else torch.nn.Linear(2, 2)
    optimizer = kind(layer.parameters(), lr=.1)

    def loss():
        optimizer.zero_grad()
        x = torch.tensor([1, 2]) if kind.__name__ == "SparseAdam" else torch.ones(1, 2)
        value = layer(x).sum()
        value.backward()
        return value

    optimizer.step(loss)
    return optimizer


def scripts():
    import torch
    yield "scripted", lambda: torch.jit.script(network())
    yield "traced", lambda: torch.jit.trace(network().eval(), torch.zeros(1, 3, 8, 8))
    yield "frozen", lambda: torch.jit.freeze(torch.jit.script(network().eval()))
    yield "scripted-lstm", lambda: torch.jit.script(torch.nn.LSTM(2, 2))
    yield "scripted-quantised", lambda: torch.jit.script(torch.ao.quantization.quantize_dynamic(
        torch.nn.Sequential(torch.nn.Linear(2, 2)), dtype=torch.qint8))


def read(path):
    import torch
    try:
        return torch.load(path, weights_only=False)
    except TypeError:  # before 1.13
        return torch.load(path)


def saved(out, name, thing):
    import torch
    for protocol in (2, 3, 4, 5):
        for suffix, zipped in (("zip", True), ("legacy", False)):
            out.made(f"{name}-{suffix}-{protocol}.pt", lambda path: torch.save(
                thing, path, pickle_protocol=protocol,
                _use_new_zipfile_serialization=zipped), read)


def make(out):
    import torch
    for kind, source in ("t", tensors), ("m", modules), ("o", training):
        for name, build in source():
            name = f"{kind}-{name}"
            try:
                thing = build()
            except Exception as refusal:
                out.refuse(name, refusal)
                continue
            saved(out, name, thing)
            out.pickled(name, thing, (2, 4))
            if kind == "m":
                out.made(name + "-state.pt", lambda path: torch.save(thing.state_dict(), path),
                         read)
    for name, build in scripts():
        try:
            thing = build()
        except Exception as refusal:
            out.refuse(name, refusal)
            continue
        out.made(name + ".pt", lambda path: torch.jit.save(thing, path), None)


if __name__ == "__main__":
    recorder.run(make, "numpy", "torch")
