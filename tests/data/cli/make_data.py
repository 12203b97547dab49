#!/usr/bin/env python3
"""Writes the models and stored outputs that the command-line transcripts use.

Needs numpy and onnx. The files are committed; run this only to change them:
    python3 tests/data/cli/make_data.py
"""
import base64
import io
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).resolve().parent
FLOAT = TensorProto.FLOAT


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def save_model(name, nodes, inputs, outputs, initializers=(), opset=17, ranks_known=True):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8, producer_name="assay-tests"
    )
    if ranks_known:  # onnx's checker accepts no other model, other tools write them
        onnx.checker.check_model(model)
    onnx.save(model, FOLDER / f"{name}.onnx")


def scale_shift(name, shape):
    save_model(
        name,
        [
            helper.make_node("Mul", ["x", "w"], ["scaled"], name="scale"),
            helper.make_node("Add", ["scaled", "b"], ["y"], name="shift"),
        ],
        [value("x", FLOAT, shape)],
        [value("y", FLOAT, shape)],
        [constant("w", np.float32([[[2]], [[3]], [[4]]])), constant("b", np.float32([0.5]))],
    )


def make_models():
    scale_shift("scale_shift", [1, 3, 4, 4])
    scale_shift("wide", [1, 3, 20, 20])
    save_model(
        "dynamic",
        [helper.make_node("Mul", ["image", "two"], ["features"], name="double")],
        [value("image", FLOAT, ["N", 3, "H", "W"])],
        [value("features", FLOAT, ["N", 3, "H", "W"])],
        [constant("two", np.float32(2))],
    )
    save_model(
        "three_outputs",
        [
            helper.make_node("Mul", ["x", "two"], ["doubled"], name="double"),
            helper.make_node("Add", ["x", "one"], ["raised"], name="raise"),
            helper.make_node("Sub", ["x", "half"], ["centered"], name="center"),
            helper.make_node("Relu", ["centered"], ["rectified"], name="rectify"),
        ],
        [value("x", FLOAT, [2, 5])],
        [value("doubled", FLOAT, [2, 5]), value("raised", FLOAT, [2, 5]), value("rectified", FLOAT, [2, 5])],
        [constant("two", np.float32(2)), constant("one", np.float32(1)), constant("half", np.float32(0.5))],
    )
    save_model(
        "kinds",
        [
            helper.make_node("Mul", ["x", "ten"], ["tens"]),
            helper.make_node("Cast", ["tens"], ["integers"], to=TensorProto.INT64),
            helper.make_node("Cast", ["tens"], ["bytes"], to=TensorProto.UINT8),
            helper.make_node("Greater", ["x", "half"], ["flags"]),
            helper.make_node("Cast", ["x"], ["halves"], to=TensorProto.FLOAT16),
            helper.make_node("Cast", ["x"], ["doubles"], to=TensorProto.DOUBLE),
        ],
        [value("x", FLOAT, [2, 6])],
        [
            value("integers", TensorProto.INT64, [2, 6]),
            value("bytes", TensorProto.UINT8, [2, 6]),
            value("flags", TensorProto.BOOL, [2, 6]),
            value("halves", TensorProto.FLOAT16, [2, 6]),
            value("doubles", TensorProto.DOUBLE, [2, 6]),
        ],
        [constant("ten", np.float32(10)), constant("half", np.float32(0.5))],
    )
    typed = {
        "i64": (TensorProto.INT64, [3]),
        "i32": (TensorProto.INT32, [4]),
        "u32": (TensorProto.UINT32, [3]),
        "u64": (TensorProto.UINT64, [3]),
        "i16": (TensorProto.INT16, [5]),
        "u16": (TensorProto.UINT16, [5]),
        "i8": (TensorProto.INT8, [7]),
        "u8": (TensorProto.UINT8, [7]),
        "flag": (TensorProto.BOOL, [40]),
        "f16": (TensorProto.FLOAT16, [5]),
        "f32": (FLOAT, [5]),
        "f64": (TensorProto.DOUBLE, [5]),
    }
    save_model(
        "typed_inputs",
        [helper.make_node("Identity", [name], [f"{name}_out"]) for name in typed],
        [value(name, kind, shape) for name, (kind, shape) in typed.items()],
        [value(f"{name}_out", kind, shape) for name, (kind, shape) in typed.items()],
    )
    save_model(
        "nonfinite",
        [
            helper.make_node("Sub", ["x", "half"], ["centered"]),
            helper.make_node("Sqrt", ["centered"], ["root"]),
            helper.make_node("Relu", ["centered"], ["rectified"]),
            helper.make_node("Reciprocal", ["rectified"], ["inverse"]),
            helper.make_node("Identity", ["x"], ["copy"]),
        ],
        [value("x", FLOAT, [2, 4])],
        [value("copy", FLOAT, [2, 4]), value("root", FLOAT, [2, 4]), value("inverse", FLOAT, [2, 4])],
        [constant("half", np.float32(0.5))],
    )
    save_model(
        "scalar",
        [
            helper.make_node("ReduceMax", ["x"], ["largest"], keepdims=0),
            helper.make_node("ReduceMax", ["x"], ["rows"], axes=[1], keepdims=1),
        ],
        [value("x", FLOAT, [3, 4])],
        [value("largest", FLOAT, []), value("rows", FLOAT, [3, 1])],
    )
    save_model(
        "empty_output",
        [
            helper.make_node("Slice", ["x", "zero", "zero"], ["nothing"]),
            helper.make_node("Identity", ["x"], ["copy"]),
        ],
        [value("x", FLOAT, [4])],
        [value("nothing", FLOAT, [0]), value("copy", FLOAT, [4])],
        [constant("zero", np.int64([0]))],
    )
    save_model(
        "only_empty",
        [helper.make_node("Slice", ["x", "zero", "zero"], ["nothing"])],
        [value("x", FLOAT, [4])],
        [value("nothing", FLOAT, [0])],
        [constant("zero", np.int64([0]))],
    )
    save_model(
        "logits",
        [helper.make_node("Mul", ["x", "ten"], ["scores"], name="scale")],
        [value("x", FLOAT, [4, 10])],
        [value("scores", FLOAT, [4, 10])],
        [constant("ten", np.float32(10))],
    )
    save_model(
        "shape_values",
        [helper.make_node("Reshape", ["x", "extent"], ["y"], name="reshape")],
        [value("x", FLOAT, [2, 6]), value("extent", TensorProto.INT64, [3])],
        [value("y", FLOAT, ["a", "b", "c"])],
    )
    save_model(
        "no_inputs",
        [helper.make_node("Add", ["one", "two"], ["three"], name="add")],
        [],
        [value("three", FLOAT, [2])],
        [constant("one", np.float32([1, 1])), constant("two", np.float32([2, 2]))],
    )
    save_model(
        "any_rank",
        [helper.make_node("Relu", ["x"], ["y"], name="rectify")],
        [value("x", FLOAT, None)],
        [value("y", FLOAT, None)],
        ranks_known=False,
    )
    rng = np.random.RandomState(8)
    save_model(
        "classifier",
        [
            helper.make_node("Conv", ["image", "kernel"], ["filtered"], name="/stem/conv", pads=[1, 1, 1, 1]),
            helper.make_node("Relu", ["filtered"], ["rectified"], name="/stem/act"),
            helper.make_node("MaxPool", ["rectified"], ["halved"], name="/stem/pool", kernel_shape=[2, 2], strides=[2, 2]),
            helper.make_node("GlobalAveragePool", ["halved"], ["pooled"], name="/head/pool"),
            helper.make_node("Flatten", ["pooled"], ["flat"], name="/head/flatten"),
            helper.make_node("Gemm", ["flat", "weights", "bias"], ["logits"], name="/head/gemm"),
            helper.make_node("Softmax", ["logits"], ["scores"], name="/head/scores"),
        ],
        [value("image", FLOAT, ["N", 3, "H", "W"])],
        [value("scores", FLOAT, ["N", 10])],
        [
            constant("kernel", rng.standard_normal((16, 3, 3, 3)).astype(np.float32)),
            constant("weights", rng.standard_normal((16, 10)).astype(np.float32)),
            constant("bias", rng.standard_normal(10).astype(np.float32)),
        ],
    )
    rng = np.random.RandomState(7)
    save_model(
        "convolution",
        [
            helper.make_node(
                "Conv", ["image", "kernel", "bias"], ["filtered"], name="/stem/conv",
                kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2],
            ),
            helper.make_node("LeakyRelu", ["filtered"], ["activated"], name="/stem/act", alpha=0.25),
            helper.make_node("GlobalAveragePool", ["activated"], ["pooled"]),
            helper.make_node("Constant", [], ["limit"], name="limit", value=constant("limit", np.float32(0.1))),
            helper.make_node("Sub", ["pooled", "limit"], ["excess"], name="/head/excess"),
            helper.make_node("Sigmoid", ["excess"], ["probability"], name="/head/score"),
        ],
        [value("image", FLOAT, ["N", 1, "H", "W"])],
        [value("probability", FLOAT, ["N", 2, 1, 1])],
        [
            constant("kernel", rng.standard_normal((2, 1, 3, 3)).astype(np.float32)),
            constant("bias", np.float32([0.125, -0.5])),
        ],
    )


def encode(array):
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array) if array.ndim else array)
    return {"array": base64.b64encode(buffer.getvalue()).decode(), "polygraphy_class": "ndarray"}


def save_outputs(name, iterations, runner="golden-runner"):
    """iterations: one dict of arrays per iteration."""
    results = [
        {
            "outputs": {
                key: {"values": encode(array), "polygraphy_class": "LazyArray"} for key, array in outputs.items()
            },
            "runtime": 0.001,
            "runner_name": runner,
            "polygraphy_class": "IterationResult",
        }
        for outputs in iterations
    ]
    text = json.dumps({"lst": [[runner, results]], "polygraphy_class": "RunResults"}, indent=4)
    (FOLDER / f"{name}.json").write_text(text)


def save_inputs(name, iterations):
    text = json.dumps([{key: encode(array) for key, array in feed.items()} for feed in iterations], indent=4)
    (FOLDER / f"{name}.json").write_text(text)


def random_input(shape, seed=1):
    return np.random.RandomState(seed).random_sample(shape).astype(np.float32)


def scaled(x):
    return x * np.float32([[[2]], [[3]], [[4]]]) + np.float32(0.5)


def noise(shape, scale):
    """A fixed pattern in [-scale, scale]: no two elements alike, exact in binary where scale is."""
    count = int(np.prod(shape))
    steps = (np.arange(count) * 37 % 101 - 50) / np.float64(50)
    return (steps * scale).astype(np.float32).reshape(shape)


def make_outputs():
    small, large = (1, 3, 4, 4), (1, 3, 20, 20)
    y = scaled(random_input(small))
    save_outputs("golden_small", [{"y": y + noise(small, 1e-3)}])
    save_outputs("golden_small_again", [{"y": y + noise(small, 1e-3) * np.float32(0.5)}])
    save_outputs("golden_exact", [{"y": y}])
    save_outputs("golden_wide", [{"y": scaled(random_input(large)) + noise(large, 2e-2)}])
    save_outputs("golden_name", [{"Y_scaled": y + noise(small, 1e-6)}])
    save_outputs("golden_other_name", [{"unrelated": y}])
    save_outputs("golden_flat", [{"y": (y + noise(small, 1e-6)).reshape(48)}])
    save_outputs("golden_channels_last", [{"y": np.ascontiguousarray(y.transpose(0, 2, 3, 1))}])
    save_outputs("golden_wrong_size", [{"y": y[:, :, :, :3]}])
    save_outputs("golden_zeros", [{"y": np.where(noise(small, 1) > 0, y, np.float32(0))}])
    save_outputs("golden_three_iterations", [{"y": scaled(random_input(small, seed)) + noise(small, 1e-4 * seed)} for seed in (1, 2, 3)])

    x = random_input((2, 5))
    outputs = {
        "doubled": x * np.float32(2),
        "raised": x + np.float32(1) + noise((2, 5), 1e-2),
        "rectified": np.maximum(x - np.float32(0.5), 0) + noise((2, 5), 1e-3),
    }
    save_outputs("golden_three_outputs", [outputs])
    save_outputs("golden_two_of_three", [{"doubled": outputs["doubled"], "raised": x + np.float32(1)}])
    save_outputs("golden_extra_output", [{**outputs, "extra": x}])

    x = random_input((2, 6))
    tens = x * np.float32(10)
    save_outputs(
        "golden_kinds",
        [
            {
                "integers": tens.astype(np.int64) + np.int64([[0, 1, 0, 0, -2, 0], [0, 0, 0, 0, 0, 0]]),
                "bytes": tens.astype(np.uint8) + np.uint8([[0, 0, 3, 0, 0, 0], [0, 0, 0, 0, 0, 0]]),
                "flags": (x > 0.5) ^ np.array([[0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0]], dtype=bool),
                "halves": x.astype(np.float16) + np.float16(2**-10),
                "doubles": x.astype(np.float64) * (1 + 1e-12),
            }
        ],
    )
    x = random_input((2, 4))
    with np.errstate(all="ignore"):
        root = np.sqrt(x - np.float32(0.5))
        inverse = np.float32(1) / np.maximum(x - np.float32(0.5), 0)
    save_outputs("golden_nonfinite", [{"copy": x, "root": np.nan_to_num(root), "inverse": inverse}])
    save_outputs("golden_infinite", [{"inverse": inverse}])

    x = random_input((4, 10))
    scores = x * np.float32(10)
    swapped = scores.copy()
    for row in range(4):
        order = np.argsort(-scores[row], kind="stable")
        first, second = order[row], order[row + 1]
        swapped[row, first], swapped[row, second] = scores[row, second], scores[row, first]
    save_outputs("golden_logits", [{"scores": swapped}])

    limits = np.iinfo(np.int32)
    save_outputs("extremes_left", [{"i": np.int32([limits.max, limits.min, limits.max, 5])}], "left-runner")
    save_outputs("extremes_right", [{"i": np.int32([-limits.max, limits.max, limits.min, 5])}], "right-runner")
    save_outputs("image_left", [{"p": random_input((1, 1, 8, 8))}], "left-runner")
    save_outputs("image_right", [{"p": random_input((1, 1, 8, 8)) + noise((1, 1, 8, 8), 0.05)}], "right-runner")

    save_inputs("inputs_exact", [{"x": random_input(small, 5)}])
    save_inputs("inputs_double", [{"x": random_input(small, 5).astype(np.float64) * 1e39}])
    save_inputs("inputs_name", [{"X_image": random_input(small, 5)}])
    save_inputs("inputs_flat", [{"x": random_input((48,), 5)}])
    save_inputs("inputs_wrong_size", [{"x": random_input((1, 3, 4, 3), 5)}])
    save_inputs("inputs_two_iterations", [{"x": random_input(small, 5)}, {"x": random_input(small, 6), "unused": np.int64([1])}])


if __name__ == "__main__":
    make_models()
    make_outputs()
