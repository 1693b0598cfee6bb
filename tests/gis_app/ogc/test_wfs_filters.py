"""Filters of the three encodings find what the same question finds in SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.gis_app.ogc.wfs import FILTER, NAMES, ask, compare, ids, matched, post, refused, tree


@pytest.fixture(scope="module")
def count(county: str) -> Callable[[str, str], int]:
    """How many rows in force meet a condition in SQL."""

    def ask_table(table: str, condition: str) -> int:
        with psycopg.connect(county) as connection:
            row = connection.execute(
                f"SELECT count(*) FROM {table} WHERE valid_to > current_date AND ({condition})".encode()
            ).fetchone()
        return int(row[0]) if row else 0

    return ask_table


def point(x: float, y: float) -> str:
    return f'<gml:Point srsName="EPSG:3844"><gml:pos>{x} {y}</gml:pos></gml:Point>'


def reference(name: str) -> str:
    return f"<fes:ValueReference>{name}</fes:ValueReference>"


def during(begin: str, end: str) -> str:
    return (
        f"<fes:During>{reference('approved_on')}<gml:TimePeriod gml:id='p'><gml:beginPosition>{begin}"
        f"</gml:beginPosition><gml:endPosition>{end}</gml:endPosition></gml:TimePeriod></fes:During>"
    )


def instant(relation: str, day: str) -> str:
    return (
        f"<fes:{relation}>{reference('approved_on')}<gml:TimeInstant gml:id='i'><gml:timePosition>{day}"
        f"</gml:timePosition></gml:TimeInstant></fes:{relation}>"
    )


LIKE = 'wildCard="*" singleChar="." escapeChar="!"'
SQUARE = (
    '<gml:Polygon srsName="urn:ogc:def:crs:EPSG::3844"><gml:exterior><gml:LinearRing><gml:posList>{s} {w} {n} {w}'
    " {n} {e} {s} {e} {s} {w}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
)


@pytest.mark.parametrize(
    ("table", "asked", "condition"),
    [
        (
            "cadastre.parcel",
            compare("PropertyIsEqualTo", "cadastral_number", "30112"),
            "cadastral_number = '30112'",
        ),
        ("cadastre.parcel", compare("PropertyIsNotEqualTo", "use_category", "CC"), "use_category <> 'CC'"),
        ("cadastre.parcel", compare("PropertyIsLessThan", "area_legal_m2", "500"), "area_legal_m2 < 500"),
        ("cadastre.parcel", compare("PropertyIsGreaterThan", "area_legal_m2", "1e3"), "area_legal_m2 > 1000"),
        ("cadastre.parcel", compare("PropertyIsLessThanOrEqualTo", "siruta", "900015.5"), "siruta <= 900015"),
        (
            "cadastre.parcel",
            compare("PropertyIsGreaterThanOrEqualTo", "siruta", "900015"),
            "siruta >= 900015",
        ),
        (
            "admin.uat",
            compare("PropertyIsEqualTo", "has_urbanism_structure", "true"),
            "has_urbanism_structure",
        ),
        (
            "planning.plan",
            compare("PropertyIsGreaterThan", "approved_on", "2015-01-01"),
            "approved_on > '2015-01-01'",
        ),
        ("admin.address", compare("PropertyIsLike", "street", "*ă*", LIKE), "street LIKE '%ă%'"),
        (
            "admin.address",
            compare("PropertyIsLike", "street", "strada *", f'{LIKE} matchCase="false"'),
            "street ILIKE 'strada %'",
        ),
        (
            "cadastre.parcel",
            compare("PropertyIsLike", "cadastral_number", "3011.", LIKE),
            "cadastral_number LIKE '3011_'",
        ),
        ("cadastre.parcel", compare("PropertyIsLike", "siruta", "9000*", LIKE), "siruta::text LIKE '9000%'"),
        ("admin.address", compare("PropertyIsLike", "street", "100%_!*", LIKE), r"street LIKE '100\%\_*'"),
        (
            "admin.address",
            compare("PropertyIsEqualTo", "street", "STRADA GĂRII", 'matchCase="false"'),
            "lower(street) = 'strada gării'",
        ),
        (
            "cadastre.parcel",
            f"<fes:PropertyIsNull>{reference('ownership')}</fes:PropertyIsNull>",
            "ownership IS NULL",
        ),
        (
            "cadastre.parcel",
            f"<fes:PropertyIsNil>{reference('vatra:ownership')}</fes:PropertyIsNil>",
            "ownership IS NULL",
        ),
        (
            "cadastre.parcel",
            f"<fes:PropertyIsBetween>{reference('area_legal_m2')}<fes:LowerBoundary><fes:Literal>400</fes:Literal>"
            "</fes:LowerBoundary><fes:UpperBoundary><fes:Literal>600</fes:Literal></fes:UpperBoundary>"
            "</fes:PropertyIsBetween>",
            "area_legal_m2 BETWEEN 400 AND 600",
        ),
        (
            "cadastre.parcel",
            f"<fes:PropertyIsEqualTo>{reference('cadastral_number')}{reference('land_book_number')}</fes:PropertyIsEqualTo>",
            "cadastral_number = land_book_number",
        ),
        (
            "cadastre.parcel",
            f"<fes:PropertyIsLessThan><fes:Literal>600</fes:Literal>{reference('area_legal_m2')}</fes:PropertyIsLessThan>",
            "600 < area_legal_m2",
        ),
        ("planning.plan", instant("After", "2015-01-01"), "approved_on > '2015-01-01'"),
        ("planning.plan", instant("Before", "2015-01-01T00:00:00Z"), "approved_on < '2015-01-01'"),
        (
            "planning.plan",
            during("2014-01-01", "2019-12-31"),
            "approved_on > '2014-01-01' AND approved_on < '2019-12-31'",
        ),
        (
            "cadastre.parcel",
            "<fes:Or><fes:And>"
            + compare("PropertyIsEqualTo", "use_category", "CC")
            + compare("PropertyIsGreaterThan", "area_legal_m2", "900")
            + "</fes:And><fes:Not>"
            + compare("PropertyIsEqualTo", "ownership", "private")
            + "</fes:Not></fes:Or>",
            "use_category = 'CC' AND area_legal_m2 > 900 OR NOT ownership = 'private'",
        ),
    ],
)
def test_conditions(
    client: FlaskClient, count: Callable[[str, str], int], table: str, asked: str, condition: str
) -> None:
    assert matched(client, table, asked) == count(table, condition)


def test_the_conditions_above_tell_something(count: Callable[[str, str], int]) -> None:
    assert 0 < count("admin.address", "street LIKE '%ă%'") < count("admin.address", "true")
    assert 0 < count("planning.plan", "approved_on > '2015-01-01'") < count("planning.plan", "true")
    assert 0 < count("cadastre.parcel", "ownership IS NULL") < count("cadastre.parcel", "true")


@pytest.fixture
def place(county: str) -> dict[str, Any]:
    """A parcel's inner point and box."""
    with psycopg.connect(county) as connection:
        row = connection.execute(
            "SELECT ST_X(p), ST_Y(p), ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g) FROM (SELECT"
            " ST_PointOnSurface(geom) AS p, geom AS g FROM cadastre.parcel WHERE id = 7) AS parcel"
        ).fetchone()
    assert row
    return dict(zip(("x", "y", "w", "s", "e", "n"), row, strict=True))


@pytest.mark.parametrize(
    ("relation", "function"),
    [
        ("Intersects", "ST_Intersects"),
        ("Within", "ST_Within"),
        ("Contains", "ST_Contains"),
        ("Touches", "ST_Touches"),
        ("Overlaps", "ST_Overlaps"),
        ("Crosses", "ST_Crosses"),
        ("Equals", "ST_Equals"),
        ("Disjoint", "ST_Disjoint"),
    ],
)
def test_spatial_relations(
    client: FlaskClient, count: Callable[[str, str], int], place: dict[str, Any], relation: str, function: str
) -> None:
    wide = place | {"w": place["w"] - 30, "e": place["e"] + 30}
    for table in ("cadastre.parcel", "roads.road", "utilities.node"):
        asked = f"<fes:{relation}>{reference('geom')}{SQUARE.format(**wide)}</fes:{relation}>"
        box = "ST_MakeEnvelope({w}, {s}, {e}, {n}, 3844)".format(**wide)
        assert matched(client, table, asked) == count(table, f"{function}(geom, {box})")


def test_boxes_in_filters(client: FlaskClient, place: dict[str, Any]) -> None:
    box = (
        "<fes:BBOX>{0}<gml:Envelope srsName='EPSG:3844'><gml:lowerCorner>{w} {s}</gml:lowerCorner>"
        "<gml:upperCorner>{e} {n}</gml:upperCorner></gml:Envelope></fes:BBOX>"
    )
    with_name = matched(client, "cadastre.parcel", box.format(reference("vatra:geom"), **place))
    assert with_name == matched(client, "cadastre.parcel", box.format("", **place)) >= 1
    by_address = ",".join(str(place[side]) for side in "wsen") + ",EPSG:3844"
    assert matched(client, "cadastre.parcel", bbox=by_address) == with_name


def test_distances(client: FlaskClient, count: Callable[[str, str], int], place: dict[str, Any]) -> None:
    here = f"{reference('geom')}{point(place['x'], place['y'])}"
    near = f"ST_DWithin(geom, ST_SetSRID(ST_MakePoint({place['x']}, {place['y']}), 3844), 100)"
    for uom, distance in (("m", 100), ("km", 0.1), ("urn:ogc:def:uom:UCUM::m", 100)):
        asked = f"{here}<fes:Distance uom='{uom}'>{distance}</fes:Distance>"
        assert matched(client, "cadastre.parcel", f"<fes:DWithin>{asked}</fes:DWithin>") == count(
            "cadastre.parcel", near
        )
        beyond = count("cadastre.parcel", f"NOT {near}")
        assert matched(client, "cadastre.parcel", f"<fes:Beyond>{asked}</fes:Beyond>") == beyond


def test_ids_in_filters(client: FlaskClient) -> None:
    both = '<fes:ResourceId rid="cadastre.parcel.3"/><fes:ResourceId rid="cadastre.parcel.4"/>'
    assert ids(ask(client, typenames="cadastre.parcel", filter=FILTER % both)) == [
        "cadastre.parcel.3",
        "cadastre.parcel.4",
    ]
    strange = '<fes:ResourceId rid="roads.road.1"/><fes:ResourceId rid="cadastre.parcel.-1"/>'
    assert matched(client, "cadastre.parcel", strange) == 0


OLD = "<ogc:Filter xmlns:ogc='http://www.opengis.net/ogc' xmlns:gml='http://www.opengis.net/gml'>{}</ogc:Filter>"


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_the_older_encodings(client: FlaskClient, place: dict[str, Any], version: str) -> None:
    box = "<gml:Box srsName='EPSG:3844'><gml:coordinates>{w},{s} {e},{n}</gml:coordinates></gml:Box>".format(
        **place
    )
    conditions = {
        f"<ogc:BBOX><ogc:PropertyName>vatra:geom</ogc:PropertyName>{box}</ogc:BBOX>": None,
        "<ogc:FeatureId fid='cadastre.parcel.7'/>": ["cadastre.parcel.7"],
        "<ogc:PropertyIsLike wildCard='%' singleChar='_' escape='!'>"
        "<ogc:PropertyName>cadastral_number</ogc:PropertyName><ogc:Literal>30112</ogc:Literal>"
        "</ogc:PropertyIsLike>": None,
    }
    for condition, expected in conditions.items():
        answer = ask(
            client,
            version=version,
            typename="cadastre.parcel",
            filter=OLD.format(condition),
            outputformat="gml3",
        )
        assert len(ids(answer)) >= 1
        assert expected is None or ids(answer) == expected


def test_a_posted_query(client: FlaskClient, count: Callable[[str, str], int]) -> None:
    condition = FILTER % compare("PropertyIsGreaterThan", "area_legal_m2", "1000")
    body = (
        f'<wfs:GetFeature service="WFS" version="2.0.0" count="3" startIndex="1" xmlns:wfs="{NAMES["wfs"]}"'
        ' xmlns:ours="urn:vatra:layers"><wfs:Query typeNames="ours:cadastre.parcel" srsName="EPSG:4326">'
        f"<wfs:PropertyName>ours:cadastral_number</wfs:PropertyName>{condition}<fes:SortBy"
        f' xmlns:fes="{NAMES["fes"]}"><fes:SortProperty><fes:ValueReference>cadastral_number</fes:ValueReference>'
        "<fes:SortOrder>DESC</fes:SortOrder></fes:SortProperty></fes:SortBy></wfs:Query></wfs:GetFeature>"
    )
    answer = post(client, body)
    told = tree(answer)
    assert int(told.get("numberMatched")) == count("cadastre.parcel", "area_legal_m2 > 1000")
    with_same_order = ask(
        client,
        typenames="cadastre.parcel",
        filter=condition,
        sortby="cadastral_number DESC",
        count=3,
        startindex=1,
    )
    assert ids(answer) == ids(with_same_order)
    following = client.get(told.get("next").removeprefix("http://localhost"))
    assert len(ids(following)) == 3
    assert not set(ids(following)) & set(ids(answer))


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "<fes:Nonsense/>",
        "<fes:And/>",
        "<fes:Not/>",
        compare("PropertyIsEqualTo", "nothing", "1"),
        compare("PropertyIsEqualTo", "valid_from", "2020-01-01"),
        compare("PropertyIsEqualTo", "geom", "1"),
        compare("PropertyIsEqualTo", "siruta", "many"),
        compare("PropertyIsEqualTo", "siruta", "NaN"),
        compare("PropertyIsEqualTo", "area_legal_m2", "1e999"),
        compare("PropertyIsLike", "cadastral_number", "x"),
        instant("After", "2015-01-01"),
        "<fes:PropertyIsEqualTo><fes:Literal>1</fes:Literal><fes:Literal>1</fes:Literal></fes:PropertyIsEqualTo>",
        f"<fes:PropertyIsEqualTo>{reference('siruta')}<fes:Function name='pg_sleep'/></fes:PropertyIsEqualTo>",
        f"<fes:Intersects>{reference('geom')}</fes:Intersects>",
        f"<fes:Intersects>{reference('siruta')}{point(1, 2)}</fes:Intersects>",
        f"<fes:Intersects>{reference('geom')}<gml:Point><gml:pos>1</gml:pos></gml:Point></fes:Intersects>",
        f"<fes:Intersects>{reference('geom')}<gml:Point><gml:pos>a b</gml:pos></gml:Point></fes:Intersects>",
        f"<fes:Intersects>{reference('geom')}<gml:Point><gml:pos>NaN 1</gml:pos></gml:Point></fes:Intersects>",
        f"<fes:Intersects>{reference('geom')}<gml:Point srsName='EPSG:1'><gml:pos>1 1</gml:pos>"
        "</gml:Point></fes:Intersects>",
        f"<fes:Within>{reference('geom')}<gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>0 0 1 1 0 1 1 0 0 0"
        "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></fes:Within>",
        f"<fes:Within>{reference('geom')}<gml:Polygon/></fes:Within>",
        f"<fes:DWithin>{reference('geom')}{point(1, 2)}<fes:Distance uom='m'>far</fes:Distance></fes:DWithin>",
        f"<fes:DWithin>{reference('geom')}{point(1, 2)}<fes:Distance uom='furlong'>1</fes:Distance></fes:DWithin>",
        f"<fes:DWithin>{reference('geom')}{point(1, 2)}<fes:Distance uom='m'>-1</fes:Distance></fes:DWithin>",
        "<fes:ResourceId/>",
    ],
)
def test_what_cannot_be_asked(client: FlaskClient, condition: str) -> None:
    answer = ask(client, typenames="cadastre.parcel", filter=FILTER % condition)
    code = "OptionNotSupported" if b"OptionNotSupported" in answer.data else "InvalidParameterValue"
    assert refused(answer, code, "filter")


def test_tables_without_geometry_can_be_filtered(
    client: FlaskClient, count: Callable[[str, str], int]
) -> None:
    asked = compare("PropertyIsEqualTo", "modality", "interzis")
    assert (
        matched(client, "planning.regulation", asked)
        == count("planning.regulation", "modality = 'interzis'")
        > 0
    )
    refused(ask(client, typenames="planning.regulation", bbox="1,2,3,4"), "InvalidParameterValue", "bbox")
    spatial = f"<fes:Intersects>{reference('geom')}{point(1, 2)}</fes:Intersects>"
    refused(
        ask(client, typenames="planning.regulation", filter=FILTER % spatial),
        "InvalidParameterValue",
        "filter",
    )


def test_filters_exclude_each_other(client: FlaskClient) -> None:
    two = ask(client, typenames="cadastre.parcel", bbox="1,2,3,4", resourceid="cadastre.parcel.1")
    refused(two, "InvalidParameterValue")
