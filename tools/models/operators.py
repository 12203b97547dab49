"""The ONNX operators that the networks use: shapes, float64 values and FLOPs.

Float64 serves reproducibility as well as accuracy: statistics measured with it agree between
machines to far more digits than are kept (see `parameters.round_significand`).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
from onnx import TensorProto, numpy_helper

_IM2COL_BYTES = 64 << 20


@dataclasses.dataclass(frozen=True)
class Operator:
    """`compute(attributes, *arrays)` gives the value. `shape(attributes, *values)` gives the shape
    where the value is unknown; without it, `compute` is run on zeros of the input's shapes."""

    compute: Callable
    shape: Callable | None = None
    multiply_adds: Callable | None = None

    def apply(self, inputs: Sequence, attributes: dict, opset: int) -> tuple[list, list]:
        """Shapes and data of the outputs; data is None where an input's is."""
        if all(value is None or value.data is not None for value in inputs):
            arrays = [None if value is None else _widened(value.data) for value in inputs]
            result = self.compute(attributes, *arrays)
            data = result if isinstance(result, list) else [result]
            return [array.shape for array in data], data
        if self.shape is not None:
            return [self.shape(attributes, *inputs)], [None]
        zeros = [None if value is None else _zeros_unless_known(value) for value in inputs]
        result = self.compute(attributes, *zeros)
        shapes = [array.shape for array in (result if isinstance(result, list) else [result])]
        return shapes, [None] * len(shapes)

    def flops(self, inputs: Sequence, shapes: list[tuple[int, ...]]) -> int:
        return 2 * self.multiply_adds(inputs, shapes[0]) if self.multiply_adds else 0


def _widened(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64) if array.dtype == np.float32 else array


def _zeros_unless_known(value) -> np.ndarray:
    """Known small integer data decides shapes; the rest stands in as zeros that take no memory."""
    if value.data is not None and value.data.dtype == np.int64:
        return value.data
    return np.broadcast_to(np.zeros((), np.int8), value.shape)


def _first_shape(attributes, value, *unused):
    return value.shape


def _pair_shape(attributes, a, b):
    return np.broadcast_shapes(a.shape, b.shape)


# --- convolution and pooling --------------------------------------------------------------------


def _window_geometry(attributes, shape, kernel):
    """Output height and width of a convolution or pooling."""
    top, left, bottom, right = attributes.get("pads", [0] * 4)
    dilations = attributes.get("dilations", [1, 1])
    strides = attributes.get("strides", [1, 1])
    sizes = []
    for axis, padding in ((0, top + bottom), (1, left + right)):
        extent = dilations[axis] * (kernel[axis] - 1) + 1
        size = (shape[2 + axis] + padding - extent) // strides[axis] + 1
        if size <= 0:
            raise ValueError(f"input {shape} is too small for a window of {kernel}")
        sizes.append(size)
    return tuple(sizes)


def _windows(attributes, x, kernel, fill):
    """View of shape (batch, channels, kernel height, kernel width, height, width) over padded x."""
    top, left, bottom, right = attributes.get("pads", [0] * 4)
    height, width = _window_geometry(attributes, x.shape, kernel)
    padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=fill)
    batch, channel, row, column = padded.strides
    (dy, dx), (sy, sx) = (attributes.get(name, [1, 1]) for name in ("dilations", "strides"))
    return np.lib.stride_tricks.as_strided(
        padded, (*x.shape[:2], *kernel, height, width),
        (batch, channel, row * dy, column * dx, row * sy, column * sx), writeable=False,
    )


def _conv(attributes, x, weight, bias=None):
    windows = _windows(attributes, x, weight.shape[2:], 0.0)
    height, width = windows.shape[4:]
    groups = attributes.get("group", 1)
    out = np.empty((x.shape[0], weight.shape[0], height, width))
    if groups == x.shape[1] == weight.shape[0]:
        np.einsum("bcijyx,cij->bcyx", windows, weight[:, 0], out=out)
    else:
        inputs, outputs = x.shape[1] // groups, weight.shape[0] // groups
        for group in range(groups):
            these = slice(group * outputs, (group + 1) * outputs)
            those = windows[:, group * inputs : (group + 1) * inputs]
            _dense_conv(those, weight[these], out[:, these])
    return out if bias is None else out + bias[:, None, None]


def _dense_conv(windows, weight, out):
    """Products of the weight matrix with as many rows of windows at a time as fit in memory."""
    matrix = weight.reshape(weight.shape[0], -1)
    rows = max(1, _IM2COL_BYTES // (8 * matrix.shape[1] * out.shape[3]))
    for sample in range(out.shape[0]):
        for begin in range(0, out.shape[2], rows):
            columns = windows[sample, :, :, :, begin : begin + rows]
            product = matrix @ columns.reshape(matrix.shape[1], -1)
            out[sample, :, begin : begin + rows] = product.reshape(-1, *columns.shape[3:])


def _conv_shape(attributes, x, weight, bias=None):
    spatial = _window_geometry(attributes, x.shape, weight.shape[2:])
    return (x.shape[0], weight.shape[0], *spatial)


def _conv_multiply_adds(inputs, shape):
    return math.prod(shape) * math.prod(inputs[1].shape[1:])


def _conv_transpose(attributes, x, weight, bias):
    """Only windows that do not overlap: kernel equals stride, no padding."""
    kernel = weight.shape[2:]
    assert list(kernel) == attributes["strides"] and not any(attributes["pads"])
    batch, channels, height, width = x.shape
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, channels)
    blocks = (pixels @ weight.reshape(channels, -1)).reshape(batch, height, width, -1, *kernel)
    out = blocks.transpose(0, 3, 1, 4, 2, 5)
    return out.reshape(batch, -1, height * kernel[0], width * kernel[1]) + bias[:, None, None]


def _conv_transpose_shape(attributes, x, weight, bias):
    rows, columns = attributes["strides"]
    return (x.shape[0], weight.shape[1], x.shape[2] * rows, x.shape[3] * columns)


def _conv_transpose_multiply_adds(inputs, shape):
    return math.prod(inputs[0].shape) * math.prod(inputs[1].shape[1:])


def _max_pool(attributes, x):
    return _windows(attributes, x, tuple(attributes["kernel_shape"]), -np.inf).max(axis=(2, 3))


def _max_pool_shape(attributes, x):
    return (*x.shape[:2], *_window_geometry(attributes, x.shape, attributes["kernel_shape"]))


def _average_pool(attributes, x):
    """Padding does not count, as count_include_pad = 0."""
    kernel = tuple(attributes["kernel_shape"])
    total = _windows(attributes, x, kernel, 0.0).sum(axis=(2, 3))
    return total / _windows(attributes, np.ones_like(x), kernel, 0.0).sum(axis=(2, 3))


def _batch_normalization(attributes, x, scale, bias, mean, variance):
    scale = scale / np.sqrt(variance + attributes.get("epsilon", 1e-5))
    return x * scale[:, None, None] + (bias - mean * scale)[:, None, None]


# --- resize -------------------------------------------------------------------------------------


def _interpolation_matrix(size_in: int, size_out: int, align_corners: bool) -> np.ndarray:
    """Linear interpolation along one axis as a matrix (size_out, size_in)."""
    if align_corners:
        positions = np.arange(size_out) * ((size_in - 1) / max(size_out - 1, 1))
    else:
        positions = np.clip((np.arange(size_out) + 0.5) * (size_in / size_out) - 0.5, 0, None)
    low = np.minimum(positions.astype(np.int64), size_in - 1)
    high = np.minimum(low + 1, size_in - 1)
    fraction = positions - low
    matrix = np.zeros((size_out, size_in))
    np.add.at(matrix, (np.arange(size_out), low), 1 - fraction)
    np.add.at(matrix, (np.arange(size_out), high), fraction)
    return matrix


def _resize_sizes(shape, scales, sizes):
    if sizes is not None:
        return tuple(int(size) for size in sizes)
    return tuple(int(size * scale) for size, scale in zip(shape, scales, strict=True))


def _resize(attributes, x, roi, scales, sizes=None):
    target = _resize_sizes(x.shape, scales, sizes)
    align_corners = attributes["coordinate_transformation_mode"] == "align_corners"
    rows = _interpolation_matrix(x.shape[2], target[2], align_corners)
    columns = _interpolation_matrix(x.shape[3], target[3], align_corners)
    return rows @ x @ columns.T


def _resize_shape(attributes, x, roi, scales, sizes=None):
    return _resize_sizes(
        x.shape, None if scales is None else scales.data, None if sizes is None else sizes.data
    )


# --- matrix products, normalization, element-wise -------------------------------------------------


def _matmul_shape(attributes, a, b):
    return (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])


def _matmul_multiply_adds(inputs, shape):
    return math.prod(shape) * inputs[0].shape[-1]


def _gemm(attributes, a, b, c):
    assert attributes["transB"] and attributes.get("alpha", 1) == attributes.get("beta", 1) == 1
    return a @ b.T + c


def _layer_normalization(attributes, x, scale, bias):
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True)
    return centred / np.sqrt(variance + attributes["epsilon"]) * scale + bias


def _softmax(attributes, x):
    exponentials = np.exp(x - x.max(axis=attributes["axis"], keepdims=True))
    return exponentials / exponentials.sum(axis=attributes["axis"], keepdims=True)


_ERF_STEP = 1 / 256
_ERF_NODES = np.array([math.erf(index * _ERF_STEP) for index in range(6 * 256 + 2)])


def _erf(attributes, x):
    """Cubic Hermite interpolation of a table; error below 1e-11 (step^4 / 384 * max |f''''|)."""
    distance = np.minimum(np.abs(x), 6.0) / _ERF_STEP
    index = distance.astype(np.int64)
    t = distance - index
    slopes = [
        _ERF_STEP * 2 / math.sqrt(math.pi) * np.exp(-(((index + side) * _ERF_STEP) ** 2))
        for side in (0, 1)
    ]
    low, high = _ERF_NODES[index], _ERF_NODES[index + 1]
    bend = (1 - t) * (slopes[0] - (high - low)) + t * ((high - low) - slopes[1])
    return np.sign(x) * (low + t * (high - low) + t * (1 - t) * bend)


def _gelu(attributes, x):
    return x * (1 + _erf(attributes, x / math.sqrt(2))) / 2


def _divide(attributes, a, b):
    return a // b if a.dtype == b.dtype == np.int64 else a / b


def _clip(attributes, x, low=None, high=None):
    return np.clip(x, low, high)


def _axes(attributes, axes):
    return tuple(attributes["axes"]) if axes is None else tuple(int(axis) for axis in axes)


def _reduction(reduce):
    def compute(attributes, x, axes=None):
        keep = bool(attributes.get("keepdims", 1))
        return reduce(x, axis=_axes(attributes, axes), keepdims=keep)

    return compute


def _root_sum_of_squares(x, axis, keepdims):
    return np.sqrt((x * x).sum(axis=axis, keepdims=keepdims))


# --- layout and shape arithmetic ------------------------------------------------------------------


def _reshape(attributes, x, shape):
    sizes = [x.shape[axis] if size == 0 else int(size) for axis, size in enumerate(shape)]
    return x.reshape(sizes)


def _slice(attributes, x, starts, ends, axes, steps=None):
    selection = [slice(None)] * x.ndim
    steps = np.ones_like(starts) if steps is None else steps
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        stop = None if step < 0 and end < -x.shape[axis] else int(end)
        selection[int(axis)] = slice(int(start), stop, int(step))
    return x[tuple(selection)]


def _gather(attributes, x, indices):
    return np.take(x, indices, axis=attributes.get("axis", 0))


def _split(attributes, x, sizes):
    return np.split(x, np.cumsum(sizes)[:-1], axis=attributes["axis"])


def _unsqueeze(attributes, x, axes=None):
    return np.expand_dims(x, _axes(attributes, axes))


def _squeeze(attributes, x, axes):
    return np.squeeze(x, _axes(attributes, axes))


def _cast(attributes, x):
    types = {TensorProto.INT64: np.int64, TensorProto.FLOAT: np.float64}
    return x.astype(types[attributes["to"]])


def _pad(attributes, x, pads, value=None):
    """The last two axes' padding is zero in every trace here; negative padding crops."""
    before, after = pads[: x.ndim], pads[x.ndim :]
    if not pads.any():
        return x
    return np.pad(x, list(zip(before, after, strict=True)))


def _expand(attributes, x, shape):
    return np.broadcast_to(x, np.broadcast_shapes(x.shape, tuple(int(size) for size in shape)))


def _constant_of_shape(attributes, shape):
    value = numpy_helper.to_array(attributes["value"])
    return np.full(tuple(int(size) for size in shape), value[0])


def _shape_of(attributes, value):
    return (len(value.shape),)


class _ShapeOperator(Operator):
    """Shape is known in every trace, whether or not the data is."""

    def apply(self, inputs, attributes, opset):
        shape = np.array(inputs[0].shape, np.int64)
        return [shape.shape], [shape]


def _elementwise(function):
    return Operator(lambda attributes, *arrays: function(*arrays))


OPERATORS: dict[str, Operator] = {
    "Add": _elementwise(lambda a, b: a + b),
    "AveragePool": Operator(_average_pool),
    "BatchNormalization": Operator(_batch_normalization, _first_shape),
    "Cast": Operator(_cast),
    "Clip": Operator(_clip, _first_shape),
    "Concat": Operator(lambda attributes, *parts: np.concatenate(parts, attributes["axis"])),
    "ConstantOfShape": Operator(_constant_of_shape),
    "Conv": Operator(_conv, _conv_shape, _conv_multiply_adds),
    "ConvTranspose": Operator(
        _conv_transpose, _conv_transpose_shape, _conv_transpose_multiply_adds
    ),
    "Div": Operator(_divide, _pair_shape),
    "Equal": _elementwise(lambda a, b: a == b),
    "Erf": Operator(_erf, _first_shape),
    "Expand": Operator(_expand),
    "Gather": Operator(_gather),
    "Gelu": Operator(_gelu, _first_shape),
    "Gemm": Operator(_gemm, lambda attributes, a, b, c: (a.shape[0], b.shape[0]),
                     _matmul_multiply_adds),
    "GlobalAveragePool": Operator(lambda attributes, x: x.mean(axis=(2, 3), keepdims=True),
                                  lambda attributes, x: (*x.shape[:2], 1, 1)),
    "LayerNormalization": Operator(_layer_normalization, _first_shape),
    "MatMul": Operator(lambda attributes, a, b: a @ b, _matmul_shape, _matmul_multiply_adds),
    "MaxPool": Operator(_max_pool, _max_pool_shape),
    "Mul": _elementwise(lambda a, b: a * b),
    "Pad": Operator(_pad),
    "Pow": Operator(lambda attributes, a, b: a**b, _pair_shape),
    "ReduceL2": Operator(_reduction(_root_sum_of_squares)),
    "ReduceMean": Operator(_reduction(np.mean)),
    "ReduceSum": Operator(_reduction(np.sum)),
    "Relu": Operator(lambda attributes, x: np.maximum(x, 0), _first_shape),
    "Reshape": Operator(_reshape),
    "Resize": Operator(_resize, _resize_shape),
    "Shape": _ShapeOperator(_shape_of),
    "Slice": Operator(_slice),
    "Softmax": Operator(_softmax, _first_shape),
    "Split": Operator(_split),
    "Sqrt": Operator(lambda attributes, x: np.sqrt(x), _first_shape),
    "Squeeze": Operator(_squeeze),
    "Sub": _elementwise(lambda a, b: a - b),
    "Sum": _elementwise(lambda *terms: sum(terms)),
    "Transpose": Operator(lambda attributes, x: x.transpose(attributes["perm"])),
    "Unsqueeze": Operator(_unsqueeze),
    "Where": _elementwise(np.where),
}
