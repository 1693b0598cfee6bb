"""One policy at every door: each layer × each door × each circle of people, and the same answer everywhere.

A door is asked for a layer in the way its clients do; it serves the layer, or answers as if there were none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

from gis_app import create_app
from gis_app.accounts import tokens
from layers.catalogue import Layer, Visibility, catalogue
from layers.visibility import CIRCLES, may_see
from tests.gis_app.conftest import bearer

# Beside what the catalogue keeps for staff: layers that an authority keeps for operators and for itself.
NARROWED = {
    "utilities.node": "operator",
    "utilities.line": "operator",
    "roads.access": "staff",
    "terrain.dem": "operator",
}
WINDOW = "bbox=400000,340000,420000,360000"
WMS = f"service=WMS&version=1.3.0&styles=&crs=EPSG:3844&{WINDOW}&width=32&height=32&format=image/png"

Door = Callable[["Caller", Layer], bool | None]


class Caller:
    """Somebody of a circle, with the headers that show it; remembers what capabilities said."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self._client, self._headers = client, headers
        self.document = cache(self._document)

    def get(self, path: str) -> TestResponse:
        """A response, which is never a fault of ours."""
        response = self._client.get(path, headers=self._headers)
        assert response.status_code < 500, (path, response.text[:500])
        return response

    def _document(self, path: str) -> str:
        response = self.get(path)
        assert response.status_code == 200, (path, response.text[:500])
        return response.text


def served(response: TestResponse) -> bool:
    """Whether the layer was served; anything but a plain refusal fails."""
    if response.status_code in {200, 204}:
        assert not response.mimetype.endswith("xml") or "ExceptionReport" not in response.text[:400]
        return True
    assert response.status_code in {400, 404}, response.text[:300]
    return "TileOutOfRange" in response.text  # a place where the layer has nothing


def wms_map(caller: Caller, layer: Layer) -> bool | None:
    return served(caller.get(f"/ows?{WMS}&request=GetMap&layers={layer.id}")) if layer.geometry else None


def wms_info(caller: Caller, layer: Layer) -> bool | None:
    asked = f"request=GetFeatureInfo&layers={layer.id}&query_layers={layer.id}&i=1&j=1&info_format=application/json"
    return served(caller.get(f"/ows?{WMS}&{asked}")) if layer.geometry else None


def wms_legend(caller: Caller, layer: Layer) -> bool | None:
    asked = f"service=WMS&version=1.3.0&request=GetLegendGraphic&layer={layer.id}&format=image/png&sld_version=1.1.0"
    return served(caller.get(f"/ows?{asked}")) if layer.geometry else None


def wms_styles(caller: Caller, layer: Layer) -> bool | None:
    return (
        served(caller.get(f"/ows?service=WMS&version=1.1.1&request=GetStyles&layers={layer.id}"))
        if layer.geometry
        else None
    )


def wms_capabilities(caller: Caller, layer: Layer) -> bool | None:
    names = _names(caller.document("/ows?service=WMS&request=GetCapabilities"), "Name")
    return layer.id in names if layer.geometry else None


def wfs_capabilities(caller: Caller, layer: Layer) -> bool | None:
    names = _names(caller.document("/ows?service=WFS&request=GetCapabilities"), "Name")
    return f"vatra:{layer.id}" in names if layer.geometry else None


def wfs_features(caller: Caller, layer: Layer) -> bool | None:
    asked = f"service=WFS&version=2.0.0&request=GetFeature&typenames=vatra:{layer.id}&count=1"
    return served(caller.get(f"/ows?{asked}")) if layer.geometry else None


def wfs_description(caller: Caller, layer: Layer) -> bool | None:
    asked = f"service=WFS&version=2.0.0&request=DescribeFeatureType&typenames=vatra:{layer.id}"
    return served(caller.get(f"/ows?{asked}")) if layer.geometry else None


def wfs_feature_by_id(caller: Caller, layer: Layer) -> bool | None:
    if not (layer.geometry and (feature := FIRST.get(layer.id))):
        return None
    asked = "storedquery_id=urn:ogc:def:query:OGC-WFS::GetFeatureById"
    return served(
        caller.get(f"/ows?service=WFS&version=2.0.0&request=GetFeature&{asked}&id={layer.id}.{feature}")
    )


def wmts_capabilities(caller: Caller, layer: Layer) -> bool | None:
    names = _names(caller.document("/wmts/1.0.0/WMTSCapabilities.xml"), "Identifier")
    return layer.id in names if layer.geometry else None


def wmts_tile(caller: Caller, layer: Layer) -> bool | None:
    tile = f"/wmts/1.0.0/{layer.id}/default/current/Stereo70/5/95/78.png"
    return served(caller.get(tile)) if layer.geometry else None


def wmts_list(caller: Caller, layer: Layer) -> bool | None:
    listed = json.loads(caller.document("/wmts/layers.json"))["layers"]
    return layer.id in {one["id"] for one in listed} if layer.geometry else None


def vector_tile(caller: Caller, layer: Layer) -> bool | None:
    return served(caller.get(f"/tiles/{layer.id}/16/36989/23529.pbf")) if layer.geometry else None


def tile_json(caller: Caller, layer: Layer) -> bool | None:
    return served(caller.get(f"/tiles/{layer.id}.json")) if layer.geometry else None


def tile_group(caller: Caller, layer: Layer) -> bool | None:
    if not layer.geometry:
        return None
    response = caller.get(f"/tiles/{layer.schema_name}.json")
    if response.status_code == 404:  # nobody sees a layer of this group
        return False
    return layer.id in {one["id"] for one in json.loads(response.text)["vector_layers"]}


def map_style(caller: Caller, layer: Layer) -> bool | None:
    style = json.loads(caller.document("/tiles/style.json"))
    used = {one.get("source-layer") for one in style["layers"]}
    footprint = any(column.internal for column in layer.columns)
    return layer.id in used if layer.geometry and not footprint else None


def raster(caller: Caller, layer: Layer) -> bool | None:
    return served(caller.get(f"/raster/{layer.id}.json")) if layer.id in RASTERS else None


def collections(caller: Caller, layer: Layer) -> bool | None:
    listed = json.loads(caller.document("/ogcapi/collections?f=json"))["collections"]
    return layer.id in {one["id"] for one in listed}


def collection(caller: Caller, layer: Layer) -> bool | None:
    return served(caller.get(f"/ogcapi/collections/{layer.id}?f=json"))


def items(caller: Caller, layer: Layer) -> bool | None:
    return served(caller.get(f"/ogcapi/collections/{layer.id}/items?f=json&limit=1"))


def item(caller: Caller, layer: Layer) -> bool | None:
    feature = FIRST.get(layer.id)
    return served(caller.get(f"/ogcapi/collections/{layer.id}/items/{feature}?f=json")) if feature else None


def queryables(caller: Caller, layer: Layer) -> bool | None:
    return served(caller.get(f"/ogcapi/collections/{layer.id}/queryables?f=json"))


def api_map(caller: Caller, layer: Layer) -> bool | None:
    asked = "f=png&width=32&height=32"
    return served(caller.get(f"/ogcapi/collections/{layer.id}/map?{asked}")) if layer.geometry else None


def api_tile(caller: Caller, layer: Layer) -> bool | None:
    tile = f"/ogcapi/collections/{layer.id}/tiles/WebMercatorQuad/16/23529/36989?f=mvt"
    return served(caller.get(tile)) if layer.geometry else None


def api_record(caller: Caller, layer: Layer) -> bool | None:
    return served(caller.get(f"/ogcapi/collections/records/items/{layer.id}?f=json"))


def api_description(caller: Caller, layer: Layer) -> bool | None:
    return f"/collections/{layer.id}/items" in caller.document("/ogcapi/api?f=json")


def csw_record(caller: Caller, layer: Layer) -> bool | None:
    name = f"urn:vatra:layer:{layer.id}"
    response = caller.get(f"/csw?service=CSW&version=2.0.2&request=GetRecordById&id={name}")
    return name in response.text


def download(caller: Caller, layer: Layer) -> bool | None:
    return served(caller.get(f"/downloads/{layer.id}.csv?as_of=2020-01-01"))


def api_list(caller: Caller, layer: Layer) -> bool | None:
    return layer.id in {one["id"] for one in json.loads(caller.document("/api/v1/layers"))["layers"]}


def api_detail(caller: Caller, layer: Layer) -> bool | None:
    return served(caller.get(f"/api/v1/layers/{layer.id}"))


DOORS: tuple[Door, ...] = (
    wms_map, wms_info, wms_legend, wms_styles, wms_capabilities,
    wfs_capabilities, wfs_features, wfs_description, wfs_feature_by_id,
    wmts_capabilities, wmts_tile, wmts_list,
    vector_tile, tile_json, tile_group, map_style, raster,
    collections, collection, items, item, queryables, api_map, api_tile, api_record, api_description,
    csw_record, download, api_list, api_detail,
)  # fmt: skip
RASTERS = ("terrain.dem", "imagery.orthophoto")
FIRST: dict[str, int] = {}


@pytest.fixture(scope="module")
def callers(county: str) -> Iterator[dict[Visibility, Caller]]:
    """Somebody of every circle, at an installation that has narrowed some layers."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("VATRA_DATABASE_URL", county)
        environment.setenv("VATRA_VISIBILITY", json.dumps(NARROWED))
        with psycopg.connect(county) as connection:
            for layer in catalogue():
                row = connection.execute(
                    f"SELECT min(id) FROM {layer} WHERE valid_to = 'infinity'"
                ).fetchone()
                if row and row[0]:
                    FIRST[layer] = row[0]
        application = create_app()
        shown = {
            "public": {},
            "operator": bearer(tokens.create("policy-operator", ("layers:operator",))),
            "staff": bearer(tokens.create("policy-staff", ("layers:staff",))),
        }
        yield {circle: Caller(application.test_client(), shown[circle]) for circle in CIRCLES}
        tokens.revoke("policy-operator")
        tokens.revoke("policy-staff")


@pytest.mark.parametrize("circle", CIRCLES)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_door_serves_each_layer_to_those_who_may_see_it(
    callers: dict[Visibility, Caller], door: Door, circle: Visibility
) -> None:
    answers = {layer.id: door(callers[circle], layer) for layer in catalogue().values()}
    applicable = {layer: answer for layer, answer in answers.items() if answer is not None}
    assert applicable
    wrong = {
        layer: answer for layer, answer in applicable.items() if answer != may_see(circle, catalogue()[layer])
    }
    assert wrong == {}


def test_the_matrix_has_layers_that_each_circle_does_not_see(callers: dict[Visibility, Caller]) -> None:
    hidden = {
        circle: {layer.id for layer in catalogue().values() if not may_see(circle, layer)}
        for circle in CIRCLES
    }
    assert hidden["public"] == {*NARROWED, "planning.scan", "derived.protection_zone"}
    assert hidden["operator"] == {"roads.access", "planning.scan"}
    assert hidden["staff"] == set()


def test_an_answer_with_narrowed_layers_is_kept_by_no_shared_cache(callers: dict[Visibility, Caller]) -> None:
    for path in (
        f"/ows?{WMS}&request=GetMap&layers=utilities.line",
        "/tiles/utilities.line/16/36989/23529.pbf",
        "/ogcapi/collections/utilities.line/items?f=json&limit=1",
        "/ows?service=WFS&version=2.0.0&request=GetFeature&typenames=vatra:utilities.line&count=1",
        "/downloads/utilities.line.csv?as_of=2020-01-01",
        "/wmts/1.0.0/utilities.line/default/current/Stereo70/5/95/78.png",
    ):
        kept = callers["staff"].get(path).headers.get("Cache-Control", "")
        assert "private" in kept or "no-store" in kept, (path, kept)


def test_a_layer_that_is_hidden_is_told_from_none_by_nothing(callers: dict[Visibility, Caller]) -> None:
    for path in (
        "/tiles/{}.json",
        "/ogcapi/collections/{}/items?f=json",
        "/downloads/{}.csv",
        "/api/v1/layers/{}",
        "/ows?service=WFS&version=2.0.0&request=GetFeature&typenames=vatra:{}",
        f"/ows?{WMS}&request=GetMap&layers={{}}",
        "/wmts/1.0.0/{}/default/current/Stereo70/5/95/78.png",
    ):
        hidden, none = (callers["public"].get(path.format(name)) for name in ("roads.access", "roads.excess"))
        assert hidden.status_code == none.status_code, path
        assert _told(hidden, "roads.access") == _told(none, "roads.excess"), path


def _told(response: TestResponse, name: str) -> Any:
    """What an answer says, but for the name asked about, near names, and the request's own number."""
    text = response.text.replace(name, "…").split("; did you mean")[0].split("; known:")[0]
    return response.mimetype, text.split("request_id")[0][:200]


def _names(document: str, tag: str) -> set[str]:
    """Texts of the elements of that local name."""
    root = etree.fromstring(document.encode())
    return {str(text) for text in root.xpath(f"//*[local-name()='{tag}']/text()")}
