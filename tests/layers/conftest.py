"""Databases with UATs in them, and short ways to import."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pytest

from layers.importing import ImportOptions, import_file
from layers.report import ImportReport
from tests.layers import samples

Import = Callable[..., ImportReport]
Query = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def load(fresh_database: str, tmp_path: Path) -> Import:
    """Import a frame (through a GeoPackage) or a file into a layer of a database of the test's own."""
    made = 0

    def run(layer: str, what: gpd.GeoDataFrame | Path, **options: Any) -> ImportReport:
        nonlocal made
        path = what
        if isinstance(what, gpd.GeoDataFrame):
            made += 1
            path = tmp_path / f"file{made}.gpkg"
            what.to_file(path)
        return import_file(layer, Path(str(path)), ImportOptions(**options), address=fresh_database)

    return run


@pytest.fixture
def with_uats(load: Import) -> Import:
    """The same, with the two sample UATs imported."""
    load("admin.uat", samples.uats(), valid_from=datetime.date(2020, 1, 1))
    return load


@pytest.fixture
def query(fresh_database: str) -> Query:
    """Rows of a query in the test's own database."""

    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(fresh_database) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    return run
