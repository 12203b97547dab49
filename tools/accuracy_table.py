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
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

_REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
_MAKE = _REPOSITORY / "tools" / "models" / "make.py"
_TIMED_INFERENCES = 5
_TOLERANCE = ("--atol", "1e-3", "--rtol", "1e-3")
_PASSED, _NOT_PASSED = 0, 1


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    model: pathlib.Path
    inputs: tuple[str, ...]  # options of `assay run`
    stated: str  # the same in words


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
    rows = _rows(arguments.networks)
    if arguments.only:
        unknown = set(arguments.only) - {row.name for row in rows}
        if unknown:
            print(f"accuracy_table.py: unknown: {', '.join(sorted(unknown))}", file=sys.stderr)
            print("hint: " + ", ".join(row.name for row in rows), file=sys.stderr)
            return 2
        rows = [row for row in rows if row.name in arguments.only]
    figures: list[Figures] = []
    for row in rows:
        print(f"{row.name} ...", file=sys.stderr, flush=True)
        _make_if_missing(row)
        figures += _measure(arguments.program, row)
    arguments.output.write_text(_document(figures, arguments.program))
    print(f"{arguments.output}: {len(figures)} outputs of {len(rows)} networks")
    return 0


def _rows(networks: pathlib.Path) -> list[Row]:
    models = _REPOSITORY / "models"
    photograph = _REPOSITORY / "photos" / "page.png"
    imagenet = ("--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225")

    def random(name: str, file: str, shape: str, *options: str) -> Row:
        arguments = ("--input-shapes", f"x:{shape}", *options)
        return Row(name, models / file, arguments, f"{shape}, random")

    def made(name: str, what: str) -> Row:
        inputs = networks / f"{name}.json"
        return Row(name, networks / f"{name}.onnx", ("--load-inputs", str(inputs)), what)

    detector = "PP-OCRv6_det_small.onnx"
    signed = ("--val-range", "x:[-1,1]")
    picture = "a made photograph"
    rows = [
        random("PP-OCRv6_det_small", detector, "[1,3,512,512]"),
        Row("PP-OCRv6_det_small on a page", models / detector,
            ("--load-images", str(photograph), "--image-size", "512x512", *imagenet),
            "[1,3,512,512], a photographed page"),
        random("PP-OCRv6_rec_small", "PP-OCRv6_rec_small.onnx", "[1,3,48,320]", *signed),
        random("ch_ppocr_mobile_v2.0_cls", "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
               "[1,3,48,192]", *signed),
        made("minilm", "six sentences of up to 15 tokens"),
        made("unet", f"[1,3,512,512], {picture}"),
        made("unet_bilinear", f"[1,3,512,512], {picture}"),
        made("deeplabv3_resnet50", f"[1,3,512,512], {picture}"),
        made("segformer_b0", f"[1,3,512,512], {picture}"),
        made("vit_b_16", f"[1,3,224,224], {picture}"),
    ]
    sys.path.insert(0, str(_MAKE.parent))
    from light_networks import LIGHT_NETWORKS, light_network_path

    for name in LIGHT_NETWORKS:
        rows.append(made(f"light_{name}", f"[1,3,224,224], {picture}"))
    for name in LIGHT_NETWORKS:
        shipped = light_network_path(name)
        rows.append(Row(f"light_{name} as shipped", shipped, (), "[1,3,224,224], random"))
    return rows


def _make_if_missing(row: Row) -> None:
    """Makes a network and its inputs, if it is one of those that are made."""
    if row.inputs[:1] == ("--load-inputs",):
        row.model.parent.mkdir(parents=True, exist_ok=True)
        for option, path in (("-o", row.model), ("--save-inputs", row.model.with_suffix(".json"))):
            if not path.exists():
                command = [sys.executable, str(_MAKE), row.name, option, str(path)]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    if not row.model.exists():
        sys.exit(f"accuracy_table.py: no {row.model}\nhint: run tools/setup.sh all")


def _measure(program: pathlib.Path, row: Row) -> list[Figures]:
    with tempfile.TemporaryDirectory() as folder:
        inputs, repeated, truth, report = (
            pathlib.Path(folder) / f"{name}.json" for name in ("in", "repeated", "truth", "report")
        )

        def run(*options: str | pathlib.Path) -> dict:
            command = [program, "run", row.model, *options, "--report", report, "--silent"]
            done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
            if done.returncode not in (_PASSED, _NOT_PASSED):
                sys.exit(f"accuracy_table.py: {row.name}: exit code {done.returncode} of\n"
                         f"{' '.join(map(str, command))}\n{done.stdout}")
            return json.loads(report.read_text())

        reference = run("--reference", *row.inputs, "--save-inputs", inputs,
                        "--save-outputs", truth)
        compared = run("--onnxrt", "--load-inputs", inputs, "--load-outputs", truth, *_TOLERANCE)
        repeated.write_text(json.dumps(json.loads(inputs.read_text()) * _TIMED_INFERENCES))
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
        f"- Machine: {_cpu_name()}, {len(os.sched_getaffinity(0))} CPUs",
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
            *(_scientific(value) for value in (figure.relative_l2, figure.max_abs, figure.max_rel)),
            figure.verdict, f"{figure.reference_seconds:.2f}",
            f"{figure.reference_bytes / 1e6:.0f}", f"{figure.runtime_seconds * 1e3:.1f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _scientific(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1e}"


def _cpu_name() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown CPU"


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these networks only")
    parser.add_argument(
        "--program", type=pathlib.Path, default=_REPOSITORY / "build" / "release" / "assay")
    parser.add_argument(
        "--networks", type=pathlib.Path, default=_REPOSITORY / "models" / "networks",
        help="folder of the networks that are made (default: models/networks)")
    parser.add_argument(
        "-o", "--output", type=pathlib.Path, default=_REPOSITORY / "docs" / "accuracy.md")
    arguments = parser.parse_args()
    if not arguments.program.exists():
        parser.error(f"no {arguments.program}; build it with: cmake --build --preset release")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
