"""Cases of the attentions of ONNX Runtime, and of what belongs to them."""

import numpy as np
from contrib_case import Cases, normal, scalar
from onnx import TensorProto

CASES = Cases()
add = CASES.add


def angles(length, half, dtype=np.float32):
    frequencies = 10000.0 ** (-np.arange(half) / half)
    table = np.arange(length)[:, None] * frequencies
    return np.cos(table).astype(dtype), np.sin(table).astype(dtype)


def seen(rng, *shape):
    """A mask whose first key is seen: where none is, float32 loses the scores beside the filter."""
    mask = (rng.random(shape) < 0.6).astype(np.int32)
    mask[..., 0] = 1
    return mask


def add_rotary():
    op = "RotaryEmbedding"
    for dtype, suffix, tolerance in ((np.float32, "", {}),
                                     (np.float16, "_half", {"rtol": 2e-3, "atol": 2e-3})):
        def build(shape, positions, half, d=dtype):
            return lambda r: [normal(r, *shape, dtype=d), positions(r), *angles(20, half, d)]

        ids = lambda r: r.integers(0, 20, (2, 5))
        one = lambda r: np.array([3], np.int64)
        for interleaved in (0, 1):
            n = f"{'pairs' if interleaved else 'halves'}{suffix}"
            add(op, "3d_" + n, build((2, 5, 16), ids, 4), interleaved=interleaved, **tolerance)
            add(op, "4d_" + n, build((2, 3, 5, 8), ids, 4), interleaved=interleaved, **tolerance)
            add(op, "offset_" + n, build((2, 5, 16), one, 4), interleaved=interleaved, **tolerance)
            add(op, "partial_" + n, build((2, 5, 16), ids, 2), interleaved=interleaved, num_heads=2,
                rotary_embedding_dim=4, **tolerance)


def add_self_attention():
    op = "Attention"

    def build(batch=2, length=4, width=6, sizes=(8, 8, 8), bias=True, mask=None, past=None, heads=2,
              added=None):
        def inputs(r):
            total = length + (past or 0)
            values = [normal(r, batch, length, width), normal(r, width, sum(sizes), scale=0.5),
                      normal(r, sum(sizes)) if bias else None,
                      None if mask is None else mask(r, batch, length, total),
                      None if past is None else normal(r, 2, batch, heads, past, sizes[0] // heads)]
            return values + ([normal(r, *added)] if added else [])
        return inputs

    raw = lambda r, b, s, t: seen(r, b, t)
    cube = lambda r, b, s, t: seen(r, b, s, t)
    ends = lambda r, b, s, t: r.integers(1, t + 1, b, dtype=np.int32)
    spans = lambda r, b, s, t: np.concatenate(
        [r.integers(t - 1, t + 1, b), r.integers(0, 2, b)]).astype(np.int32)
    add(op, "plain", build(), num_heads=2)
    add(op, "no_bias", build(bias=False), num_heads=2)
    add(op, "one_head", build(), num_heads=1)
    add(op, "one_token", build(length=1), num_heads=2)
    add(op, "scale", build(), num_heads=2, scale=0.3)
    add(op, "unidirectional", build(), num_heads=2, unidirectional=1)
    add(op, "other_value_width", build(sizes=(8, 8, 12)), num_heads=2, qkv_hidden_sizes=[8, 8, 12])
    for name, mask in (("raw", raw), ("cube", cube), ("ends", ends), ("spans", spans)):
        add(op, f"mask_{name}", build(mask=mask), num_heads=2)
        add(op, f"mask_{name}_unidirectional", build(mask=mask), num_heads=2, unidirectional=1)
        add(op, f"mask_{name}_past", build(mask=mask, past=3), 2, num_heads=2)
    add(op, "mask_filter", build(mask=raw), num_heads=2, mask_filter_value=-1.5)
    add(op, "past", build(past=3), 2, num_heads=2)
    add(op, "past_unidirectional", build(past=3), 2, num_heads=2, unidirectional=1)
    add(op, "empty_past", build(past=0), 2, num_heads=2)
    add(op, "present", build(), 2, num_heads=2)
    for name, shape in (("full", (2, 2, 4, 4)), ("by_head", (1, 2, 4, 4)), ("by_sample", (2, 1, 4, 4)),
                        ("one", (1, 1, 4, 4))):
        add(op, f"added_{name}", build(added=shape), num_heads=2)
    add(op, "added_mask", build(added=(2, 2, 4, 4), mask=raw), 2, num_heads=2, unidirectional=1)
    add(op, "large", build(length=40, width=64, sizes=(64, 64, 64)), num_heads=4, rtol=1e-3, atol=1e-3)


def add_multi_head_attention():
    op = "MultiHeadAttention"

    def build(batch=2, length=4, keys=5, width=8, value_width=8, bias=False, mask=None, added=None,
              past=None, heads=2, apart=False):
        def inputs(r):
            total = keys + (past or 0)
            key, value = (batch, keys, width), (batch, keys, value_width)
            if apart:
                key = (batch, heads, keys, width // heads)
                value = (batch, heads, keys, value_width // heads)
            values = [normal(r, batch, length, width), normal(r, *key), normal(r, *value),
                      normal(r, 2 * width + value_width) if bias else None,
                      None if mask is None else mask(r, batch, length, keys, total),
                      normal(r, *added) if added else None]
            if past is not None:
                values += [normal(r, batch, heads, past, width // heads),
                           normal(r, batch, heads, past, value_width // heads)]
            return values
        return inputs

    raw = lambda r, b, s, k, t: seen(r, b, t)
    cube = lambda r, b, s, k, t: seen(r, b, s, t)
    ends = lambda r, b, s, k, t: r.integers(1, t + 1, b, dtype=np.int32)
    add(op, "plain", build(), num_heads=2)
    add(op, "bias", build(bias=True), num_heads=2)
    add(op, "one_head_scale", build(), num_heads=1, scale=0.7)
    add(op, "other_value_width", build(value_width=12, bias=True), num_heads=2)
    add(op, "one_query", build(length=1), num_heads=2)
    add(op, "unidirectional", build(keys=4), num_heads=2, unidirectional=1)
    add(op, "heads_apart", build(apart=True), num_heads=2)
    add(op, "heads_apart_bias", build(apart=True, bias=True), num_heads=2)
    add(op, "mask", build(mask=raw), num_heads=2)
    add(op, "mask_cube", build(mask=cube), num_heads=2)
    add(op, "mask_ends", build(mask=ends), num_heads=2)
    add(op, "mask_filter", build(mask=raw), num_heads=2, mask_filter_value=-0.5)
    add(op, "added", build(added=(2, 2, 4, 5)), num_heads=2)
    add(op, "added_broadcast", build(added=(1, 1, 4, 5), mask=raw), num_heads=2)
    add(op, "past", build(keys=4, past=3), 3, num_heads=2)
    add(op, "past_bias_mask", build(keys=4, past=3, bias=True, mask=raw), 3, num_heads=2)
    add(op, "past_unidirectional", build(keys=4, past=3), 3, num_heads=2, unidirectional=1)
    add(op, "past_added", build(length=1, keys=1, past=3, added=(2, 2, 1, 4)), 3, num_heads=2)
    add(op, "present", build(keys=4), 3, num_heads=2)
    add(op, "scores", build(mask=raw), [1, 0, 0, 1], num_heads=2,
        output_types={3: TensorProto.FLOAT})
    add(op, "scores_added", build(keys=4, added=(2, 2, 4, 4)), [1, 0, 0, 1], num_heads=2,
        unidirectional=1, output_types={3: TensorProto.FLOAT})
    add(op, "large", build(length=33, keys=65, width=64, value_width=64), num_heads=4, rtol=1e-3,
        atol=1e-3)


def add_group_query_attention():
    op = "GroupQueryAttention"

    def build(batch=2, length=4, heads=4, kv_heads=2, head=None, past=None, capacity=None, packed=False,
              rotary=None, positions=None, added=None, sink=False, d=np.float32,
              lengths=None, query_lengths=None):
        def inputs(r):
            total = (past or 0) + length if lengths is None else max(lengths)
            depth = (rotary or 8) if head is None else head
            width, kv_width = heads * depth, kv_heads * depth
            query = normal(r, batch, length, width + (2 * kv_width if packed else 0), dtype=d)
            values = [query]
            values += [None, None] if packed else [
                normal(r, batch, length, kv_width, dtype=d) for _ in range(2)]
            rows = past if capacity is None else capacity
            values += [None, None] if rows is None else [
                normal(r, batch, kv_heads, rows, depth, dtype=d) for _ in range(2)]
            seen = [total] * batch if lengths is None else lengths
            values += [np.array(seen, np.int32) - 1, scalar(total, np.int32)]
            values += [None, None] if rotary is None else angles(total + 8, rotary // 2, d)
            values.append(None if positions is None else positions(r))
            values.append(normal(r, *added, dtype=d) if added else None)
            values.append(normal(r, heads, dtype=d) if sink else None)
            values += [None] * 4
            values.append(None if query_lengths is None else np.array(query_lengths, np.int32))
            return values
        return inputs

    groups = {"num_heads": 4, "kv_num_heads": 2}
    for d, n, tolerance in ((np.float32, "", {}),
                            (np.float16, "_half", {"rtol": 5e-3, "atol": 5e-3})):
        add(op, "prompt" + n, build(d=d), 3, **groups, **tolerance)
        add(op, "prompt_packed_rotary" + n, build(packed=True, rotary=16, d=d), 3, do_rotary=1, **groups,
            **tolerance)
        add(op, "token" + n, build(length=1, past=5, d=d), 3, **groups, **tolerance)
        add(op, "token_rotary" + n, build(length=1, past=5, rotary=16, d=d), 3, do_rotary=1, **groups,
            **tolerance)
    add(op, "one_kv_head", build(kv_heads=1), 3, num_heads=4, kv_num_heads=1)
    add(op, "as_many_kv_heads", build(kv_heads=4), 3, num_heads=4, kv_num_heads=4)
    add(op, "scale", build(), 3, scale=0.2, **groups)
    add(op, "softcap", build(), 3, softcap=0.8, **groups)
    add(op, "softcap_added", build(added=(2, 4, 4, 4)), 3, softcap=0.8, **groups)
    add(op, "window", build(length=7), 3, local_window_size=3, **groups)
    add(op, "window_token", build(length=1, past=6), 3, local_window_size=3, **groups)
    add(op, "not_causal", build(), 3, causal=0, **groups)
    add(op, "smooth", build(), 3, smooth_softmax=1, **groups)
    add(op, "sink", build(sink=True), 3, **groups)
    add(op, "sink_token", build(length=1, past=4, sink=True), 3, **groups)
    add(op, "added", build(added=(2, 4, 4, 4)), 3, **groups)
    add(op, "added_broadcast", build(added=(1, 1, 4, 4)), 3, **groups)
    add(op, "rotary_pairs", build(rotary=16), 3, do_rotary=1, rotary_interleaved=1, **groups)
    add(op, "rotary_partial", build(rotary=16, head=32), 3, do_rotary=1, **groups)
    add(op, "rotary_positions", build(length=1, past=3, rotary=16, positions=lambda r: np.array(
        [[1], [6]], np.int64)), 3, do_rotary=1, **groups)
    add(op, "chunk", build(batch=1, length=3, past=4), 3, **groups)
    add(op, "chunk_rotary_window", build(batch=1, length=3, past=4, rotary=16), 3, do_rotary=1,
        local_window_size=2, **groups)
    add(op, "weights", build(), 4, qk_output=2, **groups)
    add(op, "weights_token", build(length=1, past=4, added=(2, 4, 1, 5)), 4, qk_output=2, **groups)
    add(op, "scores_token", build(length=1, past=4, added=(2, 4, 1, 5)), 4, qk_output=1, softcap=0.7,
        **groups)
    add(op, "scores", build(), 4, qk_output=1, **groups)
    add(op, "ragged_tokens", build(length=1, past=6, lengths=[7, 4], capacity=8), 3, **groups)
    add(op, "query_lengths", build(length=3, capacity=9, past=0, lengths=[9, 9],
                                   query_lengths=[3, 3]), 3, **groups)


add_rotary()
add_self_attention()
add_multi_head_attention()
add_group_query_attention()
