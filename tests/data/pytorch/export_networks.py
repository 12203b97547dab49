#!/usr/bin/env python3
"""Exports small networks with PyTorch itself: NAME.onnx, and NAME.npz with inputs and outputs.

The other test networks are written without PyTorch, in the form of its tracing exporter. These
files hold the form of the one that came after it (torch.export, `dynamo=True`), and what PyTorch
computes for them in float64. They were made with torch 2.15.0 and onnxscript 0.7.2, which have to
be installed to run this again.
"""

from __future__ import annotations

import pathlib

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional

_FOLDER = pathlib.Path(__file__).resolve().parent


class Segmenter(nn.Module):
    """Strided and depthwise convolutions with BatchNorm, pooling, two ways of upsampling."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU()
        )
        self.depthwise = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8)
        self.norm = nn.BatchNorm2d(8)
        self.point = nn.Conv2d(8, 12, 1)
        self.pooled = nn.Conv2d(12, 12, 1)
        self.up = nn.ConvTranspose2d(12, 8, 2, 2)
        self.head = nn.Conv2d(16, 4, 1)

    def forward(self, picture):
        x = self.stem(picture)
        y = functional.hardswish(self.norm(self.depthwise(x)))
        y = functional.max_pool2d(self.point(y), 2)
        y = y * torch.sigmoid(self.pooled(functional.adaptive_avg_pool2d(y, 1)))
        y = functional.interpolate(
            self.up(y), size=x.shape[2:], mode="bilinear", align_corners=False
        )
        y = self.head(torch.cat([x, y], dim=1))
        y = functional.interpolate(y, size=picture.shape[2:], mode="bicubic", align_corners=True)
        return functional.softmax(y, dim=1)


class Encoder(nn.Module):
    """Two transformer layers over token ids, with a mask and a position embedding cut to size."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50, 16)
        self.positions = nn.Parameter(torch.randn(1, 24, 16))
        self.layers = nn.ModuleList(
            nn.ModuleDict({
                "norm1": nn.LayerNorm(16), "qkv": nn.Linear(16, 48), "out": nn.Linear(16, 16),
                "norm2": nn.LayerNorm(16), "fc1": nn.Linear(16, 32), "fc2": nn.Linear(32, 16),
            }) for _ in range(2)
        )
        self.norm = nn.LayerNorm(16)

    def forward(self, ids, mask):
        x = self.words(ids) + self.positions[:, : ids.shape[1]]
        allowed = mask[:, None, None, :].bool()
        for layer in self.layers:
            q, k, v = layer["qkv"](layer["norm1"](x)).chunk(3, dim=-1)
            q, k, v = (t.unflatten(-1, (4, 4)).transpose(1, 2) for t in (q, k, v))
            y = functional.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
            x = x + layer["out"](y.transpose(1, 2).flatten(2))
            x = x + layer["fc2"](functional.gelu(layer["fc1"](layer["norm2"](x))))
        x = self.norm(x)
        weights = mask.unsqueeze(-1).to(x.dtype)
        return x, (x * weights).sum(1) / weights.sum(1).clamp(min=1e-9)


def main() -> None:
    torch.manual_seed(0)
    segmenter = Segmenter()
    with torch.no_grad():
        for _ in range(50):  # running statistics of real activations
            segmenter(torch.randn(4, 3, 32, 32))
    picture = torch.randn(1, 3, 30, 42)
    _export("segmenter", segmenter, {"picture": picture}, ("probabilities",),
            {"picture": {0: "batch", 2: "height", 3: "width"}}, opsets=(18,))
    ids = torch.randint(0, 50, (2, 10))
    mask = torch.ones(2, 10, dtype=torch.int64)
    mask[1, 6:] = 0
    tokens = {0: "batch", 1: "length"}
    _export("encoder", Encoder(), {"ids": ids, "mask": mask}, ("tokens", "mean"),
            {"ids": tokens, "mask": tokens}, opsets=(18, 20))


def _export(name: str, module: nn.Module, inputs: dict[str, torch.Tensor],
            output_names: tuple[str, ...], dynamic: dict[str, dict[int, str]],
            opsets: tuple[int, ...]) -> None:
    module.eval()
    with torch.no_grad():
        outputs = module.double()(*(x.double() if x.is_floating_point() else x
                                    for x in inputs.values()))
    module.float()
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    arrays = {key: value.numpy() for key, value in inputs.items()}
    arrays |= {key: value.numpy() for key, value in zip(output_names, outputs, strict=True)}
    np.savez_compressed(_FOLDER / f"{name}.npz", **arrays)
    for opset in opsets:
        path = _FOLDER / f"{name}_opset{opset}.onnx"
        shapes = {
            key: {axis: torch.export.Dim(dim) for axis, dim in axes.items()}
            for key, axes in dynamic.items()
        }
        torch.onnx.export(
            module, tuple(inputs.values()), str(path), dynamo=True, opset_version=opset,
            input_names=list(inputs), output_names=list(output_names), dynamic_shapes=shapes,
            external_data=False, verbose=False,
        )
        _remove_stack_traces(path)


def _remove_stack_traces(path: pathlib.Path) -> None:
    """They name folders of the machine that exported."""
    model = onnx.load(path)
    for node in model.graph.node:
        kept = [entry for entry in node.metadata_props if not entry.key.endswith("stack_trace")]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    path.write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
