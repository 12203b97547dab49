"""Lets assay_round_trip write every model there is and checks what was written.

usage: check_written.py PROGRAM CASES FOLDER

The models are those of the generated operator cases (CASES), of the onnx package's backend tests, and
of rapidocr where that is installed. A written model must pass onnx.checker, and ONNX Runtime must load
it, wherever they accept the original. FOLDER is made anew and removed at the end.
"""

import importlib.util
import pathlib
import shutil
import subprocess
import sys

import onnx
import onnxruntime


def package_folder(name):
    spec = importlib.util.find_spec(name)
    return pathlib.Path(spec.origin).parent if spec and spec.origin else None


def find_models(cases):
    models = sorted(cases.glob("*/model.onnx"))
    data = package_folder("onnx") / "backend" / "test" / "data"
    for folder in ("light", "simple", "pytorch-converted", "pytorch-operator"):
        models += sorted((data / folder).rglob("*.onnx"))
    if rapidocr := package_folder("rapidocr"):
        models += sorted((rapidocr / "models").glob("*.onnx"))
    return models


def complaint_of_checker(path):
    try:
        onnx.checker.check_model(str(path))
    except Exception as error:
        return f"onnx.checker: {error}"
    return None


def complaint_of_runtime(path):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    try:
        onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        return f"ONNX Runtime: {error}"
    return None


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    program, cases, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    models = find_models(cases)
    listing = "".join(f"{model}\n" for model in models)
    failures = subprocess.run([program, str(folder)], input=listing, text=True).returncode
    accepted = {complaint_of_checker: 0, complaint_of_runtime: 0}
    for number, model in enumerate(models):
        for judge in accepted:
            if judge(model) is not None:
                continue
            accepted[judge] += 1
            for written in (f"{number}.onnx", f"{number}.external.onnx"):
                complaint = judge(folder / written)
                if complaint is not None:
                    failures += 1
                    print(f"{model} as {written}: {complaint}")
    print(f"{len(models)} models; originals accepted by onnx.checker: "
          f"{accepted[complaint_of_checker]}, by ONNX Runtime: {accepted[complaint_of_runtime]}")
    shutil.rmtree(folder)
    sys.exit(1 if failures or not accepted[complaint_of_runtime] else 0)


main()
