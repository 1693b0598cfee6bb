"""The history of a layer: its versions, and what changed between two of them."""

from __future__ import annotations

import datetime
from typing import Any

from psycopg import sql
from psycopg.rows import class_row
from pydantic import BaseModel, ConfigDict

from layers.catalogue import Layer, get_layer
from layers.database import Connection
from layers.errors import VatraError

SHOWN = 100


class UnknownVersion(VatraError):
    """The layer has no version of that number."""


class Version(BaseModel):
    """A version; ``valid_to`` is None while it is the one in force. ``accuracy_m`` is positional."""

    model_config = ConfigDict(frozen=True)

    number: int
    valid_from: datetime.date
    valid_to: datetime.date | None
    accuracy_m: float
    rows: int
    source: str
    crs: str | None
    datum: str | None
    file_sha256: str | None
    published_at: datetime.datetime
    published_by: str


class Feature(BaseModel):
    """A feature in a difference: its key (or id, where the layer has no key) in the older or newer version."""

    model_config = ConfigDict(frozen=True)

    key: dict[str, Any]
    columns: tuple[str, ...] = ()


class Difference(BaseModel):
    """What version ``to`` has more, less and otherwise than version ``since``.

    Lists are bounded to the first 100; the counts are complete. ``columns`` of a changed feature names
    what differs. A layer without a key has no "changed": a feature that differs is removed and added.
    """

    layer: str
    since: int
    to: int
    added_count: int
    removed_count: int
    changed_count: int
    unchanged_count: int
    added: list[Feature]
    removed: list[Feature]
    changed: list[Feature]


def history(connection: Connection, layer_id: str) -> list[Version]:
    """All versions of a layer, the newest first."""
    layer = get_layer(layer_id)
    with connection.cursor(row_factory=class_row(Version)) as cursor:
        cursor.execute(
            "SELECT number, valid_from, nullif(valid_to, 'infinity') AS valid_to, accuracy_m, rows, source, crs,"
            " datum, file_sha256, published_at, published_by FROM catalogue.layer_version"
            " WHERE layer = %s ORDER BY number DESC",
            [layer.id],
        )
        return cursor.fetchall()


# A version's content: its own rows, and those that an import of a single UAT left in force.
_CONTENT = """
SELECT f.* FROM {table} f JOIN catalogue.layer_version v ON v.id = f.version_id
WHERE v.layer = {layer} AND (v.number = {number} OR v.number < {number} AND f.valid_to > {day})
"""


def diff(connection: Connection, layer_id: str, since: int, to: int) -> Difference:
    """Features added, removed and changed between two versions; UnknownVersion if one is missing.

    Features are matched by the layer's key; without one, by all their columns and the geometry.
    """
    layer = get_layer(layer_id)
    days = {version.number: version.valid_from for version in history(connection, layer_id)}
    for number in (since, to):
        if number not in days:
            known = ", ".join(map(str, sorted(days))) or "none"
            raise UnknownVersion(f"{layer_id} has no version {number}; it has: {known}")
    names = [column.name for column in layer.columns] + (["geom"] if layer.geometry else [])
    found = _compare(connection, layer, names, (since, days[since]), (to, days[to]))
    parts: dict[str, list[Feature]] = {"added": [], "removed": [], "changed": []}
    counts = {"added": 0, "removed": 0, "changed": 0, "same": 0}
    for state, count, keys, columns in found:
        counts[state] = count
        if state != "same":
            parts[state] = [
                Feature(key=key, columns=tuple(which or ())) for key, which in zip(keys, columns, strict=True)
            ]
    return Difference(
        layer=layer_id,
        since=since,
        to=to,
        added_count=counts["added"],
        removed_count=counts["removed"],
        changed_count=counts["changed"],
        unchanged_count=counts["same"],
        **parts,
    )


def _compare(
    connection: Connection,
    layer: Layer,
    names: list[str],
    since: tuple[int, datetime.date],
    to: tuple[int, datetime.date],
) -> list[tuple[str, int, list[dict[str, Any]], list[list[str] | None]]]:
    identity = layer.key or tuple(names)
    changes = sql.SQL(", ").join(
        sql.SQL("CASE WHEN {} THEN {} END").format(_differs(name), sql.Literal(name)) for name in names
    )
    shown = layer.key or ("id",)
    key = sql.SQL(", ").join(
        sql.SQL("{}, coalesce(a.{}, b.{})").format(sql.Literal(n), sql.Identifier(n), sql.Identifier(n))
        for n in shown
    )
    # Twins (the same identity twice in one version) are told apart by their number among themselves.
    hashed = sql.SQL("md5(ROW({})::text)").format(sql.SQL(", ").join(map(sql.Identifier, identity)))
    twin = sql.SQL("row_number() OVER (PARTITION BY {} ORDER BY id)").format(hashed)
    query = sql.SQL(
        "WITH a AS (SELECT *, {hashed} AS identity, {twin} AS twin FROM ({since}) AS old),"
        " b AS (SELECT *, {hashed} AS identity, {twin} AS twin FROM ({to}) AS new),"
        " compared AS (SELECT jsonb_build_object({key}) AS key, array_remove(ARRAY[{changes}], NULL) AS columns,"
        " CASE WHEN a.id IS NULL THEN 'added' WHEN b.id IS NULL THEN 'removed' END AS state"
        " FROM a FULL JOIN b USING (identity, twin)),"
        " judged AS (SELECT key, columns, coalesce(state, CASE WHEN columns = '{{}}' THEN 'same' ELSE 'changed' END)"
        " AS state FROM compared)"
        " SELECT state, count(*), (array_agg(key ORDER BY key))[1:{limit}],"
        " jsonb_agg(CASE WHEN state = 'changed' THEN to_jsonb(columns) END ORDER BY key)"
        " FROM judged GROUP BY state"
    ).format(
        hashed=hashed,
        twin=twin,
        since=_content(layer, *since),
        to=_content(layer, *to),
        key=key,
        changes=changes,
        limit=sql.Literal(SHOWN),
    )
    return [(row[0], row[1], row[2], row[3][:SHOWN]) for row in connection.execute(query)]


def _content(layer: Layer, number: int, day: datetime.date) -> sql.Composed:
    return sql.SQL(_CONTENT).format(
        table=sql.Identifier(layer.schema_name, layer.table_name),
        layer=sql.Literal(layer.id),
        number=sql.Literal(number),
        day=sql.Literal(day),
    )


def _differs(name: str) -> sql.Composable:
    if name == "geom":
        return sql.SQL("ST_AsBinary(a.geom) IS DISTINCT FROM ST_AsBinary(b.geom)")
    return sql.SQL("a.{0} IS DISTINCT FROM b.{0}").format(sql.Identifier(name))
