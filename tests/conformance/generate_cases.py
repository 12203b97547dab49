"""Writes the test cases of the onnx package, one folder each.

usage: generate_cases.py NODES MODELS

NODES gets the cases of single operators that the package generates, MODELS the whole models that it brings
along (simple, pytorch-converted, pytorch-operator, light), with a case for every set of data.

<case>/model.onnx, input_<k>.pb, output_<k>.pb and tolerance.txt ("rtol atol"). A sequence stands in
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


def write_nodes(target):
    cases = [case for case in collect_testcases(None) if case.model is not None]
    for case in cases:
        write_case(case, target / case.name)
    return len(cases)


def copy_data(infos, data, kind, folder):
    """Copies files that are numbered like the inputs or outputs of a model."""
    for k, info in enumerate(infos):
        suffix = ".sequence.pb" if info.type.HasField("sequence_type") else ".pb"
        shutil.copy(data / f"{kind}_{k}.pb", folder / f"{kind}_{k}{suffix}")


def write_model_case(model, tolerance, folder, data):
    folder.mkdir()
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    (folder / "tolerance.txt").write_text(tolerance)
    initializers = {tensor.name for tensor in model.graph.initializer}
    inputs = [info for info in model.graph.input if info.name not in initializers]
    if data is not None:
        copy_data(inputs, data, "input", folder)
        copy_data(model.graph.output, data, "output", folder)
    return inputs


def light_input(info):
    """What the package's own runner takes for the models that it ships without weights."""
    shape = [dim.dim_value or 1 for dim in info.type.tensor_type.shape.dim]
    count = int(np.prod(shape))
    return (np.arange(count).reshape(shape) / count).astype(np.float32)


def write_models(target):
    count = 0
    root = pathlib.Path(onnx.__file__).parent / "backend/test/data"
    for kind in ("simple", "pytorch-converted", "pytorch-operator"):
        for source in sorted(path.parent for path in (root / kind).glob("*/model.onnx")):
            model = onnx.load(source / "model.onnx")
            for k, data in enumerate(sorted(source.glob("test_data_set_*"))):
                name = source.name if k == 0 else f"{source.name}_set_{k}"
                write_model_case(model, "1e-3 1e-7\n", target / name, data)
                count += 1
    for path in sorted((root / "light").glob("*.onnx")):
        folder = target / f"test_{path.stem}"
        inputs = write_model_case(onnx.load(path), "1e-3 1e-7\n", folder, None)
        for k, info in enumerate(inputs):
            write_value(light_input(info), folder / f"input_{k}", info.name)
        shutil.copy(path.with_name(f"{path.stem}_output_0.pb"), folder / "output_0.pb")
        count += 1
    return count


def write_all(target, write, what):
    stamp = target / "stamp"
    version = f"{onnx.__version__}, layout 2"
    if stamp.exists() and stamp.read_text() == version:
        return
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    count = write(target)
    stamp.write_text(version)
    print(f"{count} cases of {what} of onnx {onnx.__version__}")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write_all(pathlib.Path(sys.argv[1]), write_nodes, "single operators")
    write_all(pathlib.Path(sys.argv[2]), write_models, "whole models")


if __name__ == "__main__":
    main()
