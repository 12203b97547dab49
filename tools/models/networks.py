"""The networks that can be made, at real size and at a size for quick tests."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto

from bert import BertConfig, bert_sentence_encoder
from deeplabv3 import DeepLabV3Config, deeplabv3
from graph_builder import ExportOptions, GraphBuilder
from light_networks import (
    LIGHT_NETWORKS, light_network_path, picture_input, seeded_light_network,
)
from parameters import Parameters
from photographs import normalized_photographs
from safetensors_file import read_safetensors
from segformer import SegFormerConfig, segformer
from unet import UNetConfig, unet
from vision_transformer import (
    VisionTransformerConfig, vision_transformer_timm, vision_transformer_torchvision,
)
from wordpiece import WordPieceTokenizer

_WEIGHT_SEED = 20240229
_MEASURING_SEED = 1000
_SAMPLE_SEED = 5000

SENTENCES = (
    "A man is eating food.",
    "Someone is having a meal at the table.",
    "The stock market fell sharply on Monday.",
    "Share prices dropped after the weekend.",
    "A cheetah is running behind its prey.",
    "The new film received excellent reviews, but ticket sales were disappointing.",
)


@dataclasses.dataclass(frozen=True)
class ImageNetwork:
    """A network from a normalized picture (N, 3, H, W) to one tensor."""

    description: str
    build: Callable
    config: object
    input_size: tuple[int, int]
    measuring_size: tuple[int, int]
    measuring_count: int
    input_name: str = "input"
    output_name: str = "output"
    output_dims: tuple[int | str, ...] = ("batch", "classes", "height", "width")
    any_size: bool = True  # the dynamic export has symbolic height and width
    standard: bool = True  # one of the real-size models that `all` makes

    def sample_inputs(self, size: tuple[int, int] | None = None) -> dict[str, np.ndarray]:
        """One picture that was not measured on."""
        picture = normalized_photographs(1, *(size or self.input_size), _SAMPLE_SEED)
        return {self.input_name: picture}

    def parameters(self) -> Parameters:
        """Seeded weights and, from a run on measuring pictures, statistics and logit scales."""
        parameters = Parameters(_WEIGHT_SEED)
        pictures = normalized_photographs(
            self.measuring_count, *self.measuring_size, _MEASURING_SEED
        )
        builder = GraphBuilder(parameters, ExportOptions(), measuring=True)
        x = builder.input(self.input_name, pictures.shape, pictures.shape, data=pictures)
        self.build(builder, x, self.config)
        return parameters

    def record(self, builder: GraphBuilder, size: tuple[int, int], softmax: bool) -> None:
        dims = ("batch", 3, *(("height", "width") if self.any_size else size))
        x = builder.input(self.input_name, (1, 3, *size), dims)
        y = self.build(builder, x, self.config)
        if softmax:
            y = builder.node("Softmax", [y], axis=1)
        known = {"classes": y.shape[1]}
        builder.output(y, self.output_name, [known.get(dim, dim) for dim in self.output_dims])


@dataclasses.dataclass(frozen=True)
class TextNetwork:
    """A sentence encoder; its size is (batch, sequence length)."""

    description: str
    config: BertConfig
    input_size: tuple[int, int]
    weights: pathlib.Path | None  # folder of model.safetensors and vocab.txt; None: seeded weights
    standard: bool = True

    def sample_inputs(self, size: tuple[int, int] | None = None) -> dict[str, np.ndarray]:
        """Real sentences where there is a vocabulary, else ids from a seed with padded rows."""
        if self.weights is not None:
            tokenizer = WordPieceTokenizer.from_file(self.weights / "vocab.txt")
            return tokenizer.encode_batch(SENTENCES)
        batch, length = size or self.input_size
        generator = np.random.Generator(np.random.PCG64(_SAMPLE_SEED))
        ids = generator.integers(0, self.config.vocabulary, (batch, length))
        ends = generator.integers(1, length + 1, (batch, 1))
        mask = (np.arange(length) < ends).astype(np.int64)
        return {
            "input_ids": ids * mask, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)
        }

    def parameters(self) -> Parameters:
        parameters = Parameters(_WEIGHT_SEED)
        if self.weights is not None:
            for name, data in read_safetensors(self.weights / "model.safetensors").items():
                if data.dtype == np.float32:
                    parameters.set(f"model.{name}", data)
        return parameters

    def record(self, builder: GraphBuilder, size: tuple[int, int], softmax: bool) -> None:
        if softmax:
            raise ValueError("softmax: a sentence encoder has no classes")
        inputs = [
            builder.input(name, size, ("batch_size", "sequence_length"), TensorProto.INT64)
            for name in ("input_ids", "attention_mask", "token_type_ids")
        ]
        _, embedding = bert_sentence_encoder(builder, *inputs, self.config)
        builder.output(embedding, "sentence_embedding", ("batch_size", self.config.width))


@dataclasses.dataclass(frozen=True)
class LightNetwork:
    """A classifier of the onnx package, given weights."""

    description: str
    name: str
    input_size: tuple[int, int] = (224, 224)
    standard: bool = False

    def sample_inputs(self, size: tuple[int, int] | None = None) -> dict[str, np.ndarray]:
        picture = picture_input(onnx.load(light_network_path(self.name)))
        return {picture.name: normalized_photographs(1, *self.input_size, _SAMPLE_SEED)}

    def model(self) -> onnx.ModelProto:
        pictures = normalized_photographs(4, *self.input_size, _MEASURING_SEED)
        return seeded_light_network(self.name, Parameters(_WEIGHT_SEED), pictures)


Network = ImageNetwork | TextNetwork | LightNetwork


def make_model(
    network: ImageNetwork | TextNetwork, parameters: Parameters, name: str, options: ExportOptions,
    size: tuple[int, int] | None = None, softmax: bool = False,
) -> tuple[onnx.ModelProto, int]:
    """The model, checked by onnx, and the floating-point operations of one run at `size`."""
    builder = GraphBuilder(parameters, options)
    network.record(builder, size or network.input_size, softmax)
    model = builder.model(name)
    onnx.checker.check_model(model, full_check=True)
    return model, builder.flops


def known_networks(minilm: pathlib.Path) -> dict[str, Network]:
    """All networks by name; `minilm` is the folder of all-MiniLM-L6-v2's files."""
    token_output = ("batch", "classes")
    quarter = ("batch", "classes", "logits_height", "logits_width")
    seg_names = {"input_name": "pixel_values", "output_name": "logits", "output_dims": quarter}
    tiny_vit = VisionTransformerConfig(width=32, depth=2, heads=2, patch=8, classes=10)
    vit = {"output_dims": token_output, "any_size": False}
    full_vit = {"input_size": (224, 224), "measuring_size": (224, 224), "measuring_count": 6, **vit}
    small_vit = {"input_size": (32, 32), "measuring_size": (32, 32), "measuring_count": 6,
                 "standard": False, **vit}
    small = {"input_size": (64, 64), "measuring_size": (64, 64), "measuring_count": 2,
             "standard": False}
    return {
        "unet": ImageNetwork(
            "U-Net, 64 to 1024 channels, transposed convolutions", unet, UNetConfig(),
            (512, 512), (256, 256), 2),
        "unet_bilinear": ImageNetwork(
            "U-Net, 64 to 512 channels, bilinear upsampling", unet, UNetConfig(bilinear=True),
            (512, 512), (256, 256), 2),
        "deeplabv3_resnet50": ImageNetwork(
            "DeepLabV3 on a dilated ResNet-50, 21 classes", deeplabv3, DeepLabV3Config(),
            (512, 512), (384, 384), 2),
        "segformer_b0": ImageNetwork(
            "SegFormer-B0, 150 classes", segformer, SegFormerConfig(),
            (512, 512), (256, 256), 2, **seg_names),
        "vit_b_16": ImageNetwork(
            "ViT-B/16 as torchvision exports it", vision_transformer_torchvision,
            VisionTransformerConfig(), **full_vit),
        "vit_base_patch16_224": ImageNetwork(
            "ViT-B/16 as timm exports it", vision_transformer_timm,
            VisionTransformerConfig(), **full_vit, standard=False),
        "minilm": TextNetwork(
            "all-MiniLM-L6-v2 with its trained weights, mean pooling", BertConfig(),
            (2, 16), minilm),
        "unet_tiny": ImageNetwork(
            "U-Net, 8 to 128 channels", unet, UNetConfig(width=8), **small),
        "unet_bilinear_tiny": ImageNetwork(
            "U-Net, 8 to 64 channels, bilinear upsampling", unet,
            UNetConfig(width=8, bilinear=True), **small),
        "deeplabv3_tiny": ImageNetwork(
            "DeepLabV3 on four bottleneck blocks", deeplabv3,
            DeepLabV3Config(width=8, blocks=(1, 1, 1, 1), head_width=16, classes=5,
                            atrous_rates=(2, 4, 6)), **small),
        "segformer_tiny": ImageNetwork(
            "SegFormer with one block a stage", segformer,
            SegFormerConfig(widths=(8, 16, 24, 32), depths=(1, 1, 1, 1), heads=(1, 2, 3, 4),
                            decoder_width=16, classes=6), **small, **seg_names),
        "vit_torchvision_tiny": ImageNetwork(
            "ViT with two layers as torchvision exports it", vision_transformer_torchvision,
            tiny_vit, **small_vit),
        "vit_timm_tiny": ImageNetwork(
            "ViT with two layers as timm exports it", vision_transformer_timm, tiny_vit,
            **small_vit),
        "bert_tiny": TextNetwork(
            "BERT with two layers and seeded weights",
            BertConfig(vocabulary=100, width=32, layers=2, heads=4, intermediate=64, positions=32),
            (3, 12), None, standard=False),
    } | {
        f"light_{name}": LightNetwork(f"{name} of the onnx package, with weights", name)
        for name in LIGHT_NETWORKS
    }
