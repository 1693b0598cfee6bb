"""Our services as foreign programs find them: a real server over a demo county in which no layer is empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import psycopg
import pytest
import rasterio
from psycopg import sql

from gis_app.accounts import tokens
from layers.catalogue import Column, Layer, catalogue
from tests.conftest import DatabaseMaker
from tests.gis_app.conftest import Served, start

SHAPES = {
    "Point": "POINT(400000 420000)",
    "MultiPoint": "MULTIPOINT(400000 420000, 400001.5 420002.25)",
    "MultiLineString": "MULTILINESTRING((400000 420000, 400100 420050.125), (400200 420000, 400300 420000))",
    "MultiLineStringM": "MULTILINESTRING M ((400000 420000 0, 400100 420050.125 111.8))",
    "MultiPolygon": "MULTIPOLYGON(((400000 420000, 400100 420000, 400100 420100, 400000 420100, 400000 420000),"
    " (400010 420010, 400010 420020, 400020 420020, 400020 420010, 400010 420010)),"
    " ((400200 420000, 400300 420000, 400300 420100, 400200 420000)))",
    "Geometry": "POINT(400000 420000)",
}
VALUES: dict[str, object] = {
    "text": 'Probă: ăâîșț & <"ȘȚ">',
    "integer": 7,
    "number": 0.1,
    "boolean": True,
    "date": date(2020, 2, 29),
}


@pytest.fixture(scope="session")
def full_county(
    make_database: DatabaseMaker, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """libpq URL of a demo county whose empty layers have two features each, one of them with every column filled."""
    address = make_database("clients", demo_template)
    scan = tmp_path_factory.mktemp("scans") / "scan.tif"
    with rasterio.open(scan, "w", driver="GTiff", width=2, height=2, count=1, dtype="uint8") as made:
        made.write(np.ones((1, 2, 2), dtype="uint8"))
    with psycopg.connect(address) as connection:
        for layer in catalogue().values():
            filled = connection.execute(f"SELECT count(*) FROM {layer.id}".encode()).fetchone()
            if filled == (0,):
                _fill(connection, layer, scan)
    return address


def _fill(connection: psycopg.Connection[tuple[object, ...]], layer: Layer, scan: Path) -> None:
    row = connection.execute(
        "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m, rows) VALUES"
        " (%s, (SELECT coalesce(max(number), 0) + 1 FROM catalogue.layer_version WHERE layer = %s),"
        " '2024-01-01', 1, 2) RETURNING id",
        [layer.id, layer.id],
    ).fetchone()
    assert row
    for everything in (True, False):
        columns = [one for one in layer.columns if everything or one.required]
        names = [
            "version_id",
            "valid_from",
            *(one.name for one in columns),
            *(["geom"] if layer.geometry else []),
        ]
        values = [row[0], date(2024, 1, 1), *(_value(one, scan) for one in columns)]
        slots = [sql.Placeholder()] * len(values)
        if layer.geometry:
            slots.append(sql.SQL("ST_GeomFromText({}, 3844)").format(sql.Literal(SHAPES[layer.geometry])))
        connection.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(layer.schema_name, layer.table_name),
                sql.SQL(", ").join(map(sql.Identifier, names)),
                sql.SQL(", ").join(slots),
            ),
            values,
        )
    if layer.pieces:
        copied = f"INSERT INTO {layer.id}_piece (feature_id, geom) SELECT id, geom FROM {layer.id}"
        connection.execute(copied.encode())


def _value(column: Column, scan: Path) -> object:
    if column.internal:
        return str(scan)
    return column.values[0] if column.values else VALUES[column.type]


@pytest.fixture(scope="session")
def full_server(full_county: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server over that county."""
    running = start(tmp_path_factory.mktemp("clients"), {"VATRA_DATABASE_URL": full_county})
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def staff_token(full_county: str) -> str:
    """A token that sees every layer of that county."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VATRA_DATABASE_URL", full_county)
        return tokens.create("clients", ("layers:staff",))
