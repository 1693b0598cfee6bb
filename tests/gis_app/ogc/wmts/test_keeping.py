"""Which tiles are kept, for whom, and which never."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import psycopg
import pytest
from flask.testing import FlaskClient
from PIL import Image
from psycopg import sql

from gis_app import create_app
from layers import health
from layers.days import today
from tests.gis_app.conftest import bearer
from tests.gis_app.ogc.wmts import CAPABILITIES, by_address, by_key, refusal
from tiles.cache.grids import STEREO70


def test_tiles_are_kept_and_answered_304(client: FlaskClient, tile: dict[str, str], own_cache: Path) -> None:
    first = client.get(by_key(tile))
    kept = {path: path.stat().st_mtime_ns for path in own_cache.rglob("*.png")}
    assert len(kept) == 16  # a metatile
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert client.get(by_key(tile)).data == first.data
    assert {path: path.stat().st_mtime_ns for path in own_cache.rglob("*.png")} == kept
    unchanged = client.get(by_key(tile), headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_a_level_at_which_nothing_is_drawn_is_blank_and_not_kept(
    client: FlaskClient, tile: dict[str, str], place: tuple[float, float], own_cache: Path
) -> None:
    column, _, row, _ = STEREO70.covering(1, (*place, *place))
    answer = client.get(by_key({**tile, "tilematrix": "1", "tilerow": str(row), "tilecol": str(column)}))
    assert np.asarray(Image.open(io.BytesIO(answer.data)).convert("RGBA"))[..., 3].max() == 0
    assert list(own_cache.rglob("*.png")) == []


def test_another_day_is_drawn_as_it_was_and_not_kept(
    client: FlaskClient, tile: dict[str, str], own_cache: Path
) -> None:
    now = client.get(by_address(tile))
    kept = len(list(own_cache.rglob("*.png")))
    before = client.get(by_address(tile, time="1990-01-01"))
    assert (now.status_code, before.status_code) == (200, 200)
    assert np.asarray(Image.open(io.BytesIO(before.data)).convert("RGBA"))[..., 3].max() == 0
    assert client.get(f"{by_key(tile)}&time=1990-01-01").data == before.data
    assert len(list(own_cache.rglob("*.png"))) == kept
    tomorrow = client.get(by_address(tile, time=(today() + timedelta(days=1)).isoformat()))
    shown = [
        np.asarray(Image.open(io.BytesIO(one.data)).convert("RGBA"))[..., 3].sum(dtype=float)
        for one in (now, tomorrow)
    ]
    assert shown[0] == pytest.approx(shown[1], rel=0.2)
    assert date.fromisoformat("1990-01-01") < today()


def test_an_error_is_neither_kept_nor_cached(
    client: FlaskClient, tile: dict[str, str], county: str, own_cache: Path
) -> None:
    """A layer whose table is gone answers with an error; once it is back, with its tile."""
    rename = sql.SQL("ALTER TABLE cadastre.{} RENAME TO {}")
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute(rename.format(sql.Identifier("building"), sql.Identifier("building_gone")))
        try:
            health.forget()
            answer = client.get(by_key({**tile, "layer": "cadastre.building"}))
            assert refusal(answer)[0] >= 500
            assert list(own_cache.rglob("*.png")) == []
        finally:
            connection.execute(rename.format(sql.Identifier("building_gone"), sql.Identifier("building")))
    health.forget()
    assert client.get(by_key({**tile, "layer": "cadastre.building"})).status_code == 200


def test_a_layer_for_staff_is_cached_apart_and_never_shown_to_others(
    settings: None,
    own_cache: Path,
    tile: dict[str, str],
    token: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VATRA_VISIBILITY", '{"cadastre.building": "staff"}')
    client = create_app().test_client()
    staff = bearer(token("layers:staff"))
    building, theme = {**tile, "layer": "cadastre.building"}, {**tile, "layer": "theme.cadastre"}
    shown = client.get(by_key(building), headers=staff)
    assert shown.status_code == 200
    assert shown.headers["Cache-Control"].startswith("private")
    for headers in ({}, bearer(token("layers:operator"))):
        assert refusal(client.get(by_key(building), headers=headers)) == (
            400,
            "InvalidParameterValue",
            "layer",
        )
        held = {**headers, "If-None-Match": shown.headers["ETag"]}
        assert client.get(by_key(building), headers=held).status_code == 400
        assert b"cadastre.building" not in client.get(CAPABILITIES, headers=headers).data
        assert b"cadastre.building" not in client.get("/wmts/layers.json", headers=headers).data
    assert b"cadastre.building" in client.get(CAPABILITIES, headers=staff).data
    # The theme comes in two: with the buildings for staff, without for everybody else.
    for_staff, for_all = client.get(by_key(theme), headers=staff), client.get(by_key(theme))
    assert for_staff.data != for_all.data
    assert for_staff.headers["ETag"] != for_all.headers["ETag"]
    assert client.get(by_key(theme), headers=staff).data == for_staff.data
    assert client.get(by_key(theme)).data == for_all.data


def test_the_cache_is_private_to_its_user(client: FlaskClient, tile: dict[str, str], own_cache: Path) -> None:
    client.get(by_key(tile))
    assert own_cache.stat().st_mode & 0o077 == 0
    assert os.access(own_cache, os.W_OK)
