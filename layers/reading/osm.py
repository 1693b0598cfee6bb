"""OpenStreetMap extracts (PBF, XML): one of GDAL's five layers, with every tag a field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from layers.reading.source import Batch, Request, Source
from layers.reading.vector import open_vector

LAYER_FOR = {
    "Point": "points",
    "MultiLineString": "lines",
    "MultiLineStringM": "lines",
    "MultiPolygon": "multipolygons",
}
OTHER = "other_tags"
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')


def open_osm(path: Path, request: Request) -> Source:
    """An extract; the layer is chosen by the wanted geometry unless named."""
    layer = request.layer or LAYER_FOR.get(request.geometry or "")
    source = open_vector(path, replace(request, layer=layer))
    extra = sorted(_other_keys(source) - set(source.fields))
    fields = tuple(field for field in source.fields if field != OTHER)
    return replace(source, fields=(*fields, *extra), count=None, batches=lambda: _with_tags(source, extra))


def tags(text: str | None) -> dict[str, str]:
    """The tags of an hstore text: ``"surface"=>"asphalt","lanes"=>"2"``."""
    return {key: re.sub(r"\\(.)", r"\1", value) for key, value in _TAG.findall(text or "")}


def _other_keys(source: Source) -> set[str]:
    keys: set[str] = set()
    for batch in source.batches():
        if OTHER in batch.attributes.column_names:
            for text in batch.attributes.column(OTHER).unique().to_pylist():
                keys.update(tags(text))
    return keys


def _with_tags(source: Source, extra: list[str]) -> Iterator[Batch]:
    for batch in source.batches():
        if OTHER not in batch.attributes.column_names:
            yield batch
            continue
        parsed = [tags(text) for text in batch.attributes.column(OTHER).to_pylist()]
        table = batch.attributes.drop_columns([OTHER])
        for key in extra:
            table = table.append_column(key, pa.array([found.get(key) for found in parsed], pa.string()))
        yield Batch(table, batch.wkb, batch.rows)
