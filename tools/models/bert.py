"""BERT with mean pooling: transformers' `BertModel` inside a sentence-embedding module."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

import torch_functions as torch
from graph_builder import GraphBuilder, Size, Value
from parameters import normal

_LAYER_NORM_EPSILON = 1e-12
_FEWEST_TOKENS = 1e-9  # lower bound of the token count that the mean is divided by
_SMALLEST_NORM = 1e-12


@dataclasses.dataclass(frozen=True)
class BertConfig:
    """The defaults are those of all-MiniLM-L6-v2."""

    vocabulary: int = 30522
    width: int = 384
    layers: int = 6
    heads: int = 12
    intermediate: int = 1536
    positions: int = 512
    token_types: int = 2


def bert_sentence_encoder(
    b: GraphBuilder, input_ids: Value, attention_mask: Value, token_type_ids: Value,
    config: BertConfig,
) -> tuple[Value, Value]:
    """Token ids, mask and segment ids (N, L) to the last hidden state (N, L, width) and the mean of
    its unmasked tokens, scaled to length 1 (N, width)."""
    with b.module("model"):
        mask = _additive_mask(b, attention_mask)
        with b.module("embeddings"):
            hidden = _embeddings(b, input_ids, token_type_ids, config)
        for layer in range(config.layers):
            with b.module("encoder", f"layer.{layer}"):
                hidden = _layer(b, hidden, mask, config)
    hidden = b.output(hidden, "last_hidden_state", ["batch_size", "sequence_length", config.width])
    return hidden, _mean_pooled(b, hidden, attention_mask)


def _additive_mask(b: GraphBuilder, attention_mask: Value) -> Value:
    """0 where attention is allowed, the most negative float32 elsewhere; shape (N, 1, 1, L)."""
    mask = b.node("Unsqueeze", [attention_mask, b.constant([1])])
    mask = b.node("Unsqueeze", [mask, b.constant([2])])
    mask = b.node("Cast", [mask], to=1)
    masked = b.node("Sub", [b.constant(1.0), mask])
    return b.node("Mul", [masked, b.constant(float(np.finfo(np.float32).min))])


def _embeddings(
    b: GraphBuilder, input_ids: Value, token_type_ids: Value, config: BertConfig
) -> Value:
    def table(name: str, rows: int, indices: Value) -> Value:
        with b.module(name):
            shape = (rows, config.width)
            data = b.parameters.draw(b.parameter_name("weight"), shape, normal(0.3))
            return b.node("Gather", [b.weight("weight", data), indices])

    positions = _position_ids(b, input_ids, config)
    words = table("word_embeddings", config.vocabulary, input_ids)
    types = table("token_type_embeddings", config.token_types, token_type_ids)
    embedded = b.node("Add", [words, types])
    embedded = b.node("Add", [embedded, table("position_embeddings", config.positions, positions)])
    return torch.layer_norm(b, embedded, "LayerNorm", _LAYER_NORM_EPSILON)


def _position_ids(b: GraphBuilder, input_ids: Value, config: BertConfig) -> Value:
    length = torch.size(b, input_ids, 1)
    if isinstance(length, int):
        return b.constant([list(range(length))])
    buffer = b.anonymous_constant([list(range(config.positions))], "Slice")
    start = b.constant([0])
    end = b.node("Unsqueeze", [length, b.constant([0])])
    axis, step = b.constant([1]), b.constant([1])
    return b.node("Slice", [buffer, start, end, axis, step])


def _layer(b: GraphBuilder, x: Value, mask: Value, config: BertConfig) -> Value:
    with b.module("attention"):
        with b.module("self"):
            attended = _self_attention(b, x, mask, config)
        with b.module("output"):
            attended = torch.linear(b, attended, "dense", config.width)
            attended = b.node("Add", [attended, x])
            attended = torch.layer_norm(b, attended, "LayerNorm", _LAYER_NORM_EPSILON)
    with b.module("intermediate"):
        y = torch.linear(b, attended, "dense", config.intermediate)
        y = torch.gelu(b, y, "intermediate_act_fn")
    with b.module("output"):
        y = torch.linear(b, y, "dense", config.width)
        y = b.node("Add", [y, attended])
        return torch.layer_norm(b, y, "LayerNorm", _LAYER_NORM_EPSILON)


def _self_attention(b: GraphBuilder, x: Value, mask: Value, config: BertConfig) -> Value:
    head_width = config.width // config.heads

    def split_heads(y: Value) -> Value:
        sizes: list[Size] = [torch.size(b, y, 0), torch.size(b, y, 1), config.heads, head_width]
        return torch.view(b, y, sizes)

    query = torch.linear(b, x, "query", config.width)
    key = split_heads(torch.linear(b, x, "key", config.width))
    value = split_heads(torch.linear(b, x, "value", config.width))
    value = torch.transpose(b, value, 0, 2, 1, 3)
    query = torch.transpose(b, split_heads(query), 0, 2, 1, 3)
    key_transposed = torch.transpose(b, key, 0, 2, 3, 1)
    context = torch.attend(b, query, key_transposed, value, math.sqrt(head_width), mask)
    context = torch.transpose(b, context, 0, 2, 1, 3)
    sizes = [torch.size(b, context, 0), torch.size(b, context, 1), config.width]
    return torch.view(b, context, sizes)


def _mean_pooled(b: GraphBuilder, hidden: Value, attention_mask: Value) -> Value:
    column = b.node("Unsqueeze", [attention_mask, b.constant([-1])])
    sizes = [torch.size(b, hidden, axis) for axis in range(3)]
    mask = b.node("Cast", [torch.expand(b, column, sizes)], to=1)
    masked = b.node("Mul", [hidden, mask])
    axis = b.anonymous_constant([1], "ReduceSum")
    total = b.node("ReduceSum", [masked, axis], keepdims=0)
    count = b.node("ReduceSum", [mask, axis], keepdims=0)
    count = b.node("Clip", [count, b.constant(_FEWEST_TOKENS), None])
    mean = b.node("Div", [total, count])
    length = torch.l2_norm(b, mean, 1)
    length = b.node("Clip", [length, b.constant(_SMALLEST_NORM), None])
    expanded = b.node("Expand", [length, b.node("Shape", [mean])])
    return b.node("Div", [mean, expanded])
