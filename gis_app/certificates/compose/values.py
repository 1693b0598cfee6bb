"""Values of the form's fields by their ids, and the facts that tick boxes. What is not here is for a person."""

from __future__ import annotations

from analysis.findings import CheckReport, Subject
from gis_app.certificates.compose import roads
from gis_app.certificates.compose.context import Context, source
from gis_app.certificates.compose.plans import plan_decisions, plan_names
from gis_app.certificates.document import Sentence, Source
from gis_app.certificates.romanian import area, day, lei, metres

BUILDINGS = "cadastre.building"
BUILT_UP = "admin.built-up-area"
PUZ_COMPULSORY = "puz_compulsory"


def values(context: Context) -> dict[str, Sentence]:
    """Every field that follows from the report, the request or the authority."""
    found = {
        **_request(context),
        **_property(context),
        **_road(context),
        "plan": plan_names(context),
        "plan_decision": plan_decisions(context),
        "fee": _fee(context),
    }
    return {name: sentence for name, sentence in found.items() if sentence is not None}


def facts(context: Context) -> frozenset[str]:
    """What the form's boxes may ask about the case."""
    report = context.report
    found = {"land", *(box for purpose in context.purposes for box in purpose.boxes)}
    if report.of_rule(BUILDINGS):
        found.add("buildings")
    if report.road_access:
        found.add("road_access")
    if _any_restriction(report, PUZ_COMPULSORY):
        found.add(PUZ_COMPULSORY)
    return frozenset(found)


def _any_restriction(report: CheckReport, kind: str) -> bool:
    return any(
        finding.feature and finding.feature.attributes.get("kind") == kind
        for finding in report.findings
        if finding.rule.startswith("planning.")
    )


def _request(context: Context) -> dict[str, Sentence | None]:
    request, texts = context.request, context.texts
    automatic = context.form.automatic
    purpose = request.purpose or (texts.purpose_information if automatic else None)
    number = request.number or (texts.request_none if automatic else None)
    asked_on = request.day or (context.produced_at.date() if automatic else None)
    applicant = request.applicant or (texts.request_anyone if automatic else None)
    return {
        "request_number": _said(number),
        "request_date": _said(day(asked_on) if asked_on else None),
        "applicant": _said(applicant),
        "purpose": _said(purpose),
        "objective": _said(request.purpose or "; ".join(one.title for one in context.purposes)),
        "completed_certificate": _said(request.completes.number if request.completes else None),
        "completed_certificate_date": _said(day(request.completes.day) if request.completes else None),
        "postcode": _said(request.postcode),
        "street": _said(request.street),
        "street_number": _said(request.street_number),
    }


def _property(context: Context) -> dict[str, Sentence | None]:
    subject = context.report.subject
    first = subject.uats[0] if subject.uats else None
    numbers = ", ".join(subject.cadastral_numbers) or subject.cadastral_number
    names = ", ".join(f"{_named(uat.kind, uat.name)} (SIRUTA {uat.siruta})" for uat in subject.uats)
    registered = subject.area_legal_m2
    return {
        "county": context.from_subject((first.county if first else None) or context.county),
        "uat": context.from_subject(names) if names else None,
        "locality": _locality(context),
        "cadastral_number": context.from_subject(numbers) if numbers else None,
        "land_book": context.from_subject(subject.land_book_number) if subject.land_book_number else None,
        "area_registered": context.from_subject(area(registered)) if registered is not None else None,
        "area_measured": context.from_subject(_measured(subject)),
    }


def _measured(subject: Subject) -> str:
    return area(subject.area_m2) if subject.length_m is None else f"traseu de {metres(subject.length_m)}"


def _named(kind: str | None, name: str) -> str:
    printed = {"municipiu": "municipiul", "oras": "orașul", "comuna": "comuna"}.get(kind or "")
    return f"{printed} {name}" if printed and not name.lower().startswith(printed[:-2]) else name


def _locality(context: Context) -> Sentence | None:
    if context.request.locality:
        return _said(context.request.locality)
    for finding in context.report.of_rule(BUILT_UP):
        named = finding.feature.attributes.get("locality") if finding.feature else None
        if named:
            return Sentence(text=str(named), sources=(source(finding),))
    return None


def _fee(context: Context) -> Sentence | None:
    fee = context.report.fee
    if fee is None or context.road_act:
        return None
    return Sentence(text=lei(fee.amount_ron), sources=(Source(author="taxe", act=fee.basis),))


def _road(context: Context) -> dict[str, Sentence | None]:
    access = roads.managed(context)
    if access is None:
        return {}
    behind = (Source(rule="roads.access", layer="roads.road", feature=access.road),)

    def said(text: str | None) -> Sentence | None:
        return Sentence(text=text, sources=behind) if text else None

    locality = _locality(context)
    return {
        "road": said(access.road),
        "road_position": said(access.position),
        "road_side": said(context.words.sides[access.side]),
        "road_length": said(metres(access.frontage_m)),
        "road_administrator": said(access.administrator),
        "road_locality": locality or said("extravilan" if not context.report.of_rule(BUILT_UP) else None),
    }


def _said(text: str | None) -> Sentence | None:
    """What the request says."""
    return Sentence(text=text, sources=(Source(author="cerere"),)) if text else None
