"""A filter's tree → a clause of SQL over one layer's columns: names from the catalogue, values bound.

Every expression has a kind (truth, number, text, day, span of days, shape); an operator that gets another kind than it
takes is refused with its place in the tree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from psycopg import sql

from layers.catalogue import Layer
from layers.cql2 import places
from layers.cql2.days import ENDS, TEMPORAL, as_day
from layers.cql2.errors import BadFilter
from layers.cql2.reading import MAX_DEPTH, MAX_NODES, Tree
from layers.frames import CRS84, Frame

Kind = Literal["truth", "number", "text", "day", "span", "shape", "nothing"]
KINDS: dict[str, Kind] = {
    "text": "text",
    "choice": "text",
    "integer": "number",
    "number": "number",
    "boolean": "truth",
    "date": "day",
}
COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})
ARITHMETIC = {
    "+": "({}::float8 + {}::float8)",
    "-": "({}::float8 - {}::float8)",
    "*": "({}::float8 * {}::float8)",
    "/": "({}::float8 / nullif({}::float8, 0))",
    "%": "mod({}::numeric, nullif({}::numeric, 0))",
    "div": "trunc({}::float8 / nullif({}::float8, 0))",
    "^": "power({}::float8, {}::float8)",
}
TEXT_FUNCTIONS = {
    "casei": "lower({})",
    "accenti": "public.unaccent('public.unaccent'::regdictionary, {})",
}
LARGEST = 1e300
GEOMETRY_NAMES = ("geometry", "geom")


@dataclass(frozen=True)
class Clause:
    """A condition for a WHERE, and the values it binds by name."""

    text: sql.Composable
    values: dict[str, Any]


@dataclass(frozen=True)
class Part:
    """SQL of an expression, and what it is; a span of days has its ``end`` too."""

    text: sql.Composable
    kind: Kind
    end: sql.Composable | None = None


@dataclass
class _Compiler:
    layer: Layer
    frame: Frame
    values: dict[str, Any] = field(default_factory=dict)
    nodes: int = 0

    def bind(self, value: Any) -> sql.Composable:
        name = f"f{len(self.values)}"
        self.values[name] = value
        return sql.Placeholder(name)

    def part(self, node: Tree, place: str, depth: int = 0) -> Part:
        self.nodes += 1
        if depth > MAX_DEPTH * 2 or self.nodes > MAX_NODES:
            raise BadFilter("it is too long or nested too deep", place)
        if isinstance(node, dict):
            return self._object(node, place, depth)
        return self._literal(node, place)

    def wanted(self, node: Tree, kind: Kind, place: str, depth: int) -> sql.Composable:
        """The SQL of an expression that must be of that kind."""
        part = self.part(node, place, depth + 1)
        if part.kind != kind:
            raise BadFilter(f"a {kind} is needed here, this is a {part.kind}", place)
        return part.text

    def _literal(self, value: Tree, place: str) -> Part:
        if isinstance(value, bool):
            return Part(sql.SQL("true" if value else "false"), "truth")
        if isinstance(value, int | float):
            return Part(self.bind(_number(value, place)), "number")
        if isinstance(value, str):
            return Part(sql.SQL("{}::text").format(self.bind(value)), "text")
        raise BadFilter("this is no value that a filter knows", place)

    def _object(self, node: dict[str, Any], place: str, depth: int) -> Part:
        if "property" in node:
            return self._property(str(node["property"]), place)
        if "op" in node:
            return self._operator(node, place, depth)
        if "date" in node or "timestamp" in node:
            return Part(sql.SQL("{}::date").format(self.bind(as_day(node, place))), "day")
        if "interval" in node:
            return self._span(node["interval"], place, depth)
        if "bbox" in node or "type" in node:
            return Part(self.bind_shape(node, place), "shape")
        raise BadFilter("neither an operation nor a property nor a value", place)

    def bind_shape(self, node: dict[str, Any], place: str) -> sql.Composable:
        shape = places.shape(node, self.frame, place)
        return sql.SQL("{}::geometry").format(self.bind(shape))

    def _property(self, name: str, place: str) -> Part:
        if name in GEOMETRY_NAMES and self.layer.geometry:
            return Part(sql.Identifier(self.frame.column), "shape")
        if name == "id":
            return Part(sql.Identifier("id"), "number")
        if name in ("valid_from", "valid_to"):
            return Part(sql.Identifier(name), "day")
        for column in self.layer.served_columns:
            if column.name == name:
                return Part(sql.Identifier(name), KINDS[column.type])
        raise BadFilter(f"{self.layer.id} has no property {name[:60]!r}", place)

    def _operator(self, node: dict[str, Any], place: str, depth: int) -> Part:
        op, arguments = node["op"], node.get("args")
        if not isinstance(op, str) or not isinstance(arguments, list):
            raise BadFilter("an operation has a name and a list of arguments", place)
        op = op if op == "isNull" else op.lower()
        inside = [f"{place}/{op}[{position}]" for position in range(len(arguments))]
        for names, least, most, method in _METHODS:
            if op in names:
                if not least <= len(arguments) <= most:
                    raise BadFilter(f"{op} does not take {len(arguments)} arguments", place)
                return method(self, op, arguments, inside, depth)
        raise BadFilter(f"no operator or function {op[:40]!r} here", place)

    def _logic(self, op: str, arguments: list[Tree], at: list[str], depth: int) -> Part:
        parts = [self.wanted(node, "truth", place, depth) for node, place in zip(arguments, at, strict=True)]
        return Part(sql.SQL("({})").format(sql.SQL(f" {op} ").join(parts)), "truth")

    def _not(self, _op: str, arguments: list[Tree], at: list[str], depth: int) -> Part:
        return Part(sql.SQL("(NOT {})").format(self.wanted(arguments[0], "truth", at[0], depth)), "truth")

    def _same_kind(self, arguments: list[Tree], at: list[str], depth: int) -> list[sql.Composable]:
        parts = [self.part(node, place, depth + 1) for node, place in zip(arguments, at, strict=True)]
        kinds = {part.kind for part in parts}
        if kinds == {"day", "text"}:  # dates are often written as plain texts
            return [
                sql.SQL("{}::date").format(self.bind(as_day({"date": node}, place)))
                if isinstance(node, str)
                else self._only_days(part, place)
                for part, node, place in zip(parts, arguments, at, strict=True)
            ]
        if len(kinds) > 1 or not kinds <= {"truth", "number", "text", "day"}:
            raise BadFilter(f"a {' and a '.join(sorted(kinds))} cannot be compared", at[0])
        return [part.text for part in parts]

    def _only_days(self, part: Part, place: str) -> sql.Composable:
        if part.kind != "day":
            raise BadFilter("a day and a text cannot be compared", place)
        return part.text

    def _comparison(self, op: str, arguments: list[Tree], at: list[str], depth: int) -> Part:
        left, right = self._same_kind(arguments, at, depth)
        return Part(sql.SQL("({} " + op + " {})").format(left, right), "truth")

    def _between(self, _op: str, arguments: list[Tree], at: list[str], depth: int) -> Part:
        value, low, high = self._same_kind(arguments, at, depth)
        return Part(sql.SQL("({} BETWEEN {} AND {})").format(value, low, high), "truth")

    def _in(self, _op: str, arguments: list[Tree], at: list[str], depth: int) -> Part:
        value, listed = arguments
        if not isinstance(listed, list) or not 1 <= len(listed) <= 500:
            raise BadFilter("IN takes a list of 1 to 500 values", at[1])
        members = [f"{at[1]}[{position}]" for position in range(len(listed))]
        first, *others = self._same_kind([value, *listed], [at[0], *members], depth)
        return Part(sql.SQL("({} IN ({}))").format(first, sql.SQL(", ").join(others)), "truth")

    def _like(self, _op: str, arguments: list[Tree], at: list[str], depth: int) -> Part:
        value = self.wanted(arguments[0], "text", at[0], depth)
        pattern = self.wanted(arguments[1], "text", at[1], depth)
        return Part(sql.SQL("({} LIKE {})").format(value, pattern), "truth")

    def _is_null(self, _op: str, arguments: list[Tree], at: list[str], depth: int) -> Part:
        return Part(sql.SQL("({} IS NULL)").format(self.part(arguments[0], at[0], depth + 1).text), "truth")

    def _calculation(self, op: str, arguments: list[Tree], at: list[str], depth: int) -> Part:
        numbers = [
            self.wanted(node, "number", place, depth) for node, place in zip(arguments, at, strict=True)
        ]
        return Part(sql.SQL(ARITHMETIC[op]).format(*numbers), "number")

    def _text_function(self, op: str, arguments: list[Tree], at: list[str], depth: int) -> Part:
        return Part(
            sql.SQL(TEXT_FUNCTIONS[op]).format(self.wanted(arguments[0], "text", at[0], depth)), "text"
        )

    def _spatial(self, op: str, arguments: list[Tree], at: list[str], depth: int) -> Part:
        shapes = [self.wanted(node, "shape", place, depth) for node, place in zip(arguments, at, strict=True)]
        if op not in ("s_intersects", "s_disjoint"):
            places.refuse_collections(arguments, at)
        return Part(sql.SQL(places.SPATIAL[op]).format(*shapes), "truth")

    def _temporal(self, op: str, arguments: list[Tree], at: list[str], depth: int) -> Part:
        spans = [self._as_span(node, place, depth) for node, place in zip(arguments, at, strict=True)]
        names = {"s1": spans[0][0], "e1": spans[0][1], "s2": spans[1][0], "e2": spans[1][1]}
        return Part(sql.SQL(f"({TEMPORAL[op]})").format(**names), "truth")

    def _as_span(self, node: Tree, place: str, depth: int) -> tuple[sql.Composable, sql.Composable]:
        part = self.part({"date": node} if isinstance(node, str) else node, place, depth + 1)
        if part.kind not in ("day", "span"):
            raise BadFilter(f"a day or an interval is needed here, this is a {part.kind}", place)
        return part.text, part.end or part.text

    def _span(self, ends: Tree, place: str, depth: int) -> Part:
        if not isinstance(ends, list) or len(ends) != 2:
            raise BadFilter("an interval has two ends", place)
        texts = [
            sql.SQL(ENDS[position])
            if end == ".."
            else self._as_span(end, f"{place}/interval[{position}]", depth)[0]
            for position, end in enumerate(ends)
        ]
        return Part(texts[0], "span", texts[1])


Method = Callable[[_Compiler, str, list[Tree], list[str], int], Part]
_METHODS: tuple[tuple[frozenset[str], int, int, Method], ...] = (
    (frozenset({"and", "or"}), 1, 500, _Compiler._logic),
    (frozenset({"not"}), 1, 1, _Compiler._not),
    (COMPARISONS, 2, 2, _Compiler._comparison),
    (frozenset({"between"}), 3, 3, _Compiler._between),
    (frozenset({"in"}), 2, 2, _Compiler._in),
    (frozenset({"like"}), 2, 2, _Compiler._like),
    (frozenset({"isNull"}), 1, 1, _Compiler._is_null),
    (frozenset(ARITHMETIC), 2, 2, _Compiler._calculation),
    (frozenset(TEXT_FUNCTIONS), 1, 1, _Compiler._text_function),
    (frozenset(places.SPATIAL), 2, 2, _Compiler._spatial),
    (frozenset(TEMPORAL), 2, 2, _Compiler._temporal),
)


def compile_filter(tree: Tree, layer: Layer, frame: Frame) -> Clause:
    """The clause that a filter is over that layer; shapes in it are in ``frame``. Raises BadFilter."""
    compiler = _Compiler(layer, frame)
    text = compiler.wanted(tree, "truth", "", 0)
    return Clause(text, compiler.values)


def equals(layer: Layer, name: str, value: str, key: str) -> Clause:
    """The clause that a property has that value; ``key`` names what it binds. Raises BadFilter."""
    part = _Compiler(layer, CRS84).part({"property": name}, name)
    bound: str | float | bool | date
    try:
        bound = READERS.get(part.kind, str)(value)
    except (ValueError, KeyError) as error:
        raise BadFilter(f"{value[:60]!r} is no {part.kind}", name) from error
    return Clause(sql.SQL("({} = {})").format(part.text, sql.Placeholder(key)), {key: bound})


def _number(value: float, place: str) -> int | float:
    """Whole numbers stay whole, so that an index on a column of them serves."""
    if not -LARGEST <= value <= LARGEST:  # nor is NaN
        raise BadFilter("this number is too large", place)
    return int(value) if abs(value) < 2**31 and value == int(value) else float(value)


READERS: dict[Kind, Callable[[str], Any]] = {
    "number": lambda text: _number(float(text), text),
    "truth": lambda text: {"true": True, "false": False}[text.lower()],
    "day": date.fromisoformat,
}
