"""Writes the node test cases that the onnx package generates, one folder each.

usage: generate_cases.py FOLDER

FOLDER/<case>/model.onnx, input_<k>.pb, output_<k>.pb and tolerance.txt ("rtol atol"). Values that are
no tensors (sequences, optionals) get no file; the runner counts their cases as not covered. A stamp
with the version of onnx makes a second run do nothing.
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


def to_proto(value, type_proto, name):
    if isinstance(value, onnx.TensorProto):
        return value
    if not type_proto.HasField("tensor_type") or isinstance(value, (list, dict)) or value is None:
        return None
    return numpy_helper.from_array(np.asarray(value), name)


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
            proto = to_proto(value, info.type, info.name)
            if proto is not None:
                (folder / f"{kind}_{k}.pb").write_bytes(proto.SerializeToString())


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target = pathlib.Path(sys.argv[1])
    stamp = target / "stamp"
    if stamp.exists() and stamp.read_text() == onnx.__version__:
        return
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    cases = [case for case in collect_testcases(None) if case.model is not None]
    for case in cases:
        write_case(case, target / case.name)
    stamp.write_text(onnx.__version__)
    print(f"{len(cases)} cases of onnx {onnx.__version__}")


if __name__ == "__main__":
    main()
