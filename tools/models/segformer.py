"""SegFormer: transformers' `SegformerForSemanticSegmentation`."""

from __future__ import annotations

import dataclasses
import math

import torch_functions as torch
from graph_builder import GraphBuilder, Size, Value
from parameters import kaiming_normal

_EPSILON = 1e-5


@dataclasses.dataclass(frozen=True)
class SegFormerConfig:
    widths: tuple[int, ...] = (32, 64, 160, 256)
    depths: tuple[int, ...] = (2, 2, 2, 2)
    heads: tuple[int, ...] = (1, 2, 5, 8)
    reductions: tuple[int, ...] = (8, 4, 2, 1)
    mlp_ratio: int = 4
    decoder_width: int = 256
    classes: int = 150


def segformer(b: GraphBuilder, x: Value, config: SegFormerConfig) -> Value:
    """x: (N, 3, H, W) to logits (N, classes, H / 4, W / 4)."""
    with b.module("segformer", "encoder"):
        batch = torch.size(b, x, 0)
        features = []
        for stage in range(len(config.widths)):
            x = _stage(b, x, stage, batch, config)
            features.append(x)
    with b.module("decode_head"):
        return _decode_head(b, features, config)


def _stage(b: GraphBuilder, x: Value, stage: int, batch: Size, config: SegFormerConfig) -> Value:
    kernel, stride = (7, 4) if stage == 0 else (3, 2)
    with b.module(f"patch_embeddings.{stage}"):
        x = torch.conv2d(
            b, x, "proj", config.widths[stage], kernel, stride=stride, padding=kernel // 2
        )
        height, width = torch.size(b, x, 2), torch.size(b, x, 3)
        tokens = torch.transpose(b, torch.flatten_spatial(b, x), 0, 2, 1)
        tokens = torch.layer_norm(b, tokens, "layer_norm", _EPSILON)
    for block in range(config.depths[stage]):
        with b.module(f"block.{stage}.{block}"):
            tokens = _block(b, tokens, stage, height, width, config)
    tokens = torch.layer_norm(b, tokens, f"layer_norm.{stage}", _EPSILON)
    grid = torch.view(b, tokens, [batch, height, width, -1])
    return torch.transpose(b, grid, 0, 3, 1, 2)


def _block(b: GraphBuilder, x: Value, stage: int, height: Size, width: Size,
           config: SegFormerConfig) -> Value:
    residual_gain = 1 / math.sqrt(2 * sum(config.depths))
    normalized = torch.layer_norm(b, x, "layer_norm_1", _EPSILON)
    with b.module("attention"):
        with b.module("self"):
            attended = _attention(b, normalized, stage, height, width, config)
        with b.module("output"):
            attended = torch.linear(b, attended, "dense", x.shape[-1], gain=2 * residual_gain)
    x = b.node("Add", [attended, x])
    normalized = torch.layer_norm(b, x, "layer_norm_2", _EPSILON)
    with b.module("mlp"):
        y = torch.linear(b, normalized, "dense1", config.mlp_ratio * x.shape[-1], gain=math.sqrt(2))
        with b.module("dwconv"):
            y = _depthwise_conv(b, y, height, width)
        y = torch.gelu(b, y, "intermediate_act_fn")
        y = torch.linear(b, y, "dense2", x.shape[-1], gain=2 * residual_gain)
    return b.node("Add", [y, x])


def _attention(b: GraphBuilder, x: Value, stage: int, height: Size, width: Size,
               config: SegFormerConfig) -> Value:
    """Efficient self-attention: keys and values come from a map reduced by a strided Conv."""
    channels, heads, reduction = x.shape[-1], config.heads[stage], config.reductions[stage]
    head_width = channels // heads

    def split_heads(y: Value) -> Value:
        return torch.view(b, y, [torch.size(b, y, 0), torch.size(b, y, 1), heads, head_width])

    # Queries and keys get a gain: scores then spread as in trained attention, not near zero.
    query = split_heads(torch.linear(b, x, "query", channels, gain=1.5))
    query = torch.transpose(b, query, 0, 2, 1, 3)
    if reduction > 1:
        batch, features = torch.size(b, x, 0), torch.size(b, x, 2)
        grid = torch.view(b, torch.transpose(b, x, 0, 2, 1), [batch, features, height, width])
        reduced = torch.conv2d(b, grid, "sr", channels, reduction, stride=reduction)
        reduced = torch.view(b, reduced, [batch, features, -1])
        reduced = torch.transpose(b, reduced, 0, 2, 1)
        source = torch.layer_norm(b, reduced, "layer_norm", _EPSILON)
    else:
        source = x
    key = split_heads(torch.linear(b, source, "key", channels, gain=1.5))
    value = split_heads(torch.linear(b, source, "value", channels))
    value = torch.transpose(b, value, 0, 2, 1, 3)
    key_transposed = torch.transpose(b, key, 0, 2, 3, 1)
    context = torch.attend(b, query, key_transposed, value, math.sqrt(head_width))
    context = torch.transpose(b, context, 0, 2, 1, 3)
    return torch.view(b, context, [torch.size(b, context, 0), torch.size(b, context, 1), channels])


def _depthwise_conv(b: GraphBuilder, x: Value, height: Size, width: Size) -> Value:
    batch, features = torch.size(b, x, 0), torch.size(b, x, 2)
    grid = torch.view(b, torch.transpose(b, x, 0, 2, 1), [batch, features, height, width])
    channels = x.shape[-1]
    y = torch.conv2d(
        b, grid, "dwconv", channels, 3, padding=1, groups=channels, initializer=kaiming_normal(9)
    )
    return torch.transpose(b, torch.flatten_spatial(b, y), 0, 2, 1)


def _decode_head(b: GraphBuilder, features: list[Value], config: SegFormerConfig) -> Value:
    batch = torch.size(b, features[-1], 0)
    full_height, full_width = torch.size(b, features[0], 2), torch.size(b, features[0], 3)
    resized, targets = [], []
    for stage, feature in enumerate(features):
        height, width = full_height, full_width
        if stage > 0:
            height, width = torch.size(b, feature, 2), torch.size(b, feature, 3)
        with b.module(f"linear_c.{stage}"):
            tokens = torch.transpose(b, torch.flatten_spatial(b, feature), 0, 2, 1)
            tokens = torch.linear(b, tokens, "proj", config.decoder_width)
        tokens = torch.transpose(b, tokens, 0, 2, 1)
        grid = torch.view(b, tokens, [batch, -1, height, width])
        if stage == 0:
            # The exporter gathers the target of every stage's Resize where the first one needs it.
            targets = [torch.interpolation_target(b, height, width) for _ in features]
        resized.append(torch.interpolate(b, grid, targets[stage]))
    joined = b.node("Concat", resized[::-1], axis=1)
    y = torch.conv2d_batch_norm(
        b, joined, ["linear_fuse"], ["batch_norm"], config.decoder_width, kernel=1
    )
    y = torch.relu(b, y, "activation")
    if b.measuring:
        logits = torch.conv2d(b, y, "classifier", config.classes, kernel=1)
        torch.calibrate_logits(b, logits, "classifier", spread=4.0, axis=1)
    return torch.conv2d(b, y, "classifier", config.classes, kernel=1)
