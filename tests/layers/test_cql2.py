"""CQL2 text and JSON: read by the standard's rules, refused with the place, and quick whatever comes."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.catalogue import get_layer
from layers.cql2 import BadFilter, compile_filter, read_json, read_text
from layers.frames import CRS84, FRAMES, STEREO70

PARCEL = get_layer("cadastre.parcel")


def prop(name: str) -> dict[str, str]:
    return {"property": name}


def op(name: str, *arguments: Any) -> dict[str, Any]:
    return {"op": name, "args": list(arguments)}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (
            "a=1 OR b=2 AND c=3",
            op("or", op("=", prop("a"), 1), op("and", op("=", prop("b"), 2), op("=", prop("c"), 3))),
        ),
        (
            "(a=1 OR b=2) AND c=3",
            op("and", op("or", op("=", prop("a"), 1), op("=", prop("b"), 2)), op("=", prop("c"), 3)),
        ),
        ("NOT a=1 AND b=2", op("and", op("not", op("=", prop("a"), 1)), op("=", prop("b"), 2))),
        ("a BETWEEN 1 AND 3 AND b=2", op("and", op("between", prop("a"), 1, 3), op("=", prop("b"), 2))),
        ("a - 1 - 2 * 3 = -4", op("=", op("-", op("-", prop("a"), 1), op("*", 2, 3)), -4)),
        ("name LIKE 'O''Neill%'", op("like", prop("name"), "O'Neill%")),
        (r"name = 'it\'s'", op("=", prop("name"), "it's")),
        ('"or" IN (1, 2)', op("in", prop("or"), [1, 2])),
        ("a NOT IN (1)", op("not", op("in", prop("a"), [1]))),
        ("a IS NOT NULL", op("not", op("isNull", prop("a")))),
        ("android = 1 and orange = 2", op("and", op("=", prop("android"), 1), op("=", prop("orange"), 2))),
        ("CASEI(a) = casei('x')", op("=", op("casei", prop("a")), op("casei", "x"))),
        ("d > DATE('2026-01-02')", op(">", prop("d"), {"date": "2026-01-02"})),
        (
            "t_during(d, INTERVAL('2026-01-01', '..'))",
            op("t_during", prop("d"), {"interval": ["2026-01-01", ".."]}),
        ),
        ("s_within(g, BBOX(1, 2, -3, 4))", op("s_within", prop("g"), {"bbox": [1, 2, -3, 4]})),
        (
            "S_INTERSECTS(g, POLYGON((0 0, 1 0, 1 -1.5, 0 0)))",
            op(
                "s_intersects",
                prop("g"),
                {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, -1.5], [0, 0]]]},
            ),
        ),
        (
            "s_equals(g, Point Z (1 2 3))",
            op("s_equals", prop("g"), {"type": "Point", "coordinates": [1, 2, 3]}),
        ),
        (
            "s_equals(g, MULTIPOINT((1 2), (3 4)))",
            op("s_equals", prop("g"), {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}),
        ),
        (
            "s_equals(g, MULTIPOINT(1 2, 3 4))",
            op("s_equals", prop("g"), {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}),
        ),
        (
            "s_intersects(g, GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(1 2, 3 4)))",
            op(
                "s_intersects",
                prop("g"),
                {
                    "type": "GeometryCollection",
                    "geometries": [
                        {"type": "Point", "coordinates": [1, 2]},
                        {"type": "LineString", "coordinates": [[1, 2], [3, 4]]},
                    ],
                },
            ),
        ),
        ("true", True),
    ],
)
def test_texts_are_read_as_the_standard_says(text: str, tree: Any) -> None:
    assert read_text(text) == tree


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("siruta = ", "column 10"),
        ("siruta == 1", "column 9"),
        ("siruta = 1;DROP TABLE x", "column 11"),
        ("siruta = 1\nAND\n)", "line 3, column 1"),
        ("name = 'open", "column 8"),
        ("", "column 1"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(BadFilter) as caught:
        read_text(text)
    assert caught.value.place == place
    assert place in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nope = 1", "no property 'nope'"),
        ("path = 'x'", "no property 'path'"),
        ("version_id = 1", "no property"),
        ("siruta = 'x'", "cannot be compared"),
        ("siruta LIKE '9%'", "a text is needed"),
        ("siruta AND true", "a truth is needed"),
        ("siruta", "a truth is needed"),
        ("geometry = 1", "cannot be compared"),
        ("s_intersects(geometry, 1)", "a shape is needed"),
        ("s_intersects(geometry)", "does not take 1 arguments"),
        ("s_intersects(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", "not valid"),
        ("s_intersects(geometry, POINT(23 45))=1", "cannot be compared"),
        ("s_touches(geometry, GEOMETRYCOLLECTION(POINT(23 45)))", "works with s_intersects"),
        ("s_within(geometry, BBOX(1, 2, 3))", "4 or 6 numbers"),
        ("valid_from > DATE('2026-02-30')", "no date"),
        ("t_after(siruta, DATE('2026-01-01'))", "a day or an interval is needed"),
        ("pg_sleep(10) = 1", "no operator or function"),
        ("a_contains(siruta, siruta)", "no operator or function"),
        ("siruta = 1e400", "too large"),
        ("siruta IN (1, 'x')", "cannot be compared"),
    ],
)
def test_what_does_not_fit_the_layer_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadFilter, match=said):
        compile_filter(read_text(text), PARCEL, CRS84)


@pytest.mark.parametrize(
    "text",
    [
        "[]", "{}", "null", "1", '"x"', "{", '{"op":"="}', '{"op":1,"args":[]}', '{"op":"=","args":[1]}',
        '{"op":"=","args":[{"property":["siruta"]},1]}', '{"op":"in","args":[{"property":"siruta"},5]}',
        '{"op":"in","args":[{"property":"siruta"},[]]}', '{"type":"Point"}', '{"op":"not","args":[null]}',
        '{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":["a",1]}]}',
        '{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":[]}]}',
        '{"op":"s_within","args":[{"property":"geometry"},{"bbox":[1,2,3,null]}]}',
        '{"op":"t_after","args":[{"property":"valid_from"},{"interval":[1,2]}]}',
        '{"op":"t_after","args":[{"property":"valid_from"},{"date":{}}]}',
    ],
)  # fmt: skip
def test_json_that_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        compile_filter(read_json(text), PARCEL, CRS84)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2_000 + "a=1" + ")" * 2_000,
        "a=((((((((((((((((((((",
        "NOT " * 4_000 + "a=1",
        "-" * 15_000 + "a=1",
        "a" + "+1" * 8_000 + "=1",
        "a=1" + " AND a=1" * 2_000,
        "a IN (" + "1," * 8_000 + "1)",
        "casei(" * 3_000,
        "a ^ " * 4_000 + "1 = 1",
        "'" * 15_000,
        "a" * 15_000,
        "x" * 30_000,
    ],
)
def test_endless_filters_end_soon(text: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(BadFilter):
        compile_filter(read_text(text), PARCEL, CRS84)
    assert time.perf_counter() - begun < 3


WORDS = [
    "siruta", "cadastral_number", "geometry", "valid_from", "id", "AND", "OR", "NOT", "IN", "LIKE", "BETWEEN", "IS",
    "NULL", "(", ")", ",", "=", "<>", "<", ">=", "+", "-", "*", "/", "%", "^", "DIV", "1", "2.5", "1e9", "'x'", "''",
    "'%_'", "DATE('2026-01-01')", "INTERVAL('..', '2026-01-01')", "BBOX(23,45,24,46)", "POINT(23 45)", "s_within",
    "t_before", "casei", "accenti", "TRUE", "false", ";", "--", '"', "ș", "\\", "\n",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    try:
        clause = compile_filter(read_text(text), PARCEL, CRS84)
    except BadFilter:
        return
    assert clause.text.as_string(None)


NODES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
        st.sampled_from([prop("siruta"), prop("geometry"), prop("valid_from"), {"date": "2026-01-01"}]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.builds(
            lambda name, arguments: {"op": name, "args": arguments},
            st.sampled_from(
                ["and", "not", "=", "<", "in", "like", "between", "+", "^", "s_within", "t_after", "casei", "isNull"]
            ),
            st.lists(inner, max_size=3),
        ),
        st.dictionaries(st.sampled_from(["op", "args", "property", "type", "coordinates", "bbox", "interval"]), inner),
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(NODES)
def test_any_tree_is_a_filter_or_refused(tree: Any) -> None:
    with contextlib.suppress(BadFilter):
        compile_filter(tree, PARCEL, CRS84)


def test_values_are_bound_and_never_written_into_the_statement() -> None:
    clause = compile_filter(read_text("cadastral_number = 'x'' OR 1=1 --' AND siruta > 12345"), PARCEL, CRS84)
    text = clause.text.as_string(None)
    assert "1=1" not in text
    assert "12345" not in text
    assert set(clause.values.values()) == {"x' OR 1=1 --", 12345}


def test_shapes_are_brought_to_the_stored_coordinates() -> None:
    north_east = compile_filter(read_text("s_within(geometry, POINT(396305 354580))"), PARCEL, STEREO70)
    assert '"geom"' in north_east.text.as_string(None)
    degrees = compile_filter(read_text("s_within(geometry, POINT(23.15 45.05))"), PARCEL, CRS84)
    assert '"geom_3857"' in degrees.text.as_string(None)
    assert len(FRAMES) == 6
