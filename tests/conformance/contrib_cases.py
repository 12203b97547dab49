"""Cases of the operators of ONNX Runtime other than attention."""

import numpy as np
from contrib_case import Cases, bytes_of, normal, scalar
from onnx import TensorProto

CASES = Cases()
add = CASES.add
F16 = {"rtol": 2e-3, "atol": 2e-3}
S8, U8 = np.int8, np.uint8


def add_activations():
    for op in ("Gelu", "QuickGelu", "FastGelu"):
        add(op, "3d", lambda r: [normal(r, 2, 3, 5, scale=3)])
        if op != "FastGelu":
            add(op, "scalar", lambda r: [scalar(-0.75)])
        add(op, "empty", lambda r: [normal(r, 0, 4)])
        add(op, "large", lambda r: [np.array([-80, -20, -6, -5, 5, 6, 20, 80], np.float32)])
    add("QuickGelu", "alpha", lambda r: [normal(r, 7, scale=3)], alpha=1.0)
    add("QuickGelu", "negative_alpha", lambda r: [normal(r, 7)], alpha=-0.5)
    for op in ("FastGelu", "BiasGelu"):
        add(op, "bias_3d", lambda r: [normal(r, 2, 3, 5, scale=3), normal(r, 5)])
        add(op, "bias_1d", lambda r: [normal(r, 5), normal(r, 5)])
        add(op, "bias_empty", lambda r: [normal(r, 0, 5), normal(r, 5)])
        add(op, "bias_many", lambda r: [normal(r, 40, 129), normal(r, 129)])


def add_conv():
    def x(r, *shape):
        return normal(r, *shape)

    for name, activation, params in [
        ("relu", "Relu", []),
        ("tanh", "Tanh", []),
        ("sigmoid", "Sigmoid", []),
        ("leaky_relu", "LeakyRelu", [0.2]),
        ("clip", "Clip", [-0.5, 1.5]),
        ("hard_sigmoid", "HardSigmoid", [0.3, 0.4]),
    ]:
        attributes = {"activation": activation}
        if params:
            attributes["activation_params"] = [float(p) for p in params]
        add("FusedConv", name, lambda r: [x(r, 1, 4, 6, 5), x(r, 6, 4, 3, 3), x(r, 6)],
            **attributes)
        add("FusedConv", name + "_sum",
            lambda r: [x(r, 2, 4, 6, 5), x(r, 6, 4, 1, 1), x(r, 6), x(r, 2, 6, 6, 5)], **attributes)
    add("FusedConv", "no_bias_sum",
        lambda r: [x(r, 1, 2, 4, 4), x(r, 3, 2, 1, 1), None, x(r, 1, 3, 4, 4)], activation="Relu")
    add("FusedConv", "window", lambda r: [x(r, 1, 4, 9, 8), x(r, 4, 2, 3, 2)], activation="Relu",
        group=2, strides=[2, 1], pads=[1, 0, 2, 1], dilations=[2, 3], kernel_shape=[3, 2])
    add("FusedConv", "same_upper", lambda r: [x(r, 1, 2, 5, 5), x(r, 2, 2, 2, 2)],
        activation="Sigmoid", auto_pad="SAME_UPPER")
    add("FusedConv", "valid", lambda r: [x(r, 1, 2, 5, 5), x(r, 2, 2, 2, 2)], auto_pad="VALID")
    add("FusedConv", "1d", lambda r: [x(r, 2, 3, 9), x(r, 4, 3, 3), x(r, 4)], activation="Relu")
    add("FusedConv", "3d", lambda r: [x(r, 1, 2, 4, 5, 3), x(r, 3, 2, 2, 2, 2)],
        activation="LeakyRelu", activation_params=[0.1])


def add_products():
    shapes = {
        "": ([3, 4], [4, 5]),
        "transA": ([4, 3], [4, 5]),
        "transB": ([3, 4], [5, 4]),
    }
    for dtype, suffix in ((np.float32, ""), (np.float64, "_double")):
        for flag, (a, b) in shapes.items():
            attributes = {flag: 1} if flag else {}
            add("FusedMatMul", f"{flag.lower() or 'plain'}{suffix}",
                lambda r, a=a, b=b, d=dtype: [normal(r, *a, dtype=d), normal(r, *b, dtype=d)],
                alpha=0.5, **attributes)
    two = lambda a, b: lambda r: [normal(r, *a), normal(r, *b)]
    add("FusedMatMul", "both", two([4, 3], [5, 4]), transA=1, transB=1, alpha=-2.0)
    add("FusedMatMul", "stacks", two([2, 3, 4, 2], [3, 4, 5]), transA=1)
    add("FusedMatMul", "stacks_broadcast", two([2, 1, 3, 4], [3, 5, 4]), transB=1)
    add("FusedMatMul", "batch_a", two([3, 2, 4], [2, 4, 5]), transBatchA=1)
    add("FusedMatMul", "batch_a_rank_4", two([3, 2, 5, 4], [2, 5, 4, 6]), transBatchA=1)
    add("FusedMatMul", "batch_b", two([2, 3, 4], [4, 2, 5]), transBatchB=1)
    add("FusedMatMul", "batch_both_trans_a", two([4, 2, 3], [4, 2, 5]), transBatchA=1,
        transBatchB=1, transA=1)
    add("FusedMatMul", "batch_b_trans_b", two([2, 3, 4], [5, 2, 4]), transBatchB=1, transB=1)
    add("FusedMatMul", "vectors", two([4], [4]), transA=1, transB=1, alpha=3.0)
    add("FusedMatMul", "vector_matrix", two([4], [4, 5]), transA=1)
    add("FusedMatMul", "matrix_vector", two([4, 3], [4]), transA=1)
    add("FusedMatMul", "no_depth", two([2, 0], [0, 3]), alpha=2.0)
    add("FusedMatMul", "no_rows", two([0, 2], [2, 3]), alpha=2.0)
    add("TransposeMatMul", "plain", two([2, 3, 4], [2, 4, 5]))
    add("TransposeMatMul", "both", two([4, 3], [5, 4]), transA=1, transB=1, alpha=0.25)
    activations = {
        "Relu": {},
        "Tanh": {},
        "Sigmoid": {},
        "Softplus": {},
        "Softsign": {},
        "LeakyRelu": {"activation_alpha": 0.2},
        "Elu": {"activation_alpha": 0.7},
        "HardSigmoid": {"activation_alpha": 0.3, "activation_beta": 0.4},
        "Selu": {"activation_alpha": 1.2, "activation_gamma": 1.1},
        "ThresholdedRelu": {"activation_alpha": 0.5},
        "Celu": {"activation_alpha": 0.8},
    }
    for activation, attributes in activations.items():
        add("FusedGemm", activation.lower(), lambda r: [normal(r, 3, 4), normal(r, 4, 5), normal(r, 5)],
            activation=activation, **attributes)
    add("FusedGemm", "factors", lambda r: [normal(r, 4, 3), normal(r, 5, 4), normal(r, 3, 1)],
        activation="Relu", alpha=0.5, beta=2.0, transA=1, transB=1)
    add("FusedGemm", "no_bias", lambda r: [normal(r, 4, 3), normal(r, 3, 4)], activation="Relu")
    add("FusedGemm", "scalar_bias", lambda r: [normal(r, 4, 3), normal(r, 3, 4), scalar(0.5)],
        activation="Tanh")


def add_normalizations():
    def skip(r, d, shape, skip_shape=None, beta=True, bias=True, simplified=False):
        width = shape[-1]
        values = [normal(r, *shape, dtype=d), normal(r, *(skip_shape or shape), dtype=d),
                  normal(r, width, dtype=d)]
        if not simplified:
            values.append(normal(r, width, dtype=d) if beta else None)
        values.append(normal(r, width, dtype=d) if bias else None)
        return values

    for op, simplified in (("SkipLayerNormalization", False),
                           ("SkipSimplifiedLayerNormalization", True)):
        for d, suffix, tolerance in ((np.float32, "", {}), (np.float16, "_half", F16)):
            def build(shape, skip_shape=None, d=d, s=simplified, **kw):
                return lambda r: skip(r, d, shape, skip_shape, simplified=s, **kw)

            add(op, "all" + suffix, build([2, 3, 8]), [1, 0, 0, 1], **tolerance)
            add(op, "no_bias" + suffix, build([2, 3, 8], bias=False), [1, 0, 0, 1], **tolerance)
            add(op, "epsilon" + suffix, build([2, 3, 8]), epsilon=0.25, **tolerance)
            add(op, "2d" + suffix, build([5, 16], bias=False), **tolerance)
            add(op, "skip_of_one" + suffix, build([3, 2, 8], [1, 2, 8]), [1, 0, 0, 1], **tolerance)
            add(op, "skip_2d" + suffix, build([3, 2, 8], [2, 8]), **tolerance)
        add(op, "one_row", build([1, 1, 4], d=np.float32), epsilon=1e-5)
        add(op, "wide", build([2, 40, 200], d=np.float32), epsilon=1e-5)
    add("SkipLayerNormalization", "no_beta", lambda r: skip(r, np.float32, [2, 3, 8], beta=False))
    for d, suffix, tolerance in ((np.float32, "", {}), (np.float64, "_double", {}),
                                 (np.float16, "_half", F16)):
        for axis in (-1, 1, 0):
            add("SimplifiedLayerNormalization", f"axis_{axis % 3}{suffix}",
                lambda r, a=axis, d=d: [normal(r, 3, 4, 5, dtype=d), normal(r, *[3, 4, 5][a:], dtype=d)],
                domain="", axis=axis, **tolerance)
    add("SimplifiedLayerNormalization", "two_outputs",
        lambda r: [normal(r, 3, 4), normal(r, 4)], 2, domain="", epsilon=0.1)

    def embed(r, segments=True, mask=False, positions=None, width=8):
        ids = r.integers(0, 10, (2, 5), dtype=np.int32)
        return [ids, r.integers(0, 2, (2, 5), dtype=np.int32) if segments else None,
                normal(r, 10, width), normal(r, 7, width), normal(r, 2, width) if segments else None,
                normal(r, width), normal(r, width),
                np.array([[1, 1, 1, 0, 0], [1, 0, 1, 1, 0]], np.int32) if mask else None,
                r.integers(0, 7, positions, dtype=np.int32) if positions else None]

    op = "EmbedLayerNormalization"
    add(op, "all", lambda r: embed(r, mask=True, positions=(2, 5)), 3)
    add(op, "no_segments", lambda r: embed(r, segments=False), 2)
    add(op, "no_mask", lambda r: embed(r), 2, epsilon=1e-3)
    add(op, "shared_positions", lambda r: embed(r, positions=(1, 5)), 2)
    add(op, "sum_without_mask", lambda r: embed(r), 3, mask_index_type=0)


def add_qlinear():
    for d in (U8, S8):
        n = np.dtype(d).name
        zero = lambda v, d=d: scalar(v - (128 if d == S8 else 0), d)

        # Without zero points ONNX Runtime refuses these operators or ends.
        def binary(a, b, d=d, zero=zero, cs=0.037):
            return lambda r: [bytes_of(r, d, *a), scalar(0.021), zero(120), bytes_of(r, d, *b),
                              scalar(0.017), zero(99), scalar(cs), zero(131)]

        for op in ("QLinearAdd", "QLinearMul"):
            add(op, n, binary([3, 7, 5], [3, 7, 5]))
            add(op, n + "_broadcast", binary([3, 1, 5], [7, 1]))
            add(op, n + "_scalar", binary([4, 9], []))
            add(op, n + "_saturates", binary([300], [300], cs=0.009))

        def unary(shape, ys=0.0041, xs=0.05, d=d, zero=zero, yz=3):
            return lambda r: [bytes_of(r, d, *shape), scalar(xs), zero(125), scalar(ys), zero(yz)]

        add("QLinearSigmoid", n, unary([5, 9]))
        add("QLinearLeakyRelu", n, unary([5, 9], ys=0.061, yz=100))
        add("QLinearLeakyRelu", n + "_alpha", unary([300], ys=0.043, yz=130), alpha=0.3)
        for axis, opset in ((-1, 13), (1, 13), (1, 12), (-1, 11)):
            add("QLinearSoftmax", f"{n}_axis_{axis % 3}_opset_{opset}",
                unary([2, 3, 4], ys=1 / 256, xs=0.02, yz=0), axis=axis, opset=opset)
        add("QLinearGlobalAveragePool", n, unary([2, 3, 4, 5], ys=0.0171, yz=120))
        add("QLinearGlobalAveragePool", n + "_channels_last", unary([2, 4, 5, 3], ys=0.0171, yz=120),
            channels_last=1)
        pool = {"kernel_shape": [3, 2], "strides": [2, 1], "pads": [1, 0, 1, 1]}
        add("QLinearAveragePool", n, unary([1, 2, 7, 6], ys=0.0413, yz=120), **pool)
        add("QLinearAveragePool", n + "_counts_pads", unary([1, 2, 7, 6], ys=0.0413, yz=120),
            count_include_pad=1, **pool)
        add("QLinearAveragePool", n + "_ceil", unary([1, 2, 8, 6], ys=0.0413, yz=120),
            ceil_mode=1, kernel_shape=[3, 2], strides=[2, 3])
        add("QLinearAveragePool", n + "_channels_last", unary([1, 7, 6, 2], ys=0.0413, yz=120),
            channels_last=1, **pool)
        add("QLinearAveragePool", n + "_same_upper", unary([1, 2, 7, 6], ys=0.0413, yz=120),
            kernel_shape=[2, 2], auto_pad="SAME_UPPER")
        add("QLinearAveragePool", n + "_1d", unary([2, 3, 9], ys=0.0413, yz=120), kernel_shape=[3])

        def concat(axis, d=d, zero=zero):
            shapes = [[2, 3, 2], [2, 3, 2], [2, 3, 2]]
            for k, shape in enumerate(shapes):
                shape[axis] = k + 1
            return lambda r: [scalar(0.031), zero(111)] + [
                v for k, shape in enumerate(shapes)
                for v in (bytes_of(r, d, *shape), scalar(0.02 + 0.013 * k), zero(100 + 9 * k))]

        for axis in (0, 1, 2, -1):
            add("QLinearConcat", f"{n}_axis_{axis if axis >= 0 else 'last'}", concat(axis),
                constants=(0, 1, 3, 4, 6, 7, 9, 10), axis=axis)

        def where(c, x, y, d=d, zero=zero):
            return lambda r: [r.integers(0, 2, c).astype(bool), bytes_of(r, d, *x), scalar(0.023),
                              zero(90), bytes_of(r, d, *y), scalar(0.041), zero(120), scalar(0.037),
                              zero(101)]

        add("QLinearWhere", n, where([3, 4], [3, 4], [3, 4]))
        add("QLinearWhere", n + "_broadcast", where([3, 1], [4], [2, 3, 1]))
        add("QLinearWhere", n + "_scalar_x", where([3, 4], [], [3, 4]))


def add_quantized_products():
    # Magnitudes that keep the sums of two products in 16 bits: ONNX Runtime saturates them on
    # machines without the instructions for more.
    def b_of(r, d, *shape):
        return bytes_of(r, d, *shape, low=-60 if d == S8 else 0, high=60 if d == S8 else 120)

    pairs = ((U8, U8), (U8, S8), (S8, S8))
    for a_type, b_type in pairs:
        n = f"{np.dtype(a_type).name}_{np.dtype(b_type).name}"

        def to_float(a, b, zeros=0, bias=False, columns=False, at=a_type, bt=b_type):
            width = b[-1]
            def build(r):
                scale = (r.random(width).astype(np.float32) * 0.1) if columns else scalar(0.03)
                values = [bytes_of(r, at, *a), b_of(r, bt, *b), scalar(0.02), scale]
                values.append(scalar(7, at) if zeros else None)
                values.append(None if not zeros else b_of(r, bt, width) if columns else scalar(5, bt))
                values.append(normal(r, width) if bias else None)
                return values
            return build

        op = "MatMulIntegerToFloat"
        add(op, n, to_float([3, 8], [8, 5]))
        add(op, n + "_zero_points", to_float([3, 8], [8, 5], zeros=1))
        add(op, n + "_columns_bias", to_float([2, 3, 8], [8, 5], zeros=1, bias=True, columns=True))
        add(op, n + "_stacks", to_float([2, 3, 8], [2, 8, 5], zeros=1, bias=True))

        def gemm(a, b, width, c=None, quantized=True, columns=False, at=a_type, bt=b_type):
            def build(r):
                values = [bytes_of(r, at, *a), scalar(0.02), scalar(9, at), b_of(r, bt, *b),
                          (r.random(width).astype(np.float32) * 0.1) if columns else scalar(0.03),
                          b_of(r, bt, width) if columns else scalar(3, bt),
                          r.integers(-900, 900, c, dtype=np.int32) if c else None]
                return values + ([scalar(0.11), scalar(17, at)] if quantized else [])
            return build

        add("QGemm", n, gemm([3, 8], [8, 5], 5, c=(5,)))
        add("QGemm", n + "_float", gemm([3, 8], [8, 5], 5, c=(3, 5), quantized=False), alpha=0.5)
        add("QGemm", n + "_columns", gemm([3, 8], [8, 5], 5, columns=True))
        add("QGemm", n + "_trans", gemm([8, 3], [5, 8], 5, c=(1, 5), columns=True), transA=1, transB=1,
            alpha=1.5)
    for b_type in (U8, S8):
        n = np.dtype(b_type).name

        def dynamic(a, b, zeros=False, bias=False, columns=False, bt=b_type):
            width = b[-1]
            return lambda r: [normal(r, *a), b_of(r, bt, *b),
                              (r.random(width).astype(np.float32) * 0.1) if columns else scalar(0.03),
                              (b_of(r, bt, width) if columns else scalar(4, bt)) if zeros else None,
                              normal(r, width) if bias else None]

        op = "DynamicQuantizeMatMul"
        add(op, n, dynamic([3, 8], [8, 5]))
        add(op, n + "_zero_point", dynamic([3, 8], [8, 5], zeros=True, bias=True))
        add(op, n + "_columns", dynamic([2, 3, 8], [8, 5], zeros=True, bias=True, columns=True))
        add(op, n + "_stacks", dynamic([2, 3, 8], [2, 8, 5]))


def pack(values, bits):
    """Rows of small numbers as bytes, the first in the lowest bits."""
    per_byte = 8 // bits
    rows = values.reshape(-1, values.shape[-1])
    padding = -rows.shape[1] % per_byte
    rows = np.pad(rows, ((0, 0), (0, padding))).reshape(rows.shape[0], -1, per_byte)
    packed = sum(rows[:, :, k].astype(np.uint32) << (k * bits) for k in range(per_byte))
    return packed.astype(np.uint8)


def add_nbits():
    def weights(r, bits, k, n, block, dtype, zeros=None, groups=None, bias=False, lead=(3,)):
        blocks = -(-k // block)
        quantized = r.integers(0, 2**bits, (n, blocks * block))
        b = pack(quantized, bits).reshape(n, blocks, block * bits // 8)
        values = [normal(r, *lead, k, dtype=dtype), b,
                  (r.random((n, blocks)) * 0.1 + 0.02).astype(dtype)]
        if zeros == "packed":
            values.append(pack(r.integers(0, 2**bits, (n, blocks)), bits))
        elif zeros == "float":
            values.append((r.random((n, blocks)) * 2**bits).astype(dtype))
        else:
            values.append(None)
        values.append(r.integers(0, blocks, groups, dtype=np.int32) if groups else None)
        values.append(normal(r, n, dtype=dtype) if bias else None)
        return values

    op = "MatMulNBits"
    for bits in (2, 4, 8):
        def build(*a, bits=bits, **kw):
            return lambda r: weights(r, bits, *a, **kw)

        for name, k, n, block, extra in [
            ("plain", 64, 6, 32, {}),
            ("ragged", 70, 5, 32, {}),
            ("packed", 80, 6, 16, {"zeros": "packed"}),
            ("odd_blocks", 80, 5, 16, {"zeros": "packed", "bias": True}),
            ("float_zeros", 64, 6, 32, {"zeros": "float"}),
            ("bias", 32, 3, 16, {"bias": True, "lead": (2, 3)}),
            ("one_row", 128, 9, 64, {"lead": (1,)}),
            ("large_block", 48, 4, 128, {"zeros": "packed"}),
        ]:
            for d, suffix, tolerance in ((np.float32, "", {"rtol": 1e-4, "atol": 1e-4}),
                                         (np.float16, "_half", {"rtol": 5e-3, "atol": 2e-2})):
                if bits == 8 and name == "float_zeros":
                    continue  # not in ONNX Runtime
                add(op, f"{bits}_{name}{suffix}", build(k, n, block, d, **extra), K=k, N=n, bits=bits,
                    block_size=block, accuracy_level=1, **tolerance)
    add(op, "4_groups", lambda r: weights(r, 4, 64, 6, 16, np.float32, groups=64), K=64, N=6, bits=4,
        block_size=16, atol=1e-4)
    add(op, "4_groups_zeros", lambda r: weights(r, 4, 64, 6, 16, np.float32, zeros="packed", groups=64),
        K=64, N=6, bits=4, block_size=16, atol=1e-4)


def add_others():
    for d, n in ((U8, "uint8"), (S8, "int8"), (np.uint16, "uint16"), (np.int16, "int16")):
        add("QuantizeLinear", n, lambda r, d=d: [normal(r, 3, 4, scale=20), scalar(0.13), scalar(11, d)])
        add("QuantizeLinear", n + "_axis", lambda r, d=d: [
            normal(r, 3, 4, scale=20), np.array([0.11, 0.7, 1.3], np.float32),
            np.array([1, 2, 3], d)], axis=0)
        add("DequantizeLinear", n, lambda r, d=d: [bytes_of(r, d, 3, 4), scalar(0.13), scalar(11, d)])
        add("DequantizeLinear", n + "_axis", lambda r, d=d: [
            bytes_of(r, d, 3, 4), np.array([0.11, 0.7, 1.3, 2], np.float32),
            np.array([1, 2, 3, 4], d)])
    add("DequantizeLinear", "int32", lambda r: [bytes_of(r, np.int32, 5), scalar(0.5)])
    for d, n in ((TensorProto.INT4, "int4"), (TensorProto.UINT4, "uint4")):
        add("DequantizeLinear", n, lambda r, d=d: [
            (np.array([[1, 7, 3], [0, 2, 5]]), d), scalar(0.13), (np.array(3), d)], constants=(0, 2))
    for d, n in ((np.float32, ""), (np.float64, "_double"), (np.float16, "_half")):
        tolerance = {"rtol": 2e-2, "atol": 2e-2} if d == np.float16 else {"rtol": 1e-3, "atol": 1e-4}
        for shape in ([4, 4], [2, 3, 3, 3], [1, 1]):
            add("Inverse", f"{len(shape)}d_{shape[-1]}{n}", lambda r, s=shape, d=d: [
                (normal(r, *s) + 3 * np.eye(s[-1])).astype(d)], **tolerance)
    add("Inverse", "pivots", lambda r: [np.array([[0, 2, 1], [1, 0, 0], [0, 0, 3]], np.float32)])
    for upper in (0, 1):
        for k in (None, -2, 1, 9):
            add("Trilu", f"{upper}_{k}", lambda r, k=k: [normal(r, 2, 4, 5),
                                                         None if k is None else scalar(k, np.int64)],
                upper=upper)
    add("Trilu", "int64", lambda r: [bytes_of(r, np.int64, 3, 3)])
    add("Trilu", "double", lambda r: [normal(r, 3, 3, dtype=np.float64)])
    for d, n in ((np.float32, ""), (np.float64, "_double")):
        for metric in ("sqeuclidean", "euclidean"):
            add("CDist", metric + n, lambda r, d=d: [normal(r, 4, 6, dtype=d), normal(r, 5, 6, dtype=d)],
                metric=metric, atol=1e-4)
    for axis in (0, 1, 2, -1, -3):
        add("ExpandDims", f"axis_{axis}", lambda r, a=axis: [normal(r, 2, 3), scalar(a, np.int32)],
            constants=(1,))
        add("ExpandDims", f"axis_{axis}_fed", lambda r, a=axis: [normal(r, 2, 3), scalar(a, np.int32)])
    for mode in ("constant", "reflect", "edge"):
        pads = np.array([0, 1, 2, 1, 0, 1], np.int64)
        add("Pad", mode, lambda r, p=pads: [normal(r, 2, 3, 4), p], mode=mode)
        add("Pad", mode + "_constant_matrix", lambda r, p=pads: [normal(r, 2, 3, 4), p[None]], mode=mode,
            constants=(1,))
    add("Pad", "value", lambda r: [normal(r, 2, 3), np.array([1, 0, 0, 2], np.int64), scalar(7.5)])
    add("Pad", "cuts", lambda r: [normal(r, 4, 3), np.array([-1, 0, 2, -1], np.int64)])
    for d in (np.float32, np.float64, np.int16, np.int32, np.int64):
        n = np.dtype(d).name
        add("Range", n, lambda r, d=d: [scalar(2, d), scalar(9, d)])
        add("Range", n + "_step", lambda r, d=d: [scalar(9, d), scalar(-4, d), scalar(-3, d)])
        add("Range", n + "_constant", lambda r, d=d: [scalar(1, d), scalar(9, d), scalar(2, d)],
            constants=(0, 1, 2))
    add("Range", "vectors", lambda r: [np.array([1], np.int64), np.array([5], np.int64)])
    for index in (np.int32, np.int64):
        n = np.dtype(index).name
        add("GatherND", n, lambda r, i=index: [normal(r, 3, 4, 2), np.array([[0, 1], [2, 3]], i)])
        add("GatherND", n + "_slices", lambda r, i=index: [normal(r, 3, 4, 2), np.array([[[2]], [[0]]], i)])
    add("GatherND", "strings", lambda r: [np.array([["a", "b"], ["c", "d"]], object),
                                          np.array([[1, 0]], np.int64)])
    for size in (1, 2, 3, 7):
        add("NGramRepeatBlock", f"{size}", lambda r: [r.integers(0, 4, (3, 9)), normal(r, 3, 6)],
            ngram_size=size)


add_activations()
add_conv()
add_products()
add_normalizations()
add_qlinear()
add_quantized_products()
add_nbits()
add_others()
