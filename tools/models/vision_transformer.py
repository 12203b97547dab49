"""ViT: torchvision's `vit_b_16` and timm's `vit_base_patch16_224`.

The two compute the same function and export differently. torchvision's nn.MultiheadAttention puts
the sequence first, cuts the joint projection with computed Slices and merges heads with the batch;
timm keeps the batch first and cuts a five-axis Transpose with Split and Squeeze.
"""

from __future__ import annotations

import dataclasses
import math

import torch_functions as torch
from graph_builder import GraphBuilder, Value
from parameters import normal

_EPSILON = 1e-6


@dataclasses.dataclass(frozen=True)
class VisionTransformerConfig:
    width: int = 768
    depth: int = 12
    heads: int = 12
    mlp_ratio: int = 4
    patch: int = 16
    classes: int = 1000


def vision_transformer_torchvision(
    b: GraphBuilder, x: Value, config: VisionTransformerConfig
) -> Value:
    """x: (N, 3, H, W) to logits (N, classes)."""
    first_token = b.constant(0)
    batch, rows, columns = (torch.size(b, x, axis) for axis in (0, 2, 3))
    rows, columns = (torch.floor_divide(b, extent, config.patch) for extent in (rows, columns))
    grid = _patches(b, x, "conv_proj", config)
    count = torch.multiply(b, rows, columns)
    tokens = torch.view(b, grid, [batch, config.width, count])
    tokens = torch.transpose(b, tokens, 0, 2, 1)
    tokens = _with_class_token(b, tokens, "class_token", config)
    with b.module("encoder"):
        tokens = b.node("Add", [tokens, _position_embedding(b, "pos_embedding", tokens, config)])
        for layer in range(config.depth):
            with b.module("layers", f"encoder_layer_{layer}"):
                normalized = torch.layer_norm(b, tokens, "ln_1", _EPSILON)
                with b.module("self_attention"):
                    attended = _sequence_first_attention(b, normalized, config)
                tokens = b.node("Add", [attended, tokens])
                normalized = torch.layer_norm(b, tokens, "ln_2", _EPSILON)
                with b.module("mlp"):
                    y = _mlp(b, normalized, ("mlp.0", "mlp.1", "mlp.3"), config)
                tokens = b.node("Add", [tokens, y])
        tokens = torch.layer_norm(b, tokens, "ln", _EPSILON)
    token = b.node("Gather", [tokens, first_token], axis=1)
    with b.module("heads"):
        return _head(b, token, "head", config)


def vision_transformer_timm(b: GraphBuilder, x: Value, config: VisionTransformerConfig) -> Value:
    """x: (N, 3, H, W) to logits (N, classes)."""
    with b.module("patch_embed"):
        grid = _patches(b, x, "proj", config)
        tokens = torch.transpose(b, torch.flatten_spatial(b, grid), 0, 2, 1)
    first_token = b.constant(0)
    tokens = _with_class_token(b, tokens, "cls_token", config)
    tokens = b.node("Add", [tokens, _position_embedding(b, "pos_embed", tokens, config)])
    for layer in range(config.depth):
        with b.module("blocks", f"blocks.{layer}"):
            normalized = torch.layer_norm(b, tokens, "norm1", _EPSILON)
            with b.module("attn"):
                attended = _batch_first_attention(b, normalized, config)
            tokens = b.node("Add", [tokens, attended])
            normalized = torch.layer_norm(b, tokens, "norm2", _EPSILON)
            with b.module("mlp"):
                y = _mlp(b, normalized, ("fc1", "act", "fc2"), config)
            tokens = b.node("Add", [tokens, y])
    tokens = torch.layer_norm(b, tokens, "norm", _EPSILON)
    token = b.node("Gather", [tokens, first_token], axis=1)
    return _head(b, token, "head", config)


def _patches(b: GraphBuilder, x: Value, name: str, config: VisionTransformerConfig) -> Value:
    return torch.conv2d(b, x, name, config.width, config.patch, stride=config.patch)


def _with_class_token(
    b: GraphBuilder, tokens: Value, name: str, config: VisionTransformerConfig
) -> Value:
    batch = torch.size(b, tokens, 0)
    data = b.parameters.draw(b.parameter_name(name), (1, 1, config.width), normal(0.2))
    expanded = torch.expand(b, b.weight(name, data), [batch, -1, -1])
    return b.node("Concat", [expanded, tokens], axis=1)


def _position_embedding(
    b: GraphBuilder, name: str, tokens: Value, config: VisionTransformerConfig
) -> Value:
    shape = (1, tokens.shape[1], config.width)
    return b.weight(name, b.parameters.draw(b.parameter_name(name), shape, normal(0.2)))


def _residual_gain(config: VisionTransformerConfig) -> float:
    return 2 / math.sqrt(2 * config.depth)


def _sequence_first_attention(
    b: GraphBuilder, x: Value, config: VisionTransformerConfig
) -> Value:
    heads, head_width = config.heads, config.width // config.heads
    x = torch.transpose(b, x, 1, 0, 2)
    length, batch, features = (torch.size(b, x, axis) for axis in (0, 1, 2))
    per_head = torch.floor_divide(b, features, heads)
    weight, bias = torch.linear_parameters(b, config.width, 3 * config.width, 1.3, "in_proj_")
    product = b.node("MatMul", [x, b.folded_weight("MatMul", weight.T.copy())])
    joint = b.node("Add", [b.weight("in_proj_bias", bias), product])
    query, key, value = _computed_thirds(b, joint)

    merged = torch.multiply(b, batch, heads)
    query = torch.transpose(b, torch.view(b, query, [length, merged, per_head]), 1, 0, 2)
    key = torch.view(b, key, [torch.size(b, key, 0), merged, per_head])
    value = torch.view(b, value, [torch.size(b, value, 0), merged, per_head])
    value = torch.transpose(b, value, 1, 0, 2)
    query = b.node("Div", [query, b.constant(math.sqrt(head_width))])
    scores = b.node("MatMul", [query, torch.transpose(b, key, 1, 2, 0)])
    context = b.node("MatMul", [b.node("Softmax", [scores], axis=-1), value])
    context = torch.transpose(b, context, 1, 0, 2)
    matrix = torch.view(b, context, [torch.multiply(b, length, batch), features])
    prefix = "out_proj."
    weight, bias = torch.linear_parameters(
        b, config.width, config.width, _residual_gain(config), prefix
    )
    projected = torch.linear_on_matrix(b, matrix, weight, bias, prefix)
    sizes = [length, batch, torch.size(b, projected, 1)]
    return torch.transpose(b, torch.view(b, projected, sizes), 1, 0, 2)


def _computed_thirds(b: GraphBuilder, joint: Value) -> list[Value]:
    """chunk(3, dim=-1): the exporter computes the cuts from the shape, even in a static export."""
    shape = b.node("Shape", [joint])
    axis = b.constant([-1])
    extent = b.node("Gather", [shape, axis], axis=0)
    start = b.constant([0])
    rounded_up = b.node("Add", [extent, b.constant([2])])
    third = b.node("Div", [rounded_up, b.constant([3])])
    thirds = []
    for index in (1, 2, 3):
        end = b.node("Mul", [third, b.constant([index])])
        thirds.append(b.node("Slice", [joint, start, end, axis]))
        start = end
    return thirds


def _batch_first_attention(b: GraphBuilder, x: Value, config: VisionTransformerConfig) -> Value:
    heads, head_width = config.heads, config.width // config.heads
    batch, length, features = (torch.size(b, x, axis) for axis in (0, 1, 2))
    joint = torch.linear(b, x, "qkv", 3 * config.width, gain=1.3)
    joint = torch.view(b, joint, [batch, length, 3, heads, head_width])
    joint = torch.transpose(b, joint, 2, 0, 3, 1, 4)
    parts = b.node("Split", [joint, b.constant([1, 1, 1])], output_count=3, axis=0)
    query, key, value = (b.node("Squeeze", [part, b.constant([0])]) for part in parts)
    query = b.node("Mul", [query, b.constant(1 / math.sqrt(head_width))])
    scores = b.node("MatMul", [query, torch.transpose(b, key, 0, 1, 3, 2)])
    context = b.node("MatMul", [b.node("Softmax", [scores], axis=-1), value])
    context = torch.transpose(b, context, 0, 2, 1, 3)
    context = torch.view(b, context, [batch, length, features])
    return torch.linear(b, context, "proj", config.width, gain=_residual_gain(config))


def _mlp(
    b: GraphBuilder, x: Value, names: tuple[str, str, str], config: VisionTransformerConfig
) -> Value:
    y = torch.linear(b, x, names[0], config.mlp_ratio * config.width)
    y = torch.gelu(b, y, names[1])
    return torch.linear(b, y, names[2], config.width, gain=1.5 * _residual_gain(config))


def _head(b: GraphBuilder, token: Value, name: str, config: VisionTransformerConfig) -> Value:
    def run() -> Value:
        with b.module(name):
            weight, bias = torch.linear_parameters(b, config.width, config.classes)
            return torch.linear_on_matrix(b, token, weight, bias)

    if b.measuring:
        torch.calibrate_logits(b, run(), name, spread=4.0, axis=1)
    return run()
