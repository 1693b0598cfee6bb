"""Smooth, repeatable randomness: what bends borders, roads and hills alike.

A sum of plane waves rather than a grid of random values: it can be asked anywhere, in any order, and
gives the same answer, so two polygons that share a point still share it after being bent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.demo.features import Floats


@dataclass(frozen=True)
class Noise:
    """A random smooth field over the plane; ``amplitude`` is its standard deviation."""

    waves: Floats
    phases: Floats
    amplitude: float

    @classmethod
    def make(cls, rng: np.random.Generator, wavelength_m: float, amplitude: float, count: int = 9) -> Noise:
        """A field whose features are about ``wavelength_m`` across."""
        angle = np.pi * (np.arange(count) + rng.uniform(0, 1, count)) / count
        length = 2 * np.pi / (wavelength_m * rng.uniform(0.75, 1.4, count))
        waves = np.column_stack([np.cos(angle), np.sin(angle)]) * length[:, None]
        return cls(waves, rng.uniform(0, 2 * np.pi, count), amplitude * np.sqrt(2 / count))

    def __call__(self, x: Floats, y: Floats) -> Floats:
        """Values at points."""
        angles = np.multiply.outer(x, self.waves[:, 0]) + np.multiply.outer(y, self.waves[:, 1])
        return np.asarray(np.cos(angles + self.phases).sum(axis=-1) * self.amplitude)

    def grid(self, x: Floats, y: Floats) -> Floats:
        """Values on the raster of columns ``x`` and rows ``y``, shape (len(y), len(x))."""
        # cos(a + b) by its parts: two matrix products instead of a cosine for every wave and cell
        a, b = np.outer(self.waves[:, 0], x) + self.phases[:, None], np.outer(y, self.waves[:, 1])
        return np.asarray((np.cos(b) @ np.cos(a) - np.sin(b) @ np.sin(a)) * self.amplitude)


@dataclass(frozen=True)
class Warp:
    """Bends the plane without folding it: straight limits and roads come out natural."""

    octaves: tuple[tuple[Noise, Noise], ...]

    @classmethod
    def make(cls, rng: np.random.Generator, octaves: tuple[tuple[float, float], ...]) -> Warp:
        """From (wavelength, displacement) pairs, metres. Keep displacement under a tenth of the wavelength."""
        return cls(tuple((Noise.make(rng, *pair), Noise.make(rng, *pair)) for pair in octaves))

    def __call__(self, xy: Floats) -> Floats:
        """Points (n, 2) moved, rounded to the millimetre so that equal points stay equal."""
        moved = xy.copy()
        for east, north in self.octaves:
            moved[:, 0] += east(xy[:, 0], xy[:, 1])
            moved[:, 1] += north(xy[:, 0], xy[:, 1])
        return np.round(moved, 3)
