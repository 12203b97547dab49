"""The test networks with their inputs, and runs of assay over them, for the scripts that write tables."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = REPOSITORY / "build" / "release" / "assay"
NETWORKS = REPOSITORY / "models" / "networks"
_MAKE = REPOSITORY / "tools" / "models" / "make.py"
_PASSED, _NOT_PASSED = 0, 1


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    model: pathlib.Path
    inputs: tuple[str, ...]  # options of `assay run`
    stated: str  # the same in words


def all_rows(networks: pathlib.Path) -> list[Row]:
    models = REPOSITORY / "models"
    photograph = REPOSITORY / "photos" / "page.png"
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


def make_if_missing(row: Row) -> None:
    """Makes a network and its inputs, if it is one of those that are made."""
    if row.inputs[:1] == ("--load-inputs",):
        row.model.parent.mkdir(parents=True, exist_ok=True)
        for option, path in (("-o", row.model), ("--save-inputs", row.model.with_suffix(".json"))):
            if not path.exists():
                command = [sys.executable, str(_MAKE), row.name, option, str(path)]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    if not row.model.exists():
        sys.exit(f"no {row.model}\nhint: run tools/setup.sh all")


def chosen_rows(networks: pathlib.Path, only: list[str] | None) -> list[Row]:
    """The rows of these names, all without; ends the program on an unknown one."""
    rows = all_rows(networks)
    if not only:
        return rows
    unknown = set(only) - {row.name for row in rows}
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}", file=sys.stderr)
        print("hint: " + ", ".join(row.name for row in rows), file=sys.stderr)
        sys.exit(2)
    return [row for row in rows if row.name in only]


def run_assay(program: pathlib.Path, row: Row, folder: pathlib.Path, *options: str | pathlib.Path,
              model: pathlib.Path | None = None) -> dict:
    """The report of `assay run`; ends the program if the run could not be carried out."""
    report = folder / "report.json"
    command = [program, "run", model or row.model, *options, "--report", report, "--silent"]
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode not in (_PASSED, _NOT_PASSED):
        sys.exit(f"{row.name}: exit code {done.returncode} of\n"
                 f"{' '.join(map(str, command))}\n{done.stdout}")
    return json.loads(report.read_text())


def repeat_inputs(inputs: pathlib.Path, times: int, repeated: pathlib.Path) -> None:
    """Writes the iterations of a file of inputs several times over."""
    repeated.write_text(json.dumps(json.loads(inputs.read_text()) * times))


def machine() -> str:
    return f"{_cpu_name()}, {len(os.sched_getaffinity(0))} CPUs"


def scientific(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1e}"


def _cpu_name() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown CPU"
