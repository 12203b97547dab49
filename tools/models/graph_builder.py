"""Records a network as the ONNX graph that PyTorch's exporter writes for it.

A network is a Python function that calls `torch_functions` on a `GraphBuilder`, in the order in
which its PyTorch module would run. The builder keeps what `torch.onnx.export` keeps: the module
scopes that name the nodes (`/layer1/layer1.0/conv1/Conv`), PyTorch's own parameter names
(`layer1.0.conv1.weight`), made-up names for weights that the exporter changed (`onnx::Conv_444`),
and the shape arithmetic that a trace leaves behind when sizes are dynamic.

The same function runs in two ways. With `measuring`, every tensor carries its float64 data, and
`torch_functions` takes batch-norm statistics from it. Otherwise tensors carry only their shapes,
and `model` gives the graph.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from operators import OPERATORS
from parameters import Parameters


@dataclasses.dataclass(eq=False)
class Value:
    """A tensor of the graph: its name, its shape in this trace, and its data where it is known.

    Data is known for weights, constants and shape arithmetic always, for the rest while measuring.
    """

    name: str
    shape: tuple[int, ...]
    data: np.ndarray | None = None


# A size that the exporter knew (int) or traced as a scalar tensor (Value).
Size = int | Value


@dataclasses.dataclass(frozen=True)
class ExportOptions:
    """What the exporter was asked for."""

    opset: int = 17
    dynamic: bool = False  # symbolic batch, height, width (or sequence length)
    fold_batch_norm: bool = True  # as the exporter does by default, False: BatchNormalization nodes


class GraphBuilder:
    def __init__(self, parameters: Parameters, options: ExportOptions, measuring: bool = False):
        self.parameters = parameters
        self.options = options
        self.measuring = measuring
        self.flops = 0  # multiply and add counted as two, of Conv, ConvTranspose, MatMul and Gemm
        self._scopes: list[str] = []
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, np.ndarray] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._name_counts: dict[str, int] = {}
        self._anonymous_count = 0

    @contextlib.contextmanager
    def module(self, *names: str) -> Iterator[None]:
        """Enters submodules: `module("layer1", "layer1.0")` as the exporter spells the scopes."""
        self._scopes.extend(names)
        yield
        del self._scopes[len(self._scopes) - len(names) :]

    def parameter_name(self, name: str) -> str:
        """The PyTorch name of a parameter of the current module: `layer1.0.conv1.weight`."""
        path: list[str] = []
        for scope in self._scopes:
            if path and scope.startswith(path[-1] + "."):
                path.pop()
            path.append(scope)
        return ".".join([*path, name])

    def input(
        self, name: str, shape: Sequence[int], dims: Sequence[int | str],
        element_type: int = TensorProto.FLOAT, data: np.ndarray | None = None,
    ) -> Value:
        """A graph input. `dims` is what the graph declares, `shape` is the size in this trace."""
        declared = dims if self.options.dynamic else shape
        self._inputs.append(helper.make_tensor_value_info(name, element_type, declared))
        return Value(name, tuple(shape), data)

    def output(self, value: Value, name: str, dims: Sequence[int | str]) -> Value:
        """Makes `value` a graph output under `name`, as the exporter does: by renaming it."""
        declared = dims if self.options.dynamic else value.shape
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, declared))
        for node in self._nodes:
            for names in (node.input, node.output):
                for position, used in enumerate(names):
                    if used == value.name:
                        names[position] = name
        value.name = name
        return value

    def weight(self, name: str, data: np.ndarray) -> Value:
        """A parameter of the current module that the exporter keeps as it is."""
        return self._initializer(self.parameter_name(name), data)

    def folded_weight(self, consumer: str, data: np.ndarray) -> Value:
        """A parameter that the exporter computed, named after the operator that reads it."""
        return self._initializer(self._anonymous(consumer), data)

    def constant(self, data: np.ndarray | int | float | list[int]) -> Value:
        """A Constant node in the current module: Python ints as int64, Python floats as float32."""
        return self._constant(data, name=None)

    def anonymous_constant(self, data: list[int], consumer: str) -> Value:
        """A Constant node that an exporter pass made: it has no module, `Constant_62`."""
        return self._constant(data, name=self._anonymous(consumer))

    def node(
        self, op_type: str, inputs: Sequence[Value | None], output_count: int = 1, **attributes
    ) -> Value | list[Value]:
        """Appends a node of the current module; one Value, or a list where several were asked for.

        None stands for an optional input that is left out.
        """
        name = self._unique("/" + "/".join([*self._scopes, op_type]))
        attributes = {
            key: float(np.float32(value)) if isinstance(value, float) else value
            for key, value in attributes.items()
        }
        outputs = [f"{name}_output_{index}" for index in range(output_count)]
        names = ["" if value is None else value.name for value in inputs]
        self._nodes.append(helper.make_node(op_type, names, outputs, name=name, **attributes))
        shapes, data = OPERATORS[op_type].apply(inputs, attributes, self.options.opset)
        self.flops += OPERATORS[op_type].flops(inputs, shapes)
        values = [Value(*fields) for fields in zip(outputs, shapes, data, strict=True)]
        return values if output_count > 1 else values[0]

    @property
    def nodes(self) -> Sequence[onnx.NodeProto]:
        return self._nodes

    def model(self, graph_name: str) -> onnx.ModelProto:
        initializers = [
            numpy_helper.from_array(data, name) for name, data in self._initializers.items()
        ]
        graph = helper.make_graph(
            self._nodes, graph_name, self._inputs, self._outputs, initializers
        )
        opset = helper.make_opsetid("", self.options.opset)
        ir_version = helper.find_min_ir_version_for([opset])
        return helper.make_model(
            graph, opset_imports=[opset], ir_version=ir_version, producer_name="assay-models"
        )

    def _constant(self, data, name: str | None) -> Value:
        if isinstance(data, float):
            array = np.array(data, np.float32)
        else:
            array = np.asarray(data) if isinstance(data, np.ndarray) else np.array(data, np.int64)
        if name is None:
            node_name = self._unique("/" + "/".join([*self._scopes, "Constant"]))
            name = f"{node_name}_output_0"
        else:
            node_name = f"Constant_{len(self._nodes)}"
        value = numpy_helper.from_array(array)
        self._nodes.append(helper.make_node("Constant", [], [name], name=node_name, value=value))
        return Value(name, array.shape, array)

    def _initializer(self, name: str, data: np.ndarray) -> Value:
        self._initializers[name] = data
        return Value(name, data.shape, data)

    def _anonymous(self, consumer: str) -> str:
        self._anonymous_count += 1
        return f"onnx::{consumer}_{self._anonymous_count}"

    def _unique(self, name: str) -> str:
        count = self._name_counts.get(name, 0)
        self._name_counts[name] = count + 1
        return f"{name}_{count}" if count else name
