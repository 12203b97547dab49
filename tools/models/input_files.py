"""Writes model inputs as .npz or as Polygraphy's JSON (a list of runs, arrays as base64 .npy)."""

from __future__ import annotations

import base64
import io
import json
import pathlib

import numpy as np


def save_inputs(inputs: dict[str, np.ndarray], path: pathlib.Path) -> None:
    if path.suffix == ".npz":
        np.savez(path, **inputs)
    elif path.suffix == ".json":
        run = {name: _encoded(array) for name, array in inputs.items()}
        path.write_text(json.dumps([run]) + "\n")
    else:
        raise ValueError(f"{path}: expected a name that ends in .npz or .json")


def _encoded(array: np.ndarray) -> dict[str, str]:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    text = base64.b64encode(file.getvalue()).decode()
    return {"array": text, "polygraphy_class": "ndarray"}
