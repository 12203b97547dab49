"""Writes cases of the operators that ONNX Runtime adds to ONNX, with what it computes for them.

usage: generate_contrib_cases.py FOLDER [NAMEPART...]

The cases stand in contrib_cases.py and contrib_attention_cases.py. Each becomes a folder as of
generate_cases.py. Expected outputs are those of ONNX Runtime's CPU provider without optimisations. A
stamp with the version of ONNX Runtime and the sources of the cases makes a second run do nothing.
"""

import hashlib
import pathlib
import shutil
import sys
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import contrib_attention_cases
import contrib_cases


def tensor_of(value, name):
    """A tensor of a numpy array, or of (array, TensorProto type) for types that numpy lacks."""
    if isinstance(value, tuple):
        array, dtype = value
        return helper.make_tensor(name, dtype, array.shape, array.flatten().tolist())
    return numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name)


def model_of(case, inputs, output_types):
    names = ["" if tensor is None else tensor.name for tensor in inputs]
    while names and not names[-1]:
        names.pop()
    outputs = [f"y{k}" if wanted else "" for k, wanted in enumerate(case.outputs)]
    node = helper.make_node(case.op, names, outputs, domain=case.domain, **case.attributes)
    given = [tensor for tensor in inputs if tensor is not None]
    fed = [tensor for tensor in given if not case.is_constant(names.index(tensor.name))]
    graph = helper.make_graph(
        [node],
        case.name,
        [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in fed],
        [
            helper.make_tensor_value_info(name, output_types[name], None)
            if name in output_types
            else helper.make_empty_tensor_value_info(name)
            for name in outputs
            if name
        ],
        initializer=[tensor for tensor in given if tensor not in fed],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10), fed


def session_of(model):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def write_case(case, folder):
    rng = np.random.default_rng(zlib.crc32(case.name.encode()))
    values = case.inputs(rng)
    inputs = [None if v is None else tensor_of(v, f"x{k}") for k, v in enumerate(values)]
    model, fed = model_of(case, inputs, {f"y{k}": t for k, t in case.output_types.items()})
    session = session_of(model)
    types = {}
    for output in session.get_outputs():
        types[output.name] = TensorProto.DataType.Value(
            output.type.removeprefix("tensor(").removesuffix(")").upper()
        )
    results = session.run(None, {tensor.name: numpy_helper.to_array(tensor) for tensor in fed})
    model, fed = model_of(case, inputs, types)
    folder.mkdir()
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    (folder / "tolerance.txt").write_text(f"{case.rtol} {case.atol}\n")
    for k, tensor in enumerate(fed):
        (folder / f"input_{k}.pb").write_bytes(tensor.SerializeToString())
    for k, (result, output) in enumerate(zip(results, session.get_outputs())):
        proto = numpy_helper.from_array(np.asarray(result), output.name)
        (folder / f"output_{k}.pb").write_bytes(proto.SerializeToString())


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    target = pathlib.Path(sys.argv[1])
    parts = sys.argv[2:]
    digest = hashlib.sha256(onnxruntime.__version__.encode())
    for module in (contrib_attention_cases, contrib_cases, sys.modules[__name__]):
        digest.update(pathlib.Path(module.__file__).read_bytes())
    stamp = target / "stamp"
    if not parts and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    cases = [*contrib_cases.CASES, *contrib_attention_cases.CASES]
    failures = 0
    for case in cases:
        if parts and not any(part in case.name for part in parts):
            continue
        try:
            write_case(case, target / case.name)
        except Exception as error:  # whatever ONNX Runtime raises
            failures += 1
            print(f"{case.name}: {error}")
    if failures:
        sys.exit(f"{failures} cases could not be written")
    if not parts:
        stamp.write_text(digest.hexdigest())
    print(f"{len(cases)} cases of onnxruntime {onnxruntime.__version__}")


if __name__ == "__main__":
    main()
