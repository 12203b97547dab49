"""Reads the safetensors format: an 8-byte little-endian header length, JSON, then the data."""

from __future__ import annotations

import json
import pathlib

import numpy as np

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "u1"}


def read_safetensors(path: pathlib.Path) -> dict[str, np.ndarray]:
    """All tensors by name, as views of the mapped file."""
    data = np.memmap(path, np.uint8, mode="r")
    header_bytes = int(data[:8].view("<u8")[0])
    if header_bytes > data.size - 8:
        raise ValueError(f"{path}: header of {header_bytes} bytes in a file of {data.size}")
    header = json.loads(bytes(data[8 : 8 + header_bytes]))
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] not in _TYPES:
            raise ValueError(f"{path}: tensor {name} has unsupported type {entry['dtype']}")
        begin, end = (8 + header_bytes + offset for offset in entry["data_offsets"])
        dtype = np.dtype(_TYPES[entry["dtype"]])
        expected = int(np.prod(entry["shape"], dtype=np.int64)) * dtype.itemsize
        if end - begin != expected or end > data.size:
            raise ValueError(f"{path}: tensor {name} needs {expected} bytes, has {end - begin}")
        tensors[name] = np.frombuffer(data[begin:end], dtype).reshape(entry["shape"])
    return tensors
