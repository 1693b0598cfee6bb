"""What the WMS says of itself: valid, complete, true, and only what the caller may see."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import mapproxy
import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from lxml import etree
from owslib.wms import WebMapService
from PIL import Image

from gis_app import create_app
from gis_app.settings import WebSettings
from layers.catalogue import catalogue
from layers.groups import groups
from layers.visibility import visible
from tests.gis_app.conftest import bearer
from tests.gis_app.ogc.schemas import faults, schema
from tests.gis_app.ogc.wms import LEGEND, MAP, NAMES, alike, ask, capabilities, found, refused
from tiles.references import REFERENCES

SCHEMAS = Path(mapproxy.__file__).parent / "test/schemas"
WHOLE = {
    NAMES["wms"]: SCHEMAS / "wms/1.3.0/capabilities_1_3_0.xsd",
    NAMES["inspire_vs"]: SCHEMAS / "inspire/inspire_vs/1.0/inspire_vs.xsd",
    NAMES["sld"]: SCHEMAS / "sld/1.1.0/sld_capabilities.xsd",
}
GET = {"service": "WMS", "request": "GetCapabilities"}
NAMED = "//wms:Layer[wms:Name]"


def drawable(circle: str) -> set[str]:
    return {layer.id for layer in visible(circle).values() if layer.geometry and layer.style}


@pytest.mark.parametrize("language", ["", "rum", "eng", "hun", "xxx"])
def test_the_document_is_valid_against_the_published_schemas(client: FlaskClient, language: str) -> None:
    answer = ask(client, GET, language=language)
    assert answer.mimetype == "text/xml"
    assert faults(schema(*WHOLE.items()), answer.data) == []
    (told,) = found(
        etree.fromstring(answer.data), "//inspire_common:ResponseLanguage/inspire_common:Language/text()"
    )
    assert told == (language if language in {"eng", "hun"} else "rum")


def test_titles_come_in_the_language_asked_for(client: FlaskClient) -> None:
    titles = {
        language: found(
            capabilities(client, language=language), f"{NAMED}[wms:Name='cadastre.parcel']/wms:Title/text()"
        )
        for language in ("rum", "eng", "hun")
    }
    title = catalogue()["cadastre.parcel"].title
    assert titles == {"rum": [title.ro], "eng": [title.en], "hun": [title.hu]}


@pytest.mark.parametrize(
    ("asked", "given"),
    [(None, "1.3.0"), ("1.3.0", "1.3.0"), ("1.1.1", "1.1.1"), ("1.1.0", "1.1.1"), ("1.1.3", "1.1.1"),
     ("1.2.0", "1.1.1"), ("0.9.0", "1.1.1"), ("2.0.0", "1.3.0"), ("nonsense", "1.1.1"), ("", "1.3.0")],
)  # fmt: skip
def test_versions_are_negotiated(client: FlaskClient, asked: str | None, given: str) -> None:
    root = capabilities(client, asked)
    assert root.get("version") == given
    assert etree.QName(root).localname == ("WMS_Capabilities" if given == "1.3.0" else "WMT_MS_Capabilities")


def test_the_format_asked_for_does_not_matter(client: FlaskClient) -> None:
    for form in (None, "text/xml", "text/nonsense"):
        answer = ask(client, GET, format=form)
        assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    root = capabilities(client)
    assert "text/xml" in found(root, "//wms:GetCapabilities/wms:Format/text()")
    assert found(root, "//wms:Exception/wms:Format/text()") == ["XML", "INIMAGE", "BLANK"]


def test_the_update_sequence(client: FlaskClient) -> None:
    now = int(capabilities(client).get("updateSequence"))
    assert now > 0
    refused(ask(client, GET, updatesequence=now), "CurrentUpdateSequence")
    refused(ask(client, GET, updatesequence=now + 1), "InvalidUpdateSequence")
    refused(ask(client, GET, updatesequence="abc"), "InvalidUpdateSequence")
    assert ask(client, GET, updatesequence=now - 1).status_code == 200


def test_addresses_are_absolute_prefixes(client: FlaskClient) -> None:
    root = capabilities(client)
    operations = found(root, "//wms:Request//wms:OnlineResource/@xlink:href")
    assert operations
    assert set(operations) == {"http://localhost/ows?"}
    assert all(one.get(f"{{{NAMES['xlink']}}}href") for one in found(root, "//wms:OnlineResource"))


def test_addresses_are_those_the_proxy_was_asked_for(settings: None) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "harti.example.ro"}
    behind = create_app(WebSettings(trusted_proxies=1)).test_client()
    bare = create_app(WebSettings(trusted_proxies=0)).test_client()
    query = "/ows?service=WMS&request=GetCapabilities"
    assert b'"https://harti.example.ro/ows?"' in behind.get(query, headers=told).data
    assert b"harti.example.ro" not in bare.get(query, headers=told).data
    odd = behind.get(query, headers={"X-Forwarded-Host": '"><script>alert(1)</script>'})
    assert b"<script" not in odd.data


def test_every_layer_tells_where_it_lies(client: FlaskClient) -> None:
    root = capabilities(client)
    (top,) = found(root, "/wms:WMS_Capabilities/wms:Capability/wms:Layer")
    assert found(top, "wms:CRS/text()") == list(REFERENCES)
    for layer in found(top, f".{NAMED}"):
        west, east, south, north = (
            float(text) for text in found(layer, "wms:EX_GeographicBoundingBox/*/text()")
        )
        assert 20 < west < east < 30
        assert 43 < south < north < 49
        boxes = {box.get("CRS"): box for box in found(layer, "wms:BoundingBox")}
        assert list(boxes) == list(REFERENCES)
        for box in boxes.values():
            assert float(box.get("minx")) < float(box.get("maxx"))
            assert float(box.get("miny")) < float(box.get("maxy"))
        # North first where the registry says so.
        assert float(boxes["EPSG:4326"].get("minx")) == pytest.approx(south, abs=1e-5)
        assert float(boxes["CRS:84"].get("minx")) == pytest.approx(west, abs=1e-5)
        assert boxes["EPSG:3844"].get("minx") == boxes["EPSG:31700"].get("minx")
    parcels = found(root, f"{NAMED}[wms:Name='cadastre.parcel']/wms:BoundingBox[@CRS='EPSG:3844']")[0]
    assert float(parcels.get("minx")) < 396_343 < float(parcels.get("maxx"))
    assert float(parcels.get("miny")) < 354_343 < float(parcels.get("maxy"))


def test_the_older_version_has_east_first(client: FlaskClient) -> None:
    root = capabilities(client, "1.1.1")
    box = found(root, "//Layer[Name='cadastre.parcel']/BoundingBox[@SRS='EPSG:3844']")[0]
    assert float(box.get("minx")) < 354_343 < float(box.get("maxx"))
    assert found(root, "//Layer[Name='cadastre.parcel']/LatLonBoundingBox")
    assert "CRS:84" not in found(root, "//SRS/text()")
    hint = found(root, "//Layer[Name='cadastre.parcel']/ScaleHint")[0]
    largest = catalogue()["cadastre.parcel"].scale.max
    assert float(hint.get("max")) == pytest.approx(largest * 0.00028 * 2**0.5, rel=1e-3)


def test_layers_are_sorted_into_groups_under_one_root(client: FlaskClient) -> None:
    root = capabilities(client)
    titles = found(root, "/wms:WMS_Capabilities/wms:Capability/wms:Layer/wms:Layer/wms:Title/text()")
    assert titles == [title.ro for title in groups().values() if title.ro in titles]
    assert len(found(root, f"{NAMED}[@queryable='1']")) == len(found(root, f"{NAMED}/wms:Name"))
    limits = found(root, f"{NAMED}[wms:Name='cadastre.parcel']/wms:MaxScaleDenominator/text()")
    assert limits == [str(catalogue()["cadastre.parcel"].scale.max)]


def test_styles_have_unique_names_and_legends_of_the_size_and_form_told(client: FlaskClient) -> None:
    root = capabilities(client)
    for layer in found(root, NAMED):
        names = found(layer, "wms:Style/wms:Name/text()")
        assert names
        assert max(Counter(names).values()) == 1
        for legend in found(layer, "wms:Style/wms:LegendURL"):
            (address,) = found(legend, "wms:OnlineResource/@xlink:href")
            answer = client.get(address.removeprefix("http://localhost"))
            assert answer.content_type == found(legend, "wms:Format/text()")[0] == "image/png"
            size = Image.open(io.BytesIO(answer.data)).size
            assert size == (int(legend.get("width")), int(legend.get("height"))), address


def test_metadata_and_identifiers_lead_somewhere(client: FlaskClient) -> None:
    root = capabilities(client)
    for layer in found(root, NAMED):
        (metadata,) = found(layer, "wms:MetadataURL")
        assert metadata.get("type") == "ISO19115:2003"
        authorities = found(layer, "wms:AuthorityURL/@name")
        assert set(found(layer, "wms:Identifier/@authority")) <= set(authorities)
        assert found(layer, "wms:Attribution/wms:Title/text()")
    (address,) = found(
        root, f"{NAMED}[wms:Name='cadastre.parcel']/wms:MetadataURL/wms:OnlineResource/@xlink:href"
    )
    answer = client.get(address.removeprefix("http://localhost"))
    assert answer.status_code == 200
    told = f"{NAMED}[wms:Name='cadastre.parcel']/wms:MetadataURL/wms:Format/text()"
    assert found(root, told) == [answer.mimetype]
    assert b"urn:vatra:layer:cadastre.parcel" in answer.data


def test_the_time_dimension_lists_the_days_of_versions(client: FlaskClient) -> None:
    (time,) = found(capabilities(client), f"{NAMED}[wms:Name='cadastre.parcel']/wms:Dimension[@name='time']")
    assert time.get("units") == "ISO8601"
    days = time.text.split(",")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days)
    assert days == sorted(days)
    assert time.get("default") in days


@pytest.mark.parametrize(
    ("scope", "circle"), [(None, "public"), ("layers:operator", "operator"), ("layers:staff", "staff")]
)
def test_each_caller_is_told_of_what_it_may_see(
    client: FlaskClient, token: Callable[..., str], scope: str | None, circle: str
) -> None:
    headers = bearer(token(scope)) if scope else None
    told = {
        version: set(found(etree.fromstring(ask(client, GET, headers, version=version).data), path))
        for version, path in (("1.3.0", f"{NAMED}/wms:Name/text()"), ("1.1.1", "//Layer/Name/text()"))
    }
    assert told == {"1.3.0": drawable(circle), "1.1.1": drawable(circle)}


def test_a_layer_narrowed_away_is_gone_from_every_request(
    settings: None, monkeypatch: pytest.MonkeyPatch, token: Callable[..., str]
) -> None:
    monkeypatch.setenv("VATRA_VISIBILITY", '{"planning.zone": "staff"}')
    client = create_app().test_client()
    assert b"planning.zone" not in ask(client, GET).data
    refused(ask(client, MAP), "LayerNotDefined")
    refused(ask(client, LEGEND), "LayerNotDefined")
    refused(ask(client, MAP, layers="planning.scan"), "LayerNotDefined")
    staff = bearer(token("layers:staff"))
    assert ask(client, MAP, staff).status_code == 200
    assert ask(client, MAP, staff).headers["Cache-Control"].startswith("private")


def test_owslib_reads_it(app: OpenAPI, client: FlaskClient) -> None:
    for version in ("1.3.0", "1.1.1"):
        answer = ask(client, GET, version=version)
        service = WebMapService("http://localhost/ows", version=version, xml=answer.data)
        assert service.identification.type in {"WMS", "OGC:WMS"}
        assert set(service.contents) == drawable("public")
        parcels = service["cadastre.parcel"]
        assert all(isinstance(number, float) for number in parcels.boundingBoxWGS84)
        assert parcels.timepositions
        assert "legend" in parcels.styles["default"]
        assert service.getOperationByName("GetMap").formatOptions[0] == "image/png"


def test_it_is_kept_until_a_version_is_published(client: FlaskClient) -> None:
    answer = ask(client, GET)
    assert answer.headers["Cache-Control"] == "public, no-cache"
    again = ask(client, GET, {"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert ask(client, GET, {"If-None-Match": answer.headers["ETag"]}, version="1.1.1").status_code == 200
    packed = ask(client, GET, {"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) * 4 < len(answer.data)


def test_names_of_parameters_have_no_case_and_unknown_ones_are_passed_over(client: FlaskClient) -> None:
    odd = {
        "".join(c.upper() if i % 2 else c for i, c in enumerate(name)): value for name, value in MAP.items()
    }
    shown = ask(client, dict(reversed(odd.items())), NONSENSE="x", ANGLE="17", _="17")
    assert alike(shown, ask(client, MAP))
    assert ask(client, {"SeRvIcE": "WMS", "rEqUeSt": "GetCapabilities"}, hello="there").status_code == 200
