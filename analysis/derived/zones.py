"""Protection and safety zones: the distances of the rules, drawn round the features that they are about.

Each rule with ``zone`` becomes one statement, made of the very figures, conditions and offsets that the check
uses: what the check finds certainly within the distance of a feature lies in the zone of that feature.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from analysis.conditions import as_sql
from analysis.derived.naming import as_text
from analysis.derived.parts import Part, into
from analysis.needs import BUILT_UP, UAT, uses_place
from analysis.rulebook import Case, Edition, Rule
from analysis.statement import IN_FORCE, snippet
from layers.catalogue import catalogue

LAYER = "derived.protection_zone"
COLUMN = "rule"
COLUMNS = (
    "rule", "kind", "family", "title", "source_layer", "source_id", "source_title", "distance_m", "legal_basis",
    "geom",
)  # fmt: skip
# How far a chord of a drawn arc may lie inside the true one, in metres; the layers are no better than 0.1 m.
CHORD_ERROR_M = 0.02
FAMILIES = {
    "roads": "road",
    "transport": "railway",
    "heritage": "heritage",
    "environment": "environment",
}
PLACES = {"any": ("outside", "town", "commune"), "inside": ("town", "commune"), "outside": ("outside",)}


def parts(rules: Iterator[tuple[Rule, Edition]]) -> list[Part]:
    """One part a rule that draws a zone."""
    return [_part(rule, edition) for rule, edition in rules if rule.zone]


def family(rule: Rule) -> str:
    """The field a zone belongs to: of utilities the network, else what the layer is about."""
    if rule.layer == "environment.sanitary_source":
        return "sanitary"
    schema = rule.layer.split(".", maxsplit=1)[0]
    known = catalogue()[LAYER].column("family").values
    networks = rule.where.get("network")
    if schema == "utilities" and isinstance(networks, tuple) and len(networks) == 1 and networks[0] in known:
        return str(networks[0])
    return FAMILIES.get(schema, "other")


def _part(rule: Rule, edition: Edition) -> Part:
    placed = uses_place(rule, edition)
    return Part(
        rule.id,
        _statement(rule, edition, placed).as_string(None),
        (rule.layer, BUILT_UP, UAT) if placed else (rule.layer,),
    )


def _statement(rule: Rule, edition: Edition, placed: bool) -> sql.Composed:
    if rule.zone is None:
        raise ValueError(f"{rule.id} draws no zone")
    basis = "; ".join(", ".join(filter(None, (one.act, one.article))) for one in edition.legal_basis)
    cut = placed and rule.place_of == "subject"
    return sql.SQL("{into}\n{select}").format(
        into=into(COLUMNS),
        select=snippet("zone").format(
            rule=sql.Literal(rule.id),
            kind=sql.Literal(rule.zone.kind),
            family=sql.Literal(family(rule)),
            title=sql.Literal(rule.title.ro),
            layer=sql.Literal(rule.layer),
            basis=sql.Literal(basis),
            name=as_text(rule.zone.of, rule.labels),
            table=sql.Identifier(*rule.layer.split(".")),
            places=_places(rule, placed),
            distance=_distance(edition),
            edge=_edge(rule),
            chord=sql.Literal(CHORD_ERROR_M),
            in_force=IN_FORCE,
            where=as_sql(rule.where),
            shape=snippet("zone_cut") if cut else sql.SQL("l.around"),
        ),
    )


def _places(rule: Rule, placed: bool) -> sql.Composable:
    """The places that the rule tells apart: those of the land, or the one where the feature lies."""
    if not placed:
        return sql.SQL("(VALUES ('any')) AS p (place)")
    wanted = sql.SQL(", ").join(map(sql.Literal, PLACES[rule.place]))
    if rule.place_of == "subject":
        listed = sql.SQL(", ").join(sql.SQL("({})").format(sql.Literal(one)) for one in PLACES[rule.place])
        return sql.SQL("(VALUES {}) AS p (place)").format(listed)
    return sql.SQL(
        "(SELECT place FROM (SELECT COALESCE(({}), 'outside') AS place OFFSET 0) AS o WHERE place IN ({})) AS p"
    ).format(snippet("place"), wanted)


def _distance(edition: Edition) -> sql.Composable:
    if not edition.cases:
        return sql.Literal(edition.distance_m)
    fitting = [
        sql.SQL("WHEN {} AND {} THEN {}").format(as_sql(case.where), _at(case), sql.Literal(case.distance_m))
        for case in edition.cases
    ]
    return sql.SQL("CASE {} END").format(sql.SQL(" ").join(fitting))


def _at(case: Case) -> sql.Composable:
    if case.place == "any":
        return sql.SQL("true")
    if case.place == "inside":
        return sql.SQL("p.place IN ('town', 'commune')")
    return sql.SQL("p.place = {}").format(sql.Literal(case.place))


def _edge(rule: Rule) -> sql.Composable:
    """Metres from the drawn axis to the edge from which the rule measures; a drawn area has its edge."""
    if rule.offset is None:
        return sql.SQL("0")
    return sql.SQL("CASE WHEN ST_Dimension(f.geom) = 2 THEN 0 ELSE {} * COALESCE({}, {}) END").format(
        sql.Literal(rule.offset.factor),
        sql.Identifier("f", rule.offset.column),
        sql.Literal(rule.offset.default),
    )
