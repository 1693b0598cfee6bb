"""What tiles show, and what lies under their pixels."""

from __future__ import annotations

import io
import threading

import numpy as np
import psycopg
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from PIL import Image
from pyproj import Transformer

from layers.demo import SHOWCASE
from tests.gis_app.ogc.wmts import by_address, by_key, refusal
from tiles.cache.grids import STEREO70, WEB_MERCATOR


def test_a_tile_is_the_same_by_parameters_in_any_case_and_by_address(
    client: FlaskClient, tile: dict[str, str]
) -> None:
    first = client.get(by_key(tile))
    assert (first.status_code, first.mimetype) == (200, "image/png")
    assert Image.open(io.BytesIO(first.data)).size == (256, 256)
    shouted = {name.title(): value for name, value in reversed(tile.items())}
    others = [
        by_key(shouted),
        by_address(tile),
        by_address(tile).replace("/current", ""),
        f"{by_key(tile)}&_=7&foo=bar",
    ]
    for address in others:
        answer = client.get(address)
        assert (answer.status_code, answer.data) == (200, first.data)
        assert answer.headers["ETag"] == first.headers["ETag"]


def test_a_tile_shows_the_ground_it_stands_for(
    client: FlaskClient, place: tuple[float, float], county: str
) -> None:
    """Every corner of the showcase parcel is a line's colour on the tile that holds it, in both sets."""
    with psycopg.connect(county) as connection:
        corners = connection.execute(
            "SELECT ST_X(p.geom), ST_Y(p.geom) FROM cadastre.parcel, ST_DumpPoints(geom) AS p"
            " WHERE siruta = %s AND cadastral_number = %s AND valid_to = 'infinity'",
            [SHOWCASE.siruta, SHOWCASE.cadastral_number],
        ).fetchall()
    for matrices, level in ((STEREO70, 11), (WEB_MERCATOR, 18)):
        project = Transformer.from_crs("EPSG:3844", matrices.crs, always_xy=True).transform
        for corner in corners:
            x, y = project(*corner)
            column, _, row, _ = matrices.covering(level, (x, y, x, y))
            answer = client.get(
                f"/wmts/1.0.0/cadastre.parcel/default/{matrices.id}/{level}/{row}/{column}.png"
            )
            alpha = np.asarray(Image.open(io.BytesIO(answer.data)).convert("RGBA"))[..., 3]
            west, _, _, north = matrices.tile(level, column, row)
            side = matrices.matrices[level].resolution
            i, j = int((x - west) / side), int((north - y) / side)
            assert alpha[max(0, j - 2) : j + 3, max(0, i - 2) : i + 3].max() > 100, (matrices.id, corner)


def test_neighbours_fit_each_other_at_their_edges(client: FlaskClient, tile: dict[str, str]) -> None:
    """Across the edge of two metatiles a filled map goes on: as alike as two neighbouring columns inside one."""
    column = int(tile["tilecol"]) // 4 * 4
    theme = {**tile, "layer": "theme.planning"}
    pictures = [
        np.asarray(
            Image.open(io.BytesIO(client.get(by_key({**theme, "tilecol": str(c)})).data)).convert("RGB")
        ).astype(int)
        for c in (column - 1, column)
    ]
    across = np.abs(pictures[0][:, -1] - pictures[1][:, 0]).mean()
    inside = max(np.abs(p[:, n + 1] - p[:, n]).mean() for p in pictures for n in range(0, 255, 5))
    assert across <= inside + 1


def test_many_at_once_each_get_their_own_tile(
    client: FlaskClient, tile: dict[str, str], app: OpenAPI
) -> None:
    """Threads that ask for neighbouring and for the same tiles get what one alone gets."""
    column = int(tile["tilecol"])
    wanted = [{**tile, "tilecol": str(column + step % 6)} for step in range(18)]
    found: dict[int, bytes] = {}

    def ask(number: int) -> None:
        found[number] = app.test_client().get(by_key(wanted[number])).data

    threads = [threading.Thread(target=ask, args=[number]) for number in range(len(wanted))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, parameters in enumerate(wanted):
        assert found[number] == client.get(by_key(parameters)).data


def test_feature_info_names_what_lies_under_a_pixel(
    client: FlaskClient, tile: dict[str, str], place: tuple[float, float]
) -> None:
    west, _, _, north = STEREO70.tile(10, int(tile["tilecol"]), int(tile["tilerow"]))
    side = STEREO70.matrices[10].resolution
    pixel = {"i": str(int((place[0] - west) / side)), "j": str(int((north - place[1]) / side))}
    asked = {**tile, **pixel, "request": "GetFeatureInfo", "infoformat": "application/json"}
    answer = client.get(by_key(asked))
    assert answer.mimetype == "application/json"
    nearest = answer.json["features"][0]["properties"]
    assert (nearest["siruta"], nearest["cadastral_number"]) == (SHOWCASE.siruta, SHOWCASE.cadastral_number)
    stem = by_address(tile).removesuffix(".png")
    for suffix, mime in (
        ("json", "application/json"),
        ("html", "text/html"),
        ("gml", "application/vnd.ogc.gml"),
    ):
        named = client.get(f"{stem}/{pixel['j']}/{pixel['i']}.{suffix}")
        assert (named.status_code, named.mimetype) == (200, mime)
        assert SHOWCASE.cadastral_number in named.text
        assert "geom_3857" not in named.text
    theme = client.get(by_key({**asked, "layer": "theme.planning"})).json["features"]
    assert {"cadastre.parcel", "planning.zone"} <= {feature["layer"] for feature in theme}
    assert len({feature["id"] for feature in theme}) == len(theme)
    outside = {**asked, "i": "256"}
    assert refusal(client.get(by_key(outside))) == (400, "PointIJOutOfRange", "I")
    assert refusal(client.get(by_key({**asked, "infoformat": "image/png"})))[1:] == (
        "InvalidParameterValue",
        "InfoFormat",
    )
