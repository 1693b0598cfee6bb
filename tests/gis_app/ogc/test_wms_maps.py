"""GetMap: the right ground in every CRS and order, forms, colours, days, and how answers are kept."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
from flask.testing import FlaskClient
from lxml import etree
from PIL import Image
from pyproj import Transformer

from tests.gis_app.conftest import Served
from tests.gis_app.ogc.wms import HALF, MAP, PARCEL, STEREO70, X, Y, alike, ask, pixels, refused
from tiles.references import REFERENCES

WHITE = (255, 255, 255)
LAYERS = "planning.zone,cadastre.parcel,roads.road"


def corners(crs: str) -> tuple[float, float, float, float]:
    """The box round the showcase in another CRS, x = east first."""
    if crs in {"EPSG:3844", "EPSG:31700"}:
        return X - HALF, Y - HALF, X + HALF, Y + HALF
    there = Transformer.from_crs("EPSG:3844", "OGC:CRS84" if crs == "CRS:84" else crs, always_xy=True)
    return there.transform_bounds(X - HALF, Y - HALF, X + HALF, Y + HALF)


def turned(box: tuple[float, ...]) -> str:
    west, south, east, north = box
    return f"{south!r},{west!r},{north!r},{east!r}"


def plain(box: tuple[float, ...]) -> str:
    return ",".join(map(repr, box))


def parcel_in(client: FlaskClient, asked: dict[str, Any]) -> bool:
    """Whether the middle of the picture lies in the showcase parcel."""
    info = {
        **asked,
        "request": "GetFeatureInfo",
        "query_layers": "cadastre.parcel",
        "i": 150,
        "j": 150,
        "x": 150,
        "y": 150,
    }
    found = ask(client, info, info_format="application/json")
    assert found.status_code == 200, found.text
    return [one["properties"]["cadastral_number"] for one in found.get_json()["features"]] == [PARCEL]


@pytest.mark.parametrize("crs", list(REFERENCES))
def test_the_same_ground_comes_back_in_every_crs(client: FlaskClient, crs: str) -> None:
    here = Transformer.from_crs("EPSG:3844", "OGC:CRS84" if crs == "CRS:84" else crs, always_xy=True)
    box = corners(crs)
    asked = {**MAP, "crs": crs, "bbox": turned(box) if REFERENCES[crs].north_first else plain(box)}
    truth, shown = pixels(ask(client, MAP)), pixels(ask(client, asked))
    places = np.random.default_rng(1).uniform(10, 290, (200, 2))
    agree = []
    for column, row in places:
        x, y = X - HALF + column, Y + HALF - row
        if crs not in {"EPSG:3844", "EPSG:31700"}:
            x, y = here.transform(x, y)
        i, j = (x - box[0]) / (box[2] - box[0]) * 300, (box[3] - y) / (box[3] - box[1]) * 300
        agree.append(np.abs(shown[int(j), int(i)] - truth[int(row), int(column)]).max() < 8)
    # All but places at edges and labels.
    assert np.mean(agree) > 0.9
    assert parcel_in(client, {**asked, "layers": "planning.zone,cadastre.parcel"})


@pytest.mark.parametrize("crs", [name for name in REFERENCES if name.startswith("EPSG")])
def test_the_older_version_has_east_first_in_every_crs(client: FlaskClient, crs: str) -> None:
    older = {**MAP, "version": "1.1.1", "crs": None, "srs": crs, "bbox": plain(corners(crs))}
    newer = {
        **MAP,
        "crs": crs,
        "bbox": turned(corners(crs)) if REFERENCES[crs].north_first else plain(corners(crs)),
    }
    assert alike(ask(client, older), ask(client, newer))
    assert parcel_in(client, {**older, "layers": "cadastre.parcel"})


def test_a_request_without_a_version_is_told_by_its_words(client: FlaskClient) -> None:
    older = {
        **MAP,
        "version": None,
        "service": None,
        "crs": None,
        "srs": "EPSG:3844",
        "bbox": plain(corners("EPSG:3844")),
    }
    assert alike(ask(client, older), ask(client, MAP))
    assert alike(ask(client, MAP, version=None), ask(client, MAP))


@pytest.mark.parametrize(
    "box",
    ["", "1 2 3 4", "1,2,3", "1,2,3,4,5", "4,2,3,5", "1,5,2,4", "1,2,1,4", "1,2,3,2", "a,b,c,d", "NaN,1,2,3",
     "1,2,inf,4", "0,0,1e400,1"],
)  # fmt: skip
def test_boxes_that_are_none_are_refused(client: FlaskClient, box: str) -> None:
    told = ask(client, MAP, bbox=box)
    refused(told, "InvalidBBox" if box else "MissingParameterValue")


def test_boxes_with_exponents_and_odd_shapes_are_drawn(client: FlaskClient) -> None:
    low_y, low_x, high_y, high_x = map(float, STEREO70.split(","))
    exponents = ",".join(f"{number:.9e}" for number in (low_y, low_x, high_y, high_x))
    assert alike(ask(client, MAP, bbox=exponents), ask(client, MAP))
    flat = pixels(ask(client, MAP, height=75))
    assert flat.shape == (75, 300, 3)
    tall = pixels(ask(client, MAP)).reshape(75, 4, 300, 3).mean(axis=1)
    assert np.abs(flat - tall).mean() < 6


@pytest.mark.parametrize(
    ("crs", "box"),
    [("CRS:84", "-10,90,10,110"), ("EPSG:4326", "-80,-170,-70,-160"), ("EPSG:3857", "0,0,1,1")],
)
def test_elsewhere_is_all_background(client: FlaskClient, crs: str, box: str) -> None:
    shown = pixels(ask(client, MAP, crs=crs, bbox=box, bgcolor="0x0000FF"))
    assert (shown == (0, 0, 255)).all()


@pytest.mark.parametrize(
    ("form", "mimetype", "kind"),
    [("image/png", "image/png", "PNG"), ("image/png; mode=8bit", "image/png; mode=8bit", "PNG"),
     ("image/png;mode=8bit", "image/png; mode=8bit", "PNG"), ("image/jpeg", "image/jpeg", "JPEG")],
)  # fmt: skip
def test_each_form_comes_as_itself(client: FlaskClient, form: str, mimetype: str, kind: str) -> None:
    answer = ask(client, MAP, layers=LAYERS, format=form)
    assert answer.content_type == mimetype
    picture = Image.open(io.BytesIO(answer.data))
    assert (picture.format, picture.size) == (kind, (300, 300))
    truth = pixels(ask(client, MAP, layers=LAYERS))
    assert np.abs(pixels(answer) - truth).mean() < 6


def test_vectors(client: FlaskClient) -> None:
    answer = ask(client, MAP, layers=LAYERS, format="image/svg+xml")
    assert answer.mimetype == "image/svg+xml"
    root = etree.fromstring(answer.data)
    assert etree.QName(root).localname == "svg"
    assert root.get("width").startswith("300")
    packed = ask(client, MAP, {"Accept-Encoding": "gzip"}, layers=LAYERS, format="image/svg+xml")
    assert packed.headers["Content-Encoding"] == "gzip"


def test_what_is_not_there_is_refused_by_name(client: FlaskClient) -> None:
    refused(ask(client, MAP, format="image/gif"), "InvalidFormat")
    refused(ask(client, MAP, layers="nothing"), "LayerNotDefined")
    refused(ask(client, MAP, layers="planning.zone,nothing"), "LayerNotDefined")
    refused(ask(client, MAP, layers=None), "MissingParameterValue")
    refused(ask(client, MAP, styles="nothing"), "StyleNotDefined")
    refused(ask(client, MAP, styles="default,default"), "StyleNotDefined")
    refused(ask(client, MAP, crs="EPSG:2"), "InvalidCRS")
    refused(ask(client, MAP, crs=None), "MissingParameterValue")
    refused(ask(client, MAP, layers=",".join(["planning.zone"] * 61)), None)
    refused(ask(client, MAP, request="GetNothing"), "OperationNotSupported")


def test_styles_may_be_left_to_us(client: FlaskClient) -> None:
    layers = "planning.zone,roads.road"
    truth = ask(client, MAP, layers=layers, styles="default,default")
    for styles in ("", ",", "default,", ",default", None):
        assert alike(ask(client, MAP, layers=layers, styles=styles), truth)
    assert not alike(ask(client, MAP, layers=layers, styles=",grey"), truth)


def test_the_last_layer_lies_on_top(client: FlaskClient) -> None:
    zones, roads = "planning.zone", "roads.road"
    above, below = (
        pixels(ask(client, MAP, layers=layers)) for layers in (f"{zones},{roads}", f"{roads},{zones}")
    )
    alone = pixels(ask(client, MAP))
    hidden = [float((picture != alone).any(axis=2).mean()) for picture in (above, below)]
    assert hidden[0] > 2 * hidden[1], "roads are seen above the zones, and hidden beneath them"


def test_transparent_and_background(client: FlaskClient) -> None:
    parcels = {**MAP, "layers": "cadastre.parcel"}
    assert Image.open(io.BytesIO(ask(client, parcels).data)).mode == "RGB"
    clear = pixels(ask(client, parcels, transparent="TRUE"), "RGBA")
    assert (clear[..., 3] == 0).mean() > 0.5
    assert (clear[..., 3] > 100).any()
    opaque = pixels(ask(client, parcels))
    assert ((opaque == WHITE).all(axis=2)).mean() > 0.5
    for written in ("0x0000FF", "0X0000ff", "#0000FF"):
        blue = pixels(ask(client, parcels, bgcolor=written))
        assert ((blue == (0, 0, 255)).all(axis=2)).mean() > 0.5
    refused(ask(client, parcels, bgcolor="blue"), None)
    refused(ask(client, parcels, transparent="maybe"), None)


@pytest.mark.parametrize("side", ["0", "-1", "4097", "1e9", "1000000000", "2.5", "", "٣"])
def test_sizes_have_bounds(client: FlaskClient, side: str) -> None:
    for name in ("width", "height"):
        answer = ask(client, MAP, **{name: side})
        refused(answer, None if side else "MissingParameterValue")


def test_the_smallest_and_the_largest_picture(client: FlaskClient) -> None:
    assert pixels(ask(client, MAP, width=1, height=1)).shape == (1, 1, 3)
    assert pixels(ask(client, MAP, width=4096, height=4096)).shape == (4096, 4096, 3)


def test_the_resolution_in_everybody_s_words(client: FlaskClient) -> None:
    asked = {**MAP, "layers": LAYERS}
    fine = ask(client, asked, dpi=180)
    assert not alike(fine, ask(client, asked))
    assert alike(ask(client, asked, map_resolution=180), fine)
    assert alike(ask(client, asked, format_options="dpi:180"), fine)
    for name, value in (("dpi", "0"), ("map_resolution", "1e9"), ("dpi", "x"), ("format_options", "dpi:-5")):
        refused(ask(client, asked, **{name: value}), None)


def test_time_shows_the_version_of_that_day(client: FlaskClient) -> None:
    now, day = ask(client, MAP), date.today().isoformat()
    for time in ("current", day, f"{day}T00:00:00Z"):
        assert alike(ask(client, MAP, time=time), now)
    assert (pixels(ask(client, MAP, time="1990-01-01")) == WHITE).all()
    for bad in (
        "yesterday",
        "2026-13-01",
        "2026-01-01/2026-02-01/P1D",
        ",".join(["2026-01-01"] * 500),
        "2026-01-01,2026-01-02",
    ):
        refused(ask(client, MAP, time=bad), "InvalidDimensionValue")


def test_a_day_between_two_versions_is_warned_of(client: FlaskClient) -> None:
    answer = ask(client, MAP, time=(date.today() - timedelta(days=1)).isoformat())
    assert answer.status_code == 200
    assert answer.headers["Warning"].startswith("99 ")
    assert "Nearest value used: time=" in answer.headers["Warning"]
    assert "Warning" not in ask(client, MAP).headers
    assert "Warning" not in ask(client, MAP, time="1990-01-01").headers, "nothing is shown instead"


def test_pictures_are_kept_until_a_version_is_published(client: FlaskClient) -> None:
    answer = ask(client, MAP)
    etag = answer.headers["ETag"]
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert ask(client, MAP).headers["ETag"] == etag
    again = ask(client, MAP, {"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert ask(client, MAP, {"If-None-Match": etag}, width=301).status_code == 200
    assert "drawing;dur=" in answer.headers["Server-Timing"]


def test_a_new_version_makes_a_new_picture(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from gis_app import create_app
    from layers import states

    monkeypatch.setenv("VATRA_DATABASE_URL", fresh_database)
    client = create_app().test_client()
    before = ask(client, MAP)
    assert (pixels(before) == WHITE).all()
    with psycopg.connect(fresh_database) as connection:
        row = connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m, source, rows)"
            " VALUES ('planning.zone', 1, '2026-01-01', 0.5, 'x', 1) RETURNING id"
        ).fetchone()
        assert row
        connection.execute(
            "INSERT INTO planning.zone (version_id, valid_from, siruta, plan_code, code, geom)"
            " VALUES (%s, '2026-01-01', 1, 'P', 'Li', ST_Multi(ST_MakeEnvelope(%s, %s, %s, %s, 3844)))",
            [row[0], *corners("EPSG:3844")],
        )
        connection.execute(
            "INSERT INTO planning.zone_piece (feature_id, geom) SELECT id, geom FROM planning.zone"
        )
    states.forget()
    after = ask(client, MAP, {"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert ((pixels(after) == (247, 227, 74)).all(axis=2)).mean() > 0.9


def test_a_served_map_by_get_and_post(served: Served) -> None:
    got = served.session.get(f"{served.url}/ows", params={**MAP, "layers": LAYERS}, timeout=30)
    assert got.headers["Content-Type"] == "image/png"
    posted = served.session.post(f"{served.url}/ows", data={**MAP, "layers": LAYERS}, timeout=30)
    assert posted.content == got.content


def test_tiled_maps_fit_together(client: FlaskClient) -> None:
    """Two tiles beside each other are one map: no text is cut between them, none stands in both."""
    west, east = (X - HALF, Y - HALF, X, Y + HALF), (X, Y - HALF, X + HALF, Y + HALF)
    size = {**MAP, "layers": LAYERS, "styles": "", "crs": "EPSG:3844", "height": 512, "tiled": "true"}
    halves = [pixels(ask(client, size, bbox=turned(box), width=256)) for box in (west, east)]
    whole = pixels(ask(client, size, bbox=turned((X - HALF, Y - HALF, X + HALF, Y + HALF)), width=512))
    seam = slice(256 - 24, 256 + 24)
    changed = np.abs(np.hstack(halves).astype(int) - whole.astype(int)).max(axis=2) > 40
    assert changed[:, seam].mean() < 0.005
