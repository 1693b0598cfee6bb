"""What changed on the map between two states of a layer: the geometries that came, went or look otherwise."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
import shapely
from psycopg import sql

from layers.catalogue import Layer, get_layer
from layers.database import Connection
from tiles.cache.store import Made, State

# Above this many, dropping everything is as exact and much quicker.
MOST = 200_000


class Unrelated(Exception):
    """One state does not lead to the other (a database restored or made anew): everything may have changed."""


def state_of(connection: Connection, layer_ids: Collection[str], day: date) -> State:
    """The state that these layers are in on a day."""
    rows = connection.execute(
        "SELECT DISTINCT ON (layer) layer, id, published_at FROM catalogue.layer_version"
        " WHERE valid_from <= %s AND layer = ANY(%s) ORDER BY layer, number DESC",
        [day, list(layer_ids)],
    ).fetchall()
    return tuple(Made(layer, version_id, published.isoformat()) for layer, version_id, published in rows)


def changed(connection: Connection, before: Made | None, after: Made | None) -> np.ndarray:
    """Geometries in EPSG:3844 (x = east) that differ between two states of one layer, as drawn.

    A row that differs in nothing that its style reads is no change. ``before`` is None where the layer had no
    version. Raises Unrelated.
    """
    if after is None:
        raise Unrelated
    layer = get_layer(after.layer)
    numbers = _numbers(connection, before, after)
    rows = connection.execute(_statement(layer, *numbers)).fetchmany(MOST + 1)
    if len(rows) > MOST:
        raise Unrelated
    return shapely.force_2d(shapely.from_wkb([row[0] for row in rows]))


def _numbers(connection: Connection, before: Made | None, after: Made) -> tuple[int, int]:
    """Version numbers of both (0: none yet); Unrelated unless both are in this database, in this order."""
    made_of = [made for made in (before, after) if made]
    rows = connection.execute(
        "SELECT id, number, published_at FROM catalogue.layer_version WHERE layer = %s AND id = ANY(%s)",
        [after.layer, [made.version_id for made in made_of]],
    ).fetchall()
    known = {version_id: (number, published.isoformat()) for version_id, number, published in rows}
    found = [] if before else [0]
    for made in made_of:
        number, published = known.get(made.version_id, (0, ""))
        if published != made.published_at:
            raise Unrelated
        found.append(number)
    if found[0] > found[1]:
        raise Unrelated
    return found[0], found[1]


# Rows that went were closed on the day one of the newer versions began. Two versions that begin on one day
# leave no trace of which of them closed a row: then what the earlier one changed counts as changed again.
_CHANGED = """
WITH version AS (SELECT id, number, valid_from FROM catalogue.layer_version WHERE layer = {layer}),
went AS (
    SELECT md5(ROW({columns})::text) AS content, ST_AsBinary(geom) AS shape
    FROM {table} f JOIN version v ON v.id = f.version_id
    WHERE v.number <= {before}
      AND f.valid_to >= (SELECT min(valid_from) FROM version WHERE number > {before})
      AND f.valid_to <= (SELECT valid_from FROM version WHERE number = {after})),
came AS (
    SELECT md5(ROW({columns})::text) AS content, ST_AsBinary(geom) AS shape
    FROM {table} f JOIN version v ON v.id = f.version_id
    WHERE v.number > {before} AND v.number <= {after}
      AND f.valid_to > (SELECT valid_from FROM version WHERE number = {after}))
SELECT shape FROM (
    (TABLE went EXCEPT ALL TABLE came) UNION ALL (TABLE came EXCEPT ALL TABLE went)) AS different
"""


def _statement(layer: Layer, before: int, after: int) -> sql.Composed:
    read = sorted({name for rule in layer.style for name in rule.columns})
    columns: list[sql.Composable] = [sql.Identifier("f", name) for name in read] or [sql.SQL("NULL")]
    return sql.SQL(_CHANGED).format(
        layer=sql.Literal(layer.id),
        table=sql.Identifier(layer.schema_name, layer.table_name),
        columns=sql.SQL(", ").join(columns),
        before=sql.Literal(before),
        after=sql.Literal(after),
    )
