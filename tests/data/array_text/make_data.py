#!/usr/bin/env python3
"""Writes arrays and what numpy prints for them (array_text.json), for the tests of report/array_text.

    python3 tests/data/array_text/make_data.py
"""
import base64
import io
import json
import pathlib

import numpy as np


def cases():
    rng = np.random.RandomState(3)
    for dtype in ("float32", "float64", "float16"):
        yield np.zeros((2, 3), dtype)
        yield np.array([0.5, -1, 2.25], dtype)
        yield np.array([1e-5, 1, 3], dtype)
        yield np.array([0.0001, 0.1, 0], dtype)
        yield np.array([0.00012, 0.11], dtype)
        yield np.array([1, 1000.5, 2], dtype)
        yield np.array([1, 1001.5, 0.001], dtype)
        yield np.array([np.nan, 1, np.inf], dtype)
        yield np.array([np.nan, -np.inf], dtype)
        yield np.array([-np.inf, 1.5, -0.0], dtype)
        yield np.array([np.inf, 1e-7], dtype)
        yield np.array([np.nan, np.nan], dtype)
        yield np.array(1.5, dtype)
        yield np.array(1e-7, dtype)
        yield np.array(np.nan, dtype)
        yield np.array([], dtype)
        yield np.zeros((2, 0, 3), dtype)
        yield np.zeros((1, 1, 1), dtype)
        yield rng.standard_normal((3, 4)).astype(dtype)
        yield rng.standard_normal((2, 2, 3, 5)).astype(dtype)
        yield rng.standard_normal(40).astype(dtype)
        yield (rng.standard_normal(30) * 10.0 ** rng.randint(-6, 4, 30)).astype(dtype)
        yield (rng.standard_normal((5, 6)) * 1e-4).astype(dtype)
    yield rng.standard_normal((40, 30)).astype("float16")
    yield rng.standard_normal((2, 3, 14, 13)).astype("float16")
    yield rng.standard_normal(1001).astype("float32")
    yield rng.standard_normal((1001, 1)).astype("float16")
    yield rng.standard_normal((4, 300)).astype("float16")
    yield np.float32([16777216, 123456789, 3e38])
    yield np.float32([99999999, 100000000])
    yield np.float64([1e300, 1e-300])
    yield np.float64([0.1, 1 / 3, 2 / 3])
    yield np.float64([123456.123456789, 1.0])
    yield np.float32([0.30000001192])
    yield np.float64(np.pi)
    yield np.float32(np.pi)
    yield np.float16([65504, 6e-8, 0.1])
    yield np.float16(0.1)
    for dtype in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"):
        info = np.iinfo(dtype)
        yield np.array([info.min, info.max, 0, 1], dtype)
        yield np.arange(30, dtype=dtype).reshape(5, 6)
    yield np.arange(1002, dtype=np.int16).reshape(2, 501)
    yield np.arange(200, dtype=np.int32) * 12345
    yield np.array(7)
    yield np.array([True, False, True])
    yield np.array([[True], [False]])
    yield np.array(True)
    yield np.zeros((60, 60), bool)
    yield np.array([], np.int64)
    yield np.array([], bool)


def encode(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return base64.b64encode(buffer.getvalue()).decode()


items = [{"npy": encode(np.asarray(a)), "str": str(np.asarray(a)), "repr": repr(np.asarray(a))} for a in cases()]
pathlib.Path(__file__).with_name("array_text.json").write_text(json.dumps(items, indent=0) + "\n")
