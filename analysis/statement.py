"""All rules of a day compiled to one SQL statement, so that a check is one round trip.

A branch a layer: an index scan around the subject, cut down to the features that a rule asks about. Conditions
and distances of rules are literals in the text, so that a prepared statement plans once; the subject and
the day are parameters. The text depends on the rules alone and is kept per rule set.

Each row: branch number, feature id, version id, attributes (JSON text), distance (m), whether the feature
covers the subject whole, and WKB: the overlap, or the uncut shape nearby where distances are measured. One row is
the subject itself, one the mark of the catalogue's state with the distance to land of no known UAT.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from psycopg import sql

from analysis.conditions import as_sql
from analysis.needs import PREDECESSOR, UAT, Need, Term, needs
from analysis.rulebook import Edition, Rule
from layers.catalogue import catalogue

Flavour = Literal["parcels", "area", "line"]
SUBJECT, STATE, HISTORY = -1, -2, -3
WITHIN = "@within"  # whether a zone shares land with the subject, and does not only touch it
PARAMETERS: dict[Flavour, tuple[str, ...]] = {
    "parcels": ("day", "sirutas", "numbers"),
    "area": ("day", "wkb", "accuracy"),
    "line": ("day", "wkb", "accuracy"),
}
IN_FORCE = sql.SQL("f.valid_from <= %(day)s::date AND %(day)s::date < f.valid_to")


@dataclass(frozen=True)
class Statement:
    """The SQL text with the names of its parameters $1, $2…

    ``layers`` says which layer each branch number stands for, ``near`` which of them come uncut.
    """

    text: str
    parameters: tuple[str, ...]
    layers: tuple[str, ...]
    near: frozenset[str]


def compile_statement(
    rules: Iterable[tuple[Rule, Edition]], flavour: Flavour, lost: Collection[str] = ()
) -> Statement:
    """The statement for those rules and that kind of subject; the layers that are ``lost`` are not asked."""
    rules = list(rules)
    asked = needs(rules)
    order = tuple(layer for layer in asked if layer not in lost)
    parts = [
        _select(SUBJECT, "s.accuracy", "s.attributes::text", "ST_AsBinary(s.geom)", "FROM subject s"),
        _select(STATE, "b.metres", "({mark})", "NULL", "FROM beyond b").format(mark=snippet("mark")),
    ]
    parts += [
        sql.SQL("SELECT {}::int2, u.* FROM uats u").format(sql.Literal(number))
        if layer == UAT
        else sql.SQL("(SELECT {}::int2, {})").format(sql.Literal(number), branch(asked[layer], flavour))
        for number, layer in enumerate(order)
    ]
    computes = {rule.compute for rule, _ in rules}
    if "history" in computes and flavour == "parcels" and PREDECESSOR not in lost:
        parts.append(sql.SQL("({})").format(snippet("history")))
    text = sql.SQL("WITH {land}, {subject}, uats AS MATERIALIZED (SELECT {uats}), {beyond}\n{body}").format(
        land=snippet(f"land_{'parcels' if flavour == 'parcels' else 'drawn'}"),
        subject=_subject(asked[layer] for layer in order),
        uats=branch(asked[UAT], flavour),
        beyond=snippet("beyond"),
        body=sql.SQL("\nUNION ALL\n").join(parts),
    )
    names = PARAMETERS[flavour]
    return Statement(
        _numbered(text.as_string(None), names),
        names,
        order,
        frozenset(name for name in order if asked[name].near),
    )


def _numbered(text: str, names: tuple[str, ...]) -> str:
    """PostgreSQL's own placeholders: psycopg takes a text this long apart anew at every call otherwise."""
    for number, name in enumerate(names, 1):
        text = text.replace(f"%({name})s", f"${number}")
    return text


@cache
def snippet(name: str) -> sql.SQL:
    """A piece of SQL from its file."""
    return sql.SQL((files("analysis") / "sql" / f"{name}.sql").read_text(encoding="utf-8"))


def _select(number: int, distance: str, attributes: str, shape: str, source: str) -> sql.SQL:
    return sql.SQL(
        f"SELECT {number}::int2, 0::bigint, 0, {attributes}, {distance}::float8, false, {shape}::bytea {source}"
    )


def branch(need: Need, flavour: Flavour) -> sql.Composable:
    """Target list and FROM of one layer's branch, the branch number left to the caller."""
    layer = catalogue()[need.layer]
    whole_line = flavour == "line" and not need.near
    in_pieces = layer.pieces and not whole_line
    shape = sql.Identifier("p" if in_pieces else "f", "geom")
    uat = need.layer == UAT
    joins = (
        sql.SQL("({} p JOIN {} f ON f.id = p.feature_id)").format(
            sql.Identifier(layer.schema_name, f"{layer.table_name}_piece"),
            sql.Identifier(layer.schema_name, layer.table_name),
        )
        if in_pieces
        else sql.SQL("{} f").format(sql.Identifier(layer.schema_name, layer.table_name))
    )
    return sql.SQL(
        "f.id, f.version_id, {attributes}::text, {distance}, bool_or({whole}), {shape}"
        "\n  FROM subject s JOIN {joins} ON {near}\n  WHERE {in_force} AND {wanted}\n  GROUP BY f.id"
    ).format(
        attributes=_attributes(need, shape),
        distance=sql.SQL("min(ST_Distance({}, s.geom))").format(shape)
        if need.near or uat
        else sql.SQL("0.0::float8"),
        whole=sql.SQL("false") if need.near else sql.SQL("ST_Covers({}, s.geom)").format(shape),
        shape=_near_shape(shape) if need.near else _overlap(shape, whole_line),
        joins=joins,
        near=sql.SQL("ST_DWithin({}, s.geom, s.{})").format(shape, _reach(need))
        if need.near or uat
        else sql.SQL("ST_Intersects({}, s.geom)").format(shape),
        in_force=IN_FORCE,
        wanted=_wanted_near(need, shape) if need.near else _wanted(need),
    )


def _near_shape(shape: sql.Composable) -> sql.Composable:
    return sql.SQL("ST_AsBinary(ST_Collect(ST_Force2D({})))").format(shape)


def _overlap(shape: sql.Composable, whole_line: bool) -> sql.Composable:
    if whole_line:
        # A line lying on an area's limit touches it; what counts is the part within.
        return sql.SQL(
            "ST_AsBinary(ST_Collect(CASE WHEN ST_Dimension({0}) = 2"
            " THEN ST_Difference(ST_Intersection(s.geom, {0}), ST_Boundary({0}))"
            " ELSE ST_Intersection(s.geom, {0}) END))"
        ).format(shape)
    return sql.SQL(
        "ST_AsBinary(ST_Collect(CASE WHEN NOT ST_Covers({0}, s.geom) AND ST_Intersects({0}, s.geom)"
        " THEN ST_Force2D(ST_Intersection({0}, s.geom)) END))"
    ).format(shape)


def _subject(asked: Iterable[Need]) -> sql.Composable:
    """The land, with how far off and how far away features may be, by layer: worked out once, for all branches.

    ``error`` is no less than sqrt(a² + b²), and the millimetre to which distances are rounded before they count;
    ``reach`` is the farthest that a feature may be: limits, offsets and both accuracies together.
    """
    accuracies, columns = [], []
    for need in asked:
        if need.near or need.layer == UAT:
            own = sql.Identifier(need.layer)
            accuracies.append(
                sql.SQL("COALESCE(max(v.accuracy_m) FILTER (WHERE v.layer = {}), 0) AS {}").format(
                    sql.Literal(need.layer), own
                )
            )
            error = sql.SQL("land.accuracy + a.{} + 0.001").format(own)
            columns.append(sql.SQL("{} AS {}").format(error, _error(need)))
            columns.append(sql.SQL("GREATEST({}) + {} AS {}").format(_reaches(need), error, _reach(need)))
    return sql.SQL(
        "subject AS MATERIALIZED (SELECT land.*, {} FROM land CROSS JOIN"
        " (SELECT {} FROM catalogue.layer_version v WHERE v.valid_from <= %(day)s) a)"
    ).format(sql.SQL(", ").join(columns), sql.SQL(", ").join(accuracies))


def _error(need: Need) -> sql.Identifier:
    return sql.Identifier(f"{need.layer} error")


def _reach(need: Need) -> sql.Identifier:
    return sql.Identifier(f"{need.layer} reach")


def _reaches(need: Need) -> sql.Composable:
    reaches: list[sql.Composable] = [sql.Literal(need.reach_m)]
    for term in need.terms:
        if term.offset:
            widest = sql.SQL("{} + {} * GREATEST({}, (SELECT max({}) FROM {}))").format(
                sql.Literal(term.limit_m),
                sql.Literal(term.offset.factor),
                sql.Literal(term.offset.default),
                sql.Identifier(term.offset.column),
                sql.Identifier(*need.layer.split(".")),
            )
            if widest not in reaches:
                reaches.append(widest)
    return sql.SQL(", ").join(reaches)


def _wanted(need: Need) -> sql.Composable:
    """Features that meet at least one condition."""
    conditions = [_condition(term) for term in need.terms]
    if any(not term.condition and not term.ends for term in need.terms):
        return sql.SQL("true")
    return sql.SQL("(({}))").format(sql.SQL(") OR (").join(conditions))


def _wanted_near(need: Need, shape: sql.Composable) -> sql.Composable:
    """Features no farther than the rule with the longest reach for just such a feature allows."""
    reaches = [
        sql.SQL("CASE WHEN {} THEN {} END").format(_condition(term), _limit(term)) for term in need.terms
    ]
    return sql.SQL("ST_Distance({}, s.geom) <= GREATEST({}) + s.{}").format(
        shape, sql.SQL(", ").join(reaches), _error(need)
    )


def _condition(term: Term) -> sql.Composable:
    condition = as_sql(term.condition)
    if not term.ends:
        return condition
    column = sql.Identifier("f", term.ends)
    return sql.SQL("{} AND ({} IS NULL OR {} >= %(day)s)").format(condition, column, column)


def _limit(term: Term) -> sql.Composable:
    if not term.offset:
        return sql.Literal(term.limit_m)
    return sql.SQL("{} + {} * COALESCE({}, {})").format(
        sql.Literal(term.limit_m),
        sql.Literal(term.offset.factor),
        sql.Identifier("f", term.offset.column),
        sql.Literal(term.offset.default),
    )


def _attributes(need: Need, shape: sql.Composable) -> sql.Composable:
    layer = catalogue()[need.layer]
    pairs = [
        sql.SQL("{}, {}").format(sql.Literal(column.name), sql.Identifier("f", column.name))
        for column in layer.columns
    ]
    if need.layer == "planning.zone":
        # Zones that only touch are many in villages; their articles do not count.
        pairs.append(sql.SQL("{}, NOT bool_and(ST_Touches({}, s.geom))").format(sql.Literal(WITHIN), shape))
    if need.measured_m:
        near = sql.SQL("min(ST_Distance(p.geom, s.geom)) <= {}").format(sql.Literal(need.measured_m))
        pairs.append(sql.SQL("'measures', CASE WHEN {} THEN ({}) END").format(near, snippet("road")))
    if need.placed:
        pairs.append(sql.SQL("'@place', ({})").format(snippet("place")))
    return sql.SQL("json_build_object({})").format(sql.SQL(", ").join(pairs))
