"""The economic and technical regimes: each provision beside the act it comes from.

Articles 1–3 of the local regulation (uses) are economic, 4–22 technical; the order of the articles is the
order of the rows. Figures come from ``attributes["regulation"]`` of the zone findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from analysis.findings import Finding
from gis_app.certificates.completeness import inside_built_up
from gis_app.certificates.compose.context import Context, act, merged, source, statement
from gis_app.certificates.compose.legal import absent
from gis_app.certificates.compose.plans import citation, unit
from gis_app.certificates.document import Row, Sentence, Source
from gis_app.certificates.romanian import area, metres, number, per_cent, quantity

Provision = dict[str, Any]
ACCESS = "roads.access"
REGULATION = "planning.regulation"
COEFFICIENTS = range(18, 22)


def economic(context: Context) -> tuple[Row, ...]:
    """Rows of the economic regime: present use, destination and uses by zone, fiscal rules."""
    texts = context.texts
    rows = [_present_use(context)]
    for zone in zones(context):
        rows.append(_zone_heading(context, zone))
        rows.append(_destination(context, zone))
        rows.extend(_provisions(context, zone, "economic"))
    rows.extend(_outside_zone(context))
    rows.extend(_findings(context, "economic"))
    fiscal = context.by_form(texts.fiscal).model_copy(update={"lead": texts.fiscal.partition(":")[0]})
    rows.append(Row(cells=(fiscal, context.by_form(texts.fiscal_act))))
    return tuple(rows)


def technical(context: Context) -> tuple[Row, ...]:
    """Rows of the technical regime: figures by zone, then restrictions and distances, then access."""
    rows = list(_findings(context, "technical", only="planning.plan"))
    for zone in zones(context):
        rows.append(_zone_heading(context, zone))
        provisions = list(_provisions(context, zone, "technical"))
        rows.extend(provisions or [_no_regulation(context, zone)])
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


def zones(context: Context) -> tuple[Finding, ...]:
    """The findings of zones, the largest part of the land first."""
    found = [finding for finding in context.report.of_rule("planning.zone") if finding.overlap_m2 is not None]
    return tuple(sorted(found, key=lambda finding: -(finding.overlap_m2 or 0)))


def _attributes(zone: Finding) -> dict[str, Any]:
    return zone.feature.attributes if zone.feature else {}


def _heading(context: Context, text: str) -> Row:
    return Row(cells=(context.by_form(text),), heading=True)


def _zone_heading(context: Context, zone: Finding) -> Row:
    about = _attributes(zone)
    title, utr, subzone = about.get("title"), about.get("utr"), about.get("subzone")
    several = len({_attributes(each).get("plan_code") for each in zones(context)}) > 1
    text = context.texts.zone_heading.format(
        code=" / ".join(str(part) for part in (about.get("code"), subzone) if part),
        title=f" – {title}" if title else "",
        utr=f", {unit(utr)}" if utr else "",
        area=area(zone.overlap_m2 or 0),
        share=per_cent(zone.overlap_share or 0),
    )
    if several:
        text = f"{text} · {about.get('plan_code')}"
    said = statement(context, zone, with_basis=False)
    return Row(cells=(said.model_copy(update={"text": text}),), heading=True)


def _destination(context: Context, zone: Finding) -> Row:
    about = _attributes(zone)
    text = context.texts.destination.format(title=about.get("title") or about.get("code"))
    cited = citation(context, str(about.get("plan_code")), str(about.get("code")), about.get("utr"))
    behind = (source(zone),)
    lead = context.texts.destination.partition(":")[0]
    return Row(cells=(Sentence(text=text, lead=lead, sources=behind), Sentence(text=cited, sources=behind)))


def _provisions(context: Context, zone: Finding, regime: str) -> Iterator[Row]:
    provisions = [
        provision
        for provision in _attributes(zone).get("regulation") or ()
        if context.words.articles[int(provision["article"])].regime == regime
    ]
    provisions = _nearest(provisions)
    for article, group in groupby(provisions, key=lambda provision: int(provision["article"])):
        yield _article(context, zone, article, list(group))


def _nearest(provisions: list[Provision]) -> list[Provision]:
    """By article; what the regulation says of the UTR stands before what it says of the whole zone."""
    of_utr = {(int(each["article"]), each.get("item")) for each in provisions if each.get("utr")}
    kept = [
        each
        for each in provisions
        if each.get("utr") or (int(each["article"]), each.get("item")) not in of_utr
    ]
    return sorted(kept, key=lambda provision: int(provision["article"]))


def _article(context: Context, zone: Finding, article: int, provisions: list[Provision]) -> Row:
    about = _attributes(zone)
    said = "; ".join(dict.fromkeys(text for each in provisions for text in _said(context, article, each)))
    utr = next((provision["utr"] for provision in provisions if provision.get("utr")), None)
    plan_code = str(about.get("plan_code") or provisions[0].get("plan_code"))
    cited = citation(context, plan_code, str(about.get("code")), utr or about.get("utr"), article)
    behind = source(zone).model_copy(
        update={"act": cited, "layer": REGULATION, "layer_version": _version(context, REGULATION)}
    )
    title = context.words.articles[article].title
    return Row(
        cells=(
            Sentence(text=f"{title}: {said}" if said else title, lead=title, sources=(behind,)),
            Sentence(text=cited, sources=(behind,)),
        )
    )


def _said(context: Context, article: int, provision: Provision) -> Iterator[str]:
    """The figure and the words of a provision; not the figure where the words hold it (but for POT and CUT)."""
    body = str(provision.get("body") or "").strip().rstrip(".")
    amounts = [provision[end] for end in ("value_min", "value_max") if provision.get(end) is not None]
    ungrouped = body.replace(".", "")
    held = all(number(float(amount)).replace(".", "") in ungrouped for amount in amounts)
    if amounts and (not body or not held or article in COEFFICIENTS):
        yield figure(context, article, provision)
    if body:
        yield body


def figure(context: Context, article: int, provision: Provision) -> str:
    """A provision's figure in words: "suprafața cel puțin 500 m²"; empty where it has none.

    Articles whose title says minimum or maximum (12–15, 18–22) give the bare figure.
    """
    low, high, code = provision.get("value_min"), provision.get("value_max"), str(provision.get("unit") or "")
    if low is None and high is None:
        return ""
    texts, title = context.texts, context.words.articles[article].title
    if low is not None and high is not None and low != high:
        amount = f"{number(low)}–{quantity(high, _unit(code))}"
    else:
        value = float(low if low is not None else high or 0)
        bound = texts.at_most if low is None else texts.at_least
        bare = low == high or "minim" in title or "maxim" in title
        amount = ("" if bare else bound) + quantity(value, _unit(code, value))
    item = str(provision.get("item") or "").lower().removesuffix("_min").removesuffix("_max")
    label = context.words.items.get(item, item.replace("_", " "))
    return f"{label} {amount}".strip()


def _unit(code: str, amount: float = 0) -> str:
    if amount == 1 and code == "niveluri":
        return "nivel"
    return {"m2": "m²", "ADC/m2": "", "1": "", "-": ""}.get(code, code)


def _no_regulation(context: Context, zone: Finding) -> Row:
    text = context.texts.no_regulation.format(code=_attributes(zone).get("code"))
    missing = Sentence(text=text, sources=(source(zone),), cautions=("not_checked",))
    return Row(cells=(missing, Sentence(text=act(zone) or "")))


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
    texts, code = context.texts, context.report.subject.use_category
    if code:
        use = context.words.use_categories.get(code, code)
        said = context.from_subject(texts.use_present.format(use=use, code=code))
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
            layer_version=_version(context, "roads.road"),
            feature=access.road,
            distance_m=access.distance_to_axis_m,
        )
        said = Sentence(text=text[0].upper() + text[1:], sources=(behind,))
        yield Row(cells=(said, Sentence(text=context.texts.road_access_act, sources=(behind,))))


def _version(context: Context, layer: str) -> int | None:
    return next((used.version for used in context.report.layers if used.id == layer), None)
