"""What a case of an operator of ONNX Runtime is made of."""

import dataclasses
import typing

import numpy as np


@dataclasses.dataclass
class Case:
    name: str
    op: str
    inputs: typing.Callable  # of a random generator: arrays, None where left out
    attributes: dict
    outputs: list  # wanted or not
    rtol: float
    atol: float
    domain: str
    constants: tuple  # positions of inputs that are constants
    output_types: dict  # of outputs whose types ONNX Runtime does not infer

    def is_constant(self, position):
        return position in self.constants


class Cases(list):
    def add(self, op, name, inputs, outputs=1, rtol=1e-4, atol=1e-5, domain="com.microsoft",
            constants=(), output_types=(), **attributes):
        if isinstance(outputs, int):
            outputs = [True] * outputs
        self.append(Case(f"{op.lower()}_{name}", op, inputs, attributes, list(outputs), rtol, atol,
                         domain, constants, dict(output_types)))


def normal(rng, *shape, dtype=np.float32, scale=1.0):
    return (rng.standard_normal(shape) * scale).astype(dtype)


def bytes_of(rng, dtype, *shape, low=None, high=None):
    info = np.iinfo(dtype)
    low = info.min if low is None else low
    high = info.max if high is None else high
    return rng.integers(low, high + 1, shape, dtype=dtype)


def scalar(value, dtype=np.float32):
    return np.array(value, dtype)
