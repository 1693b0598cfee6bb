"""The forms in which features are given out, and the names that clients call them by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tiles.wfs import gml
from tiles.wfs.refused import invalid, shown

WfsVersion = Literal["1.0.0", "1.1.0", "2.0.0"]
VERSIONS: tuple[WfsVersion, ...] = ("2.0.0", "1.1.0", "1.0.0")
Kind = Literal["gml", "geojson", "csv", "gpkg", "shapefile"]


@dataclass(frozen=True)
class Format:
    """``name`` as capabilities state it; ``aliases`` in lower case; ``suffix`` of a file that is saved."""

    name: str
    kind: Kind
    media_type: str
    aliases: frozenset[str] = frozenset()
    suffix: str = ""
    gml: gml.Version = "3.2"

    @property
    def is_text(self) -> bool:
        """Whether compressing is worth while."""
        return self.kind in {"gml", "geojson", "csv"}


GML32 = Format(
    "application/gml+xml; version=3.2",
    "gml",
    "application/gml+xml; version=3.2; charset=utf-8",
    frozenset(
        {"text/xml; subtype=gml/3.2", "text/xml; subtype=gml/3.2.1", "gml32", "gml3.2", "application/gml+xml"}
    ),
)
GML311 = Format(
    "text/xml; subtype=gml/3.1.1",
    "gml",
    "text/xml; subtype=gml/3.1.1; charset=utf-8",
    frozenset({"gml3", "gml311", "text/gml; subtype=gml/3.1.1", "application/gml+xml; version=3.1"}),
    gml="3.1.1",
)
GML2 = Format(
    "GML2",
    "gml",
    "text/xml; subtype=gml/2.1.2; charset=utf-8",
    frozenset({"text/xml; subtype=gml/2.1.2", "text/xml; subtype=gml/2"}),
    gml="2",
)
GEOJSON = Format(
    "application/geo+json",
    "geojson",
    "application/geo+json",
    frozenset({"application/json", "json", "geojson", "application/json; subtype=geojson"}),
)
GPKG = Format(
    "application/geopackage+sqlite3",
    "gpkg",
    "application/geopackage+sqlite3",
    frozenset({"gpkg", "geopackage", "application/x-gpkg"}),
    ".gpkg",
)
SHAPE = Format(
    "SHAPE-ZIP", "shapefile", "application/zip", frozenset({"application/zip", "shape", "shapefile"}), ".zip"
)
CSV = Format("text/csv", "csv", "text/csv; charset=utf-8; header=present", frozenset({"csv"}), ".csv")

DEFAULT: dict[WfsVersion, Format] = {"2.0.0": GML32, "1.1.0": GML311, "1.0.0": GML2}
ALL = (GML32, GML311, GML2, GEOJSON, GPKG, SHAPE, CSV)


def offered(version: WfsVersion) -> tuple[Format, ...]:
    """All of them, the version's own first."""
    own = DEFAULT[version]
    return (own, *(one for one in ALL if one is not own))


def choose(name: str, version: WfsVersion) -> Format:
    """The format of that name, the version's own for none. Raises Refused."""
    wanted = " ".join(name.replace(";", "; ").lower().split())
    # A plus in an address is a blank once decoded.
    spellings = {
        wanted,
        wanted.replace("gml xml", "gml+xml").replace("geo json", "geo+json"),
        wanted.replace(" sqlite3", "+sqlite3"),
    }
    if not wanted or wanted == "text/xml":
        return DEFAULT[version]
    for one in offered(version):
        if spellings & (one.aliases | {one.name.lower()}):
            return one
    raise invalid(
        "outputFormat", f"the format {shown(name)} is not offered; offered: {', '.join(o.name for o in ALL)}"
    )
