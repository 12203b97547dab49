"""One number for everything in a graph but its weights and the shapes of its inputs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import onnx
from onnx import helper, numpy_helper


def graph_fingerprint(nodes: Iterable[onnx.NodeProto]) -> str:
    """Hash of the nodes in order: operators, names, inputs, attributes, constants.

    Two things differ between exports of the same network and are left out: the running numbers of
    the names that the exporter makes up, and the Identity nodes by which it shares weights that
    happen to be equal, as zero biases are before training.
    """
    lines = [_line(node) for node in nodes if node.op_type != "Identity"]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _line(node: onnx.NodeProto) -> str:
    name = re.sub(r"^Constant_\d+$", "Constant_N", node.name)
    inputs = [re.sub(r"^onnx::(\w+)_\d+$", r"onnx::\1_N", value) for value in node.input]
    attributes = {
        attribute.name: _plain(helper.get_attribute_value(attribute))
        for attribute in sorted(node.attribute, key=lambda attribute: attribute.name)
    }
    return f"{node.op_type} {name} {inputs} {attributes}"


def _plain(value) -> str:
    if isinstance(value, onnx.TensorProto):
        array = numpy_helper.to_array(value)
        return f"{array.dtype}{array.shape}{array.tolist()}"
    is_list = hasattr(value, "__iter__") and not isinstance(value, bytes)
    return repr(list(value) if is_list else value)
