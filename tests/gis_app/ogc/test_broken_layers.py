"""A layer whose data is gone: still listed everywhere, answered with an error everywhere, and shown in /readyz."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from flask.testing import FlaskClient
from shapely.geometry import box

from gis_app import create_app
from layers import health, states
from layers.catalogue import get_layer
from layers.days import today
from layers.demo import SHOWCASE
from layers.health import BrokenLayer
from tests.conftest import DatabaseMaker
from tests.gis_app.ogc import test_one_policy as doors
from tests.gis_app.ogc.test_one_policy import WMS, Caller, Door
from tiles.plans.inset import Cause, draw_inset
from tiles.plans.plan import draw_plan, map_png

LAND = box(354_500, 396_300, 354_550, 396_350)
EMPTIED, DROPPED, WHOLE = "heritage.monument", "roads.access", "roads.junction"
LISTS: tuple[Door, ...] = (
    doors.wms_capabilities, doors.wfs_capabilities, doors.wmts_capabilities, doors.wmts_list,
    doors.map_style, doors.collections, doors.api_description, doors.csw_record, doors.api_list,
)  # fmt: skip
ANSWERS = {
    "wms_map": f"/ows?{WMS}&request=GetMap&layers={{}}",
    "wms_info": f"/ows?{WMS}&request=GetFeatureInfo&layers={{0}}&query_layers={{0}}&i=1&j=1&info_format=text/html",
    "wfs": "/ows?service=WFS&version=2.0.0&request=GetFeature&typenames=vatra:{}&count=1",
    "wfs_hits": "/ows?service=WFS&version=1.1.0&request=GetFeature&typename=vatra:{}&resulttype=hits",
    "wmts": "/wmts/1.0.0/{}/default/current/Stereo70/10/4811/3900.png",
    "tile": "/tiles/{}/16/36989/23529.pbf",
    "items": "/ogcapi/collections/{}/items?f=json",
    "api_map": "/ogcapi/collections/{}/map?f=png&width=32&height=32",
    "download": "/downloads/{}.csv",
}


@pytest.fixture(scope="module")
def database(make_database: DatabaseMaker, demo_template: str) -> str:
    """A county that has lost the rows of one layer and the table of another."""
    address = make_database("broken", demo_template)
    with psycopg.connect(address) as connection:
        connection.execute("DELETE FROM heritage.monument")
        connection.execute("DROP TABLE roads.access")
    return address


@pytest.fixture(scope="module")
def client(database: str) -> Iterator[FlaskClient]:
    """A client of an installation with that county."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("VATRA_DATABASE_URL", database)
        health.forget()
        states.forget()
        yield create_app().test_client()


@pytest.mark.parametrize("layer", [EMPTIED, DROPPED])
@pytest.mark.parametrize("door", LISTS, ids=lambda door: door.__name__)
def test_it_disappears_from_no_list(client: FlaskClient, door: Door, layer: str) -> None:
    assert door(Caller(client, {}), get_layer(layer))


@pytest.mark.parametrize("layer", [EMPTIED, DROPPED])
@pytest.mark.parametrize("name", ANSWERS)
def test_it_is_answered_with_an_error_that_names_it(client: FlaskClient, name: str, layer: str) -> None:
    answer = client.get(ANSWERS[name].format(layer))
    assert answer.status_code == 503, answer.text[:300]
    assert layer in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", ANSWERS)
def test_the_others_are_served_as_ever(client: FlaskClient, name: str) -> None:
    answer = client.get(ANSWERS[name].format(WHOLE))
    assert answer.status_code in {200, 204} or "TileOutOfRange" in answer.text, answer.text[:300]


def test_readiness_names_what_is_broken(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert EMPTIED in answer.text
    assert DROPPED in answer.text


def test_a_plan_says_that_it_could_not_show_it(database: str) -> None:
    plan = draw_plan(LAND, "planning", today(), address=database)
    assert EMPTIED in {missing.layer for missing in plan.missing if not missing.uats}
    assert EMPTIED not in {source.layer for source in plan.sources}
    assert "Monumente" in "".join(plan.sheets)


def test_a_map_without_room_to_say_so_is_not_drawn(database: str) -> None:
    with pytest.raises(BrokenLayer, match=EMPTIED):
        map_png(LAND, "planning", today(), 2.0, address=database)
    with pytest.raises(BrokenLayer, match=DROPPED):
        draw_inset(LAND, today(), cause=Cause(DROPPED, "1"), address=database)


@pytest.mark.parametrize("door", ["/api/v1/checks", "/ogcapi/processes/parcel-check/execution"])
def test_a_check_that_cannot_do_without_it_says_so(client: FlaskClient, door: str) -> None:
    parcel = {"parcel": {"siruta": SHOWCASE.siruta, "cadastral_number": SHOWCASE.cadastral_number}}
    answer = client.post(door, json={"inputs": parcel} if "execution" in door else parcel)
    assert answer.status_code == 503
    assert DROPPED in answer.text


def test_a_plan_that_lacks_a_layer_is_not_kept_as_the_whole_one(
    make_database: DatabaseMaker, demo_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = make_database("plan", demo_template)
    monkeypatch.setenv("VATRA_DATABASE_URL", address)
    health.forget()
    client = create_app().test_client()
    plan = f"/api/v1/plans?siruta={SHOWCASE.siruta}&cadastral_number={SHOWCASE.cadastral_number}&format=svg"
    whole = client.get(plan)
    with psycopg.connect(address) as connection:
        connection.execute(f"DELETE FROM {EMPTIED}")
    health.forget()
    lacking = client.get(plan, headers={"If-None-Match": whole.headers["ETag"]})
    assert (whole.status_code, lacking.status_code) == (200, 200)
    assert lacking.headers["ETag"] != whole.headers["ETag"]
    make_database.drop(address)
