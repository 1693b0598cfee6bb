"""The layers as records of OGC API Records: one GeoJSON feature each, found by words, place, day and property."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from gis_app.metadata.record import Installation, LayerRecord
from gis_app.metadata.record import records as layer_records
from layers.addresses import plain
from layers.catalogue import Layer
from layers.cql2.days import day_of

Record = dict[str, Any]
FIELDS: dict[str, dict[str, Any]] = {
    name: {"type": "string", "title": name}
    for name in ("type", "title", "description", "license", "externalId", "created", "updated")
}


def records(layers: Mapping[str, Layer], root: str) -> list[Record]:
    """The records of those layers at that address, in the catalogue's order."""
    return [_record(one) for one in layer_records(layers.values(), Installation.at(root))]


def find(found: list[Record], asked: Mapping[str, Any]) -> list[Record]:
    """The records that fit what is asked, sorted as asked.

    Of the terms in ``q``, with commas between, one must fit; of a term every word, written with diacritics or without.
    """
    terms = [words for term in (asked.get("q") or "").split(",") if (words := plain(term).split())]
    if terms:
        found = [record for record in found if _speaks_of(record, terms)]
    if asked.get("bbox"):
        found = [record for record in found if _meets(record, asked["bbox"])]
    for name, value in asked.get("properties") or []:
        found = [record for record in found if record["properties"].get(name) == value]
    if asked.get("datetime_"):
        found = [record for record in found if _lasts(record, asked["datetime_"])]
    for order in reversed(asked.get("sortby") or []):
        name = order["property"]
        found = sorted(
            found, key=lambda record: record["properties"].get(name) or "", reverse=order["order"] == "-"
        )
    return found


def _record(one: LayerRecord) -> Record:
    west, south, east, north = one.degrees
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    history = one.history
    return {
        "type": "Feature",
        "id": one.layer.id,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "time": {"interval": [history.begins.isoformat(), ".."]} if history else None,
        "properties": {
            "type": "dataset",
            "title": one.layer.title.ro,
            "description": one.layer.abstract.ro,
            "keywords": list(one.keywords),
            "language": {"code": "ro", "name": "Română"},
            "created": history.first_published_at.isoformat() if history else None,
            "updated": history.published_at.isoformat() if history else None,
            "license": one.layer.licence,
            "externalId": one.identifier,
            "formats": sorted({link.title for link in one.links}),
        },
        "links": [
            {
                "rel": "enclosure" if link.kind == "download" else "service",
                "type": link.type,
                "title": link.title,
                "href": link.url,
            }
            for link in one.links
        ],
    }


def _speaks_of(record: Record, terms: list[list[str]]) -> bool:
    shown = record["properties"]
    text = plain(" ".join([record["id"], shown["title"], shown["description"], *shown["keywords"]]))
    return any(all(word in text for word in term) for term in terms)


def _meets(record: Record, box: list[float]) -> bool:
    (west, south), _, (east, north), *_ = record["geometry"]["coordinates"][0]
    return bool(west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1])


def _lasts(record: Record, asked: str) -> bool:
    """Whether the record's time, open at its end, meets the day or span asked for."""
    last = asked.rpartition("/")[2]
    if record["time"] is None or last in ("", ".."):
        return record["time"] is not None
    return date.fromisoformat(record["time"]["interval"][0]) <= day_of(last)
