"""Which UATs a layer has data for, and when: what makes "nothing here" differ from "not known here"."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from psycopg import sql

from layers.catalogue import Layer
from layers.database import Connection

UAT_LAYER = "admin.uat"
SIRUTA = "siruta"


def has_siruta(layer: Layer) -> bool:
    """Whether the layer's features name their UAT."""
    return any(column.name == SIRUTA for column in layer.columns)


def covered(connection: Connection, layer: str, day: datetime.date) -> dict[int, int]:
    """SIRUTA → id of the layer version that covers it on that day."""
    found = connection.execute(
        "SELECT siruta, version_id FROM catalogue.coverage"
        " WHERE layer = %s AND valid_from <= %s AND %s < valid_to ORDER BY siruta",
        [layer, day, day],
    )
    return {row[0]: row[1] for row in found}


def derive(
    connection: Connection, layer: Layer, staged: sql.Composable, day: datetime.date, scope: int | None
) -> list[int]:
    """The UATs a staged file is for, sorted.

    The scope, where one is given; else those the features name; else (a layer without SIRUTA: roads,
    networks, waters) every UAT of each county in which a feature lies, for a county's file is for
    the county.
    """
    if scope is not None:
        return [scope]
    if has_siruta(layer):
        query = sql.SQL("SELECT DISTINCT siruta FROM {} WHERE siruta IS NOT NULL ORDER BY siruta").format(
            staged
        )
        return [row[0] for row in connection.execute(query)]
    if layer.geometry is None:
        return []
    query = sql.SQL(
        "WITH uat AS (SELECT siruta, county, geom FROM admin.uat WHERE valid_from <= %(day)s AND %(day)s < valid_to)"
        " SELECT siruta FROM uat WHERE county IN (SELECT u.county FROM uat u WHERE EXISTS"
        " (SELECT FROM {} s WHERE s.geom && u.geom AND ST_Intersects(s.geom, u.geom))) ORDER BY siruta"
    ).format(staged)
    return [row[0] for row in connection.execute(query, {"day": day})]


def replace(
    connection: Connection,
    layer: str,
    sirutas: Iterable[int],
    version_id: int,
    day: datetime.date,
    partial: bool = False,
) -> None:
    """From ``day`` on, the layer covers these UATs by this version; if ``partial``, others stay as they are."""
    named = sorted(set(sirutas))
    connection.execute(
        "UPDATE catalogue.coverage SET valid_to = %s WHERE layer = %s AND valid_to = 'infinity'"
        " AND (NOT %s OR siruta = ANY(%s))",
        [day, layer, partial, named],
    )
    connection.execute(
        "INSERT INTO catalogue.coverage (layer, siruta, valid_from, version_id)"
        " SELECT %s, siruta, %s, %s FROM unnest(%s::int[]) AS siruta",
        [layer, day, version_id, named],
    )
