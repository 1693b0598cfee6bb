"""Whatever is asked: an answer or an exception in our words, soon, and nothing of our insides."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import get_args
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gis_app.ogc.wfs import formats
from layers.catalogue import catalogue
from tests.gis_app.ogc.wfs import FILTER, NAMES
from tiles.wfs.filters import Relation

CALM = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
INSIDES = (b"Traceback", b"psycopg", b"SELECT ", b"site-packages", b"vatra_map", b"version_id", b"valid_from")
SLOWEST_S = 3.0
OPERATIONS = ["GetFeature", "GetPropertyValue", "DescribeFeatureType", "GetCapabilities"]
Sender = Callable[[str, bytes | None], None]

odd = st.text(st.characters(blacklist_categories=("Cs",)), max_size=30)
layers = st.sampled_from(sorted(catalogue()))
columns = st.sampled_from(
    sorted({c.name for one in catalogue().values() for c in one.columns} | {"geom", "id"})
)
numbers = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(repr),
    st.sampled_from(["1e400", "-0", "٣", "0x1", "1_000", "", "999999999999"]),
)
systems = st.sampled_from(
    [
        "EPSG:3844",
        "urn:ogc:def:crs:EPSG::3844",
        "EPSG:4326",
        "urn:ogc:def:crs:EPSG::4258",
        "EPSG:3857",
        "CRS:84",
        "EPSG:0",
    ]
)
boxes = st.builds(
    lambda four, crs: ",".join([*four, *crs]), st.lists(numbers, max_size=5), st.lists(systems, max_size=1)
)


@pytest.fixture
def send(client: FlaskClient) -> Sender:
    """Sends a request and judges the answer."""

    def judge(query: str, body: bytes | None) -> None:
        begun = time.perf_counter()
        if body is None:
            answer = client.get(f"/ows?{query}")
        else:
            answer = client.post(f"/ows?{query}", data=body, content_type="text/xml")
        assert time.perf_counter() - begun < SLOWEST_S
        assert answer.status_code in {200, 400, 404}, answer.text
        if answer.status_code != 200:
            assert answer.headers["Cache-Control"] == "no-store"
            etree.fromstring(answer.data)
            assert not [inside for inside in INSIDES if inside in answer.data.replace(query.encode(), b"")]

    return judge


def reference(name: str) -> str:
    return f"<fes:ValueReference>{escape(name)}</fes:ValueReference>"


def _writable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


def comparison(operator: str, name: str, literal: str, attributes: str) -> str:
    compared = f"{reference(name)}<fes:Literal>{escape(_writable(literal))}</fes:Literal>"
    return f"<fes:{operator} {attributes}>{compared}</fes:{operator}>"


def spatial(operator: str, kind: str, coordinates: list[str], srs: str) -> str:
    text = " ".join(coordinates)
    shape = {
        "Point": f"<gml:pos>{text}</gml:pos>",
        "LineString": f"<gml:posList>{text}</gml:posList>",
        "Polygon": f"<gml:exterior><gml:LinearRing><gml:posList>{text}</gml:posList></gml:LinearRing></gml:exterior>",
        "Envelope": f"<gml:lowerCorner>{text}</gml:lowerCorner><gml:upperCorner>{text}</gml:upperCorner>",
        "MultiPoint": f"<gml:pointMember><gml:Point><gml:pos>{text}</gml:pos></gml:Point></gml:pointMember>",
    }[kind]
    more = "<fes:Distance uom='m'>10</fes:Distance>" if operator in {"DWithin", "Beyond"} else ""
    element = f"<gml:{kind} srsName={quoteattr(srs)}>{shape}</gml:{kind}>"
    return f"<fes:{operator}>{reference('geom')}{element}{more}</fes:{operator}>"


comparisons = st.builds(
    comparison,
    st.sampled_from(["PropertyIsEqualTo", "PropertyIsLessThan", "PropertyIsLike", "PropertyIsNull"])
    | st.sampled_from(["After", "TEquals"]),
    st.one_of(columns, odd.map(_writable)),
    st.one_of(
        odd, numbers, st.sampled_from(["2020-02-30", "2020-02-29T25:00:00Z", "true", "%", "\\", "*" * 30])
    ),
    st.sampled_from(
        [
            "",
            'wildCard="*" singleChar="." escapeChar="!"',
            'matchCase="false"',
            'wildCard="\\" singleChar="\\" escapeChar="\\"',
        ]
    ),
)
spatials = st.builds(
    spatial,
    st.sampled_from([*get_args(Relation), "DWithin", "Beyond"]),
    st.sampled_from(["Point", "LineString", "Polygon", "Envelope", "MultiPoint"]),
    st.lists(numbers, max_size=10),
    systems,
)
conditions = st.recursive(
    comparisons | spatials,
    lambda inner: st.builds(
        lambda kind, parts: f"<fes:{kind}>{''.join(parts)}</fes:{kind}>",
        st.sampled_from(["And", "Or", "Not"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=8,
)
requests = st.fixed_dictionaries(
    {"service": st.just("WFS"), "request": st.sampled_from(OPERATIONS)},
    optional={
        "version": st.sampled_from(["2.0.0", "1.1.0", "1.0.0", "9"]),
        "typenames": st.one_of(layers, odd, st.lists(layers.map("({})".format), max_size=3).map("".join)),
        "typename": layers,
        "count": st.one_of(st.sampled_from(["0", "1", "5"]), numbers),
        "startindex": numbers,
        "bbox": boxes,
        "srsname": st.one_of(systems, odd),
        "propertyname": st.one_of(columns, odd),
        "valuereference": st.one_of(columns, odd),
        "sortby": st.one_of(columns, odd, columns.map(lambda name: f"{name} DESC")),
        "outputformat": st.one_of(st.sampled_from([one.name for one in formats.ALL]), odd),
        "resulttype": st.sampled_from(["hits", "results", "x"]),
        "resourceid": st.one_of(odd, st.builds(lambda layer, n: f"{layer}.{n}", layers, numbers)),
        "storedquery_id": st.one_of(odd, st.just("urn:ogc:def:query:OGC-WFS::GetFeatureById")),
        "id": st.builds(lambda layer, n: f"{layer}.{n}", layers, numbers),
        "as_of": st.one_of(odd, st.dates().map(str)),
        "filter": conditions.map(lambda condition: FILTER % condition),
    },
)


@CALM
@given(asked=requests)
def test_any_parameters(send: Sender, asked: dict[str, str]) -> None:
    bounded = {"maxfeatures": "20", "count": "20"} | asked
    send(urlencode(bounded), None)


@CALM
@given(condition=conditions, layer=layers)
def test_any_filter(send: Sender, condition: str, layer: str) -> None:
    asked = {"service": "WFS", "version": "2.0.0", "request": "GetFeature", "typenames": layer, "count": 5}
    send(urlencode({**asked, "filter": FILTER % condition}), None)


@CALM
@given(condition=conditions, layer=layers, junk=st.binary(max_size=20), at=st.integers(0, 400))
def test_any_body(send: Sender, condition: str, layer: str, junk: bytes, at: int) -> None:
    body = (
        f'<wfs:GetFeature service="WFS" version="2.0.0" count="5" xmlns:wfs="{NAMES["wfs"]}"><wfs:Query'
        f' typeNames="vatra:{layer}">{FILTER % condition}</wfs:Query></wfs:GetFeature>'
    ).encode()
    send("", body[:at] + junk + body[at:])
    send("", body)
