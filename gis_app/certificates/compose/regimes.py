"""The economic and technical regimes as tables: each provision beside the act it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from gis_app.certificates.completeness import inside_built_up
from gis_app.certificates.compose.context import Context, merged, statement
from gis_app.certificates.compose.legal import absent
from gis_app.certificates.compose.provisions import (
    at_edge,
    at_its_edge,
    destination,
    heading,
    no_regulation,
    provisions_of,
    zones,
)
from gis_app.certificates.document import Row, Sentence, Source
from gis_app.certificates.romanian import metres

ACCESS = "roads.access"


def economic(context: Context) -> tuple[Row, ...]:
    """Rows of the economic regime: present use, destination and uses by zone, fiscal rules."""
    texts = context.texts
    rows = [_present_use(context)]
    for zone in zones(context):
        rows.append(heading(context, zone))
        if at_its_edge(context, zone):
            rows.append(at_edge(context, zone))
            continue
        rows.append(destination(context, zone))
        rows.extend(provisions_of(context, zone, "economic"))
    rows.extend(_outside_zone(context))
    rows.extend(_findings(context, "economic"))
    fiscal = context.by_form(texts.fiscal).model_copy(update={"lead": texts.fiscal.partition(":")[0]})
    rows.append(Row(cells=(fiscal, context.by_form(texts.fiscal_act))))
    return tuple(rows)


def technical(context: Context) -> tuple[Row, ...]:
    """Rows of the technical regime: figures by zone, then restrictions and distances, then access."""
    rows = list(_findings(context, "technical", only="planning.plan"))
    for zone in zones(context):
        rows.append(heading(context, zone))
        if at_its_edge(context, zone):
            rows.append(at_edge(context, zone))
            continue
        provisions = list(provisions_of(context, zone, "technical"))
        rows.extend(provisions or [no_regulation(context, zone)])
    rows.extend(_outside_zone(context))
    constraints = [*_findings(context, "technical"), *_absent(context, "technical")]
    if constraints:
        rows.append(_heading(context, context.texts.constraints_heading))
        rows.extend(constraints)
    access = list(_road_access(context))
    if access:
        rows.append(_heading(context, context.texts.access_heading))
        rows.extend(access)
    return tuple(rows)


def _heading(context: Context, text: str) -> Row:
    return Row(cells=(context.by_form(text),), heading=True)


def _outside_zone(context: Context) -> Iterator[Row]:
    texts = context.texts
    if zones(context):
        return
    if inside_built_up(context.report):
        unknown = context.by_form(texts.no_zone).model_copy(update={"cautions": ("not_checked",)})
        yield Row(cells=(unknown, context.by_form(texts.no_zone_act)))
    else:
        yield Row(cells=(context.by_form(texts.outside_zone), context.by_form(texts.outside_zone_act)))


def _present_use(context: Context) -> Row:
    texts, codes = context.texts, context.report.subject.use_category
    if codes:
        uses = (f"{context.words.use_categories.get(code, code)} ({code})" for code in codes.split(", "))
        said = context.from_subject(texts.use_present.format(uses=", ".join(uses)))
    else:
        said = context.from_subject(texts.use_unknown)
    said = said.model_copy(update={"lead": said.text.partition(":")[0]})
    return Row(cells=(said, context.from_subject(texts.use_act)))


def _findings(context: Context, section: str, only: str | None = None) -> Iterator[Row]:
    elsewhere = {"planning.zone", "planning.plan", ACCESS}
    found = [
        statement(context, finding, with_basis=True)
        for finding in context.report.findings
        if finding.section == section and (finding.rule == only if only else finding.rule not in elsewhere)
    ]
    yield from map(_beside_its_act, merged(found))


def _absent(context: Context, section: str) -> Iterator[Row]:
    yield from map(_beside_its_act, absent(context, section))


def _beside_its_act(sentence: Sentence) -> Row:
    cited = Sentence(text=sentence.basis or "", sources=sentence.sources)
    return Row(cells=(sentence.model_copy(update={"basis": None}), cited))


def _road_access(context: Context) -> Iterator[Row]:
    found = [statement(context, finding, with_basis=True) for finding in context.report.of_rule(ACCESS)]
    yield from map(_beside_its_act, merged(found))
    if not found:
        yield from _roads_in_reach(context)


def _roads_in_reach(context: Context) -> Iterator[Row]:
    words = context.words
    for access in context.report.road_access:
        text = context.texts.road_access.format(
            category=words.road_categories.get(access.category, access.category),
            road=access.road,
            position=access.position,
            side=words.sides[access.side],
            distance=metres(access.distance_to_axis_m),
            frontage=metres(access.frontage_m),
        )
        behind = Source(
            rule=ACCESS,
            act=context.texts.road_access_act,
            layer="roads.road",
            layer_version=context.version("roads.road"),
            feature=access.road,
            distance_m=access.distance_to_axis_m,
        )
        said = Sentence(text=text[0].upper() + text[1:], sources=(behind,))
        yield Row(cells=(said, Sentence(text=context.texts.road_access_act, sources=(behind,))))
