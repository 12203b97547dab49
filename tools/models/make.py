#!/usr/bin/env python3
"""Writes the networks that Assay is tested and measured on, as PyTorch exports them to ONNX.

  make.py --list                    the networks
  make.py NAME -o PATH [OPTIONS]    one of them
  make.py all -d DIR                the real-size ones, NAME.onnx each
  make.py tiny -d DIR               the small ones, in every export variant
  make.py light -d DIR              the onnx package's own, which come without weights

Weights are seeded, and trained ones for MiniLM. Batch-norm statistics and the scale of the logits
are measured on made pictures, so activations have the size that they have in a trained network.
The same options give the same file on every machine: what is measured is measured in float64 and
kept with 11 significant bits.
"""

from __future__ import annotations

import argparse
import difflib
import os
import pathlib
import sys
import time

import numpy as np
import onnx

from graph_builder import ExportOptions
from input_files import save_inputs
from networks import (
    ImageNetwork, LightNetwork, Network, TextNetwork, known_networks, make_model,
)

_REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# Opsets whose form of every operator used here is written.
_OPSETS = range(13, 21)
_DEFAULT_OPSET = 17


def main() -> int:
    arguments = _parse_arguments()
    networks = known_networks(arguments.minilm)
    if arguments.list:
        for name, network in networks.items():
            size = "x".join(str(extent) for extent in network.input_size)
            print(f"{name:24} {size:>8}  {network.description}")
        return 0
    if arguments.name in networks:
        network = networks[arguments.name]
        files = [(arguments.output, _options(network, arguments))] if arguments.output else []
        _make(arguments.name, network, files, arguments)
        return 0
    if arguments.name == "all":
        chosen = {name: network for name, network in networks.items() if network.standard}
        jobs = {name: [(name, _options(network, arguments))] for name, network in chosen.items()}
    elif arguments.name == "tiny":
        jobs = {name: _variants(name) for name in networks if name.endswith("_tiny")}
    elif arguments.name == "light":
        light = [name for name in networks if name.startswith("light_")]
        jobs = {name: [(name, ExportOptions())] for name in light}
    else:
        near = difflib.get_close_matches(arguments.name, networks, n=1)
        hint = f"did you mean {near[0]}?" if near else "--list names them"
        print(f"make.py: unknown network {arguments.name!r}; {hint}", file=sys.stderr)
        return 2
    for name, exports in jobs.items():
        files = [(arguments.directory / f"{stem}.onnx", options) for stem, options in exports]
        if arguments.if_missing:
            files = [(path, options) for path, options in files if not path.exists()]
        if files:
            _make(name, networks[name], files, arguments)
    return 0


def _options(network: Network, arguments: argparse.Namespace) -> ExportOptions:
    # Sentences come in any number and length: trained, the network is static only if asked to be.
    sentences = isinstance(network, TextNetwork) and network.weights is not None
    dynamic = arguments.dynamic or (sentences and arguments.input_size is None)
    return ExportOptions(arguments.opset, dynamic, not arguments.separate_batch_norm)


def _variants(name: str) -> list[tuple[str, ExportOptions]]:
    variants = [
        (name, ExportOptions()),
        (f"{name}_dynamic", ExportOptions(dynamic=True)),
        (f"{name}_opset13", ExportOptions(opset=13)),
        (f"{name}_opset20", ExportOptions(opset=20)),
    ]
    if name.startswith(("unet", "deeplab", "segformer")):
        variants.append((f"{name}_batch_norm", ExportOptions(fold_batch_norm=False)))
    return variants


def _make(name: str, network: Network, files: list[tuple[pathlib.Path, ExportOptions]],
          arguments: argparse.Namespace) -> None:
    if isinstance(network, TextNetwork) and network.weights is not None:
        if not (network.weights / "model.safetensors").exists():
            sys.exit(f"make.py: no model.safetensors in {network.weights}\n"
                     "hint: run tools/setup.sh networks, or name the folder with --minilm")
    if not files:
        pass  # the inputs alone
    elif isinstance(network, LightNetwork):
        for path, _ in files:
            _write(network.model(), path)
            print(f"{path}: {path.stat().st_size / 1e6:.0f} MB")
    else:
        _export(name, network, files, arguments)
    if arguments.save_inputs:
        save_inputs(network.sample_inputs(arguments.input_size), arguments.save_inputs)
        print(f"{arguments.save_inputs}: inputs")


def _export(name: str, network: ImageNetwork | TextNetwork,
            files: list[tuple[pathlib.Path, ExportOptions]], arguments: argparse.Namespace) -> None:
    begin = time.monotonic()
    parameters = network.parameters()
    for path, options in files:
        model, flops = make_model(
            network, parameters, name, options, arguments.input_size, arguments.softmax
        )
        _write(model, path)
        count = sum(int(np.prod(weight.dims)) for weight in model.graph.initializer)
        print(
            f"{path}: {len(model.graph.node)} nodes, {count / 1e6:.2f} M parameters, "
            f"{flops / 1e9:.3g} GFLOP, opset {options.opset}, {time.monotonic() - begin:.1f} s"
        )
        begin = time.monotonic()


def _write(model: onnx.ModelProto, path: pathlib.Path) -> None:
    """Complete or not at all: a cut-off file must not look like a finished one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_bytes(model.SerializeToString(deterministic=True))
    os.replace(unfinished, path)


def _size(text: str) -> tuple[int, int]:
    try:
        height, width = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected HxW such as 512x512, got {text!r}") from None
    if height <= 0 or width <= 0:
        raise argparse.ArgumentTypeError(f"expected positive sizes, got {text!r}")
    return height, width


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="?", help="a network, `all`, `tiny` or `light`")
    parser.add_argument("-o", "--output", type=pathlib.Path, help="file to write")
    parser.add_argument("-d", "--directory", type=pathlib.Path, help="folder for several files")
    parser.add_argument("--list", action="store_true", help="list the networks")
    parser.add_argument("--opset", type=int, choices=_OPSETS, default=_DEFAULT_OPSET)
    parser.add_argument(
        "--input-size", type=_size, metavar="HxW",
        help="size of the trace, and of a static export (text: BATCHxLENGTH)")
    parser.add_argument("--dynamic", action="store_true", help="symbolic batch, height and width")
    parser.add_argument(
        "--separate-batch-norm", action="store_true",
        help="BatchNormalization nodes instead of folded weights")
    parser.add_argument("--softmax", action="store_true", help="end in a Softmax over the classes")
    parser.add_argument(
        "--save-inputs", type=pathlib.Path, metavar="PATH",
        help="write realistic inputs, .npz or Polygraphy's .json; with or without -o")
    parser.add_argument(
        "--minilm", type=pathlib.Path, default=_REPOSITORY / "models" / "minilm", metavar="DIR",
        help="files of all-MiniLM-L6-v2 (default: models/minilm)")
    parser.add_argument(
        "--if-missing", action="store_true", help="with -d: leave the files that exist alone")
    arguments = parser.parse_args()
    if not arguments.list:
        if arguments.name is None:
            parser.error("name a network, `all`, `tiny` or `light`; --list names them")
        several = arguments.name in ("all", "tiny", "light")
        if several and arguments.directory is None:
            parser.error(f"{arguments.name}: name the folder with -d DIR")
        if not several and not (arguments.output or arguments.save_inputs):
            parser.error("name the file with -o PATH, or the inputs' with --save-inputs")
        if several and (arguments.input_size or arguments.save_inputs):
            parser.error(f"{arguments.name}: --input-size and --save-inputs take one network")
        exported = (arguments.dynamic or arguments.softmax or arguments.input_size
                    or arguments.separate_batch_norm or arguments.opset != _DEFAULT_OPSET)
        if exported and arguments.name.startswith("light"):
            parser.error(f"{arguments.name}: these graphs stay as they are, opset 9 at 224x224")
    return arguments


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError) as error:
        sys.exit(f"make.py: {error}")
