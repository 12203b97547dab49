#!/usr/bin/env python3
"""Measures ONNX Runtime against float64 truth on all test networks and writes docs/accuracy.md.

  tools/accuracy_table.py [--only NAME...] [-o docs/accuracy.md]

Needs build/release/assay and the models and peers of tools/setup.sh; makes the networks that are
missing. For each network, three processes run one after the other:

  assay run MODEL --reference ...   the truth; its time, and the peak memory of the process
  assay run MODEL --onnxrt ...      compared with that truth
  assay run MODEL --onnxrt ...      five inferences after a warm-up, for the time
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import pathlib
import statistics
import subprocess
import sys
import tempfile

from network_runs import (NETWORKS, PROGRAM, REPOSITORY, Row, chosen_rows, machine,
                          make_if_missing, repeat_inputs, run_assay, scientific)

_TIMED_INFERENCES = 5
_TOLERANCE = ("--atol", "1e-3", "--rtol", "1e-3")


@dataclasses.dataclass(frozen=True)
class Figures:
    """What one output of one network came to."""

    row: Row
    output: str
    relative_l2: float | str
    max_abs: float | str
    max_rel: float | str
    constant: bool  # all elements of the truth are equal: the comparison says nothing
    verdict: str
    reference_seconds: float
    reference_bytes: int
    runtime_seconds: float
    runtime: str


def main() -> int:
    arguments = _parse_arguments()
    rows = chosen_rows(arguments.networks, arguments.only)
    figures: list[Figures] = []
    for row in rows:
        print(f"{row.name} ...", file=sys.stderr, flush=True)
        make_if_missing(row)
        figures += _measure(arguments.program, row)
    arguments.output.write_text(_document(figures, arguments.program))
    print(f"{arguments.output}: {len(figures)} outputs of {len(rows)} networks")
    return 0


def _measure(program: pathlib.Path, row: Row) -> list[Figures]:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        inputs, repeated, truth = (folder / f"{file}.json" for file in ("in", "repeated", "truth"))
        run = functools.partial(run_assay, program, row, folder)
        reference = run("--reference", *row.inputs, "--save-inputs", inputs,
                        "--save-outputs", truth)
        compared = run("--onnxrt", "--load-inputs", inputs, "--load-outputs", truth, *_TOLERANCE)
        repeat_inputs(inputs, _TIMED_INFERENCES, repeated)
        timed = run("--onnxrt", "--load-inputs", repeated, "--sequential-runners", "--warm-up", "1")

    (pair,) = compared["pairs"]
    (iteration,) = pair["iterations"]
    if not iteration["outputs"]:
        sys.exit(f"accuracy_table.py: {row.name}: no output was compared")
    return [_figures(row, output, reference, timed) for output in iteration["outputs"]]


def _figures(row: Row, output: dict, reference: dict, timed: dict) -> Figures:
    metrics = output["metrics"]
    truth = output["statistics"]["reference"]
    # Equal classes differ in the last bits where the same sum is made in another order.
    spread, size = truth["max"] - truth["min"], max(abs(truth["max"]), abs(truth["min"]))
    return Figures(
        row=row, output=output["output"], relative_l2=metrics["relative_l2"],
        max_abs=metrics["max_abs"], max_rel=metrics["max_rel"],
        constant=bool(spread <= 1e-12 * size), verdict=output["verdict"],
        reference_seconds=reference["runners"][0]["inference_seconds"][0],
        reference_bytes=reference["peak_memory_bytes"],
        runtime_seconds=statistics.median(timed["runners"][0]["inference_seconds"]),
        runtime=timed["runners"][0]["library"],
    )


def _document(figures: list[Figures], program: pathlib.Path) -> str:
    version = subprocess.run([str(program), "--version"], capture_output=True, text=True)
    telling = [figure for figure in figures if not figure.constant]
    constant = [figure for figure in figures if figure.constant]
    runtimes = ", ".join(sorted({figure.runtime for figure in figures}))
    lines = [
        "# ONNX Runtime against float64 truth",
        "",
        "Written by `tools/accuracy_table.py`; run it again to make it anew.",
        "",
        f"- Program: {version.stdout.strip()}; {runtimes}, CPU",
        f"- Machine: {machine()}",
        "",
        "Truth is `assay run --reference`: float64 throughout. Errors are those of ONNX Runtime's",
        "float32 output against it: `rel-L2` is the L2 norm of the difference over that of the",
        "truth, `max abs` and `max rel` are over all elements. The verdict is that of `--atol 1e-3",
        "--rtol 1e-3`. Memory is the peak of the process that computes the truth, model and files",
        f"included; ONNX Runtime's time is the median of {_TIMED_INFERENCES} inferences, warmed up.",
        "",
        "The networks after the first four rows are written by `tools/models/make.py`: MiniLM with",
        "its trained weights, the others with seeded ones and measured batch-norm statistics.",
        "",
        *_table(telling),
    ]
    if constant:
        lines += [
            "",
            "## Outputs that say nothing",
            "",
            "The `light` networks of the onnx package come with every weight set to 0.02. All",
            "their classes are the same then, and so are all elements of the output: an engine that",
            "got the network wrong would pass. The rows above give the same graphs seeded weights.",
            "",
            *_table(constant),
        ]
    return "\n".join(lines) + "\n"


def _table(figures: list[Figures]) -> list[str]:
    lines = [
        "| network | input | output | rel-L2 | max abs | max rel | verdict | truth, s | truth, MB |"
        " ONNX Runtime, ms |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for figure in figures:
        cells = [
            figure.row.name, figure.row.stated, f"`{figure.output}`",
            *(scientific(value) for value in (figure.relative_l2, figure.max_abs, figure.max_rel)),
            figure.verdict, f"{figure.reference_seconds:.2f}",
            f"{figure.reference_bytes / 1e6:.0f}", f"{figure.runtime_seconds * 1e3:.1f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these networks only")
    parser.add_argument("--program", type=pathlib.Path, default=PROGRAM)
    parser.add_argument(
        "--networks", type=pathlib.Path, default=NETWORKS,
        help="folder of the networks that are made (default: models/networks)")
    parser.add_argument(
        "-o", "--output", type=pathlib.Path, default=REPOSITORY / "docs" / "accuracy.md")
    arguments = parser.parse_args()
    if not arguments.program.exists():
        parser.error(f"no {arguments.program}; build it with: cmake --build --preset release")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
