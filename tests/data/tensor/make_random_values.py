"""Prints the table of src/tensor/random_test.cc: what Polygraphy's default data loader generates.

Needs polygraphy and numpy. Each line is one data loader run: the CRC-32 of all input buffers, one
after the other.
"""

import math
import zlib

import numpy as np
from polygraphy.common import TensorMetadata
from polygraphy.comparator import DataLoader
from polygraphy.datatype import DataType
from polygraphy.logger import G_LOGGER

G_LOGGER.module_severity = G_LOGGER.CRITICAL
INF = math.inf

ALL = ["FLOAT16", "FLOAT32", "FLOAT64", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32",
       "UINT64", "BOOL"]
SIGNED = {"INT8": 8, "INT16": 16, "INT32": 32, "INT64": 64}
UNSIGNED = {"UINT8": 8, "UINT16": 16, "UINT32": 32, "UINT64": 64}


def crc(inputs, seed, iteration, val_range):
    metadata = TensorMetadata()
    for name, (dtype, shape) in inputs.items():
        metadata.add(name, getattr(DataType, dtype), shape)
    loader = DataLoader(seed=seed, iterations=iteration + 1, val_range=val_range)
    loader.input_metadata = metadata
    value = 0
    for array in loader[iteration].values():
        value = zlib.crc32(np.ascontiguousarray(array).tobytes(), value)
    return value


def show(dtype, low, high, seed=1, iteration=0, shape=(3, 5, 7)):
    value = crc({"x": (dtype, shape)}, seed, iteration, (low, high))
    print(f'    {{"{dtype.lower()}", "[{low},{high}]", {seed}, {iteration}, 0x{value:08x}}},')


for dtype in ALL:
    show(dtype, 0.0, 1.0)
    show(dtype, 0, 1, seed=4294967295)
    show(dtype, 0, 1, seed=0, iteration=3)
for dtype in ["FLOAT16", "FLOAT32", "FLOAT64"]:
    for low, high in [(-1, 1), (-3.5, 1e4), (-INF, INF), (2, INF), (-INF, 2), (5, -5), (0, 1e300)]:
        show(dtype, low, high)
for dtype, bits in SIGNED.items():
    for low, high in [(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1), (-5, 100), (-3.9, 3.9), (7, 7)]:
        show(dtype, low, high)
for dtype, bits in UNSIGNED.items():
    for low, high in [(0, 2**bits - 1), (1, 2**bits - 1), (3, 9), (200, 200)]:
        show(dtype, low, high)
for low, high in [(-(2**31), 2**31 - 1), (0, 2**32), (-(2**62), 2**62)]:
    show("INT64", low, high)
show("UINT64", 2**63, 2**63 + 2**33)
for low, high in [(0, 0), (1, 1), (-5, 5)]:
    show("BOOL", low, high)

mixed = {
    "a": ("FLOAT32", (2, 3)),
    "b": ("INT8", (5,)),
    "c": ("BOOL", (33,)),
    "d": ("UINT16", (3,)),
    "e": ("INT64", ()),
    "f": ("FLOAT16", (0, 4)),
    "g": ("FLOAT64", (7,)),
}
ranges = {"": (-2, 2), "b": (0, 9), "c": (0, 1), "d": (0, 65535)}
print(f"mixed: 0x{crc(mixed, 1, 2, ranges):08x}")
print("text:", np.random.RandomState(3).random_sample(3).astype(str).tolist())
print("first:", [x.hex() for x in np.random.RandomState(1).random_sample(3).tolist()])
