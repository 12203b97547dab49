"""U-Net: the widely copied PyTorch version with padded convolutions and BatchNorm."""

from __future__ import annotations

import dataclasses

import torch_functions as torch
from graph_builder import GraphBuilder, Value


@dataclasses.dataclass(frozen=True)
class UNetConfig:
    width: int = 64  # channels at full resolution, doubled at each of four halvings
    classes: int = 3
    bilinear: bool = False  # upsampling instead of transposed convolution


def unet(b: GraphBuilder, x: Value, config: UNetConfig) -> Value:
    """x: (N, 3, H, W) to logits (N, classes, H, W)."""
    width, halved = config.width, 2 if config.bilinear else 1
    with b.module("inc"):
        features = [_double_conv(b, x, width)]
    widths = [2 * width, 4 * width, 8 * width, 16 * width // halved]
    for level, channels in enumerate(widths, start=1):
        with b.module(f"down{level}", "maxpool_conv"):
            pooled = torch.max_pool2d(b, features[-1], ["maxpool_conv.0"], kernel=2, stride=2)
            with b.module("maxpool_conv.1"):
                features.append(_double_conv(b, pooled, channels))
    y = features.pop()
    widths = [8 * width // halved, 4 * width // halved, 2 * width // halved, width]
    for level, channels in enumerate(widths, start=1):
        with b.module(f"up{level}"):
            y = _up(b, y, features.pop(), channels, config.bilinear)
    with b.module("outc"):
        if b.measuring:
            logits = torch.conv2d(b, y, "conv", config.classes, kernel=1)
            torch.calibrate_logits(b, logits, "conv", spread=3.0, axis=1)
        return torch.conv2d(b, y, "conv", config.classes, kernel=1)


def _double_conv(b: GraphBuilder, x: Value, channels: int, middle: int | None = None) -> Value:
    with b.module("double_conv"):
        for first, width in ((0, middle or channels), (3, channels)):
            names = [f"double_conv.{first + offset}" for offset in range(3)]
            x = torch.conv2d_batch_norm(b, x, names[:1], names[1:2], width, kernel=3, padding=1)
            x = torch.relu(b, x, names[2])
    return x


def _up(b: GraphBuilder, x: Value, skipped: Value, channels: int, bilinear: bool) -> Value:
    if bilinear:
        middle = x.shape[1]
        x = torch.upsample(b, x, "up", scale=2)
    else:
        middle = None
        x = torch.conv_transpose2d(b, x, "up", x.shape[1] // 2, kernel=2)
    rows = torch.subtract(b, torch.size(b, skipped, 2), torch.size(b, x, 2))
    columns = torch.subtract(b, torch.size(b, skipped, 3), torch.size(b, x, 3))
    left = torch.floor_divide(b, columns, 2)
    right = torch.subtract(b, columns, left)
    top = torch.floor_divide(b, rows, 2)
    bottom = torch.subtract(b, rows, top)
    x = torch.pad_spatial(b, x, [left, right, top, bottom])
    joined = b.node("Concat", [skipped, x], axis=1)
    with b.module("conv"):
        return _double_conv(b, joined, channels, middle)
