"""Pictures with the statistics of photographs, made from a seed.

Dead leaves: shaded discs and half-planes of every size, each hiding what lies behind it, give the
sharp edges and the 1/f spectrum of natural scenes; smooth noise and a little grain lie on top.
"""

from __future__ import annotations

import numpy as np

# Of the ImageNet training set, as torchvision and transformers normalize their inputs.
IMAGENET_MEAN = np.array([0.485, 0.456, 0.406])
IMAGENET_STD = np.array([0.229, 0.224, 0.225])


def photograph(height: int, width: int, seed: int) -> np.ndarray:
    """RGB in [0, 1], shape (3, height, width), float64."""
    generator = np.random.Generator(np.random.PCG64([seed, height, width]))
    rows, columns = np.mgrid[0:height, 0:width]
    extent = max(height, width)
    picture = np.broadcast_to(generator.uniform(0.2, 0.8, 3)[:, None, None], (3, height, width))
    # Radii fall off as 1/r^3, large ones first so that they do not hide everything.
    radii = extent / np.sqrt(np.linspace(4.0, 2500.0, 180))
    for radius in radii:
        y, x = generator.uniform(0, height), generator.uniform(0, width)
        angle, flatness = generator.uniform(0, np.pi), generator.uniform(0.4, 1.0)
        along = (columns - x) * np.cos(angle) + (rows - y) * np.sin(angle)
        across = (rows - y) * np.cos(angle) - (columns - x) * np.sin(angle)
        inside = along**2 + (across / flatness) ** 2 < radius**2
        colour = generator.uniform(0.0, 1.0, 3)
        shade = 1.0 + 0.3 * along / radius
        picture = np.where(inside, colour[:, None, None] * shade, picture)
    grain = 0.02 * generator.standard_normal((3, height, width))
    return np.clip(picture + _smooth_noise(generator, height, width) + grain, 0.0, 1.0)


def normalized_photographs(count: int, height: int, width: int, seed: int) -> np.ndarray:
    """A batch as networks trained on ImageNet take it: (count, 3, height, width), float32."""
    batch = np.stack([photograph(height, width, seed + index) for index in range(count)])
    normalized = (batch - IMAGENET_MEAN[:, None, None]) / IMAGENET_STD[:, None, None]
    return normalized.astype(np.float32)


def _smooth_noise(generator: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Illumination that varies slowly: a few plane waves, the same in every colour."""
    rows, columns = np.mgrid[0:height, 0:width] / max(height, width)
    noise = np.zeros((height, width))
    for frequency in (0.5, 1.0, 2.0, 4.0):
        angle, phase = generator.uniform(0, 2 * np.pi, 2)
        wave = rows * np.cos(angle) + columns * np.sin(angle)
        noise += 0.08 / frequency * np.sin(2 * np.pi * frequency * wave + phase)
    return noise
