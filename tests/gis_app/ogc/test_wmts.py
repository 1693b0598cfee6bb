"""WMTS 1.0.0: what clients and conformance suites check, by parameters and by addresses."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import mapproxy.test
import numpy as np
import psycopg
import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from lxml import etree
from PIL import Image
from psycopg import sql
from pyproj import Transformer
from werkzeug.test import TestResponse

from gis_app import create_app
from layers import health
from layers.catalogue import catalogue
from layers.days import today
from layers.demo import SHOWCASE
from tests.gis_app.conftest import bearer
from tests.showcase import showcase_place
from tiles.cache.grids import MATRIX_SETS, STEREO70, WEB_MERCATOR
from tiles.themes import THEMES

NS = {
    "wmts": "http://www.opengis.net/wmts/1.0",
    "ows": "http://www.opengis.net/ows/1.1",
    "xlink": "http://www.w3.org/1999/xlink",
}
SCHEMA = Path(mapproxy.test.__file__).parent / "schemas/wmts/1.0/wmtsGetCapabilities_response.xsd"
CAPABILITIES = "/wmts/1.0.0/WMTSCapabilities.xml"


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("VATRA_HOME", str(tmp_path))
    return tmp_path / "cache" / "tiles"


@pytest.fixture
def app(settings: None, own_cache: Path) -> OpenAPI:
    """The application with a cache of its own."""
    return create_app()


@pytest.fixture
def place(county: str) -> tuple[float, float]:
    """The middle of the showcase parcel, EPSG:3844, x = east first."""
    return showcase_place(county)


@pytest.fixture
def tile(place: tuple[float, float]) -> dict[str, str]:
    """Parameters of the tile that shows the showcase parcel, 1:2000."""
    column, _, row, _ = STEREO70.covering(10, (*place, *place))
    return {
        "service": "WMTS",
        "request": "GetTile",
        "version": "1.0.0",
        "layer": "cadastre.parcel",
        "style": "default",
        "format": "image/png",
        "tilematrixset": "Stereo70",
        "tilematrix": "10",
        "tilerow": str(row),
        "tilecol": str(column),
    }


def by_key(parameters: dict[str, str]) -> str:
    """The request as parameters."""
    return f"/wmts?{urlencode(parameters)}"


def by_address(parameters: dict[str, str], time: str = "current") -> str:
    """The request as an address."""
    names = ("tilematrixset", "tilematrix", "tilerow", "tilecol")
    parts = [parameters["layer"], parameters["style"], time, *(parameters[name] for name in names)]
    return f"/wmts/1.0.0/{'/'.join(parts)}.{parameters['format'].rpartition('/')[2]}"


def refusal(answer: TestResponse) -> tuple[int, str, str | None]:
    """Status, code and locator of an exception report; it must be kept by nobody."""
    report = etree.fromstring(answer.data)
    assert report.tag == f"{{{NS['ows']}}}ExceptionReport"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "text/xml"
    told = report.find("ows:Exception", NS)
    return answer.status_code, told.get("exceptionCode"), told.get("locator")


def described(client: FlaskClient, address: str = CAPABILITIES, **headers: str) -> etree._Element:
    """The capabilities, read."""
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return etree.fromstring(answer.data)


# Capabilities


def test_capabilities_are_valid_and_the_same_at_both_addresses(client: FlaskClient) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    found = described(client)
    schema.assertValid(found)
    by_parameters = described(client, "/wmts?SERVICE=WMTS&REQUEST=GetCapabilities&AcceptVersions=2.0.0,1.0.0")
    assert etree.tostring(by_parameters) == etree.tostring(found)
    encodings = found.xpath(
        "//ows:Operation[@name='GetTile']//ows:Constraint[@name='GetEncoding']//ows:Value/text()",
        namespaces=NS,
    )
    assert encodings == ["KVP", "RESTful"]


def test_every_layer_that_is_drawn_and_every_theme_is_there(client: FlaskClient) -> None:
    found = described(client)
    names = found.xpath("//wmts:Layer/ows:Identifier/text()", namespaces=NS)
    drawn = {
        layer.id
        for layer in catalogue().values()
        if layer.geometry
        and layer.visibility == "public"
        and any(r.variant == "default" for r in layer.style)
    }
    assert len(names) == len(set(names))
    assert set(names) == drawn | {f"theme.{name}" for name in THEMES}
    assert set(found.xpath("//wmts:Themes//wmts:LayerRef/text()", namespaces=NS)) == set(names)
    assert found.xpath("count(//wmts:Style[@isDefault='true'])", namespaces=NS) == len(names)


def test_stereo70_is_written_north_first_and_web_mercator_is_the_well_known_set(client: FlaskClient) -> None:
    sets = {
        one.findtext("ows:Identifier", namespaces=NS): one
        for one in described(client).findall("wmts:Contents/wmts:TileMatrixSet", NS)
    }
    ours, web = sets["Stereo70"], sets["GoogleMapsCompatible"]
    assert ours.findtext("ows:SupportedCRS", namespaces=NS) == "urn:ogc:def:crs:EPSG::3844"
    assert {one.text for one in ours.iter(f"{{{NS['wmts']}}}TopLeftCorner")} == {"1100000 -200000"}
    assert ours.find("wmts:WellKnownScaleSet", NS) is None
    assert [float(one.text) for one in ours.iter(f"{{{NS['wmts']}}}ScaleDenominator")][-6:] == [
        10_000, 5_000, 2_000, 1_000, 500, 250
    ]  # fmt: skip
    assert web.findtext("ows:SupportedCRS", namespaces=NS) == "urn:ogc:def:crs:EPSG::3857"
    assert (
        web.findtext("wmts:WellKnownScaleSet", namespaces=NS)
        == "urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible"
    )
    matrices = web.findall("wmts:TileMatrix", NS)
    assert [int(one.findtext("ows:Identifier", namespaces=NS)) for one in matrices] == list(range(19))
    for level, one in enumerate(matrices):
        expected = 559_082_264.028_717_8 / 2**level
        assert float(one.findtext("wmts:ScaleDenominator", namespaces=NS)) == pytest.approx(
            expected, rel=1e-15
        )
        assert int(one.findtext("wmts:MatrixWidth", namespaces=NS)) == 2**level


def test_the_stated_box_holds_the_data_and_limits_lie_in_their_matrix(
    client: FlaskClient, county: str
) -> None:
    layer = described(client).xpath("//wmts:Layer[ows:Identifier='cadastre.parcel']", namespaces=NS)[0]
    lower, upper = (
        [float(v) for v in layer.findtext(f"ows:WGS84BoundingBox/ows:{name}", namespaces=NS).split()]
        for name in ("LowerCorner", "UpperCorner")
    )
    with psycopg.connect(county) as connection:
        row = connection.execute(
            "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM"
            " (SELECT ST_Extent(ST_Transform(geom, 4326)) AS b FROM cadastre.parcel WHERE valid_to = 'infinity') q"
        ).fetchone()
    assert row
    assert lower[0] <= row[0] + 1e-6
    assert lower[1] <= row[1] + 1e-6
    assert upper[0] >= row[2] - 1e-6
    assert upper[1] >= row[3] - 1e-6
    assert upper[0] - lower[0] < (row[2] - row[0]) * 1.1
    limits = layer.findall("wmts:TileMatrixSetLink/wmts:TileMatrixSetLimits/wmts:TileMatrixLimits", NS)
    assert len(limits) >= 14 + 15
    for link in layer.findall("wmts:TileMatrixSetLink", NS):
        matrices = {
            one.id: one for one in MATRIX_SETS[link.findtext("wmts:TileMatrixSet", namespaces=NS)].matrices
        }
        for one in link.iter(f"{{{NS['wmts']}}}TileMatrixLimits"):
            matrix = matrices[one.findtext("wmts:TileMatrix", namespaces=NS)]
            first, last, left, right = (int(part.text) for part in one[1:])
            assert 0 < first <= last < matrix.rows
            assert 0 < left <= right < matrix.columns


def test_sections_and_versions_are_negotiated(client: FlaskClient) -> None:
    base = "/wmts?service=WMTS&request=GetCapabilities"
    only = described(client, f"{base}&sections=ServiceIdentification,Themes")
    assert [etree.QName(part).localname for part in only] == [
        "ServiceIdentification",
        "Themes",
        "ServiceMetadataURL",
    ]
    assert len(described(client, f"{base}&Sections=All")) == len(described(client))
    assert refusal(client.get(f"{base}&sections=Nonsense")) == (400, "InvalidParameterValue", "sections")
    assert refusal(client.get(f"{base}&acceptversions=2.0.0")) == (
        400,
        "VersionNegotiationFailed",
        "AcceptVersions",
    )


def test_unchanged_capabilities_and_the_list_are_not_sent_again(client: FlaskClient) -> None:
    for address in (CAPABILITIES, "/wmts/layers.json"):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_what_the_list_says_leads_to_a_tile(client: FlaskClient, tile: dict[str, str]) -> None:
    listed = client.get("/wmts/layers.json").json
    layer = {one["id"]: one for one in listed["layers"]}["cadastre.parcel"]
    names = {
        "TileMatrixSet": "tilematrixset",
        "TileMatrix": "tilematrix",
        "TileRow": "tilerow",
        "TileCol": "tilecol",
    }
    address = layer["tiles"]
    for place, name in names.items():
        address = address.replace(f"{{{place}}}", tile[name])
    assert client.get(address).status_code == 200
    sets = {one["id"]: one for one in listed["matrix_sets"]}
    assert sets["Stereo70"]["origin"] == [-200_000, 1_100_000]
    assert sets["Stereo70"]["resolutions"][-1] == pytest.approx(0.07)


# Tiles


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


# Refusals


@pytest.mark.parametrize(
    ("change", "code", "locator"),
    [
        ({"service": ""}, "MissingParameterValue", "service"),
        ({"service": "WMS"}, "InvalidParameterValue", "service"),
        ({"request": ""}, "MissingParameterValue", "request"),
        ({"version": ""}, "MissingParameterValue", "version"),
        ({"version": "1.1.0"}, "InvalidParameterValue", "version"),
        ({"layer": ""}, "MissingParameterValue", "layer"),
        ({"layer": "cadastre.nothing"}, "InvalidParameterValue", "layer"),
        ({"layer": "cadastre.predecessor"}, "InvalidParameterValue", "layer"),
        ({"style": "thin"}, "InvalidParameterValue", "style"),
        ({"format": "image/jpeg"}, "InvalidParameterValue", "format"),
        ({"tilematrixset": "WorldCRS84Quad"}, "InvalidParameterValue", "TileMatrixSet"),
        ({"tilematrix": "14"}, "InvalidParameterValue", "TileMatrix"),
        ({"tilematrix": "-1"}, "InvalidParameterValue", "TileMatrix"),
        ({"tilerow": ""}, "MissingParameterValue", "tilerow"),
        ({"tilerow": "1.5"}, "InvalidParameterValue", "TileRow"),
        ({"tilerow": "1e400"}, "InvalidParameterValue", "TileRow"),
        ({"tilerow": "٣"}, "InvalidParameterValue", "TileRow"),
        ({"tilecol": "-1"}, "TileOutOfRange", "TileCol"),
        ({"tilerow": "999999999"}, "TileOutOfRange", "TileRow"),
        ({"tilecol": "9" * 400}, "InvalidParameterValue", "TileCol"),
        ({"tilerow": "5"}, "TileOutOfRange", "TileRow"),  # inside the matrix, outside of the layer's limits
        ({"time": "yesterday"}, "InvalidParameterValue", "time"),
        ({"time": "2026-02-30"}, "InvalidParameterValue", "time"),
    ],
)
def test_a_wrong_parameter_is_told_as_the_standard_says(
    client: FlaskClient,
    tile: dict[str, str],
    change: dict[str, str],
    code: str,
    locator: str,
    own_cache: Path,
) -> None:
    assert refusal(client.get(by_key({**tile, **change}))) == (400, code, locator)
    assert list(own_cache.rglob("*.png")) == []


def test_an_unknown_request_is_not_supported(client: FlaskClient, tile: dict[str, str]) -> None:
    assert refusal(client.get(by_key({**tile, "request": "GetMap"}))) == (
        501,
        "OperationNotSupported",
        "request",
    )


@pytest.mark.parametrize(
    "rest",
    [
        "cadastre.parcel/default/Stereo70/10/1/1.png",
        "cadastre.parcel/default/Stereo70/99/1/1.png",
        "cadastre.parcel/default/Stereo70/10/-1/1.png",
        "cadastre.parcel/default/Stereo70/10/a/b.png",
        "cadastre.parcel/default/Stereo70/10/1/1.gif",
        "cadastre.parcel/default/Stereo70/10/1/1",
        "cadastre.parcel/../../etc/passwd",
        "cadastre.parcel/default/current/..%2f..%2f/10/1/1.png",
        "planning.scan/default/Stereo70/10/1/1.png",
        "x",
        "/////////",
    ],
)
def test_an_address_that_leads_nowhere_is_not_found(client: FlaskClient, rest: str) -> None:
    answer = client.get(f"/wmts/1.0.0/{rest}")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "extra", ["&layer=roads.road", "&x=%00", "&x=%0d%0aSet-Cookie:a", "&x=" + "a" * 9000]
)
def test_garbled_and_contradicting_parameters_are_refused(
    client: FlaskClient, tile: dict[str, str], extra: str
) -> None:
    assert refusal(client.get(by_key(tile) + extra))[:2] == (400, "InvalidParameterValue")


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


# Who sees what


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


# What is there


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


def test_the_cache_is_private_to_its_user(client: FlaskClient, tile: dict[str, str], own_cache: Path) -> None:
    client.get(by_key(tile))
    assert own_cache.stat().st_mode & 0o077 == 0
    assert os.access(own_cache, os.W_OK)


WORDS = st.one_of(
    st.sampled_from(
        ["cadastre.parcel", "theme.planning", "default", "current", "Stereo70", "GoogleMapsCompatible", ""]
    ),
    st.integers(-(10**13), 10**13).map(str),
    st.text(max_size=12),
)


@settings_of_hypothesis(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    parts=st.lists(WORDS, min_size=1, max_size=10), suffix=st.sampled_from([".png", ".json", ".jpg", "", "."])
)
def test_no_address_ends_in_an_internal_error(client: FlaskClient, parts: list[str], suffix: str) -> None:
    answer = client.get(f"/wmts/1.0.0/{'/'.join(quote(part, safe='') for part in parts)}{suffix}")
    assert answer.status_code in {200, 304, 308, 400, 404, 501}
    if answer.status_code >= 400:
        assert answer.headers["Cache-Control"] == "no-store"


@settings_of_hypothesis(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changed=st.dictionaries(
        st.sampled_from(
            ["layer", "style", "format", "tilematrixset", "tilematrix", "tilerow", "tilecol", "time", "i"]
        ),
        st.one_of(WORDS, st.none()),
        min_size=1,
        max_size=4,
    )
)
def test_no_parameter_ends_in_an_internal_error(client: FlaskClient, changed: dict[str, str | None]) -> None:
    whole: dict[str, str | None] = {
        "service": "WMTS", "request": "GetTile", "version": "1.0.0", "layer": "cadastre.parcel", "style": "default",
        "format": "image/png", "tilematrixset": "Stereo70", "tilematrix": "3", "tilerow": "5", "tilecol": "5",
    }  # fmt: skip
    asked = {name: value for name, value in {**whole, **changed}.items() if value is not None}
    answer = client.get(by_key(asked))
    assert answer.status_code in {200, 400, 501}
    assert answer.status_code == 200 or answer.mimetype == "text/xml"
