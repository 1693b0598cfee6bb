"""Which of two coordinates is north, where a file only has the habit of surveyors to go by.

Near Gorj both are 330–440 km, so the numbers tell nothing; the outline of the UAT does.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import shapely

from layers.database import Connection
from layers.mapping import ColumnMapping, convert
from layers.reading import Batch, Source
from layers.report import ImportReport

SAMPLE = 200

_TESTED = """
SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM uat WHERE ST_Intersects(uat.geom, p))),
       count(*) FILTER (WHERE EXISTS (SELECT FROM uat WHERE ST_Intersects(uat.geom, ST_FlipCoordinates(p))))
FROM (SELECT ST_SetSRID(ST_GeomFromWKB(wkb), 3844) AS p FROM unnest(%(points)s::bytea[]) AS wkb) AS sample
"""
_WITH_UAT = """
WITH uat AS MATERIALIZED (
  SELECT geom FROM admin.uat WHERE valid_from <= %(day)s AND %(day)s < valid_to
    AND (%(sirutas)s::int[] IS NULL OR siruta = ANY(%(sirutas)s)))
"""


def settle(
    connection: Connection,
    source: Source,
    mapping: ColumnMapping,
    day: datetime.date,
    report: ImportReport,
) -> Source:
    """The source with x and y exchanged if only so it lies in the UAT it names (or in any).

    Without imported UATs, or where both ways fit, the surveyors' habit stands.
    """
    if not source.habitual_axes:
        return source
    batch = next(source.batches(), None)
    if batch is None:
        return source
    as_written, exchanged = _count_inside(connection, batch, mapping, day)
    if as_written == 0 and exchanged > 0:
        report.note("x and y were exchanged: only so the coordinates lie in their UAT")
        return replace(source, batches=lambda: _exchanged(source))
    return source


def _count_inside(
    connection: Connection, batch: Batch, mapping: ColumnMapping, day: datetime.date
) -> tuple[int, int]:
    scratch = ImportReport(layer=mapping.layer.id, file="")
    columns = convert(batch, mapping, scratch)
    named = columns["siruta"].drop_null().unique().to_pylist() if "siruta" in columns else []
    shapes = batch.geometries[:SAMPLE]
    points = shapely.centroid(shapes[~shapely.is_missing(shapes)])
    found = connection.execute(
        (_WITH_UAT + _TESTED).encode(),
        {"day": day, "sirutas": named or None, "points": list(shapely.to_wkb(points))},
    ).fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)


def _exchanged(source: Source) -> Iterator[Batch]:
    for batch in source.batches():
        shapes = shapely.transform(batch.geometries, lambda xy: np.ascontiguousarray(xy[:, ::-1]))
        yield Batch(batch.attributes, pa.array(shapely.to_wkb(shapes), pa.binary()), batch.rows)
