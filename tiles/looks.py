"""A short name for how layers are drawn: pictures that are kept bear it, so a new look never shows old pictures.

It is made from what MapServer is told: classes, symbols and statements, not from the style alone, so that it also
changes where the same style is drawn differently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from functools import cache

from tiles import mapfile, selection
from tiles.fonts import FONTSET
from tiles.picture import MARGIN_PX
from tiles.ranges import bounds
from tiles.symbols import symbols
from tiles.themes import Entry

# Raised when pictures change in a way that neither mapfile nor statements tell: they are then all drawn anew.
EDITION = 2
_ANY_DAY = date(2000, 1, 1)


def fingerprint(entries: Iterable[tuple[str, str]]) -> str:
    """Changes with the look of any of these (layer, look), or their order."""
    return _hashed((_common(), [_of_one(layer, look) for layer, look in entries]))


@cache
def _common() -> str:
    return _hashed((EDITION, MARGIN_PX, symbols(), FONTSET.read_text(encoding="utf-8")))


@cache
def _of_one(layer: str, look: str) -> str:
    entry = Entry(layer=layer, variant=look)
    statements = [
        selection.data(entry, primitive, _ANY_DAY, scale)
        for primitive in selection.primitives(entry.definition)
        for scale in bounds(entry)
    ]
    blocks = [mapfile.feature_layers(entry, pieces=pieces) for pieces in (False, True)]
    return _hashed((entry.definition.scale, blocks, statements))


def _hashed(parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
