#!/usr/bin/env python3
"""Measures Assay's engine beside ONNX Runtime on all test networks and writes docs/engine.md.

  tools/engine_table.py [--only NAME...] [-o docs/engine.md]

Needs build/release/assay and the models and peers of tools/setup.sh; makes the networks that are
missing. Errors are against float64 truth on the same inputs: that of one input is luck to some
degree, so pictures are mirrored too, and random inputs are several. Times are medians of
inferences after a warm-up, measured in turn (engine, ONNX Runtime, engine, ONNX Runtime), each
runner in a process of its own; memory is the peak of a process that runs one inference.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile

import numpy

from network_runs import (NETWORKS, PROGRAM, REPOSITORY, Row, chosen_rows, machine,
                          make_if_missing, run_assay, scientific)

_TIMED_INFERENCES = 5
_ROUNDS = 2
_RUNNERS = ("--native", "--onnxrt")
_RANDOM_INPUTS = 16
# Of pictures larger than this only the mirror images are taken, as their truth takes long.
_SHIFTED_PIXELS = 256 * 256
_SHIFTS = ((0, 0), (1 / 4, 1 / 3), (1 / 2, 2 / 3), (3 / 4, 1 / 2))
_MOST_ERROR, _MOST_TIME, _MOST_MEMORY, _LEAST_LOAD = 1.2, 2.0, 1.5, 3.0


@dataclasses.dataclass(frozen=True)
class Measured:
    relative_l2: float  # the largest over the outputs
    seconds: float
    peak_bytes: int
    activation_seconds: float


@dataclasses.dataclass(frozen=True)
class Line:
    row: Row
    native: Measured
    runtime: Measured
    load_seconds: float  # of the saved engine
    same_bits: bool  # after loading
    program: str


def main() -> int:
    arguments = _parse_arguments()
    rows = [row for row in chosen_rows(arguments.networks, arguments.only)
            if not row.name.endswith("as shipped")]
    lines: list[Line] = []
    for row in rows:
        print(f"{row.name} ...", file=sys.stderr, flush=True)
        make_if_missing(row)
        lines.append(_measure(arguments.program, row))
    arguments.output.write_text(_document(lines, arguments.program))
    print(f"{arguments.output}: {len(lines)} networks")
    return 0


def _measure(program: pathlib.Path, row: Row) -> Line:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        given, truth, kept = (folder / file for file in ("given.npz", "truth.json", "kept.json"))
        engine = folder / "saved.engine"
        run = functools.partial(run_assay, program, row, folder)
        run("--native", *row.inputs, "--save-inputs", given)
        if any(option.startswith("--load") for option in row.inputs):
            several = ("--load-inputs", *_views(given, folder))
        else:
            several = (*row.inputs, "--iterations", str(_RANDOM_INPUTS))
        once = ("--load-inputs", given)
        often = ("--load-inputs", *[given] * _TIMED_INFERENCES)
        run("--reference", *several, "--save-outputs", truth)
        errors = {runner: _error(run(runner, *several, "--load-outputs", truth))
                  for runner in _RUNNERS}
        peaks = {runner: run(runner, *once)["peak_memory_bytes"] for runner in _RUNNERS}
        seconds = {runner: [] for runner in _RUNNERS}
        starts = {runner: [] for runner in _RUNNERS}
        for _ in range(_ROUNDS):
            for runner in _RUNNERS:
                (report,) = run(runner, *often, "--sequential-runners", "--warm-up",
                                "1")["runners"]
                seconds[runner] += report["inference_seconds"]
                starts[runner].append(report["activation_seconds"])
        run("--native", *once, "--save-engine", engine, "--save-outputs", kept)
        loads = []
        for _ in range(_ROUNDS):
            again = run("--native", *once, "--load-outputs", kept, "--atol", "0", "--rtol", "0",
                        model=engine)
            loads.append(again["runners"][0]["activation_seconds"])
    native, runtime = (
        Measured(errors[runner], statistics.median(seconds[runner]), peaks[runner],
                 min(starts[runner])) for runner in _RUNNERS)
    return Line(row, native, runtime, min(loads), _max_abs(again) == 0, report["library"])


def _views(inputs: pathlib.Path, folder: pathlib.Path) -> list[pathlib.Path]:
    """The inputs, with their pictures shifted around and mirrored in each direction and in both."""
    arrays = dict(numpy.load(inputs))
    pixels = max((array[0, 0].size for array in arrays.values() if _is_picture(array)), default=0)
    if pixels == 0:
        return [inputs]
    files = []
    for shift in _SHIFTS if pixels <= _SHIFTED_PIXELS else _SHIFTS[:1]:
        for axes in ((), (-1,), (-2,), (-2, -1)):
            files.append(folder / f"view_{len(files)}.npz")
            numpy.savez(files[-1], **{name: _view(array, shift, axes) if _is_picture(array) else array
                                      for name, array in arrays.items()})
    return files


def _view(picture: numpy.ndarray, shift: tuple[float, float], axes: tuple[int, ...]) -> numpy.ndarray:
    steps = [int(extent * part) for extent, part in zip(picture.shape[-2:], shift)]
    return numpy.flip(numpy.roll(picture, steps, (-2, -1)), axes)


def _is_picture(array: numpy.ndarray) -> bool:
    return array.ndim == 4 and array.dtype == numpy.float32


def _outputs(report: dict) -> list[list[dict]]:
    """Of each iteration."""
    (pair,) = report["pairs"]
    return [iteration["outputs"] for iteration in pair["iterations"]]


def _error(report: dict) -> float:
    """Root mean square over the iterations, the largest over the outputs."""
    return max(math.sqrt(statistics.fmean(float(output["metrics"]["relative_l2"]) ** 2
                                          for output in of_one))
               for of_one in zip(*_outputs(report)))


def _max_abs(report: dict) -> float:
    return max(float(output["metrics"]["max_abs"])
               for outputs in _outputs(report) for output in outputs)


def _document(lines: list[Line], program: pathlib.Path) -> str:
    version = subprocess.run([str(program), "--version"], capture_output=True, text=True)
    return "\n".join([
        "# Assay's engine beside ONNX Runtime",
        "",
        "Written by `tools/engine_table.py`; run it again to make it anew.",
        "",
        f"- Program: {version.stdout.strip()}; {lines[0].program}, CPU" if lines else "",
        f"- Machine: {machine()}",
        "",
        "The engine computes in float32 with blocked sums and changes no element type. Errors are relative L2",
        "errors against float64 truth, root mean square over the input and its three mirror images (pictures; small",
        "ones also shifted around by three distances),",
        f"over {_RANDOM_INPUTS} inputs (random ones), the largest over the outputs. Times are medians of",
        f"{_TIMED_INFERENCES * _ROUNDS} inferences after a warm-up, measured in turn; memory is the peak of a process",
        "that runs one inference, inputs and model included. *Load* is the time to open the saved engine, and in",
        "brackets how many times as long ONNX Runtime takes to make its session.",
        "",
        f"Aims: error at most {_MOST_ERROR}, time at most {_MOST_TIME:g}, memory at most {_MOST_MEMORY} times ONNX Runtime's, "
        f"loading at least {_LEAST_LOAD:g} times as fast. What misses its aim is in bold.",
        "",
        "| network | error | ONNX Runtime | ratio | ms | ONNX Runtime | ratio | MB | ONNX Runtime | ratio | load, ms |"
        " same bits |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
        *(_table_line(line) for line in lines),
        "",
    ])


def _table_line(line: Line) -> str:
    native, runtime = line.native, line.runtime
    speed = runtime.activation_seconds / line.load_seconds
    cells = [
        line.row.name,
        scientific(native.relative_l2), scientific(runtime.relative_l2),
        _ratio(native.relative_l2 / runtime.relative_l2, _MOST_ERROR),
        f"{native.seconds * 1e3:.1f}", f"{runtime.seconds * 1e3:.1f}",
        _ratio(native.seconds / runtime.seconds, _MOST_TIME),
        f"{native.peak_bytes / 1e6:.0f}", f"{runtime.peak_bytes / 1e6:.0f}",
        _ratio(native.peak_bytes / runtime.peak_bytes, _MOST_MEMORY),
        f"{line.load_seconds * 1e3:.1f} ({_bold(f'{speed:.1f}', speed < _LEAST_LOAD)})",
        "yes" if line.same_bits else "**no**",
    ]
    return "| " + " | ".join(cells) + " |"


def _ratio(ratio: float, most: float) -> str:
    return _bold(f"{ratio:.2f}", ratio > most)


def _bold(text: str, missed: bool) -> str:
    return f"**{text}**" if missed else text


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these networks only")
    parser.add_argument("--program", type=pathlib.Path, default=PROGRAM)
    parser.add_argument("--networks", type=pathlib.Path, default=NETWORKS,
                        help="folder of the networks that are made (default: models/networks)")
    parser.add_argument("-o", "--output", type=pathlib.Path,
                        default=REPOSITORY / "docs" / "engine.md")
    arguments = parser.parse_args()
    if not arguments.program.exists():
        parser.error(f"no {arguments.program}; build it with: cmake --build --preset release")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
