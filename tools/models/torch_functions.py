"""PyTorch functions and layers, each as the nodes that `torch.onnx.export` writes for it.

Layers take the module name and draw their own parameters; the sequences of nodes, attributes and
constants follow what PyTorch 1.13 exports, for static and for dynamic sizes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from onnx import TensorProto, helper

from graph_builder import GraphBuilder, Size, Value
from parameters import Initializer, kaiming_normal, log_normal, normal, round_significand

_BATCH_NORM_EPSILON = 1e-5
# Fewer samples than this give no usable variance of a single channel.
_FEWEST_SAMPLES = 32


# --- sizes and views ------------------------------------------------------------------------------


def size(b: GraphBuilder, x: Value, axis: int) -> Size:
    """x.size(axis): known when the export is static, else Shape and Gather."""
    if not b.options.dynamic:
        return x.shape[axis]
    shape = b.node("Shape", [x])
    return b.node("Gather", [shape, b.constant(axis)], axis=0)


def floor_divide(b: GraphBuilder, a: Size, divisor: int) -> Size:
    """a // divisor, which a trace casts to int64 twice."""
    if isinstance(a, int):
        return a // divisor
    quotient = b.node("Div", [a, b.constant(divisor)])
    return b.node("Cast", [b.node("Cast", [quotient], to=TensorProto.INT64)], to=TensorProto.INT64)


def multiply(b: GraphBuilder, a: Size, c: Size) -> Size:
    if isinstance(a, int) and isinstance(c, int):
        return a * c
    return b.node("Mul", [_traced(b, a), _traced(b, c)])


def subtract(b: GraphBuilder, a: Size, c: Size) -> Size:
    if isinstance(a, int) and isinstance(c, int):
        return a - c
    return b.node("Sub", [_traced(b, a), _traced(b, c)])


def view(b: GraphBuilder, x: Value, sizes: Sequence[Size]) -> Value:
    return b.node("Reshape", [x, _size_list(b, sizes)], **_allow_zero(b))


def flatten_spatial(b: GraphBuilder, x: Value) -> Value:
    """x.flatten(2)."""
    leading = _leading_sizes(b, x)
    shape = b.node("Concat", [leading, b.constant([-1])], axis=0)
    return b.node("Reshape", [x, shape], **_allow_zero(b))


def transpose(b: GraphBuilder, x: Value, *permutation: int) -> Value:
    return b.node("Transpose", [x], perm=list(permutation))


def expand(b: GraphBuilder, x: Value, sizes: Sequence[Size]) -> Value:
    """x.expand(sizes), with its replacement of -1 by the size that x has."""
    if all(isinstance(extent, int) for extent in sizes):
        shape = b.constant(list(sizes))
        rank = b.constant([len(sizes)])
    else:
        parts = [
            b.constant([extent]) if isinstance(extent, int)
            else b.node("Unsqueeze", [extent, b.constant([0])])
            for extent in sizes
        ]
        joined = b.node("Concat", parts, axis=0)
        shape = b.node("Reshape", [joined, b.constant([-1])], **_allow_zero(b))
        rank = b.node("Shape", [shape])
    ones = b.node("ConstantOfShape", [rank], value=_int64_tensor(1))
    minus_ones = b.node("Mul", [ones, b.constant(-1)])
    kept = b.node("Equal", [shape, minus_ones])
    return b.node("Expand", [x, b.node("Where", [kept, ones, shape])])


def pad_spatial(b: GraphBuilder, x: Value, left_right_top_bottom: Sequence[Size]) -> Value:
    """F.pad of the last two axes; the exporter turns PyTorch's list, last axis first, around."""
    known = all(isinstance(amount, int) for amount in left_right_top_bottom)
    if known:
        missing = b.constant([2 * len(x.shape) - len(left_right_top_bottom)])
        amounts = b.constant(list(left_right_top_bottom))
    else:
        measured = _size_list(b, left_right_top_bottom)
        amounts = _size_list(b, left_right_top_bottom)
        first = b.constant([0])
        count = b.node("Gather", [b.node("Shape", [measured]), first], axis=0)
        missing = b.node("Sub", [b.constant(2 * len(x.shape)), count])
        amounts = b.node("Cast", [amounts], to=TensorProto.INT64)
    zeros = b.node("ConstantOfShape", [missing], value=_int64_tensor(0))
    pairs = b.node("Concat", [amounts, zeros], axis=0)
    pairs = b.node("Reshape", [pairs, b.constant([-1, 2])], **_allow_zero(b))
    axes, starts = b.constant([0]), b.constant([-1])
    ends, steps = b.constant([-(2**63) + 1]), b.constant([-1])
    reversed_pairs = b.node("Slice", [pairs, starts, ends, axes, steps])
    ordered = transpose(b, reversed_pairs, 1, 0)
    flat = b.node("Reshape", [ordered, b.constant([-1])], **_allow_zero(b))
    pads = b.node("Cast", [flat], to=TensorProto.INT64)
    return b.node("Pad", [x, pads, None], mode="constant")


def interpolation_target(b: GraphBuilder, height: Size, width: Size) -> Value | tuple[int, int]:
    """The `size` argument of F.interpolate: two known sizes, or a traced list of both."""
    if isinstance(height, int) and isinstance(width, int):
        return height, width
    return _size_list(b, [height, width])


def interpolate(b: GraphBuilder, x: Value, target: Value | tuple[int, int]) -> Value:
    """F.interpolate(x, size=target, mode="bilinear", align_corners=False)."""
    leading = _leading_sizes(b, x)
    if isinstance(target, Value):
        spatial = b.node("Cast", [target], to=TensorProto.INT64)
    else:
        spatial = b.constant(list(target))
    sizes = b.node("Concat", [leading, spatial], axis=0)
    return _resize(b, [x, None, None, sizes], "half_pixel")


def upsample(b: GraphBuilder, x: Value, name: str, scale: float) -> Value:
    """nn.Upsample(scale_factor=scale, mode="bilinear", align_corners=True)."""
    with b.module(name):
        scales = b.constant(np.array([1, 1, scale, scale], np.float32))
        return _resize(b, [x, None, scales], "align_corners")


def _resize(b: GraphBuilder, inputs: Sequence[Value | None], transformation: str) -> Value:
    return b.node(
        "Resize", inputs, coordinate_transformation_mode=transformation, cubic_coeff_a=-0.75,
        mode="linear", nearest_mode="floor",
    )


def _leading_sizes(b: GraphBuilder, x: Value) -> Value:
    """The first two sizes of x; a Slice of its shape, even in a static export."""
    shape = b.node("Shape", [x])
    axes, starts, ends = b.constant([0]), b.constant([0]), b.constant([2])
    return b.node("Slice", [shape, starts, ends, axes])


def _size_list(b: GraphBuilder, sizes: Sequence[Size]) -> Value:
    """A 1-D int64 tensor of known and traced sizes."""
    if all(isinstance(extent, int) for extent in sizes):
        return b.constant(list(sizes))
    parts = [
        b.constant([extent]) if isinstance(extent, int)
        else b.node("Unsqueeze", [extent, b.anonymous_constant([0], "Unsqueeze")])
        for extent in sizes
    ]
    return b.node("Concat", parts, axis=0)


def _traced(b: GraphBuilder, extent: Size) -> Value:
    return b.constant(extent) if isinstance(extent, int) else extent


def _allow_zero(b: GraphBuilder) -> dict[str, int]:
    return {"allowzero": 0} if b.options.opset >= 14 else {}


def _int64_tensor(value: int):
    return helper.make_tensor("value", TensorProto.INT64, [1], [value])


# --- convolution ----------------------------------------------------------------------------------


def conv2d(
    b: GraphBuilder, x: Value, name: str, channels: int, kernel: int, *, stride: int = 1,
    padding: int = 0, groups: int = 1, initializer: Initializer | None = None,
) -> Value:
    """nn.Conv2d with a bias."""
    with b.module(name):
        weight, bias = _conv_parameters(b, x, channels, kernel, groups, initializer)
        inputs = [x, b.weight("weight", weight), b.weight("bias", bias)]
        return b.node("Conv", inputs, **_geometry(kernel, stride, padding, 1, groups))


def conv2d_batch_norm(
    b: GraphBuilder, x: Value, conv: Sequence[str], norm: Sequence[str], channels: int, kernel: int,
    *, stride: int = 1, padding: int = 0, dilation: int = 1, gain: float = 1.0,
) -> Value:
    """nn.Conv2d without a bias, then nn.BatchNorm2d; folded into one Conv if the export folds."""
    geometry = _geometry(kernel, stride, padding, dilation, 1)
    with b.module(*conv):
        shape = (channels, x.shape[1], kernel, kernel)
        fan = x.shape[1] * kernel * kernel
        weight = b.parameters.draw(b.parameter_name("weight"), shape, kaiming_normal(fan))
    with b.module(*norm):
        names = [b.parameter_name(field) for field in ("running_mean", "running_var")]
        scale = b.parameters.draw(
            b.parameter_name("weight"), (channels,), log_normal(0.2, gain)
        )
        offset = b.parameters.draw(b.parameter_name("bias"), (channels,), normal(0.2))
    if b.options.fold_batch_norm and not b.measuring:
        mean, variance = (b.parameters[name].astype(np.float64) for name in names)
        factor = scale / np.sqrt(variance + _BATCH_NORM_EPSILON)
        folded = (weight * factor[:, None, None, None]).astype(np.float32)
        bias = (offset - mean * factor).astype(np.float32)
        with b.module(*conv):
            inputs = [x, b.folded_weight("Conv", folded), b.folded_weight("Conv", bias)]
            return b.node("Conv", inputs, **geometry)
    with b.module(*conv):
        y = b.node("Conv", [x, b.weight("weight", weight)], **geometry)
    if b.measuring:
        _measure_batch_norm(b, y, *names)
    with b.module(*norm):
        inputs = [y, b.weight("weight", scale), b.weight("bias", offset)]
        inputs += [b.weight(name.rsplit(".", 1)[1], b.parameters[name]) for name in names]
        attributes = {"epsilon": _BATCH_NORM_EPSILON, "momentum": 0.9}
        if b.options.opset >= 14:
            attributes["training_mode"] = 0
        return b.node("BatchNormalization", inputs, **attributes)


def _measure_batch_norm(b: GraphBuilder, y: Value, mean_name: str, variance_name: str) -> None:
    mean, variance = y.data.mean(axis=(0, 2, 3)), y.data.var(axis=(0, 2, 3))
    samples = y.data.size // y.data.shape[1]
    if samples < _FEWEST_SAMPLES:
        variance = np.full_like(variance, (y.data**2).mean())
        mean = mean * 0.5
    b.parameters.set_measured(mean_name, mean)
    b.parameters.set_measured(variance_name, variance)


def conv_transpose2d(b: GraphBuilder, x: Value, name: str, channels: int, kernel: int) -> Value:
    """nn.ConvTranspose2d with kernel = stride."""
    with b.module(name):
        shape = (x.shape[1], channels, kernel, kernel)
        deviation = 1 / math.sqrt(x.shape[1])
        weight = b.parameters.draw(b.parameter_name("weight"), shape, normal(deviation))
        bias = b.parameters.draw(b.parameter_name("bias"), (channels,), normal(0.05))
        inputs = [x, b.weight("weight", weight), b.weight("bias", bias)]
        geometry = _geometry(kernel, kernel, 0, 1, 1)
        return b.node("ConvTranspose", inputs, **geometry)


def relu(b: GraphBuilder, x: Value, *name: str) -> Value:
    with b.module(*name):
        return b.node("Relu", [x])


def max_pool2d(
    b: GraphBuilder, x: Value, name: Sequence[str], kernel: int, stride: int, padding: int = 0
) -> Value:
    with b.module(*name):
        return b.node(
            "MaxPool", [x], ceil_mode=0, kernel_shape=[kernel] * 2, pads=[padding] * 4,
            strides=[stride] * 2,
        )


def _geometry(kernel: int, stride: int, padding: int, dilation: int, groups: int) -> dict:
    return {
        "dilations": [dilation] * 2, "group": groups, "kernel_shape": [kernel] * 2,
        "pads": [padding] * 4, "strides": [stride] * 2,
    }


def _conv_parameters(b, x, channels, kernel, groups, initializer):
    fan = x.shape[1] // groups * kernel * kernel
    shape = (channels, x.shape[1] // groups, kernel, kernel)
    initializer = initializer or normal(1 / math.sqrt(fan))
    weight = b.parameters.draw(b.parameter_name("weight"), shape, initializer)
    return weight, b.parameters.draw(b.parameter_name("bias"), (channels,), normal(0.05))


# --- transformers ---------------------------------------------------------------------------------


def linear(
    b: GraphBuilder, x: Value, name: str, features: int, *, gain: float = 1.0
) -> Value:
    """nn.Linear on three axes: MatMul with the transposed weight, then Add with the bias first."""
    with b.module(name):
        weight, bias = linear_parameters(b, x.shape[-1], features, gain)
        product = b.node("MatMul", [x, b.folded_weight("MatMul", weight.T.copy())])
        return b.node("Add", [b.weight("bias", bias), product])


def linear_on_matrix(b: GraphBuilder, x: Value, weight: np.ndarray, bias: np.ndarray,
                     prefix: str = "") -> Value:
    """nn.Linear on two axes: Gemm with the weight as PyTorch keeps it."""
    inputs = [x, b.weight(prefix + "weight", weight), b.weight(prefix + "bias", bias)]
    return b.node("Gemm", inputs, alpha=1.0, beta=1.0, transB=1)


def linear_parameters(
    b: GraphBuilder, in_features: int, features: int, gain: float = 1.0, prefix: str = ""
) -> tuple[np.ndarray, np.ndarray]:
    """Weight (out, in) and bias, drawn so that a unit-variance input gives variance gain^2."""
    deviation = gain / math.sqrt(in_features)
    names = [b.parameter_name(prefix + field) for field in ("weight", "bias")]
    weight = b.parameters.draw(names[0], (features, in_features), normal(deviation))
    return weight, b.parameters.draw(names[1], (features,), normal(0.05))


def layer_norm(b: GraphBuilder, x: Value, name: str, epsilon: float) -> Value:
    """nn.LayerNorm over the last axis: one node from opset 17 on, nine before."""
    with b.module(name):
        extent = (x.shape[-1],)
        weight = b.parameters.draw(b.parameter_name("weight"), extent, normal(0.1, mean=1.0))
        bias = b.parameters.draw(b.parameter_name("bias"), extent, normal(0.1))
        if b.options.opset >= 17:
            inputs = [x, b.weight("weight", weight), b.weight("bias", bias)]
            return b.node("LayerNormalization", inputs, axis=-1, epsilon=epsilon)
        # Opsets before 17 only: axes are still an attribute.
        centred = b.node("Sub", [x, b.node("ReduceMean", [x], axes=[-1])])
        squared = b.node("Pow", [centred, b.constant(2.0)])
        variance = b.node("ReduceMean", [squared], axes=[-1])
        deviation = b.node("Sqrt", [b.node("Add", [variance, b.constant(float(epsilon))])])
        normalized = b.node("Div", [centred, deviation])
        scaled = b.node("Mul", [normalized, b.weight("weight", weight)])
        return b.node("Add", [scaled, b.weight("bias", bias)])


def gelu(b: GraphBuilder, x: Value, name: str) -> Value:
    """nn.GELU: x * (1 + erf(x / sqrt 2)) * 0.5, one node from opset 20 on."""
    with b.module(name):
        if b.options.opset >= 20:
            return b.node("Gelu", [x], approximate="none")
        scaled = b.node("Div", [x, b.constant(math.sqrt(2.0))])
        error = b.node("Erf", [scaled])
        shifted = b.node("Add", [error, b.constant(1.0)])
        doubled = b.node("Mul", [x, shifted])
        return b.node("Mul", [doubled, b.constant(0.5)])


def attend(
    b: GraphBuilder, query: Value, key_transposed: Value, value: Value, scale: float,
    mask: Value | None = None,
) -> Value:
    """softmax(query key^T / scale + mask) value, as models that write it out export it."""
    scores = b.node("MatMul", [query, key_transposed])
    scores = b.node("Div", [scores, b.constant(float(scale))])
    if mask is not None:
        scores = b.node("Add", [scores, mask])
    return b.node("MatMul", [b.node("Softmax", [scores], axis=-1), value])


def l2_norm(b: GraphBuilder, x: Value, axis: int) -> Value:
    """x.norm(2, axis, keepdim=True); axes became an input with opset 18."""
    if b.options.opset >= 18:
        return b.node("ReduceL2", [x, b.constant([axis])], keepdims=1)
    return b.node("ReduceL2", [x], axes=[axis], keepdims=1)


# --- classifiers ----------------------------------------------------------------------------------


def calibrate_logits(b: GraphBuilder, logits: Value, name: str, spread: float, axis: int) -> None:
    """Scales a classifier so that each class has mean 0 and standard deviation `spread`.

    Training does the same in effect: without it, the logits of a random network differ by class
    far more than by pixel or picture, and one class would win everywhere. Call it while measuring,
    inside the classifier's parent module, and run the classifier again afterwards.
    """
    with b.module(name):
        names = [b.parameter_name(field) for field in ("weight", "bias")]
    others = tuple(other for other in range(logits.data.ndim) if other != axis)
    mean, deviation = logits.data.mean(axis=others), logits.data.std(axis=others)
    factor = round_significand(spread / deviation).astype(np.float64)
    weight, bias = (b.parameters[field].astype(np.float64) for field in names)
    weight = weight * factor.reshape(-1, *[1] * (weight.ndim - 1))
    b.parameters.set(names[0], weight)
    b.parameters.set(names[1], round_significand((bias - mean) * factor))
