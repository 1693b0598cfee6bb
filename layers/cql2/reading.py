"""Reading a filter, CQL2 text or JSON, into the tree of the JSON encoding; bounded in length and depth."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson
from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from layers.cql2.errors import BadFilter

Tree = Any
MAX_LENGTH = 20_000
MAX_DEPTH = 40
MAX_NODES = 5_000
LONGEST_WHOLE = 16
NAMED = {
    "NAME": "a property",
    "TEXT": "a text",
    "NUMBER": "a number",
    "SIGNED": "a number",
    "COMMA": "','",
    "LPAR": "'('",
    "RPAR": "')'",
    "$END": "the end",
}


def read_text(text: str) -> Tree:
    """The tree of a filter in CQL2 text. Raises BadFilter with line and column."""
    _bound(text)
    try:
        return _parser().parse(text)
    except UnexpectedInput as error:
        raise BadFilter(_explain(error, text), _place(error, text)) from error


def read_json(text: str) -> Tree:
    """The tree of a filter in CQL2 JSON. Raises BadFilter."""
    _bound(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadFilter(
            f"this is no JSON: {error.msg}", f"line {error.lineno}, column {error.colno}"
        ) from error


def _bound(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise BadFilter(f"it is {len(text)} characters long; {MAX_LENGTH} are read")
    if "\x00" in text:
        raise BadFilter("it holds a NUL character")
    deepest = depth = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise BadFilter(f"it is nested {deepest} deep; {MAX_DEPTH} are read")


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    # With the builder in it, the parser makes the tree without recursion, however deep the text goes.
    return Lark(grammar, parser="lalr", transformer=_Builder(), maybe_placeholders=True)


def _place(error: UnexpectedInput, text: str) -> str:
    if isinstance(error, UnexpectedEOF) or getattr(getattr(error, "token", None), "type", "") == "$END":
        return f"column {len(text) + 1}"
    line, column = getattr(error, "line", 1), getattr(error, "column", 1)
    return f"line {line}, column {column}" if line > 1 else f"column {column}"


def _explain(error: UnexpectedInput, text: str) -> str:
    if isinstance(error, UnexpectedToken):
        found = "the end" if error.token.type == "$END" else repr(str(error.token)[:40])
        expected = sorted(error.accepts or error.expected)
    elif isinstance(error, UnexpectedCharacters):
        found, expected = repr(text[error.pos_in_stream or 0 :][:10]), sorted(error.allowed or ())
    else:
        return "it ends too early"
    if len(expected) > 6:
        return f"{found} cannot stand here"
    return f"{found} cannot stand here; expected {' or '.join(NAMED.get(name, name) for name in expected)}"


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() and len(text) < LONGEST_WHOLE else float(text)


def _texts(token: Token) -> str:
    return str(token)[1:-1].replace("''", "'").replace("\\'", "'")


def _op(name: str) -> Any:
    return lambda _self, arguments: {"op": name, "args": list(arguments)}


def _not(name: str) -> Any:
    return lambda _self, arguments: {"op": "not", "args": [{"op": name, "args": list(arguments)}]}


class _Builder(Transformer[Token, Tree]):
    """Makes the JSON encoding out of what the grammar found."""

    disjunction, conjunction, negated = _op("or"), _op("and"), _op("not")
    like, between, in_, is_null = _op("like"), _op("between"), _op("in"), _op("isNull")
    not_like, not_between, not_in = _not("like"), _not("between"), _not("in")
    is_not_null = _not("isNull")
    add, subtract, multiply, divide = _op("+"), _op("-"), _op("*"), _op("/")
    modulo, whole, power = _op("%"), _op("div"), _op("^")
    listed = coordinates = list

    def comparison(self, parts: list[Any]) -> Tree:
        return {"op": str(parts[1]), "args": [parts[0], parts[2]]}

    def minus(self, parts: list[Any]) -> Tree:
        (value,) = parts
        return -value if isinstance(value, int | float) else {"op": "*", "args": [-1, value]}

    def number(self, parts: list[Token]) -> Tree:
        return _number(parts[0])

    def text(self, parts: list[Token]) -> Tree:
        return _texts(parts[0])

    def true(self, _parts: list[Token]) -> Tree:
        return True

    def false(self, _parts: list[Token]) -> Tree:
        return False

    def property(self, parts: list[Token]) -> Tree:
        return {"property": str(parts[0])}

    def quoted_property(self, parts: list[Token]) -> Tree:
        return {"property": str(parts[0])[1:-1]}

    def date(self, parts: list[Token]) -> Tree:
        return {"date": _texts(parts[0])}

    def timestamp(self, parts: list[Token]) -> Tree:
        return {"timestamp": _texts(parts[0])}

    def interval(self, parts: list[Any]) -> Tree:
        return {"interval": parts}

    def bbox(self, parts: list[Any]) -> Tree:
        return {"bbox": parts[0]}

    def function(self, parts: list[Any]) -> Tree:
        return {"op": str(parts[0]).lower(), "args": parts[1] or []}

    def position(self, parts: list[Token | None]) -> Tree:
        return [float(part) for part in parts if part is not None]

    def shape(self, parts: list[Any]) -> Tree:
        kind = str(parts[0]).upper().removesuffix("Z").strip()
        found = parts[1]
        if kind == "POINT":
            found = found[0]
        elif kind == "MULTIPOINT":
            found = [point[0] if isinstance(point[0], list) else point for point in found]
        return {"type": GEOJSON[kind], "coordinates": found}

    def collection(self, parts: list[Any]) -> Tree:
        return {"type": "GeometryCollection", "geometries": parts}


GEOJSON = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
}
__all__ = ["Tree", "read_json", "read_text"]
