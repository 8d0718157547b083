# SPDX-License-Identifier: Apache-2.0
"""make_onnx: graphs, branches, functions, training, and where weights can lie."""

import recorder


def graph(helper, T, nodes, name="g", weights=(), sparse=()):
    x = helper.make_tensor_value_info("x", T.FLOAT, [2, 2])
    y = helper.make_tensor_value_info("y", T.FLOAT, [2, 2])
    made = helper.make_graph(nodes, name, [x], [y], list(weights))
    made.sparse_initializer.extend(sparse)
    return made


def models(onnx, np):
    helper, T = onnx.helper, onnx.TensorProto
    node = helper.make_node
    weight = onnx.numpy_helper.from_array(np.ones((2, 2), "f"), "w")
    add = graph(helper, T, [node("Add", ["x", "w"], ["y"])], weights=[weight])
    yield "add", helper.make_model(add)
    for version in (8, 11, 15):
        yield f"opset-{version}", helper.make_model(
            add, opset_imports=[helper.make_opsetid("", version)])

    def branch(name):
        out = helper.make_tensor_value_info("z", T.FLOAT, [2, 2])
        return helper.make_graph([node("Add", ["x", "w"], ["z"])], name, [],
                                 [out], [weight])

    c = helper.make_tensor("c", T.BOOL, [], [True])
    deep = node("If", ["c"], ["y"], then_branch=branch("a"),
                else_branch=branch("b"))
    yield "branches", helper.make_model(graph(helper, T, [deep], weights=[c]))
    own = helper.make_function(
        "mine", "Twice", ["a"], ["b"], [node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 15)])
    yield "function", helper.make_model(
        graph(helper, T, [node("Twice", ["x"], ["y"], domain="mine")]),
        functions=[own], opset_imports=[helper.make_opsetid("", 15),
                                        helper.make_opsetid("mine", 1)])
    trees = node("TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml",
                 nodes_treeids=[0], nodes_nodeids=[0], nodes_modes=["LEAF"])
    yield "trees", helper.make_model(graph(helper, T, [trees]), opset_imports=[
        helper.make_opsetid("ai.onnx.ml", 3), helper.make_opsetid("", 15)])
    some = helper.make_sparse_tensor(
        onnx.numpy_helper.from_array(np.ones(1, "f"), "s"),
        onnx.numpy_helper.from_array(np.zeros(1, "i8"), "i"), [2, 2])
    yield "sparse", helper.make_model(
        graph(helper, T, [node("Add", ["x", "s"], ["y"])], sparse=[some]))
    trained = helper.make_model(add)
    trained.training_info.add().algorithm.CopyFrom(add)
    trained.metadata_props.add(key="author", value="../someone")
    trained.doc_string = "see ../../README and http://example.invalid/"
    yield "training", trained


def outside(onnx, model, path, **options):
    """Weights in files beside the model, which are files of the folder too."""
    import copy
    onnx.save_model(copy.deepcopy(model), path, save_as_external_data=True,
                    size_threshold=0, **options)


def make(out):
    import numpy as np
    import onnx
    import onnx.external_data_helper
    import onnx.helper
    import onnx.numpy_helper
    for name, model in models(onnx, np):
        out.made(f"{name}.onnx", lambda path: onnx.save(model, path), None)
        for kind, options in {
                "file": {"all_tensors_to_one_file": True,
                         "location": f"{name}.weights"},
                "files": {"all_tensors_to_one_file": False},
                "all": {"all_tensors_to_one_file": True,
                        "location": f"{name}.every",
                        "convert_attribute": True}}.items():
            out.made(f"{name}-{kind}.onnx",
                     lambda path: outside(onnx, model, path, **options), None)
    for kind in ("f2", "f4", "f8", "i1", "i8", "u1", "?", "c8", "O"):
        array = np.array(["a", "b"], object) if kind == "O" else \
            np.ones((2, 3), kind)
        tensor = onnx.numpy_helper.from_array(array, "t")
        out.made(f"tensor-{kind.strip('?')}.pb",
                 lambda path: onnx.save_tensor(tensor, path), None)


if __name__ == "__main__":
    recorder.run(make, "numpy", "onnx")
