"""SQL that picks what a map shows: the features of a layer in force, the rule each is drawn by, its label.

The text goes to MapServer, which binds no values; so nothing in it comes from a user: names are the
catalogue's, literals the style's, and the day and scale are put in by :func:`fill_in` as a date and a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Literal

from psycopg import sql

from layers.catalogue import Layer
from layers.style import PLACEHOLDER, Primitive, Range, Scalar, StyleRule, Words
from tiles.ranges import Shown, band, shown_at, shown_in
from tiles.themes import Entry

AS_OF, SCALE = "@AS_OF@", "@SCALE@"
PIXELS_PER_MM = 10
GeometryColumn = Literal["geom", "geom_3857"]
SRIDS: dict[GeometryColumn, int] = {"geom": 3844, "geom_3857": 3857}
# A metre on the ground in metres of the map: one, or as Web Mercator stretches it where the feature lies.
TRUE_METRE, MERCATOR_METRE = "1", "cosh(ST_YMin(f.geom_3857) / 6378137)"
DIMENSIONS: dict[Primitive, int] = {"point": 0, "line": 1, "polygon": 2}
# Corners of generalised outlines are this far apart on paper.
CORNER_MM = 0.1
# No road is wider, also where Web Mercator stretches it.
WIDEST_GROUND_M = 60
# What every statement gives beside id and geom; MapServer is told, so that it need not ask.
ITEMS = ("rule", "label", "shield", "angle", "ground_0", "ground_1")
# Share of its size that a letter is wide, on the safe side for numbers and names in Noto Sans.
LETTER_WIDTH = 0.6


def data(
    entry: Entry,
    primitive: Primitive,
    as_of: date,
    scale: float,
    column: GeometryColumn = "geom",
    metre: str = TRUE_METRE,
) -> str | None:
    """MapServer's DATA of a layer in one look for a day and a scale denominator; None where it draws nothing.

    ``column`` is the stored geometry that is drawn: in EPSG:3844, or in EPSG:3857. ``metre`` is how many metres of
    the map make one on the ground.
    """
    template = _data(entry, primitive, band(entry, scale), column, metre)
    return template and fill_in(template, as_of, scale)


def fill_in(text: str, as_of: date, scale: float) -> str:
    """The text for one day and one scale denominator."""
    return text.replace(AS_OF, as_of.isoformat()).replace(SCALE, str(round(scale)))


def primitives(layer: Layer) -> tuple[Primitive, ...]:
    """The kinds of geometry that the layer may hold, areas first so that points are drawn last."""
    kind = layer.geometry or ""
    if kind == "Geometry":
        return ("polygon", "line", "point")
    if kind.endswith("Polygon"):
        return ("polygon",)
    return ("line",) if "LineString" in kind else ("point",)


@lru_cache(maxsize=2048)
def _data(entry: Entry, primitive: Primitive, index: int, column: GeometryColumn, metre: str) -> str | None:
    shown = shown_in(entry, index)
    if not shown.draws(primitive):
        return None
    statement = features(entry, primitive, shown, column, metre)
    if any(rule.words for rule in shown.rules.values()):
        # Of texts that collide, equals in priority, the same one must win in every picture: the last.
        larger = any(rule.label and rule.label.larger_first for rule in shown.rules.values())
        statement += " ORDER BY ST_Area(geom), id" if larger else " ORDER BY id"
    return " ".join(f"geom from ({statement}) as q using unique id using srid={SRIDS[column]}".split())


def features(
    entry: Entry,
    primitive: Primitive,
    shown: Shown,
    column: GeometryColumn = "geom",
    metre: str = TRUE_METRE,
) -> str:
    """SELECT of id, geom and ``ITEMS`` (angle in degrees, ground widths in pixels) for features of that kind."""
    conditions = [in_force("f"), f"f.{column} && {_box(shown)}"]
    if entry.definition.geometry == "Geometry":
        conditions.append(f"ST_Dimension(f.geom) = {DIMENSIONS[primitive]}")
    geometry = f"f.{column}"
    if shown.generalised and primitive != "point":
        geometry = f"ST_Simplify({geometry}, {SCALE} * {CORNER_MM / 1000}, true)"
    grounds = [f"{ground_case(shown, place, metre)} AS ground_{place}" for place in range(2)]
    inner = (
        f"SELECT f.id, {geometry} AS geom, {rule_case(shown)} AS rule,"
        f" {words_case(entry.definition, shown, 'label')} AS label,"
        f" {words_case(entry.definition, shown, 'shield')} AS shield, {', '.join(grounds)}"
        f" FROM {entry.definition.id} f WHERE {' AND '.join(conditions)}"
    )
    along = [rule.label for rule in shown.rules.values() if rule.label and rule.label.along]
    if primitive == "polygon" and along:
        return _along_longer_side(inner, min(label.size for label in along))
    return f"SELECT s.*, 0 AS angle FROM ({inner}) s WHERE rule IS NOT NULL"


def _box(shown: Shown) -> str:
    """The box of features that show: a line past the edge of the picture does as far as it is wide."""
    strokes = [stroke for rule in shown.rules.values() for stroke in rule.strokes]
    half_mm = max((stroke.width or 0 for stroke in strokes), default=0) / 2
    half_m = WIDEST_GROUND_M / 2 if any(stroke.ground for stroke in strokes) else 0
    return f"ST_Expand(!BOX!, {half_m} + {SCALE} * {half_mm / 1000})"


def shown_rules(entry: Entry, scale: int) -> str:
    """SELECT of the rule numbers and dimensions of features that show at 1:scale in the polygon ``%(window)s``.

    An area drawn by its outline alone does not show where the window lies wholly inside it.
    """
    shown = shown_at(entry, scale)
    inside = (
        f"SELECT f.geom, {rule_case(shown)} AS rule, ST_Dimension(f.geom) AS dimension"
        f" FROM {entry.definition.id} f WHERE f.valid_from <= %(as_of)s AND f.valid_to > %(as_of)s"
        " AND f.geom && %(window)s::geometry AND ST_Intersects(f.geom, %(window)s::geometry)"
    )
    outlines = [str(number) for number, rule in shown.rules.items() if not (rule.fill or rule.hatch)]
    hidden = "false"
    if outlines and "polygon" in primitives(entry.definition):
        listed = f"rule IN ({', '.join(outlines)})"
        hidden = f"{listed} AND dimension = 2 AND ST_ContainsProperly(geom, %(window)s::geometry)"
    statement = f"SELECT DISTINCT rule, dimension FROM ({inside}) s WHERE rule IS NOT NULL AND NOT ({hidden})"
    return statement.replace(SCALE, str(scale))


def in_force(alias: str) -> str:
    """Condition that a row is in force on the day."""
    return f"{alias}.valid_from <= '{AS_OF}' AND {alias}.valid_to > '{AS_OF}'"


def rule_case(shown: Shown) -> str:
    """Number of the rule that draws the row, NULL if none does: not at all, or not so small."""
    return _case({number: _if_large(number, rule) for number, rule in shown.rules.items()}, shown)


def condition(rule: StyleRule) -> str:
    """The rule's ``where`` as SQL over the row ``f``; unknown values never fit a given one."""
    return " AND ".join(_column_condition(*item) for item in rule.where.items()) or "true"


def words_case(layer: Layer, shown: Shown, kind: Literal["label", "shield"]) -> str:
    """The text of label or shield by the rule that draws, NULL where a feature bears none."""
    texts = {number: getattr(rule, kind) for number, rule in shown.rules.items()}
    return _case({number: words_text(layer, words) for number, words in texts.items() if words}, shown)


def words_text(layer: Layer, words: Words) -> str:
    """The first of the templates whose columns all hold something."""
    return f"coalesce({', '.join(_template(layer, template) for template in words.text)})"


def ground_case(shown: Shown, place: int = 0, metre: str = TRUE_METRE) -> str:
    """Width in pixels of the rules' ``place``-th stroke that is true to the ground; NULL where there is none."""
    widths = {}
    for number, rule in shown.rules.items():
        grounds = [stroke.ground for stroke in rule.strokes if stroke.ground]
        if place < len(grounds):
            ground = grounds[place]
            metres = f"coalesce(nullif(f.{ground.column}, 0), {ground.default})"
            width = f"greatest({metres} * {metre} * 1000 / {SCALE}, {ground.least})"
            widths[number] = f"({width} + {2 * ground.casing}) * {PIXELS_PER_MM}"
    return _case(widths, shown)


def _case(values: Mapping[int, str], shown: Shown) -> str:
    """The value of the rule that draws the row; rules without one, and kinds that are not drawn, give NULL."""
    if not values:
        return "NULL::text"
    cases = [
        (condition(rule), "NULL" if number is None else values.get(number, "NULL"))
        for rule, number in shown.kinds
    ]
    if cases[0][0] == "true":
        return cases[0][1]
    return f"CASE {' '.join(f'WHEN {where} THEN {value}' for where, value in cases)} END"


def _if_large(number: int, rule: StyleRule) -> str:
    if not rule.smallest:
        return str(number)
    size = "greatest(ST_XMax(f.geom) - ST_XMin(f.geom), ST_YMax(f.geom) - ST_YMin(f.geom))"
    return f"CASE WHEN {size} >= {SCALE} * {rule.smallest / 1000} THEN {number} END"


def literal(value: Scalar) -> str:
    """The value as an SQL literal."""
    return sql.Literal(value).as_string(None)


def _column_condition(name: str, allowed: tuple[Scalar, ...] | Range) -> str:
    column = f"f.{name}"
    if isinstance(allowed, Range):
        bounds = []
        if allowed.min is not None:
            bounds.append(f"{column} >= {allowed.min}")
        if allowed.below is not None:
            bounds.append(f"{column} < {allowed.below}")
        return f"({' AND '.join(bounds)})"
    listed = ", ".join(literal(value) for value in allowed if value is not None)
    choices = [f"{column} IN ({listed})"] if listed else []
    if None in allowed:
        choices.append(f"{column} IS NULL")
    return f"({' OR '.join(choices)})"


def _template(layer: Layer, template: str) -> str:
    parts: list[str] = []
    for position, piece in enumerate(PLACEHOLDER.split(template)):
        if position % 2:
            parts.append(_as_text(layer, piece))
        elif piece:
            parts.append(literal(piece))
    return f"({' || '.join(parts)})"


def _as_text(layer: Layer, column: str) -> str:
    """A column for reading: numbers without idle zeros and with the decimal comma, empty text as NULL."""
    if layer.column(column).type == "number":
        return f"replace(trim_scale(f.{column}::numeric)::text, '.', ',')"
    return f"nullif(f.{column}::text, '')"


def _along_longer_side(inner: str, size: float) -> str:
    """Adds the angle of each area's longer side, and drops labels (``size`` mm) that would stick out of it."""
    # OFFSET 0 keeps the planner from putting the envelope in every place that reads it.
    rough = f"CASE WHEN ST_NPoints(geom) > 30 THEN ST_Simplify(geom, {SCALE} * 0.002, true) ELSE geom END"
    return f"""
        SELECT id, geom, rule, shield, ground_0, ground_1,
          CASE WHEN greatest(a, b) * 1000 / {SCALE} >= length(label) * {size * LETTER_WIDTH}
                AND least(a, b) * 1000 / {SCALE} >= {size} THEN label END AS label,
          turn - 180 * floor((turn + 89) / 180) AS angle
        FROM (
          SELECT s.*, ST_Distance(p, q) AS a, ST_Distance(q, r) AS b,
            degrees(CASE WHEN ST_Distance(p, q) >= ST_Distance(q, r)
              THEN atan2(ST_Y(q) - ST_Y(p), ST_X(q) - ST_X(p))
              ELSE atan2(ST_Y(r) - ST_Y(q), ST_X(r) - ST_X(q)) END) AS turn
          FROM (SELECT s.*, ST_ExteriorRing(ST_OrientedEnvelope({rough})) AS ring FROM ({inner}) s OFFSET 0) s,
            LATERAL (SELECT ST_PointN(ring, 1) AS p, ST_PointN(ring, 2) AS q, ST_PointN(ring, 3) AS r
              OFFSET 0) corners
        ) s WHERE rule IS NOT NULL"""
