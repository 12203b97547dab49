#!/usr/bin/env python3
"""Reads what write_files.cc wrote with numpy and Polygraphy and checks every value.

    read_files.py FOLDER
"""

import sys
import unittest
from pathlib import Path

import ml_dtypes
import numpy as np
from polygraphy.comparator import RunResults
from polygraphy.comparator.data_loader import StreamingDataLoader
from polygraphy.json import load_json
from polygraphy.logger import G_LOGGER

G_LOGGER.module_severity = G_LOGGER.CRITICAL
FOLDER = Path(sys.argv.pop(1))
NUMPY_TYPES = "float32 uint8 int8 uint16 int16 int32 int64 bool float16 float64 uint32 uint64".split()
# Types that numpy lacks: a field that is named by the type holds the bits or, for integers, the value.
NAMED_TYPES = ["bfloat16", "float8_e4m3fn", "float8_e5m2", "int4", "uint4", "float8_e4m3fnuz", "float6_e2m3fn",
               "float4_e2m1fn", "float8_e5m2fnuz"]


def counted(shape, modulus=3):
    return (np.arange(np.prod(shape, dtype=int)) % modulus).reshape(shape)


class FilesTest(unittest.TestCase):
    def check(self, array, shape, dtype, modulus=3):
        self.assertEqual(array.dtype, np.dtype(dtype))
        self.assertEqual(array.shape, shape)
        np.testing.assert_array_equal(array, counted(shape, modulus).astype(dtype))

    def check_all(self, arrays):
        expected = NUMPY_TYPES + NAMED_TYPES + ["scalar", "empty", "text", '/model/hé "0"']
        self.assertEqual(set(arrays.keys()), set(expected))
        for name in NUMPY_TYPES:
            self.check(arrays[name], (2, 5), name, 2 if name == "bool" else 3)
        for name in NAMED_TYPES:
            array = arrays[name]
            self.assertEqual(array.dtype.names, (name,))
            values = array[name].view(getattr(ml_dtypes, name)).astype(np.float32)
            np.testing.assert_array_equal(values, counted((2, 5)))
        self.check(arrays["scalar"], (), "float32")
        self.check(arrays["empty"], (0, 3), "float32")
        self.check(arrays['/model/hé "0"'], (3,), "float32")
        self.assertEqual(arrays["text"].tolist(), ["a", "€", ""])

    def check_inputs(self, iterations):
        self.assertEqual(len(iterations), 2)
        for iteration, (x, ids) in zip(iterations, [((1, 3, 4), (7,)), ((1, 3, 5), (1,))]):
            self.assertEqual(list(iteration.keys()), ["x", "ids"])
            self.check(iteration["x"], x, "float32")
            self.check(iteration["ids"], ids, "int64")

    def check_outputs(self, runs):
        self.assertEqual([name for name, _ in runs], ["first-runner", "second-runner"])
        for name, iterations in runs:
            self.assertEqual(len(iterations), 2)
            for index, iteration in enumerate(iterations):
                self.assertEqual(iteration.runner_name, name)
                self.assertEqual(iteration.runtime, 0.5 + index)
                self.check(iteration["y"], (2, 3), "float32")

    def test_numpy_reads_every_archive(self):
        for name in ["all", "deflated", "zip64", "zip64_deflated"]:
            with self.subTest(name), np.load(FOLDER / f"{name}.npz", allow_pickle=False) as archive:
                self.assertIsNone(archive.zip.testzip())
                self.check_all(dict(archive))

    def test_numpy_reads_npy(self):
        self.check(np.load(FOLDER / "one.npy"), (2, 5), "float32")

    def test_numpy_reads_archives_of_iterations_and_runs(self):
        with np.load(FOLDER / "inputs.npz") as archive:
            self.assertEqual(archive.files, ["0/x", "0/ids", "1/x", "1/ids"])
            self.check(archive["1/x"], (1, 3, 5), "float32")
        with np.load(FOLDER / "outputs.npz") as archive:
            self.assertEqual(archive[".runners"].tolist(), ["first-runner", "second-runner"])
            self.assertEqual(archive[".runtimes/1"].tolist(), [0.5, 1.5])
            self.check(archive["1/1/y"], (2, 3), "float32")

    def test_polygraphy_reads_every_type(self):
        self.check_all(load_json(str(FOLDER / "all.json"))[0])

    def test_polygraphy_reads_inputs(self):
        for name in ["inputs.json", "inputs"]:
            with self.subTest(name):
                self.check_inputs(list(StreamingDataLoader(str(FOLDER / name))))

    def test_polygraphy_reads_outputs(self):
        self.check_outputs(list(RunResults.load(str(FOLDER / "outputs.json")).items()))

    def test_polygraphy_reads_folders_of_outputs(self):
        joined = RunResults.concat(RunResults.load_streaming(str(FOLDER / "outputs")))
        self.check_outputs(list(joined.items()))


if __name__ == "__main__":
    unittest.main()
