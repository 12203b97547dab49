"""Compares Assay's operator table with the schemas of the onnx package, and of ONNX Runtime for the
operators that it adds.

usage: compare_schemas.py PRINT_SCHEMAS

For every operator of the table: the opset versions it has, and for each of them the inputs and outputs
(number, optional or variadic, permitted element types), the attributes, their kinds and defaults. Types
that the table permits beyond the standard are no difference: versions that differ in nothing else share
one schema.
"""

import collections
import json
import subprocess
import sys
import types

import onnx
from onnxruntime.capi.onnxruntime_pybind11_state import get_all_operator_schema

KINDS = ["INT", "FLOAT", "STRING", "TENSOR", "GRAPH", "INTS", "FLOATS", "STRINGS", "TYPE_PROTO"]

# Differences on purpose: (operator, version, what) to the reason.
DELIBERATE = {
    ("Concat", 1, "attribute axis"): "the text of the standard gives the default 1, its schema none",
    ("Split", 1, "attribute axis"): "the text of the standard gives the default 0, its schema none",
    ("GRU", 1, "output Y_h"): "the standard requires it, leaving it out does no harm",
    ("GRU", 1, "attribute direction"): "the schema writes its default as \"foward\"",
}
# Operators that passes make; models cannot name them.
OWN_DOMAIN = "assay"
# Attributes that reading a model resolves before an operator sees them, and defaults that the operator
# fills in itself.
RESOLVED = {("Constant", "sparse_value"), ("RNN", "activations")}


def standard_schemas():
    schemas = collections.defaultdict(dict)
    for schema in onnx.defs.get_all_schemas_with_history():
        schemas[schema.domain, schema.name][schema.since_version] = schema
    for key, schema in runtime_schemas():
        schemas.setdefault(key, {1: schema})
    return schemas


def default_of(attribute):
    value = onnx.AttributeProto()
    value.ParseFromString(attribute._default_value)
    return value


def runtime_schemas():
    """The schemas of ONNX Runtime in the form of the onnx package's."""
    for schema in get_all_operator_schema():
        params = {
            kind: [
                types.SimpleNamespace(name=p.name, option=p.option, type_str=p.typeStr)
                for p in getattr(schema, kind)
            ]
            for kind in ("inputs", "outputs")
        }
        attributes = {
            name: types.SimpleNamespace(
                type=a.type,
                required=a.required,
                default_value=default_of(a),
            )
            for name, a in schema.attributes.items()
        }
        yield (schema.domain, schema.name), types.SimpleNamespace(
            deprecated=schema.deprecated,
            type_constraints=schema.type_constraints,
            attributes=attributes,
            **params,
        )


def element_types(param, schema):
    """Numbers of the element types that a tensor given for a formal parameter may have."""
    names = next(
        (t.allowed_type_strs for t in schema.type_constraints if t.type_param_str == param.type_str),
        [param.type_str],
    )
    numbers = set()
    for name in names:
        if name.startswith("tensor("):
            numbers.add(onnx.TensorProto.DataType.Value(name[len("tensor(") : -1].upper()))
    return numbers


def compare_params(kind, own, params, schema):
    """Yields differences. A variadic parameter of at least one may be written as one and the rest."""
    own = list(own)
    if len(own) == len(params) + 1 and own[-1]["arity"] == 2 and own[-2]["arity"] == 0:
        own.pop(-2)
    if len(own) != len(params):
        yield kind, f"{len(own)} instead of {len(params)}"
        return
    for mine, param in zip(own, params):
        if mine["arity"] != int(param.option.value):
            yield f"{kind} {param.name}", f"arity {mine['arity']} instead of {param.option}"
        lacking = element_types(param, schema) - set(mine["types"])
        if lacking:
            yield f"{kind} {param.name}", f"lacks the element types {sorted(lacking)}"


def compare_attributes(op, own, schema):
    for name, attribute in schema.attributes.items():
        if (op, name) in RESOLVED:
            continue
        what = f"attribute {name}"
        if name not in own:
            yield what, "is missing"
            continue
        mine = own[name]
        default = None
        if attribute.default_value.type:
            default = onnx.helper.get_attribute_value(attribute.default_value)
            default = default.decode() if isinstance(default, bytes) else default
        if KINDS[mine["kind"]] != attribute.type.name:
            yield what, f"kind {KINDS[mine['kind']]} instead of {attribute.type.name}"
        if mine["required"] != attribute.required:
            yield what, f"required is {mine['required']}"
        equal = mine["default"] == default
        if isinstance(default, float) and mine["default"] is not None:
            equal = abs(mine["default"] - default) <= 1e-7 * abs(default)
        if not equal:
            yield what, f"default {mine['default']} instead of {default}"
    for name in own:
        if name not in schema.attributes:
            yield f"attribute {name}", "does not exist in the standard"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    lines = subprocess.run(sys.argv[1:], check=True, capture_output=True, text=True).stdout
    table = collections.defaultdict(list)
    for line in lines.splitlines():
        schema = json.loads(line)
        table[schema["domain"], schema["op"]].append(schema)
    standard = standard_schemas()
    differences = []
    met = set()
    for key, schemas in table.items():
        op = key[1]
        if key[0] == OWN_DOMAIN:
            continue
        if key not in standard:
            differences.append(f"{op}: not in the standard")
            continue
        versions = {version for schema in schemas for version in schema["versions"]}
        wanted = {v for v, schema in standard[key].items() if not schema.deprecated}
        for version in sorted(wanted - versions):
            differences.append(f"{op} {version}: is missing")
        for version in sorted(versions - set(standard[key])):
            differences.append(f"{op} {version}: does not exist in the standard")
        for schema in schemas:
            for version in schema["versions"]:
                theirs = standard[key].get(version)
                if theirs is None:
                    continue
                found = [
                    *compare_params("input", schema["inputs"], theirs.inputs, theirs),
                    *compare_params("output", schema["outputs"], theirs.outputs, theirs),
                    *compare_attributes(op, schema["attributes"], theirs),
                ]
                for what, difference in found:
                    if (op, version, what) in DELIBERATE:
                        met.add((op, version, what))
                    else:
                        differences.append(f"{op} {version}, {what}: {difference}")
    for unmet in set(DELIBERATE) - met:
        if ("", unmet[0]) in table:
            differences.append(f"{unmet}: listed as deliberate, but there is no difference")
    print("\n".join(differences))
    print(f"{len(table)} operators compared with onnx {onnx.__version__}")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
