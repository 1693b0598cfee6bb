"""Vector tiles as foreign programs read them: a decoder that is not ours, and GDAL's MVT driver over HTTP.

Every attribute equals the table's, every shape the table's within a tile unit.
"""

from __future__ import annotations

import json
import subprocess
from datetime import date
from typing import Any

import mapbox_vector_tile
import psycopg
import pytest
import shapely
from shapely.geometry import shape

from layers.catalogue import Layer, catalogue
from tests.gis_app.conftest import Served, bearer
from tiles.vector_grid import DEEPEST, EXTENT, WORLD_M, box, width_m

DRAWN = [layer for layer in catalogue().values() if layer.geometry]
WITHIN_UNITS = 1.0


def crowded(address: str, layer: Layer, z: int) -> tuple[int, int]:
    """The tile of that zoom where most features of the layer begin."""
    width, half = width_m(z), WORLD_M / 2
    with psycopg.connect(address) as connection:
        row = connection.execute(
            "SELECT floor((ST_X(p) + %s) / %s)::int, floor((%s - ST_Y(p)) / %s)::int, count(*) FROM"
            f" (SELECT ST_PointOnSurface(geom_3857) AS p FROM {layer.id} WHERE valid_to = 'infinity') s"
            " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 1".encode(),
            [half, width, half, width],
        ).fetchone()
    assert row
    return row[0], row[1]


def table(address: str, layer: Layer, tile: tuple[int, int, int]) -> dict[int, tuple[dict[str, Any], Any]]:
    """Served attributes and shape (EPSG:3857) of the features in force that meet the tile, by id."""
    names = [column.name for column in layer.served_columns]
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            f"SELECT id, ST_AsBinary(geom_3857), {', '.join(names) or 'NULL'} FROM {layer.id} WHERE"
            " ST_Intersects(geom_3857, ST_MakeEnvelope(%s, %s, %s, %s, 3857)) AND valid_from <= current_date"
            " AND valid_to > current_date".encode(),
            box(*tile),
        ).fetchall()
    return {row[0]: (dict(zip(names, row[2:], strict=False)), shapely.from_wkb(row[1])) for row in rows}


def to_units(geometry: Any, tile: tuple[int, int, int]) -> Any:
    """A shape of EPSG:3857 in the tile's units, y downwards."""
    west, _, _, north = box(*tile)
    unit = width_m(tile[0]) / EXTENT
    return shapely.transform(geometry, lambda xy: (xy - [west, north]) / [unit, -unit])


@pytest.mark.parametrize("layer", DRAWN, ids=lambda layer: layer.id)
def test_the_tile_equals_the_table(
    full_server: Served, full_county: str, staff_token: str, layer: Layer
) -> None:
    z = DEEPEST - 1
    x, y = crowded(full_county, layer, z)
    answer = full_server.session.get(
        f"{full_server.url}/tiles/{layer.id}/{z}/{x}/{y}.pbf", headers=bearer(staff_token)
    )
    assert answer.status_code == 200, answer.text
    decoded = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})[layer.id]
    assert decoded["extent"] == EXTENT
    features = {feature["id"]: feature for feature in decoded["features"]}
    expected = table(full_county, layer, (z, x, y))
    assert set(expected) <= set(features)
    for identifier, (attributes, geometry) in expected.items():
        feature = features[identifier]
        told = {name: value for name, value in attributes.items() if value is not None}
        assert feature["properties"] == {name: plain(value) for name, value in told.items()}
        drawn, meant = shape(feature["geometry"]), to_units(geometry, (z, x, y))
        assert strays(drawn, meant) <= WITHIN_UNITS
        assert strays(meant, drawn) <= WITHIN_UNITS


def strays(one: Any, other: Any) -> float:
    """How far a corner of the one that lies in the tile is from the other, in tile units."""
    corners = shapely.points(shapely.get_coordinates(one))
    inside = corners[shapely.contains(shapely.box(0, 0, EXTENT, EXTENT), corners)]
    return float(shapely.distance(outline(other), inside).max(initial=0.0))


def outline(geometry: Any) -> Any:
    return geometry.boundary if geometry.area else geometry


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def test_gdal_reads_the_tile_over_http(full_server: Served, full_county: str) -> None:
    layer = catalogue()["cadastre.parcel"]
    x, y = crowded(full_county, layer, 16)
    address = f"MVT:{full_server.url}/tiles/cadastre.parcel,planning.zone/16/{x}/{y}.pbf"
    done = subprocess.run(
        ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", address, "cadastre.parcel", "-t_srs", "EPSG:3857"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)["features"]
    expected = table(full_county, layer, (16, x, y))
    assert {row[0]["cadastral_number"] for row in expected.values()} <= {
        one["properties"]["cadastral_number"] for one in read
    }
    numbers = {one["properties"]["cadastral_number"]: shape(one["geometry"]) for one in read}
    unit = width_m(16) / EXTENT
    inside = shapely.box(*box(16, x, y))
    for attributes, geometry in expected.values():
        if inside.contains(geometry):
            assert shapely.hausdorff_distance(numbers[attributes["cadastral_number"]], geometry) <= 1.5 * unit


def test_gdal_lists_the_layers_of_a_group(full_server: Served, full_county: str) -> None:
    x, y = crowded(full_county, catalogue()["cadastre.building"], 15)
    done = subprocess.run(
        ["ogrinfo", "-ro", "-q", f"MVT:{full_server.url}/tiles/cadastre/15/{x}/{y}.pbf"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "cadastre.building" in done.stdout, done.stdout + done.stderr
    assert "cadastre.parcel" in done.stdout
