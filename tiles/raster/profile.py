"""The profile of the terrain along a line: heights at even distances, what it climbs and falls, and its chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString

from layers.catalogue import Layer
from layers.errors import VatraError
from tiles.raster import reading

MOST_SAMPLES, MOST_VERTICES, LONGEST_M = 2_000, 5_000, 200_000.0
WIDTH, HEIGHT, LEFT, BELOW, ABOVE, RIGHT = 760, 260, 56, 34, 16, 16
GRID_LINES = 4
Floats = NDArray[np.float64]


class ProfileError(VatraError):
    """The line cannot be sampled; the message says why."""


@dataclass(frozen=True)
class Profile:
    """Distances from the line's start and heights (m), slope to the next sample (%), places in EPSG:3844.

    Heights are NaN where the model has none; ``slopes`` has one value less than the others.
    """

    distances: Floats
    heights: Floats
    slopes: Floats
    places: Floats

    def as_json(self) -> dict[str, Any]:
        """For programs: lengths in metres, ``null`` for unknown heights."""
        known = self.heights[np.isfinite(self.heights)]
        steps = np.diff(known)
        return {
            "crs": "EPSG:3844",
            "length_m": round(float(self.distances[-1]), 3),
            "height_min_m": round(float(known.min()), 2),
            "height_max_m": round(float(known.max()), 2),
            "climb_m": round(float(steps[steps > 0].sum()), 2),
            "fall_m": round(float(-steps[steps < 0].sum()), 2),
            "slope_max_pct": _number(np.nanmax(np.abs(self.slopes), initial=0.0)),
            "samples": [
                {
                    "distance_m": round(float(distance), 3),
                    "height_m": _number(height),
                    "slope_pct": _number(slope),
                    "x": round(float(x), 3),
                    "y": round(float(y), 3),
                }
                for distance, height, slope, (x, y) in zip(
                    self.distances, self.heights, [*self.slopes, np.nan], self.places, strict=True
                )
            ],
        }


def check_line(coordinates: Sequence[Sequence[float]]) -> LineString:
    """The line through these places (EPSG:3844, x = east). Raises ProfileError."""
    if not 2 <= len(coordinates) <= MOST_VERTICES:
        raise ProfileError(f"a line has 2 to {MOST_VERTICES} vertices, this has {len(coordinates)}")
    line = LineString([place[:2] for place in coordinates])
    if not np.isfinite(line.length) or not 0 < line.length <= LONGEST_M:
        raise ProfileError(
            f"the line is {line.length:.0f} m long; a profile has up to {LONGEST_M:.0f} m and more than 0"
        )
    return line


def profile(layer: Layer, line: LineString, samples: int, day: date) -> Profile:
    """Heights at ``samples`` places, evenly along the line, start and end among them.

    Raises ProfileError for a wrong number, OutsideRaster where the model holds nothing of the line, BrokenLayer.
    """
    if not 2 <= samples <= MOST_SAMPLES:
        raise ProfileError(f"samples: 2 to {MOST_SAMPLES}, found {samples}")
    distances = np.linspace(0, line.length, samples)
    places = shapely.get_coordinates(shapely.line_interpolate_point(line, distances))
    found = reading.files(layer, day, line.bounds, 3844)
    heights = reading.heights(layer, found, places)
    if not np.isfinite(heights).any():
        raise reading.OutsideRaster(f"{layer.id} has no heights along this line")
    return Profile(distances, heights, np.diff(heights) / np.diff(distances) * 100, places)


def chart(drawn: Profile, title: str) -> str:
    """The profile as SVG, axes in metres; gaps where heights are unknown."""
    known = drawn.heights[np.isfinite(drawn.heights)]
    low, high = float(known.min()), float(known.max())
    margin = max((high - low) * 0.08, 1.0)
    low, high = low - margin, high + margin
    length = float(drawn.distances[-1])
    across, down = (WIDTH - LEFT - RIGHT) / length, (HEIGHT - ABOVE - BELOW) / (high - low)

    def at(distance: float, height: float) -> str:
        return f"{LEFT + distance * across:.1f},{ABOVE + (high - height) * down:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' role="img" font-family="Noto Sans, sans-serif" font-size="11"><title>{escape(title)}</title>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    ]
    for height in _round_values(low, high):
        y = ABOVE + (high - height) * down
        parts.append(
            f'<path d="M{LEFT},{y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#333">{metres(height)}</text>'
        )
    for distance in _round_values(0, length):
        x = LEFT + distance * across
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="middle" fill="#333">{metres(distance)}</text>'
        )
    for run in _runs(drawn.heights):
        line = " ".join(at(float(drawn.distances[i]), float(drawn.heights[i])) for i in run)
        first, last = at(float(drawn.distances[run[0]]), low), at(float(drawn.distances[run[-1]]), low)
        parts.append(f'<polygon points="{first} {line} {last}" fill="#d9c9a3"/>')
        parts.append(f'<polyline points="{line}" fill="none" stroke="#6b4a1f" stroke-width="1.6"/>')
    return "".join([*parts, "</svg>"])


def metres(value: float) -> str:
    """A length as Romanian writes it: ``10.000 m``, ``2,5 m``."""
    return f"{value:,g}".translate(str.maketrans(",.", ".,")) + "\u00a0m"


def _round_values(low: float, high: float) -> list[float]:
    """Round numbers between the two, about ``GRID_LINES`` of them."""
    rough = (high - low) / GRID_LINES
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    return [step * place for place in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _runs(heights: Floats) -> list[Sequence[int]]:
    """Indices of samples with heights, run by run."""
    known = np.flatnonzero(np.isfinite(heights))
    return [run.tolist() for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)]


def _number(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None
