"""GetFeature, GetPropertyValue and the stored query: the right features, as they are in the tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from flask.testing import FlaskClient
from pyproj import Transformer

from gis_app.ogc.wfs.requests import GET_BY_ID
from layers import datum, health, states
from tests.gis_app.conftest import bearer
from tests.gis_app.ogc.wfs import (
    FILTER,
    NAMES,
    STEREO70,
    ask,
    compare,
    found,
    ids,
    matched,
    post,
    refused,
    tree,
)

FIRST = "cadastre.parcel.1"


def rows(address: str, query: str) -> list[Any]:
    """What the table says."""
    with psycopg.connect(address) as connection:
        return connection.execute(query).fetchall()


def corner(answer: Any) -> tuple[float, float]:
    """The first two numbers of the first geometry."""
    first, second = found(tree(answer), "string(//gml:posList | //gml1:posList)").split()[:2]
    return float(first), float(second)


def test_a_feature_is_as_in_the_table(client: FlaskClient, county: str) -> None:
    (row,) = rows(county, "SELECT cadastral_number, siruta, area_legal_m2 FROM cadastre.parcel WHERE id = 1")
    (feature,) = found(tree(ask(client, resourceid=FIRST)), "wfs:member/vatra:cadastre.parcel")
    assert feature.get(f"{{{NAMES['gml']}}}id") == FIRST
    values = (
        found(feature, f"string(vatra:{name})") for name in ("cadastral_number", "siruta", "area_legal_m2")
    )
    assert tuple(values) == (row[0], str(row[1]), repr(row[2]))


@pytest.mark.parametrize(
    ("srs", "epsg", "north_first"),
    [
        (None, 3844, True),
        (STEREO70, 3844, True),
        ("http://www.opengis.net/def/crs/EPSG/0/3844", 3844, True),
        ("EPSG:3844", 3844, False),
        ("http://www.opengis.net/gml/srs/epsg.xml#3844", 3844, False),
        ("urn:ogc:def:crs:EPSG::31700", 3844, True),
        ("urn:ogc:def:crs:EPSG::4326", 4326, True),
        ("EPSG:4326", 4326, False),
        ("urn:ogc:def:crs:EPSG::4258", 4258, True),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326, False),
        ("urn:ogc:def:crs:EPSG::3857", 3857, False),
    ],
)
def test_axes_are_in_the_order_that_the_name_means(
    client: FlaskClient, county: str, srs: str | None, epsg: int, north_first: bool
) -> None:
    ((east, north),) = rows(
        county,
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointN(ST_ExteriorRing(ST_GeometryN(geom, 1)), 1) AS p"
        " FROM cadastre.parcel WHERE id = 1) AS corner",
    )
    expected = Transformer.from_crs(3844, epsg, always_xy=True).transform(east, north)
    answer = ask(client, resourceid=FIRST, srsname=srs)
    given = corner(answer)
    assert np.allclose(
        given[::-1] if north_first else given, expected, rtol=0, atol=1e-3 if epsg in {3844, 3857} else 1e-8
    )
    assert found(tree(answer), "//gml:MultiSurface/@srsName") == [srs or STEREO70]


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_the_older_versions_have_their_own_default(client: FlaskClient, county: str, version: str) -> None:
    ((east, north),) = rows(
        county,
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointN(ST_ExteriorRing(ST_GeometryN(geom, 1)), 1) AS p"
        " FROM cadastre.parcel WHERE id = 1) AS corner",
    )
    answer = ask(client, version=version, typename="cadastre.parcel", featureid=FIRST)
    if version == "1.1.0":
        assert corner(answer) == (north, east)
    else:
        text = found(tree(answer), "string(//gml1:coordinates)")
        assert tuple(map(float, text.split()[0].split(","))) == (east, north)
        assert found(tree(answer), "//gml1:MultiPolygon/@srsName") == ["EPSG:3844"]


def test_unknown_systems_are_refused(client: FlaskClient) -> None:
    for name in ("EPSG:99999", "urn:ogc:def:crs:EPSG::2154", "nonsense", "EPSG:3844;DROP"):
        refused(ask(client, resourceid=FIRST, srsname=name), "InvalidParameterValue", "srsName")


@pytest.mark.parametrize(
    ("srs", "north_first"),
    [
        ("", True),
        ("EPSG:3844", False),
        (STEREO70, True),
        ("urn:ogc:def:crs:EPSG::31700", True),
        ("urn:ogc:def:crs:EPSG::4326", True),
        ("EPSG:4326", False),
        ("urn:ogc:def:crs:EPSG::4258", True),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", False),
        ("EPSG:3857", False),
        ("urn:ogc:def:crs:EPSG::3857", False),
    ],
)
def test_one_box_in_every_system(client: FlaskClient, county: str, srs: str, north_first: bool) -> None:
    epsg = int(srs[-5:].strip(":")) if "EPSG" in srs else (4326 if srs else 3844)
    ((west, south, east, north),) = rows(
        county,
        "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM (SELECT ST_Expand(ST_PointOnSurface(geom),"
        " 0.05) AS b FROM cadastre.parcel WHERE id = 1) AS box",
    )
    box = Transformer.from_crs(3844, epsg, always_xy=True).transform_bounds(west, south, east, north)
    ordered = (box[1], box[0], box[3], box[2]) if north_first else box
    text = ",".join(map(repr, ordered)) + (f",{srs}" if srs else "")
    assert ids(ask(client, typenames="cadastre.parcel", bbox=text)) == [FIRST]


def test_a_box_of_the_whole_world_holds_everything(client: FlaskClient) -> None:
    everything = matched(client, "cadastre.parcel")
    for box in ("-180,-90,180,90,EPSG:4326", "-20037508,-20037508,20037508,20037508,EPSG:3857"):
        assert matched(client, "cadastre.parcel", bbox=box) == everything
    assert matched(client, "cadastre.parcel", bbox="-80,30,-70,40,EPSG:4326") == 0


@pytest.mark.parametrize(
    "box", ["1,2,3", "1,2,3,4,5,6", "NaN,1,2,3", "1e400,0,1e401,1", "5,5,1,1", "a,b,c,d", "1,2,3,4,EPSG:1"]
)
def test_bad_boxes(client: FlaskClient, box: str) -> None:
    refused(ask(client, typenames="cadastre.parcel", bbox=box), "InvalidParameterValue", "bbox")


def test_only_the_properties_asked_for(client: FlaskClient) -> None:
    answer = ask(client, typenames="cadastre.parcel", count=1, propertyname="vatra:cadastral_number,siruta")
    (feature,) = found(tree(answer), "//vatra:cadastre.parcel")
    assert [one.tag.rpartition("}")[2] for one in feature] == ["siruta", "cadastral_number"]
    refused(
        ask(client, typenames="cadastre.parcel", propertyname="version_id"),
        "InvalidParameterValue",
        "propertyName",
    )


def test_columns_of_the_server_are_never_served(client: FlaskClient, token: Callable[..., str]) -> None:
    staff = bearer(token("layers:staff"))
    assert ask(client, staff, typenames="planning.scan").status_code == 200
    for parameters in (
        {"propertyname": "path"},
        {"sortby": "path"},
        {"filter": FILTER % compare("PropertyIsEqualTo", "path", "x")},
    ):
        refused(ask(client, staff, typenames="planning.scan", **parameters), "InvalidParameterValue")


def test_layers_that_one_may_not_see_do_not_exist(client: FlaskClient, token: Callable[..., str]) -> None:
    unseen = refused(ask(client, typenames="planning.scan"), "InvalidParameterValue", "typeNames")
    unknown = refused(ask(client, typenames="planning.nothing"), "InvalidParameterValue", "typeNames")
    assert unseen == unknown.replace("nothing", "scan")
    refused(ask(client, resourceid="planning.scan.1"), "InvalidParameterValue")
    by_id = {"storedquery_id": GET_BY_ID, "id": "planning.scan.1"}
    refused(ask(client, **by_id), "NotFound", "id", 404)
    refused(ask(client, typenames="planning.scan", resulttype="hits"), "InvalidParameterValue")
    refused(
        ask(client, request="DescribeFeatureType", typenames="planning.scan"),
        "InvalidParameterValue",
        "typeNames",
    )
    assert ask(client, bearer(token("layers:staff")), typenames="planning.scan").status_code == 200
    assert ask(client, bearer(token("layers:operator")), typenames="planning.scan").status_code == 400


def test_a_layer_that_an_installation_hides(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(client, typenames="utilities.line", count=1).status_code == 200
    monkeypatch.setenv("VATRA_VISIBILITY", '{"utilities.line": "operator"}')
    refused(ask(client, typenames="utilities.line", count=1), "InvalidParameterValue", "typeNames")


def test_several_queries_have_a_collection_each(client: FlaskClient) -> None:
    answer = tree(ask(client, typenames="(cadastre.parcel)(roads.road)", count=3))
    inner = found(answer, "wfs:member/wfs:FeatureCollection")
    assert [one.get("numberReturned") for one in inner] == ["3", "0"]
    assert answer.get("numberReturned") == "3"
    both = ask(client, resourceid="cadastre.parcel.2,roads.road.1,cadastre.parcel.1")
    assert ids(both) == ["cadastre.parcel.1", "cadastre.parcel.2", "roads.road.1"]
    refused(ask(client, typenames="cadastre.parcel,roads.road"), "OptionNotSupported", "typeNames")
    older = ask(client, version="1.1.0", typename="cadastre.parcel,roads.road", maxfeatures=1)
    assert ids(older) == [FIRST]


def test_the_feature_itself_by_its_id(client: FlaskClient) -> None:
    answer = tree(ask(client, storedquery_id=GET_BY_ID, id=FIRST))
    assert answer.tag == "{urn:vatra:layers}cadastre.parcel"
    assert answer.get(f"{{{NAMES['gml']}}}id") == FIRST
    assert ask(client, storedquery_id=GET_BY_ID, id=FIRST, outputformat="json").get_json()["id"] == FIRST
    for unknown in ("cadastre.parcel.999999", "cadastre.parcel.x", "nonsense", "cadastre.parcel." + "9" * 30):
        refused(ask(client, storedquery_id=GET_BY_ID, id=unknown), "NotFound", "id", 404)
    refused(ask(client, storedquery_id=GET_BY_ID), "MissingParameterValue", "id")
    refused(ask(client, storedquery_id="urn:other", id=FIRST), "InvalidParameterValue", "storedQuery_Id")


def test_the_stored_query_can_be_posted(client: FlaskClient) -> None:
    body = (
        f'<GetFeature service="WFS" version="2.0.0" xmlns="{NAMES["wfs"]}"><StoredQuery id="{GET_BY_ID}">'
        f'<Parameter name="ID">{FIRST}</Parameter></StoredQuery></GetFeature>'
    )
    assert tree(post(client, body)).tag == "{urn:vatra:layers}cadastre.parcel"


def test_stored_queries_are_listed_and_described(client: FlaskClient) -> None:
    listed = tree(ask(client, request="ListStoredQueries"))
    assert found(listed, "wfs:StoredQuery/@id") == [GET_BY_ID]
    assert "vatra:cadastre.parcel" in found(listed, "//wfs:ReturnFeatureType/text()")
    assert "vatra:planning.scan" not in found(listed, "//wfs:ReturnFeatureType/text()")
    described = tree(ask(client, request="DescribeStoredQueries", storedquery_id=GET_BY_ID))
    assert found(described, "//wfs:Parameter/@name") == ["ID"]
    refused(
        ask(client, request="DescribeStoredQueries", storedquery_id="x"),
        "InvalidParameterValue",
        "storedQuery_Id",
    )


def test_values_of_one_property(client: FlaskClient, county: str) -> None:
    expected = rows(
        county, "SELECT ownership FROM cadastre.parcel WHERE ownership IS NOT NULL ORDER BY id LIMIT 5"
    )
    answer = tree(
        ask(
            client,
            request="GetPropertyValue",
            typenames="cadastre.parcel",
            valuereference="ownership",
            count=5,
        )
    )
    assert answer.tag == f"{{{NAMES['wfs']}}}ValueCollection"
    assert found(answer, "wfs:member/vatra:ownership/text()") == [row[0] for row in expected]
    named = ask(client, request="GetPropertyValue", typenames="roads.road", valuereference="@gml:id", count=1)
    assert found(tree(named), "wfs:member/text()") == ["roads.road.1"]
    shape = ask(client, request="GetPropertyValue", typenames="roads.road", valuereference="geom", count=1)
    assert len(found(tree(shape), "wfs:member/vatra:geom/gml:MultiCurve")) == 1
    refused(
        ask(client, request="GetPropertyValue", typenames="roads.road"),
        "MissingParameterValue",
        "valueReference",
    )
    wrong = ask(client, request="GetPropertyValue", typenames="roads.road", valuereference="nothing")
    refused(wrong, "InvalidParameterValue", "valueReference")


def test_hits_count_and_send_nothing(client: FlaskClient, county: str) -> None:
    ((count,),) = rows(county, "SELECT count(*) FROM cadastre.parcel WHERE valid_to > current_date")
    assert matched(client, "cadastre.parcel") == count
    older = ask(client, version="1.1.0", typename="cadastre.parcel", resulttype="hits")
    assert tree(older).get("numberOfFeatures") == str(count)
    refused(
        ask(client, typenames="cadastre.parcel", resulttype="some"), "InvalidParameterValue", "resultType"
    )


def test_a_day_in_the_past(client: FlaskClient) -> None:
    assert matched(client, "cadastre.parcel", as_of="1990-01-01") == 0
    assert matched(client, "cadastre.parcel", time="1990-01-01T10:00:00Z") == 0
    assert matched(client, "cadastre.parcel", as_of="2100-01-01") == matched(client, "cadastre.parcel")
    for bad in ("yesterday", "2026-13-01", "2026-01-01/2026-02-01"):
        refused(ask(client, typenames="cadastre.parcel", as_of=bad), "InvalidParameterValue", "as_of")


def test_an_unchanged_answer_is_not_sent_again(client: FlaskClient) -> None:
    first = ask(client, typenames="cadastre.parcel", count=5)
    etag = first.headers["ETag"]
    again = ask(client, {"If-None-Match": etag}, typenames="cadastre.parcel", count=5)
    assert (again.status_code, again.data) == (304, b"")
    assert ask(client, {"If-None-Match": etag}, typenames="cadastre.parcel", count=6).status_code == 200
    reordered = client.get(
        "/ows?count=5&typeNames=cadastre.parcel&request=GetFeature&version=2.0.0&service=WFS",
        headers={"If-None-Match": etag},
    )
    assert reordered.status_code == 304


def test_a_new_version_makes_a_new_answer(client: FlaskClient, county: str) -> None:
    before = ask(client, typenames="transport.railway", resulttype="hits").headers["ETag"]
    other = ask(client, typenames="roads.road", resulttype="hits").headers["ETag"]
    with psycopg.connect(county) as connection:
        connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m)"
            " VALUES ('transport.railway', 900, current_date, 1)"
        )
        connection.commit()
        try:
            states.forget()
            assert (
                ask(
                    client, {"If-None-Match": before}, typenames="transport.railway", resulttype="hits"
                ).status_code
                == 200
            )
            assert (
                ask(client, {"If-None-Match": other}, typenames="roads.road", resulttype="hits").status_code
                == 304
            )
        finally:
            connection.execute(
                "DELETE FROM catalogue.layer_version WHERE layer = 'transport.railway' AND number = 900"
            )
            connection.commit()
            states.forget()


def test_a_broken_layer_says_so(client: FlaskClient, county: str) -> None:
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute("ALTER TABLE transport.railway RENAME TO railway_lost")
        try:
            health.forget()
            text = refused(ask(client, typenames="transport.railway"), "NoApplicableCode", status=503)
            assert "transport.railway" in text
            assert "railway_lost" not in text
            told = ask(client, request="GetCapabilities")
            assert "vatra:transport.railway" in found(tree(told), "//wfs:Name/text()")
        finally:
            connection.execute("ALTER TABLE transport.railway_lost RENAME TO railway")
            health.forget()


@pytest.mark.real_data
def test_degrees_go_through_the_datum_grid(
    client: FlaskClient, county: str, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = corner(ask(client, resourceid=FIRST, srsname="EPSG:4258"))
    monkeypatch.setenv("VATRA_DATUM_GRID", str(real_data / "transdatro"))
    ((east, north),) = rows(
        county,
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointN(ST_ExteriorRing(ST_GeometryN(geom, 1)), 1) AS p"
        " FROM cadastre.parcel WHERE id = 1) AS corner",
    )
    expected = datum.transform(np.array([[east, north]]), 3844, 4258)
    assert expected.method == "transdatro"
    shifted = corner(ask(client, resourceid=FIRST, srsname="EPSG:4258"))
    assert np.allclose(shifted, expected.coordinates[0], rtol=0, atol=2e-9)
    assert shifted != plain
    box = ",".join(repr(value + side) for side in (-1e-8, 1e-8) for value in shifted)
    assert FIRST in ids(ask(client, typenames="cadastre.parcel", bbox=f"{box},EPSG:4258"))
