"""Provisions of the local regulation by zone: each in words, beside its article, UTR and decision.

They come from ``attributes["regulation"]`` of the zone findings; articles 1–3 are of the economic regime,
4–22 of the technical one, as the vocabulary says.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from analysis.findings import Finding
from gis_app.certificates.compose.context import Context, act, note, source, statement
from gis_app.certificates.compose.plans import citation, unit
from gis_app.certificates.document import Row, Sentence
from gis_app.certificates.romanian import area, metres, number, per_cent, quantity

Provision = dict[str, Any]
REGULATION = "planning.regulation"
COEFFICIENTS = range(18, 22)


def zones(context: Context) -> tuple[Finding, ...]:
    """The findings of zones, the largest part of the land first."""
    found = [finding for finding in context.report.of_rule("planning.zone") if _size(finding) is not None]
    return tuple(sorted(found, key=lambda finding: -(_size(finding) or 0)))


def _size(zone: Finding) -> float | None:
    """Square metres, or metres of a line."""
    return zone.overlap_m2 if zone.overlap_m2 is not None else zone.overlap_length_m


def _about(zone: Finding) -> dict[str, Any]:
    return zone.feature.attributes if zone.feature else {}


def heading(context: Context, zone: Finding) -> Row:
    about = _about(zone)
    title, utr, subzone = about.get("title"), about.get("utr"), about.get("subzone")
    several = len({_about(each).get("plan_code") for each in zones(context)}) > 1
    is_line = zone.overlap_m2 is None
    text = context.texts.zone_heading.format(
        code=" / ".join(str(part) for part in (about.get("code"), subzone) if part),
        title=f" – {title}" if title else "",
        utr=f", {unit(utr)}" if utr else "",
        size=(metres if is_line else area)(_size(zone) or 0),
        share=per_cent(zone.overlap_share or 0),
        whole="traseu" if is_line else "imobil",
    )
    if several:
        text = f"{text} · {about.get('plan_code')}"
    said = statement(context, zone, with_basis=False)
    return Row(cells=(said.model_copy(update={"text": text, "note": note(context, zone)}),), heading=True)


def destination(context: Context, zone: Finding) -> Row:
    about = _about(zone)
    text = context.texts.destination.format(title=about.get("title") or about.get("code"))
    cited = citation(context, str(about.get("plan_code")), str(about.get("code")), about.get("utr"))
    behind = (source(zone),)
    lead = context.texts.destination.partition(":")[0]
    return Row(cells=(Sentence(text=text, lead=lead, sources=behind), Sentence(text=cited, sources=behind)))


def provisions_of(context: Context, zone: Finding, regime: str) -> Iterator[Row]:
    provisions = [
        provision
        for provision in _about(zone).get("regulation") or ()
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
    about = _about(zone)
    said = _said(context, article, provisions)
    utr = next((provision["utr"] for provision in provisions if provision.get("utr")), None)
    plan_code = str(about.get("plan_code") or provisions[0].get("plan_code"))
    cited = citation(context, plan_code, str(about.get("code")), utr or about.get("utr"), article)
    behind = source(zone).model_copy(
        update={"act": cited, "layer": REGULATION, "layer_version": context.version(REGULATION)}
    )
    title = context.words.articles[article].title
    return Row(
        cells=(
            Sentence(text=f"{title}: {said}" if said else title, lead=title, sources=(behind,)),
            Sentence(text=cited, sources=(behind,)),
        )
    )


def _said(context: Context, article: int, provisions: list[Provision]) -> str:
    """What an article says: figures first, then the regulation's own sentences."""
    figures = [figure(context, article, each) for each in provisions if not _in_words(article, each)]
    bodies = [body for each in provisions if (body := _body(each))]
    parts = ["; ".join(dict.fromkeys(filter(None, figures))), ". ".join(dict.fromkeys(bodies))]
    return ". ".join(part for part in parts if part)


def _in_words(article: int, provision: Provision) -> bool:
    """Whether the sentence holds the figure already; POT and CUT are given as figures all the same."""
    amounts = [provision[end] for end in ("value_min", "value_max") if provision.get(end) is not None]
    ungrouped = _body(provision).replace(".", "")
    held = all(number(float(amount)).replace(".", "") in ungrouped for amount in amounts)
    return held and bool(ungrouped) and article not in COEFFICIENTS


def _body(provision: Provision) -> str:
    return str(provision.get("body") or "").strip().rstrip(".")


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


def at_its_edge(context: Context, zone: Finding) -> bool:
    """Whether the land meets the zone by less than the data's accuracy, and lies in another for certain.

    Its articles would fill a page for a strip that a survey may show not to exist.
    """
    surely = any(each.certainty == "certain" for each in zones(context))
    return surely and zone.certainty == "borderline"


def at_edge(context: Context, zone: Finding) -> Row:
    """Stands for the provisions of a zone that the land meets at its edge only."""
    about = _about(zone)
    text = context.texts.zone_at_edge.format(code=about.get("code"))
    cited = citation(context, str(about.get("plan_code")), str(about.get("code")), about.get("utr"))
    behind = (source(zone),)
    return Row(
        cells=(
            Sentence(text=text, sources=behind, cautions=("borderline",)),
            Sentence(text=cited, sources=behind),
        )
    )


def no_regulation(context: Context, zone: Finding) -> Row:
    text = context.texts.no_regulation.format(code=_about(zone).get("code"))
    missing = Sentence(text=text, sources=(source(zone),), cautions=("not_checked",))
    return Row(cells=(missing, Sentence(text=act(zone) or "")))
