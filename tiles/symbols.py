"""The symbols that MapServer's styles refer to: hatch, shapes, and the letters that stand on lines."""

from __future__ import annotations

from functools import cache
from typing import Any

from layers.catalogue import catalogue

# Closed outlines in a box of one by one, y downwards; "tick" is an open stroke.
SHAPES: dict[str, list[list[float]]] = {
    "square": [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]],
    "triangle": [[0.5, 0], [1, 0.9], [0, 0.9], [0.5, 0]],
    "diamond": [[0.5, 0], [1, 0.5], [0.5, 1], [0, 0.5], [0.5, 0]],
    "cross": [[0.5, 0], [0.5, 1], [-99, -99], [0, 0.5], [1, 0.5]],
    "tick": [[0.5, 0], [0.5, 1]],
}
OPEN_SHAPES = {"cross", "tick"}


def symbols() -> list[dict[str, Any]]:
    """The symbols that styles refer to."""
    drawn: list[dict[str, Any]] = [
        {"__type__": "symbol", "name": "hatch", "type": "HATCH"},
        {"__type__": "symbol", "name": "circle", "type": "ELLIPSE", "filled": True, "points": [[1, 1]]},
    ]
    for name, points in SHAPES.items():
        drawn.append(
            {
                "__type__": "symbol",
                "name": name,
                "type": "VECTOR",
                "filled": name not in OPEN_SHAPES,
                "points": points,
            }
        )
    drawn += [
        {
            "__type__": "symbol",
            "name": letter_symbol(letter),
            "type": "TRUETYPE",
            "font": "bold",
            "character": letter,
        }
        for letter in letters()
    ]
    return drawn


@cache
def letters() -> tuple[str, ...]:
    """The letters that rules of the catalogue put on lines."""
    markers = [rule.marker for layer in catalogue().values() for rule in layer.style if rule.marker]
    return tuple(sorted({marker.letter for marker in markers if marker.letter}))


def letter_symbol(letter: str) -> str:
    """Name of the symbol of a letter."""
    return f"letter-{letter}"
