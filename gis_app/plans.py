"""The plan of a check: the land with its map, and the parts of it that the findings restrict."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import shapely
from shapely.geometry import shape

from analysis.findings import CheckReport, Finding, Subject
from gis_app.certificates.settings import AuthoritySettings
from layers.catalogue import catalogue
from layers.errors import VatraError
from tiles.mapfile import Form
from tiles.plans.drawing import Overlay
from tiles.plans.inset import Cause, Inset, draw_inset
from tiles.plans.plan import Plan, draw_plan
from tiles.plans.sheet import Heading


class UnknownFinding(VatraError):
    """The check has no finding of that id or rule, or none that the caller may see."""

    def __init__(self, named: str, known: Sequence[str]) -> None:
        super().__init__(f"no finding {named!r} for this land; there are {', '.join(known) or 'none'}")


# What lies within a distance of something is no feature of any layer, so it is drawn from the findings.
STYLES = {
    "roads.protection-zone": "road_protection",
    "roads.safety-zone": "road_protection",
    "roads.safety-zone-bridge": "road_protection",
    "transport.railway-protection": "railway_protection",
    "transport.railway-safety": "railway_protection",
    "utilities.power-corridor": "electricity_protection",
    "utilities.gas-transport": "gas_protection",
    "utilities.gas-distribution": "gas_protection",
    "utilities.water-main": "water_protection",
    "utilities.water-works": "water_protection",
    "utilities.sewer": "sewer_protection",
    "utilities.telecom": "telecom_protection",
    "environment.water": "water_body_protection",
    "heritage.monument-protection-default": "monument_protection",
}
SANITARY = "sanitary."
# Cadastral numbers that the heading has room for.
NAMED = 6
# Networks have a plan of their own, but for the corridors that forbid building.
SHOWN = {
    "planning": (
        "roads.",
        "transport.",
        "environment.",
        "heritage.",
        SANITARY,
        "utilities.power-corridor",
        "utilities.gas-transport",
    ),
    "utilities": ("utilities.",),
    "cadastre": (),
}


def plan_of(
    report: CheckReport,
    theme: str,
    *,
    scale: int | None = None,
    paper: str = "A4",
    number: str | None = None,
    day: date | None = None,
    visible: Collection[str] | None = None,
    address: str | None = None,
) -> Plan:
    """The plan of a theme for the report's land, as of its day.

    ``number`` and ``day`` are those of the act the plan is annexed to; without them the sheet leaves room.
    ``visible`` are the layers that may be shown, all where it is None. Raises what ``tiles.plans.plan.draw_plan`` does.
    """
    return draw_plan(
        shape(report.subject.geometry),
        theme,
        report.as_of,
        scale=scale,
        paper=paper,
        heading=heading(report.subject, number, day),
        overlays=overlays(report, theme, visible),
        visible=visible,
        address=address,
    )


def heading(subject: Subject, number: str | None = None, day: date | None = None) -> Heading:
    """What the sheet's head says of the land, and of whom the plan comes from."""
    numbers = subject.cadastral_numbers or tuple(filter(None, (subject.cadastral_number,)))
    land = f"Nr. cadastral {', '.join(numbers[:NAMED])}" if numbers else "Teren delimitat prin coordonate"
    if len(numbers) > NAMED:
        land += f" și încă {len(numbers) - NAMED}"
    if subject.land_book_number:
        land += f", carte funciară {subject.land_book_number}"
    uats = [
        f"{uat.name}{f', județul {uat.county}' if uat.county else ''} (SIRUTA {uat.siruta})"
        for uat in subject.uats
    ]
    return Heading(land, "; ".join(uats), AuthoritySettings().name, number, day)


def finding_map(
    report: CheckReport,
    named: str,
    form: Form = "png",
    *,
    visible: Collection[str] | None = None,
    address: str | None = None,
) -> Inset:
    """A small map of the finding of that id, or of the first one of the rule of that id.

    Raises UnknownFinding, also for a finding that rests on a layer not in ``visible``; and what
    ``tiles.plans.inset.draw_inset`` does.
    """
    seen = [finding for finding in report.findings if _may_see(finding, visible)]
    finding = next((one for one in seen if named in (one.id, one.rule)), None)
    if finding is None:
        raise UnknownFinding(named, [one.id for one in seen])
    return draw_inset(
        shape(report.subject.geometry),
        report.as_of,
        cause=drawn_cause(finding),
        concerned=shape(finding.geometry) if finding.geometry else None,
        visible=visible,
        form=form,
        address=address,
    )


def drawn_cause(finding: Finding, visible: Collection[str] | None = None) -> Cause | None:
    """What a map lights up as the cause of the finding; None where it is no thing on a map, or not to be seen."""
    feature = finding.feature
    if feature is None or not _may_see(finding, visible) or catalogue()[feature.layer].geometry is None:
        return None
    return Cause(feature.layer, feature.id)


def _may_see(finding: Finding, visible: Collection[str] | None) -> bool:
    return visible is None or finding.feature is None or finding.feature.layer in visible


def overlays(report: CheckReport, theme: str, visible: Collection[str] | None = None) -> tuple[Overlay, ...]:
    """The parts of the land that findings of the theme restrict by distance, one geometry a style."""
    parts: dict[str, list[shapely.Geometry]] = {}
    for finding in report.findings:
        style = "sanitary_protection" if finding.rule.startswith(SANITARY) else STYLES.get(finding.rule)
        if style is None or finding.geometry is None or not _may_see(finding, visible):
            continue
        if not finding.rule.startswith(SHOWN.get(theme, ())):
            continue
        part = shape(finding.geometry)
        if part.area:
            parts.setdefault(style, []).append(part)
    return tuple(Overlay(style, shapely.union_all(found)) for style, found in parts.items())
