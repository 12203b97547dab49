"""Writes the node test cases that the onnx package generates, one folder each.

usage: generate_cases.py FOLDER

FOLDER/<case>/model.onnx, input_<k>.pb, output_<k>.pb and tolerance.txt ("rtol atol"). A sequence stands in
input_<k>.sequence.pb, an empty optional is the empty file input_<k>.none, and an optional that holds
something is what it holds. A stamp with the version of onnx makes a second run do nothing.
"""

import pathlib
import shutil
import sys
import warnings

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

# The package warns about the infinities and overflows that its cases are made of.
warnings.simplefilter("ignore")


def write_value(value, path, name):
    if value is None:
        path.with_suffix(".none").touch()
        return
    if isinstance(value, onnx.TensorProto):
        path, proto = path.with_suffix(".pb"), value
    elif isinstance(value, (list, tuple)):
        path, proto = path.with_suffix(".sequence.pb"), numpy_helper.from_list(list(value), name)
    else:
        path, proto = path.with_suffix(".pb"), numpy_helper.from_array(np.asarray(value), name)
    path.write_bytes(proto.SerializeToString())


def write_case(case, folder):
    folder.mkdir()
    (folder / "model.onnx").write_bytes(case.model.SerializeToString())
    (folder / "tolerance.txt").write_text(f"{case.rtol} {case.atol}\n")
    inputs, outputs = case.data_sets[0]
    for kind, values, infos in (
        ("input", inputs, case.model.graph.input),
        ("output", outputs, case.model.graph.output),
    ):
        for k, (value, info) in enumerate(zip(values, infos)):
            write_value(value, folder / f"{kind}_{k}", info.name)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target = pathlib.Path(sys.argv[1])
    stamp = target / "stamp"
    version = f"{onnx.__version__}, layout 2"
    if stamp.exists() and stamp.read_text() == version:
        return
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    cases = [case for case in collect_testcases(None) if case.model is not None]
    for case in cases:
        write_case(case, target / case.name)
    stamp.write_text(version)
    print(f"{len(cases)} cases of onnx {onnx.__version__}")


if __name__ == "__main__":
    main()
