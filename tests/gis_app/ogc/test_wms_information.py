"""GetFeatureInfo, GetLegendGraphic, GetStyles, DescribeLayer: each in every form, truthful, refusing by name."""

from __future__ import annotations

import base64
import hashlib
import io
import re

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import etree, html
from PIL import Image

from layers.catalogue import catalogue
from layers.demo import SHOWCASE
from tests.gis_app.ogc.wms import HALF, INFO, LEGEND, PARCEL, X, Y, ask, found, refused

BOTH = {
    **INFO,
    "layers": "planning.zone,cadastre.parcel,roads.road",
    "query_layers": "planning.zone,cadastre.parcel",
}


@pytest.mark.parametrize(
    ("form", "mimetype"),
    [("text/html", "text/html"), ("application/json", "application/json"), ("text/plain", "text/plain"),
     ("application/vnd.ogc.gml", "application/vnd.ogc.gml"), (None, "text/html"),
     ("application/geo+json", "application/geo+json"), ("application/gml+xml", "application/gml+xml"),
     ("text/xml", "text/xml")],
)  # fmt: skip
def test_each_form_comes_as_itself_and_names_the_parcel(
    client: FlaskClient, form: str | None, mimetype: str
) -> None:
    answer = ask(client, BOTH, info_format=form)
    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    assert PARCEL in answer.text
    if mimetype == "text/html":
        page = html.document_fromstring(answer.text)
        assert [caption.text for caption in page.findall(".//caption")] == [
            catalogue()[name].title.ro for name in ("cadastre.parcel", "planning.zone")
        ]
    if mimetype == "application/vnd.ogc.gml":
        root = etree.fromstring(answer.data)
        assert found(root, "//*[local-name()='cadastral_number']/text()") == [PARCEL]
        first = found(root, "//*[local-name()='coordinates']/text()")[0].split()[0].split(",")
        assert float(first[0]) == pytest.approx(X, abs=500)


def test_the_page_is_written_as_people_write(client: FlaskClient) -> None:
    answer = ask(client, {**BOTH, "query_layers": "cadastre.parcel"}, info_format="text/html")
    page = html.document_fromstring(answer.text)
    told = {row.findtext("th"): row.findtext("td") for row in page.findall(".//tbody/tr")}
    assert told["Codul SIRUTA al UAT"] == str(SHOWCASE.siruta)
    assert re.fullmatch(r"\d{1,3}(\.\d{3})*(,\d{1,2})?\xa0m²", told["Suprafața din acte"])
    assert (
        told["Categoria de folosință"] in catalogue()["cadastre.parcel"].column("use_category").words.values()
    )
    assert told["Forma de proprietate, dacă este cunoscută"] in {"publică", "privată"}


def test_the_page_brings_its_looks_and_no_other_is_let_in(client: FlaskClient) -> None:
    answer = ask(client, BOTH, info_format="text/html")
    looks = html.document_fromstring(answer.text).findtext(".//style")
    digest = base64.b64encode(hashlib.sha256(looks.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy


def test_features_are_counted_by_layer_topmost_first(client: FlaskClient) -> None:
    answer = ask(client, BOTH, info_format="application/json").get_json()
    assert [one["layer"] for one in answer["features"]] == ["cadastre.parcel", "planning.zone"]
    wide = {**BOTH, "query_layers": "cadastre.parcel", "info_format": "application/json"}
    # On the line between two parcels there is one of them, or both.
    assert len(ask(client, wide, feature_count=50).get_json()["features"]) in {1, 2}


def test_a_line_is_found_from_a_few_pixels_off(client: FlaskClient) -> None:
    for radius in range(0, 150, 3):
        for i, j in ((150, 150 - radius), (150, 150 + radius), (150 - radius, 150), (150 + radius, 150)):
            asked = {**BOTH, "query_layers": "roads.road", "info_format": "application/json", "i": i, "j": j}
            features = ask(client, asked).get_json()["features"]
            if features:
                assert features[0]["properties"]["number"]
                assert features[0]["geometry"]["type"].endswith("LineString")
                return
    raise AssertionError("there is a road in front of the showcase")


def test_queries_are_refused_by_name(client: FlaskClient) -> None:
    refused(ask(client, INFO, info_format="text/nonsense"), "InvalidFormat")
    for name in ("i", "j"):
        for bad in ("-1", "300", "x", "1e3"):
            refused(ask(client, INFO, **{name: bad}), "InvalidPoint")
    refused(ask(client, INFO, query_layers="nothing"), "LayerNotDefined")
    refused(ask(client, INFO, query_layers="cadastre.parcel"), "LayerNotDefined")
    refused(ask(client, INFO, feature_count="0"), None)
    refused(ask(client, INFO, feature_count="1000000"), None)
    refused(ask(client, INFO, query_layers=None), "MissingParameterValue")


def test_nothing_is_found_where_nothing_is_drawn(client: FlaskClient) -> None:
    far = {
        **BOTH,
        "bbox": "300000,250000,500000,450000",
        "query_layers": "cadastre.parcel",
        "info_format": "application/json",
    }
    assert ask(client, far).get_json()["features"] == []
    assert "Nimic aici" in ask(client, BOTH, time="1990-01-01", info_format="text/plain").text


def test_internal_columns_are_not_told(client: FlaskClient) -> None:
    for name, layer in catalogue().items():
        internal = {column.name for column in layer.columns if column.internal}
        assert not internal or name == "planning.scan" or internal <= {"path"}
    refused(ask(client, INFO, layers="planning.scan", query_layers="planning.scan"), "LayerNotDefined")


def test_the_older_version_asks_by_x_and_y(client: FlaskClient) -> None:
    older = {
        **BOTH,
        "version": "1.1.1",
        "crs": None,
        "srs": "EPSG:3844",
        "bbox": f"{X - HALF},{Y - HALF},{X + HALF},{Y + HALF}",
        "i": None,
        "j": None,
    }
    assert PARCEL in ask(client, older, x=150, y=150).text
    answer = ask(client, older, x=150, y=300)
    assert (answer.status_code, answer.mimetype) == (400, "application/vnd.ogc.se_xml")
    assert found(etree.fromstring(answer.data), "//ServiceException/@code") == ["InvalidPoint"]


def test_legends(client: FlaskClient) -> None:
    shown = Image.open(io.BytesIO(ask(client, LEGEND).data))
    colours = {tuple(map(int, pixel)) for row in np.asarray(shown.convert("RGB")) for pixel in row}
    assert (247, 227, 74) in colours
    assert ask(client, LEGEND, format="image/jpeg").content_type == "image/jpeg"
    clear = Image.open(io.BytesIO(ask(client, LEGEND, transparent="TRUE").data))
    assert clear.convert("RGBA").getpixel((0, 0))[3] == 0
    roads = {**LEGEND, "layer": "roads.road"}
    near, far = (Image.open(io.BytesIO(ask(client, roads, scale=scale).data)) for scale in (1000, 400_000))
    assert far.height < near.height
    etag = ask(client, LEGEND).headers["ETag"]
    assert ask(client, LEGEND, {"If-None-Match": etag}).status_code == 304


def test_legends_are_refused_by_name(client: FlaskClient) -> None:
    refused(ask(client, LEGEND, layer="nothing"), "LayerNotDefined")
    refused(ask(client, LEGEND, layer=None), "MissingParameterValue")
    refused(ask(client, LEGEND, style="nothing"), "StyleNotDefined")
    refused(ask(client, LEGEND, format="text/html"), "InvalidFormat")
    refused(ask(client, LEGEND, scale="0"), None)
    refused(ask(client, LEGEND, scale="NaN"), None)
    answer = client.get(
        "/ows?service=WMS&request=GetLegendGraphic&layer=planning.zone&layer=roads.road&format=image/png"
    )
    refused(answer, "InvalidParameterValue")


def test_styles_as_sld(client: FlaskClient) -> None:
    names = [
        layer.id
        for layer in catalogue().values()
        if layer.geometry and layer.style and layer.visibility == "public"
    ]
    answer = ask(
        client, {"service": "WMS", "version": "1.1.1", "request": "GetStyles", "layers": ",".join(names)}
    )
    assert answer.status_code == 200
    root = etree.fromstring(answer.data)
    assert found(root, "/sld:StyledLayerDescriptor/sld:NamedLayer/sld:Name/text()") == names
    fills = found(
        root, "//sld:NamedLayer[sld:Name='planning.zone']//sld:Fill/sld:CssParameter[@name='fill']/text()"
    )
    assert "#f7e34a" in fills
    looks = found(root, "//sld:NamedLayer[sld:Name='cadastre.parcel']/sld:UserStyle/sld:Name/text()")
    assert looks == list(dict.fromkeys(rule.variant for rule in catalogue()["cadastre.parcel"].style))
    number = found(
        root, "//sld:NamedLayer[sld:Name='planning.zone']//ogc:PropertyIsEqualTo/ogc:Literal/text()"
    )
    assert "Li" in number


def test_layers_are_described_as_features_of_our_wfs(client: FlaskClient) -> None:
    asked = {
        "service": "WMS",
        "request": "DescribeLayer",
        "layers": "planning.zone,roads.road",
        "sld_version": "1.1.0",
    }
    older = etree.fromstring(ask(client, asked, version="1.1.1").data)
    assert found(older, "/WMS_DescribeLayerResponse/LayerDescription/@name") == [
        "planning.zone",
        "roads.road",
    ]
    newer = etree.fromstring(ask(client, asked, version="1.3.0").data)
    kinds = found(newer, "//*[local-name()='FeatureTypeName']/text()")
    assert kinds == ["vatra:planning.zone", "vatra:roads.road"]
    described = client.get(f"/ows?service=WFS&version=2.0.0&request=DescribeFeatureType&typenames={kinds[0]}")
    assert described.status_code == 200
    refused(ask(client, asked, layers="nothing"), "LayerNotDefined")
