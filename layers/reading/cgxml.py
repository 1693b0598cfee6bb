"""Cadastral files of the national agency (CGXML, CPXML): land and buildings, never persons.

A flat XML document without namespace; each record is an element whose children are its columns.
``Person``, ``Deed``, ``Registration`` and whatever else is not named here is read past and forgotten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import ParseError

import shapely
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from layers.reading.crs import STEREO70, recognise
from layers.reading.errors import EmptyFile, NotVector, SeveralLayers
from layers.reading.source import Batch, Request, Source, batch_from_shapes
from layers.reading.text import normalise

Record = dict[str, str]

WANTED = {
    "Address": ("SIRUTA", "LANDID", "IMMOVABLEID", "INTRAVILAN"),
    "Land": (
        "LANDID",
        "MEASUREDAREA",
        "PARCELLEGALAREA",
        "CADGENNO",
        "E2IDENTIFIER",
        "PAPERCADNO",
        "PAPERLBNO",
        "TOPONO",
    ),
    "Parcel": ("LANDID", "USECATEGORY", "MEASUREDAREA", "INTRAVILAN"),
    "Building": ("BUILDINGID", "LANDID", "BUILDNO", "BUILDINGDESTINATION", "LEVELSNO", "MEASUREDAREA"),
    "Points": ("IMMOVABLEID", "BUILDINGID", "NO", "X", "Y"),
}
LAND_FIELDS = (
    "SIRUTA",
    "CADGENNO",
    "PAPERLBNO",
    "USECATEGORY",
    "PARCELLEGALAREA",
    "MEASUREDAREA",
    "INTRAVILAN",
)
BUILDING_FIELDS = ("SIRUTA", "CADGENNO", "BUILDNO", "BUILDINGDESTINATION", "LEVELSNO", "MEASUREDAREA")


def open_cgxml(path: Path, request: Request) -> Source:
    """Land (layer "Land") or buildings (layer "Building") of one file, in Stereo70.

    X is north and Y east, as surveyors write. Rings come unclosed and are closed here. Raises
    NotVector for XML that is damaged or hostile, EmptyFile without any land, SeveralLayers for an
    unknown layer.
    """
    layer = request.layer or ("Building" if (request.target or "").endswith("building") else "Land")
    if layer not in ("Land", "Building"):
        raise SeveralLayers(path, ("Land", "Building"), layer)
    records = _records(path)
    if not records["Land"]:
        raise EmptyFile(path, "no land in the file")
    rows = _land(path, records) if layer == "Land" else _buildings(path, records)
    fields = LAND_FIELDS if layer == "Land" else BUILDING_FIELDS

    def batches() -> Iterator[Batch]:
        shapes = [shape for _, shape in rows]
        attributes: dict[str, list[object]] = {
            name: [record.get(name) for record, _ in rows] for name in fields
        }
        if rows:
            yield batch_from_shapes(attributes, shapes, list(range(1, len(rows) + 1)))

    return Source(path, layer, fields, recognise(STEREO70), len(rows), batches, habitual_axes=True)


def _records(path: Path) -> dict[str, list[Record]]:
    records: dict[str, list[Record]] = defaultdict(list)
    depth = 0
    try:
        for event, element in iterparse(path, events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if depth == 1 and event == "start" and element.tag.upper() not in ("CGXML", "CPXML", "CP"):
                raise NotVector(path, f"its root is <{element.tag}>, <CGXML> expected")
            if event == "end" and depth == 1:
                if element.tag in WANTED:
                    records[element.tag].append(_columns(element, WANTED[element.tag]))
                element.clear()
    except (ParseError, DefusedXmlException, UnicodeDecodeError) as error:
        raise NotVector(path, f"damaged or unsafe XML ({error or type(error).__name__})") from error
    return records


def _columns(element: object, names: tuple[str, ...]) -> Record:
    found: Record = {}
    for child in element:  # type: ignore[attr-defined]  # an Element; defusedxml has no types
        name, text = child.tag.upper(), normalise(child.text or "").strip()
        if name in names and text:
            found[name] = text
    return found


def _rings(path: Path, points: list[Record], key: str) -> dict[str, list[tuple[float, float]]]:
    """Ring (east, north) by land or building, in the order of NO."""
    rings: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    for position, point in enumerate(points, start=1):
        if key not in point or (key == "IMMOVABLEID" and "BUILDINGID" in point):
            continue
        try:
            number = int(point.get("NO", position))
            rings[point[key]].append((number, float(point["Y"]), float(point["X"])))
        except (KeyError, ValueError):
            found = f"NO {point.get('NO')}, X {point.get('X')}, Y {point.get('Y')}"
            raise NotVector(path, f"point {position}: found {found}, expected three numbers") from None
    return {owner: [(east, north) for _, east, north in sorted(ring)] for owner, ring in rings.items()}


def _polygon(ring: list[tuple[float, float]] | None) -> object:
    return shapely.Polygon(ring) if ring and len(ring) >= 3 else None


def _land(path: Path, records: dict[str, list[Record]]) -> list[tuple[Record, object]]:
    rings = _rings(path, records["Points"], "IMMOVABLEID")
    siruta = _siruta(records)
    uses = _main_uses(records["Parcel"])
    rows = []
    for land in records["Land"]:
        key = land.get("LANDID", "")
        use = uses.get(key, {})
        number = land.get("CADGENNO") or land.get("E2IDENTIFIER") or land.get("PAPERCADNO")
        record = {**use, **land, "CADGENNO": number or "", "SIRUTA": siruta.get(key, siruta.get("", ""))}
        record["USECATEGORY"] = use.get("USECATEGORY", "")
        rows.append((record, _polygon(rings.get(key))))
    return rows


def _buildings(path: Path, records: dict[str, list[Record]]) -> list[tuple[Record, object]]:
    rings = _rings(path, records["Points"], "BUILDINGID")
    lands = {record.get("LANDID", ""): record for record, _ in _land(path, records)}
    rows = []
    for building in records["Building"]:
        land = lands.get(building.get("LANDID", ""), {})
        record = {**building, "SIRUTA": land.get("SIRUTA", ""), "CADGENNO": land.get("CADGENNO", "")}
        rows.append((record, _polygon(rings.get(building.get("BUILDINGID", "")))))
    return rows


def _siruta(records: dict[str, list[Record]]) -> dict[str, str]:
    """SIRUTA by land; under "" for land without an address of its own."""
    found: dict[str, str] = {}
    for address in records["Address"]:
        if "SIRUTA" in address:
            found.setdefault("", address["SIRUTA"])
            key = address.get("LANDID") or address.get("IMMOVABLEID")
            if key:
                found[key] = address["SIRUTA"]
    return found


def _main_uses(parcels: list[Record]) -> dict[str, Record]:
    """By land, the part with the largest area: its use category is the land's."""
    main: dict[str, Record] = {}
    for part in parcels:
        key = part.get("LANDID", "")
        if key not in main or _area(part) > _area(main[key]):
            main[key] = part
    return {
        key: {name: part[name] for name in ("USECATEGORY", "INTRAVILAN") if name in part}
        for key, part in main.items()
    }


def _area(record: Record) -> float:
    try:
        return float(record.get("MEASUREDAREA", "0").replace(",", "."))
    except ValueError:
        return 0.0
