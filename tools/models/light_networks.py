"""The onnx package's `light` networks with weights.

The package ships nine classifiers of 2012 to 2017 without their weights: every tensor is filled
with 0.02, so all channels and all classes are the same, the output is 1/1000 everywhere, and no
comparison of it could fail. Here the fills become seeded weights; the graphs stay as they are,
opset 9 as caffe2 exported them.
"""

from __future__ import annotations

import math
import pathlib

import numpy as np
import onnx
from onnx import helper, numpy_helper

from operators import OPERATORS
from parameters import Initializer, Parameters, kaiming_normal, log_normal, normal

LIGHT_NETWORKS = (
    "bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet",
    "squeezenet", "vgg19", "zfnet512",
)

_RUNNING_MEAN, _RUNNING_VARIANCE = 3, 4  # inputs of BatchNormalization


def light_network_path(name: str) -> pathlib.Path:
    """Where the installed onnx package has light_NAME.onnx."""
    folder = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    return folder / f"light_{name}.onnx"


def expected_output(name: str) -> np.ndarray:
    """The output that the package ships beside the filled network, whatever the input."""
    path = light_network_path(name)
    return numpy_helper.to_array(onnx.load_tensor(path.with_name(f"{path.stem}_output_0.pb")))


def picture_input(model: onnx.ModelProto) -> onnx.ValueInfoProto:
    """The one input that is not a weight."""
    weights = {weight.name for weight in model.graph.initializer}
    (picture,) = [value for value in model.graph.input if value.name not in weights]
    return picture


def seeded_light_network(
    name: str, parameters: Parameters, pictures: np.ndarray
) -> onnx.ModelProto:
    """The network with drawn weights, and batch-norm statistics measured on `pictures`."""
    model = onnx.load(light_network_path(name))
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    fills = [node for node in model.graph.node if node.op_type == "ConstantOfShape"]
    shapes = {node.output[0]: tuple(constants[node.input[0]].tolist()) for node in fills}
    # Tensors of fewer than a few hundred elements are stored as they are, filled all the same.
    filled = {
        name: array.shape for name, array in constants.items() if array.dtype == np.float32
    }
    roles = _weight_roles(model.graph, shapes | filled)
    for name, (shape, initializer) in roles.items():
        constants[name] = parameters.draw(name, shape, initializer)
    if any(node.op_type == "BatchNormalization" for node in model.graph.node):
        _measure_batch_norm(model, parameters, constants, pictures)
    return _rebuilt(model, fills, roles.keys(), constants)


def _weight_roles(
    graph: onnx.GraphProto, shapes: dict[str, tuple[int, ...]]
) -> dict[str, tuple[tuple[int, ...], Initializer]]:
    """How each weight is drawn, from the operator that reads it."""
    roles: dict[str, tuple[tuple[int, ...], Initializer]] = {}
    consumers = {name: node for node in graph.node for name in node.input}
    for node in graph.node:
        for position, name in enumerate(node.input):
            if name not in shapes:
                continue
            shape = shapes[name]
            consumer = node
            if node.op_type in ("Unsqueeze", "Reshape"):
                consumer = consumers[node.output[0]]
            roles[name] = shape, _initializer(consumer.op_type, position, shape)
    return roles


def _initializer(op_type: str, position: int, shape: tuple[int, ...]) -> Initializer:
    if op_type == "Conv" and position == 1:
        return kaiming_normal(math.prod(shape[1:]))
    if op_type == "Gemm" and len(shape) > 1:
        return kaiming_normal(shape[-1])
    if op_type == "Mul" or (op_type == "BatchNormalization" and position == 1):
        return log_normal(0.2)
    return normal(0.2 if op_type in ("Add", "BatchNormalization") else 0.05)


def _measure_batch_norm(
    model: onnx.ModelProto, parameters: Parameters, constants: dict[str, np.ndarray],
    pictures: np.ndarray,
) -> None:
    """Runs the network in float64 and sets each normalization's statistics when it is reached."""
    values: dict[str, np.ndarray] = {picture_input(model).name: pictures.astype(np.float64)}
    last_reader = {name: node.output[0] for node in model.graph.node for name in node.input}
    for node in model.graph.node:
        if node.op_type in ("ConstantOfShape", "Softmax"):
            continue
        if node.op_type == "BatchNormalization":
            x = values[node.input[0]]
            measured = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
            for position, statistic in zip((_RUNNING_MEAN, _RUNNING_VARIANCE), measured):
                parameters.set_measured(node.input[position], statistic)
                constants[node.input[position]] = parameters[node.input[position]]
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        inputs = [
            values[name] if name in values else _as_float64(constants[name]) for name in node.input
        ]
        if node.op_type == "Reshape" and len(pictures) > 1 and inputs[1][0] == 1:
            # These graphs are written for one picture.
            inputs[1] = np.array([len(pictures), *inputs[1][1:]])
        values[node.output[0]] = OPERATORS[node.op_type].compute(attributes, *inputs)
        for name in node.input:
            if last_reader[name] == node.output[0]:
                values.pop(name, None)


def _as_float64(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64) if array.dtype == np.float32 else array


def _rebuilt(
    model: onnx.ModelProto, fills: list[onnx.NodeProto], drawn, constants: dict[str, np.ndarray]
) -> onnx.ModelProto:
    """The same nodes without the fills. Weights are initializers only, no longer inputs too."""
    graph = model.graph
    filled = {node.output[0] for node in fills}
    shapes = {node.input[0] for node in fills}
    kept = [tensor.name for tensor in graph.initializer if tensor.name not in shapes]
    names = [*kept, *sorted(filled)]
    new_graph = helper.make_graph(
        [node for node in graph.node if node.op_type != "ConstantOfShape"],
        graph.name, [picture_input(model)], graph.output,
        [numpy_helper.from_array(np.asarray(constants[name]), name) for name in names],
    )
    result = helper.make_model(
        new_graph, opset_imports=model.opset_import, ir_version=4, producer_name="assay-models"
    )
    onnx.checker.check_model(result, full_check=True)
    return result
