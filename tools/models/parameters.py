"""Seeded weights, the same on every machine and for every export variant of a network."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable

import numpy as np

# Bits kept of what was measured in float64. Machines differ in the last bits of a float64 sum; at
# this precision the measured value is the same everywhere unless it falls within 1e-12 of a
# rounding boundary.
_SIGNIFICAND_BITS = 11


def round_significand(values: np.ndarray) -> np.ndarray:
    """float32 values with the significand of float16 and the range of float32."""
    fraction, exponent = np.frexp(np.asarray(values, np.float64))
    scale = 2.0**_SIGNIFICAND_BITS
    return np.ldexp(np.rint(fraction * scale) / scale, exponent).astype(np.float32)


Initializer = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def normal(std: float, mean: float = 0.0) -> Initializer:
    """Normal, cut at two standard deviations as `trunc_normal_` does."""

    def draw(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        values = generator.standard_normal(shape)
        while (outside := np.abs(values) > 2).any():
            values[outside] = generator.standard_normal(int(outside.sum()))
        return mean + std * values

    return draw


def kaiming_normal(fan: int) -> Initializer:
    """He's initialization for layers before a rectifier."""
    deviation = math.sqrt(2.0 / fan)
    return lambda generator, shape: deviation * generator.standard_normal(shape)


def log_normal(sigma: float, gain: float = 1.0) -> Initializer:
    """Positive scales around `gain`, spread as trained normalization weights are."""
    return lambda generator, shape: gain * np.exp(sigma * generator.standard_normal(shape))


class Parameters:
    """The parameters of one network by their PyTorch names.

    A parameter is drawn when it is first asked for, from a stream of its own that depends on the
    seed and its name only. Measured parameters are set instead of drawn.
    """

    def __init__(self, seed: int):
        self._seed = seed
        self._arrays: dict[str, np.ndarray] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def __getitem__(self, name: str) -> np.ndarray:
        return self._arrays[name]

    def draw(self, name: str, shape: tuple[int, ...], initializer: Initializer) -> np.ndarray:
        if name not in self._arrays:
            stream = np.random.PCG64([self._seed, zlib.crc32(name.encode())])
            values = initializer(np.random.Generator(stream), shape)
            self._arrays[name] = np.ascontiguousarray(values, np.float32)
        array = self._arrays[name]
        if array.shape != tuple(shape):
            raise ValueError(f"parameter {name}: expected shape {shape}, got {array.shape}")
        return array

    def set(self, name: str, values: np.ndarray) -> None:
        self._arrays[name] = np.ascontiguousarray(values, np.float32)

    def set_measured(self, name: str, values: np.ndarray) -> None:
        self._arrays[name] = round_significand(values)
