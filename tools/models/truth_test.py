"""Tests of `assay run --reference` on whole networks, against two other float64 computations.

  truth_test.py PATH-OF-ASSAY [unittest options]

One is PyTorch, run in float64 on the small networks in tests/data/pytorch; the other is the trace
that the network makers take their statistics from. Neither shares code with Assay.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np
from polygraphy.comparator import RunResults
from polygraphy.logger import G_LOGGER

from graph_builder import ExportOptions, GraphBuilder
from input_files import save_inputs
from networks import ImageNetwork, known_networks, make_model

_REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
_PYTORCH_FILES = _REPOSITORY / "tests" / "data" / "pytorch"
_NETWORKS = known_networks(_REPOSITORY / "models" / "minilm")
_VARIANTS = (
    ExportOptions(), ExportOptions(dynamic=True), ExportOptions(opset=13),
    ExportOptions(opset=20), ExportOptions(fold_batch_norm=False),
)
# Of float64 itself over a few dozen layers; of the trace's erf, interpolated to 3e-12; and of the
# weights and constants that PyTorch computed in float64 and exported in float32.
_ROUNDING, _ERF, _EXPORT = 1e-13, 1e-10, 1e-6

G_LOGGER.module_severity = G_LOGGER.CRITICAL
program = pathlib.Path()


def _truth(model: pathlib.Path, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Outputs of the exact reference, float64."""
    folder = model.parent
    save_inputs(inputs, folder / "in.json")
    command = [program, "run", model, "--reference", "--load-inputs", folder / "in.json",
               "--save-outputs", folder / "out.json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode}\n{done.stdout[-2000:]}")
    ((_, iterations),) = RunResults.load(str(folder / "out.json")).items()
    return {name: np.asarray(array) for name, array in iterations[0].items()}


def _relative_error(actual: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))


class TruthTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_is_what_pytorch_computes_in_float64(self):
        for name in ("segmenter_opset18", "encoder_opset18", "encoder_opset20"):
            with self.subTest(name=name):
                arrays = dict(np.load(_PYTORCH_FILES / f"{name.split('_')[0]}.npz"))
                inputs = {key: arrays.pop(key) for key in ("picture", "ids", "mask")
                          if key in arrays}
                model = self.folder / "model.onnx"
                model.write_bytes((_PYTORCH_FILES / f"{name}.onnx").read_bytes())
                truth = _truth(model, inputs)
                self.assertEqual(set(truth), set(arrays))
                for key, expected in arrays.items():
                    self.assertEqual(truth[key].dtype, np.float64)
                    self.assertLess(_relative_error(truth[key], expected), _EXPORT)

    def test_is_what_the_trace_computed(self):
        for name, network in _NETWORKS.items():
            if not (name.endswith("_tiny") and isinstance(network, ImageNetwork)):
                continue
            parameters = network.parameters()
            inputs = network.sample_inputs()
            picture = inputs[network.input_name]
            for options in _VARIANTS:
                with self.subTest(name=name, options=options):
                    builder = GraphBuilder(parameters, options)
                    x = builder.input(
                        network.input_name, picture.shape, picture.shape, data=picture
                    )
                    expected = network.build(builder, x, network.config).data
                    model, _ = make_model(network, parameters, name, options)
                    path = self.folder / "model.onnx"
                    path.write_bytes(model.SerializeToString())
                    (truth,) = _truth(path, inputs).values()
                    has_erf = any(node.op_type in ("Erf", "Gelu") for node in model.graph.node)
                    self.assertLess(
                        _relative_error(truth, expected), _ERF if has_erf else _ROUNDING
                    )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("truth_test.py: name the program first")
    program = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
