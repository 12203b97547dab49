"""Writes the .npy, .npz and .json files of this folder with numpy and Polygraphy.

Needs polygraphy, numpy and ml_dtypes. The tests of src/tensor/ read these files and compare what
Assay writes with them byte for byte, so a new release must not change them silently.
"""

import base64
import io
import json
import os
import struct
import zipfile
from collections import OrderedDict

import ml_dtypes
import numpy as np
from polygraphy.comparator import IterationResult, RunResults
from polygraphy.comparator.struct import LazyArray
from polygraphy.json import save_json
from polygraphy.json.serde import IterationWriter
from polygraphy.logger import G_LOGGER

G_LOGGER.module_severity = G_LOGGER.CRITICAL
FOLDER = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(FOLDER, name)


def write(name, data):
    with open(path(name), "wb") as file:
        file.write(data)


def npy(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, allow_pickle=False)
    return file.getvalue()


def make_npy():
    values = np.arange(24).reshape(2, 3, 4)
    np.save(path("float32.npy"), values.astype(np.float32) / 8)
    np.save(path("float16_big_endian.npy"), (values.astype(np.float32) / 8).astype(">f2"))
    np.save(path("int32_fortran.npy"), np.asfortranarray(values.astype(np.int32)))
    np.save(path("int64_big_endian_fortran.npy"), np.asfortranarray(values.astype(">i8") - 7))
    np.save(path("complex64_big_endian.npy"), np.array([1 + 2j, -3.5 - 4j], dtype=">c8"))
    np.save(path("bool.npy"), values % 3 == 0)
    np.save(path("scalar.npy"), np.float64(0.1))
    np.save(path("empty.npy"), np.zeros((0, 5), np.uint8))
    np.save(path("text.npy"), np.array([["a", "héllo"], ["", "€😀"]]))
    np.save(path("text_fortran_big_endian.npy"), np.asfortranarray(np.array([["a", "bc"], ["def", "g"]], dtype=">U3")))
    np.save(path("bytes.npy"), np.array([b"\xff\xfe", b"ab\x00c", b""]))
    write("version2.npy", npy(values.astype(np.uint16), (2, 0)))
    write("version3.npy", npy(values.astype(np.uint16), (3, 0)))
    np.save(path("object.npy"), np.array([{}], dtype=object), allow_pickle=True)
    np.save(path("structured.npy"), np.zeros(2, [("a", "<f4"), ("b", "<i4", (2,))]))
    np.save(path("longdouble.npy"), np.zeros(2, np.longdouble))
    np.save(path("datetime.npy"), np.zeros(2, "<M8[ns]"))
    floats = np.array([-1.5, 0.25, 3.0, 448.0], np.float32)
    np.save(path("bfloat16_ml_dtypes.npy"), floats.astype(ml_dtypes.bfloat16))
    np.save(path("float8_e4m3fn_ml_dtypes.npy"), floats.astype(ml_dtypes.float8_e4m3fn))
    np.save(path("float8_e5m2_ml_dtypes.npy"), floats.astype(ml_dtypes.float8_e5m2))
    np.save(path("bfloat16_named.npy"), floats.astype(ml_dtypes.bfloat16).view([("bfloat16", "<u2")]))
    np.save(path("int4_named.npy"), np.array([-8, 7, 3, -1, 0], np.int8).view([("int4", "|i1")]))


def make_npz():
    a = np.arange(6, dtype=np.float32).reshape(2, 3)
    b = np.arange(1000, dtype=np.int64) % 7
    np.savez(path("stored.npz"), a=a, **{"/model/b": b})
    np.savez_compressed(path("deflated.npz"), a=a, b=b)
    np.savez(path("empty.npz"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.npy", npy(a))
    write("lzma.npz", file.getvalue())


def feed_dicts():
    first = OrderedDict()
    first["x"] = np.arange(6, dtype=np.float32).reshape(1, 2, 3) / 4
    first["ids"] = np.array([1, 2, 3], np.int64)
    second = OrderedDict()
    second["x"] = np.full((1, 2, 3), -0.5, np.float32)
    second["ids"] = np.array([], np.int64)
    return [first, second]


def run_results():
    results = RunResults()
    for name in ["onnxrt-runner-N0-01/02/26-03:04:05", 'tra"chten/é\\😀']:
        iterations = []
        for index in range(2):
            outputs = OrderedDict()
            outputs["y"] = np.arange(4, dtype=np.float32) + index
            outputs["mask"] = np.array([[True], [False]])
            outputs["half"] = np.array(1.5, np.float16)
            iterations.append(IterationResult(outputs, [0.001, 12.0][index], name))
        results.append((name, iterations))
    results.append(("nothing", []))
    results.append(("bare", [IterationResult({}, None, None)]))
    return results


def latin1(data):
    return data.decode("latin-1")


def make_json():
    save_json(feed_dicts(), path("inputs.json"))
    save_json(feed_dicts()[0], path("inputs_single.json"))
    save_json([], path("inputs_none.json"))
    save_json([{}], path("inputs_empty_iteration.json"))
    run_results().save(path("outputs.json"))
    RunResults().save(path("outputs_none.json"))

    marker = "polygraphy_serialized_json_type"
    a = np.arange(3, dtype=np.float32)
    archive = io.BytesIO()
    np.savez_compressed(archive, a)
    encoded = base64.b64encode(npy(a)).decode()
    legacy_array = {"array": latin1(npy(a)), "__polygraphy_encoded_ndarray": marker}
    legacy_archive = {"__polygraphy_encoded_ndarray": marker, "array": latin1(archive.getvalue())}
    base64_archive = {"array": base64.b64encode(archive.getvalue()).decode(), "polygraphy_class": "ndarray"}
    save_json([{"npy": legacy_array, "npz": legacy_archive, "npz64": base64_archive}], path("inputs_legacy.json"))
    iteration = {
        "outputs": {
            "lazy": {"values": {"array": encoded, "polygraphy_class": "ndarray"},
                     "__polygraphy_encoded_LazyNumpyArray": marker},
            "alias": {"polygraphy_class": "LazyNumpyArray",
                      "values": {"polygraphy_class": "ndarray", "array": encoded}},
            "bare": {"array": encoded, "__polygraphy_encoded_ndarray": marker},
        },
        "runtime": 1,
        "runner_name": "old-runner",
        "__polygraphy_encoded_IterationResult": marker,
    }
    # The alias is registered without the legacy prefix, so the first form is LazyArray's.
    iteration["outputs"]["lazy"]["__polygraphy_encoded_LazyArray"] = iteration["outputs"]["lazy"].pop(
        "__polygraphy_encoded_LazyNumpyArray")
    save_json({"lst": [["old-runner", [iteration]]], "__polygraphy_encoded_RunResults": marker},
              path("outputs_legacy.json"))
    save_json([{"x": {"tensor": "UEsDBA==", "polygraphy_class": "Tensor"}}], path("inputs_torch.json"))


def make_folders():
    for name in ["inputs_folder", "outputs_folder"]:
        folder = path(name)
        if os.path.isdir(folder):
            for file in os.listdir(folder):
                os.remove(os.path.join(folder, file))
    with IterationWriter(path("inputs_folder")) as writer:
        for feed_dict in feed_dicts():
            writer.append(feed_dict)
    with IterationWriter(path("outputs_folder")) as writer:
        for single in run_results().split():
            writer.append(single)


make_npy()
make_npz()
make_json()
make_folders()
