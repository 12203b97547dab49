"""Writes the models of this folder: python3 make_models.py (needs the package onnx)."""

from onnx import TensorProto, checker, helper, save


def model(name, nodes, inputs, outputs, initializers=(), opset=21, check=True):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    if check:
        checker.check_model(proto)
    save(proto, f"{name}.onnx")


def tensor(name, dtype, shape):
    return helper.make_tensor_value_info(name, dtype, shape)


FLOAT = TensorProto.FLOAT

model(
    "scale_and_shift",
    [
        helper.make_node("Mul", ["x", "scale"], ["scaled"], name="scale"),
        helper.make_node("Add", ["scaled", "shift"], ["y"], name="shift"),
    ],
    [tensor("x", FLOAT, ["N", 3])],
    [tensor("y", FLOAT, ["N", 3])],
    [
        helper.make_tensor("scale", FLOAT, [3], [1.0, 2.0, 4.0]),
        helper.make_tensor("shift", FLOAT, [3], [0.5, -0.25, 8.0]),
    ],
)

# ONNX Runtime has no kernel for 4-bit types, but passes an input through as an output.
TYPES = [
    "FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "BOOL", "STRING", "INT8", "INT16", "INT32", "INT64",
    "UINT8", "UINT16", "UINT32", "UINT64", "FLOAT8E4M3FN", "FLOAT8E5M2",
]  # fmt: skip
model(
    "identity_of_types",
    [helper.make_node("Identity", [t], [f"{t}_"]) for t in TYPES],
    [tensor(t, getattr(TensorProto, t), ["N"]) for t in TYPES + ["INT4", "UINT4"]],
    [tensor(f"{t}_", getattr(TensorProto, t), ["N"]) for t in TYPES]
    + [tensor(t, getattr(TensorProto, t), ["N"]) for t in ["INT4", "UINT4"]],
)

model(
    "reshape_to_seven",
    [helper.make_node("Reshape", ["x", "seven"], ["y"], name="to_seven")],
    [tensor("x", FLOAT, ["N"])],
    [tensor("y", FLOAT, [7])],
    [helper.make_tensor("seven", TensorProto.INT64, [1], [7])],
)

model(
    "unknown_operator",
    [helper.make_node("Frobnicate", ["x"], ["y"])],
    [tensor("x", FLOAT, [1])],
    [tensor("y", FLOAT, [1])],
    check=False,
)

model(
    "sequence_output",
    [helper.make_node("SequenceConstruct", ["x", "x"], ["pair"])],
    [tensor("x", FLOAT, [2])],
    [helper.make_tensor_sequence_value_info("pair", FLOAT, None)],
)

# Runs until it is stopped: a loop with an endless condition over a cheap body.
body = helper.make_graph(
    [
        helper.make_node("Identity", ["go"], ["go_on"]),
        helper.make_node("Cos", ["v"], ["next"]),
    ],
    "body",
    [
        tensor("i", TensorProto.INT64, []),
        tensor("go", TensorProto.BOOL, []),
        tensor("v", FLOAT, [1]),
    ],
    [tensor("go_on", TensorProto.BOOL, []), tensor("next", FLOAT, [1])],
)
model(
    "endless_loop",
    [helper.make_node("Loop", ["", "forever", "x"], ["y"], body=body)],
    [tensor("x", FLOAT, [1])],
    [tensor("y", FLOAT, [1])],
    [helper.make_tensor("forever", TensorProto.BOOL, [], [True])],
)
