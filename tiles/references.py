"""The coordinate reference systems that maps are drawn in, and which stored geometry each is had from.

Every one is reached from a stored column without crossing a datum: EPSG:31700 has the coordinates of EPSG:3844,
and degrees are Web Mercator's own. So a map in any of them shows a feature where every other door puts it.
"""

from __future__ import annotations

from dataclasses import dataclass

from layers.errors import VatraError
from tiles.selection import MERCATOR_METRE, TRUE_METRE, GeometryColumn


class UnknownReference(VatraError):
    """Maps are not drawn in that coordinate reference system."""


@dataclass(frozen=True)
class Reference:
    """A CRS. ``north_first``: its registered axis order is north (or latitude) before east.

    ``projection`` is MapServer's, None where the stored column has these very coordinates. ``metre`` is how many
    metres of the map make one on the ground, as SQL over a feature ``f``.
    """

    name: str
    column: GeometryColumn
    north_first: bool
    projection: str | None = None
    degrees: bool = False
    metre: str = TRUE_METRE


REFERENCES: dict[str, Reference] = {
    reference.name: reference
    for reference in (
        Reference("EPSG:3844", "geom", True),
        Reference("EPSG:31700", "geom", True),
        Reference("EPSG:3857", "geom_3857", False, metre=MERCATOR_METRE),
        Reference("EPSG:4326", "geom_3857", True, "init=epsg:4326", True),
        Reference("EPSG:4258", "geom_3857", True, "init=epsg:4326", True),
        Reference("CRS:84", "geom_3857", False, "init=epsg:4326", True),
        Reference("EPSG:3035", "geom_3857", True, "init=epsg:3035"),
    )
}


def reference(name: str) -> Reference:
    """The CRS of that name (``EPSG:3844``). Raises UnknownReference."""
    if name not in REFERENCES:
        raise UnknownReference(f"no maps in {name[:40]!r}; known: {', '.join(REFERENCES)}")
    return REFERENCES[name]
