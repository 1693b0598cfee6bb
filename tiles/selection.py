"""SQL that picks what a map shows: the features of a layer in force, the rule each is drawn by, its label.

The text goes to MapServer, which binds no values; so nothing in it comes from a user: names are the
catalogue's, literals the style's, and the day and scale are put in by :func:`fill_in` as a date and a number.
"""

from __future__ import annotations

from datetime import date

from psycopg import sql

from layers.catalogue import Layer
from layers.style import PLACEHOLDER, Label, Primitive, Range, Scalar, StyleRule
from tiles.themes import Entry

AS_OF, SCALE = "@AS_OF@", "@SCALE@"
PIXELS_PER_MM = 10
DIMENSIONS: dict[Primitive, int] = {"point": 0, "line": 1, "polygon": 2}
# Share of its size that a letter is wide, on the safe side for numbers and names in Noto Sans.
LETTER_WIDTH = 0.6


def fill_in(text: str, as_of: date, scale: int) -> str:
    """The text for one day and one scale denominator."""
    return text.replace(AS_OF, as_of.isoformat()).replace(SCALE, str(int(scale)))


def primitives(layer: Layer) -> tuple[Primitive, ...]:
    """The kinds of geometry that the layer may hold, areas first so that points are drawn last."""
    kind = layer.geometry or ""
    if kind == "Geometry":
        return ("polygon", "line", "point")
    if kind.endswith("Polygon"):
        return ("polygon",)
    return ("line",) if "LineString" in kind else ("point",)


def features(entry: Entry, primitive: Primitive) -> str:
    """SELECT of id, geom, rule, label, angle (degrees) and ground_px, for features of that kind."""
    rules = entry.rules
    conditions = [in_force("f")]
    if entry.definition.geometry == "Geometry":
        conditions.append(f"ST_Dimension(f.geom) = {DIMENSIONS[primitive]}")
    inner = (
        f"SELECT f.id, f.geom, {rule_case(rules)} AS rule, {label_case(entry.definition, rules)} AS label,"
        f" {ground_case(rules)} AS ground_px FROM {entry.definition.id} f WHERE {' AND '.join(conditions)}"
    )
    if primitive == "polygon" and any(rule.label and rule.label.along for rule in rules.values()):
        return _along_longer_side(inner, rules)
    return f"SELECT id, geom, rule, label, ground_px, 0 AS angle FROM ({inner}) s WHERE rule IS NOT NULL"


def shown_rules(entry: Entry) -> str:
    """SELECT of the rule numbers and dimensions of features that show in the polygon ``%(window)s``.

    An area drawn by its outline alone does not show where the window lies wholly inside it.
    """
    inside = (
        f"SELECT f.geom, {rule_case(entry.rules)} AS rule, ST_Dimension(f.geom) AS dimension"
        f" FROM {entry.definition.id} f WHERE f.valid_from <= %(as_of)s AND f.valid_to > %(as_of)s"
        " AND f.geom && %(window)s::geometry AND ST_Intersects(f.geom, %(window)s::geometry)"
    )
    outlines = [str(number) for number, rule in entry.rules.items() if not (rule.fill or rule.hatch)]
    hidden = "false"
    if outlines and "polygon" in primitives(entry.definition):
        listed = f"rule IN ({', '.join(outlines)})"
        hidden = f"{listed} AND dimension = 2 AND ST_ContainsProperly(geom, %(window)s::geometry)"
    return f"SELECT DISTINCT rule, dimension FROM ({inside}) s WHERE rule IS NOT NULL AND NOT ({hidden})"


def in_force(alias: str) -> str:
    """Condition that a row is in force on the day."""
    return f"{alias}.valid_from <= '{AS_OF}' AND {alias}.valid_to > '{AS_OF}'"


def rule_case(rules: dict[int, StyleRule]) -> str:
    """Number of the first rule that fits the row, NULL if none does."""
    return f"CASE {' '.join(f'WHEN {condition(rule)} THEN {number}' for number, rule in rules.items())} END"


def condition(rule: StyleRule) -> str:
    """The rule's ``where`` as SQL over the row ``f``; unknown values never fit a given one."""
    return " AND ".join(_column_condition(*item) for item in rule.where.items()) or "true"


def label_case(layer: Layer, rules: dict[int, StyleRule]) -> str:
    """The label's text by the rule that fits, NULL where a feature bears none."""
    cases = [
        f"WHEN {condition(rule)} THEN {label_text(layer, rule.label) if rule.label else 'NULL'}"
        for rule in rules.values()
    ]
    return f"CASE {' '.join(cases)} END"


def label_text(layer: Layer, label: Label) -> str:
    """The first of the label's templates whose columns all hold something."""
    return f"coalesce({', '.join(_template(layer, template) for template in label.text)})"


def ground_case(rules: dict[int, StyleRule]) -> str:
    """Width in pixels of the stroke that is true to the ground, by rule; NULL where none is."""
    cases = []
    for rule in rules.values():
        grounds = [stroke.ground for stroke in rule.strokes if stroke.ground]
        width = "NULL::double precision"
        if grounds:
            (ground,) = grounds
            metres = f"coalesce(nullif(f.{ground.column}, 0), {ground.default})"
            width = f"(greatest({metres} * 1000 / {SCALE}, 0.2) + {2 * ground.casing}) * {PIXELS_PER_MM}"
        cases.append(f"WHEN {condition(rule)} THEN {width}")
    return f"CASE {' '.join(cases)} END"


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


def _along_longer_side(inner: str, rules: dict[int, StyleRule]) -> str:
    """Adds the angle of each area's longer side, and drops labels that would stick out of it."""
    size = min(rule.label.size for rule in rules.values() if rule.label)
    return f"""
        SELECT id, geom, rule, ground_px,
          CASE WHEN greatest(a, b) * 1000 / {SCALE} >= length(label) * {size * LETTER_WIDTH}
                AND least(a, b) * 1000 / {SCALE} >= {size} THEN label END AS label,
          turn - 180 * floor((turn + 89) / 180) AS angle
        FROM (
          SELECT s.*, ST_Distance(p, q) AS a, ST_Distance(q, r) AS b,
            degrees(CASE WHEN ST_Distance(p, q) >= ST_Distance(q, r)
              THEN atan2(ST_Y(q) - ST_Y(p), ST_X(q) - ST_X(p))
              ELSE atan2(ST_Y(r) - ST_Y(q), ST_X(r) - ST_X(q)) END) AS turn
          FROM (SELECT s.*, ST_ExteriorRing(ST_OrientedEnvelope(geom)) AS ring FROM ({inner}) s) s,
            LATERAL (SELECT ST_PointN(ring, 1) AS p, ST_PointN(ring, 2) AS q, ST_PointN(ring, 3) AS r) corners
        ) s WHERE rule IS NOT NULL"""
