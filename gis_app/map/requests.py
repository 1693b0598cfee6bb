"""What the map page's script asks for, parsed once into frozen values."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from gis_app import access
from gis_app.api.models import BOX, PRINTABLE, Strict
from layers.outlines import Reference

FEATURE = r"^[a-z]+\.[a-z_]+:\d{1,18}$"
# Of one report; a check of a large area finds more, and the map lights the first.
MOST_FEATURES = 300


class Typed(Strict):
    """What stands in the search box, and the day the map shows."""

    q: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=PRINTABLE)
    ]
    day: date | None = None


def _box(text: str) -> tuple[float, float, float, float]:
    west, south, east, north = (float(part) for part in text.split(","))
    return west, south, east, north


def _is_box(text: str) -> str:
    west, south, east, north = _box(text)
    if not (west < east and south < north):
        raise ValueError("bbox is min x, min y, max x, max y")
    return text


class Wanted(Strict):
    """Features to light up, ``layer:id`` each, and the box (EPSG:3844) to cut them to."""

    f: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=FEATURE)], ...],
        Field(min_length=1, max_length=MOST_FEATURES),
    ]
    bbox: Annotated[str, StringConstraints(pattern=BOX), AfterValidator(_is_box)]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """min x, min y, max x, max y."""
        return _box(self.bbox)

    def references(self) -> list[Reference]:
        """The features of layers that the caller sees; the others do not exist for them."""
        seen = access.visible_layers()
        pairs = dict.fromkeys(text.rpartition(":")[::2] for text in self.f)
        return [Reference(seen[layer], int(number)) for layer, number in pairs if layer in seen]
