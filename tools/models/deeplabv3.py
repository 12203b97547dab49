"""DeepLabV3 on a dilated ResNet-50: torchvision's `deeplabv3_resnet50`."""

from __future__ import annotations

import dataclasses

import torch_functions as torch
from graph_builder import GraphBuilder, Value


@dataclasses.dataclass(frozen=True)
class DeepLabV3Config:
    width: int = 64  # of the stem; the four stages have 4, 8, 16 and 32 times as many channels
    blocks: tuple[int, ...] = (3, 4, 6, 3)
    head_width: int = 256
    classes: int = 21
    atrous_rates: tuple[int, ...] = (12, 24, 36)


def deeplabv3(b: GraphBuilder, x: Value, config: DeepLabV3Config) -> Value:
    """x: (N, 3, H, W) to logits (N, classes, H, W)."""
    height, width = torch.size(b, x, 2), torch.size(b, x, 3)
    with b.module("backbone"):
        y = _resnet(b, x, config)
    with b.module("classifier"):
        with b.module("classifier.0"):
            y = _atrous_spatial_pyramid_pooling(b, y, config)
        y = torch.conv2d_batch_norm(
            b, y, ["classifier.1"], ["classifier.2"], config.head_width, kernel=3, padding=1
        )
        y = torch.relu(b, y, "classifier.3")
        if b.measuring:
            logits = torch.conv2d(b, y, "classifier.4", config.classes, kernel=1)
            torch.calibrate_logits(b, logits, "classifier.4", spread=3.0, axis=1)
        y = torch.conv2d(b, y, "classifier.4", config.classes, kernel=1)
    return torch.interpolate(b, y, torch.interpolation_target(b, height, width))


def _resnet(b: GraphBuilder, x: Value, config: DeepLabV3Config) -> Value:
    x = torch.conv2d_batch_norm(
        b, x, ["conv1"], ["bn1"], config.width, kernel=7, stride=2, padding=3
    )
    x = torch.relu(b, x, "relu")
    x = torch.max_pool2d(b, x, ["maxpool"], kernel=3, stride=2, padding=1)
    # The last two stages are dilated instead of strided; a stage's first block still has the
    # dilation of the stage before.
    strides, first_dilations, dilations = (1, 2, 1, 1), (1, 1, 1, 2), (1, 1, 2, 4)
    for stage, count in enumerate(config.blocks):
        for block in range(count):
            with b.module(f"layer{stage + 1}", f"layer{stage + 1}.{block}"):
                x = _bottleneck(
                    b, x, config.width << stage,
                    stride=strides[stage] if block == 0 else 1,
                    dilation=first_dilations[stage] if block == 0 else dilations[stage],
                    downsample=block == 0,
                )
    return x


def _bottleneck(
    b: GraphBuilder, x: Value, planes: int, stride: int, dilation: int, downsample: bool
) -> Value:
    y = torch.conv2d_batch_norm(b, x, ["conv1"], ["bn1"], planes, kernel=1)
    y = torch.relu(b, y, "relu")
    y = torch.conv2d_batch_norm(
        b, y, ["conv2"], ["bn2"], planes, kernel=3, stride=stride, padding=dilation,
        dilation=dilation,
    )
    y = torch.relu(b, y, "relu_1")
    # A gain below one keeps the residual sum from growing with depth, as in a trained network.
    y = torch.conv2d_batch_norm(b, y, ["conv3"], ["bn3"], 4 * planes, kernel=1, gain=0.25)
    if downsample:
        names = ["downsample", "downsample.0"], ["downsample", "downsample.1"]
        x = torch.conv2d_batch_norm(b, x, *names, 4 * planes, kernel=1, stride=stride)
    return torch.relu(b, b.node("Add", [y, x]), "relu_2")


def _atrous_spatial_pyramid_pooling(b: GraphBuilder, x: Value, config: DeepLabV3Config) -> Value:
    def branch(index: int, kernel: int, rate: int) -> Value:
        scopes = [f"convs.{index}", f"convs.{index}.0"], [f"convs.{index}", f"convs.{index}.1"]
        y = torch.conv2d_batch_norm(
            b, x, *scopes, config.head_width, kernel=kernel, dilation=rate,
            padding=rate if kernel == 3 else 0,
        )
        return torch.relu(b, y, f"convs.{index}", f"convs.{index}.2")

    branches = [branch(0, kernel=1, rate=1)]
    branches += [branch(index, 3, rate) for index, rate in enumerate(config.atrous_rates, start=1)]
    branches.append(_image_pooling(b, x, f"convs.{len(branches)}", config.head_width))
    joined = b.node("Concat", branches, axis=1)
    scopes = ["project", "project.0"], ["project", "project.1"]
    y = torch.conv2d_batch_norm(b, joined, *scopes, config.head_width, kernel=1)
    return torch.relu(b, y, "project", "project.2")


def _image_pooling(b: GraphBuilder, x: Value, name: str, channels: int) -> Value:
    with b.module(name):
        height, width = torch.size(b, x, 2), torch.size(b, x, 3)
        with b.module(f"{name}.0"):
            y = b.node("GlobalAveragePool", [x])
        y = torch.conv2d_batch_norm(b, y, [f"{name}.1"], [f"{name}.2"], channels, kernel=1)
        y = torch.relu(b, y, f"{name}.3")
        return torch.interpolate(b, y, torch.interpolation_target(b, height, width))
