"""WMTS 1.0.0: what it says of itself, to clients and to conformance suites."""

from __future__ import annotations

from pathlib import Path

import mapproxy.test
import psycopg
import pytest
from flask.testing import FlaskClient
from lxml import etree

from layers.catalogue import catalogue
from tests.gis_app.ogc.wmts import CAPABILITIES, NS, described, refusal
from tiles.cache.grids import MATRIX_SETS
from tiles.themes import THEMES

SCHEMA = Path(mapproxy.test.__file__).parent / "schemas/wmts/1.0/wmtsGetCapabilities_response.xsd"


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
