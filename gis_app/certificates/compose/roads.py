"""What road permits say of the road: where the land meets it, and how far it stands."""

from __future__ import annotations

from analysis.findings import Finding, RoadAccess
from gis_app.certificates.compose.context import Context, merged, source, statement
from gis_app.certificates.document import Row, Sentence, Source
from gis_app.certificates.romanian import metres

DISTANCES = "roads."


def managed(context: Context) -> RoadAccess | None:
    """The nearest road that the permit is about: a county road where one is in reach, else the nearest."""
    reachable = sorted(context.report.road_access, key=lambda access: access.distance_to_axis_m)
    county_roads = [access for access in reachable if access.category == "DJ"]
    return next(iter(county_roads or reachable), None)


def distances(context: Context) -> tuple[Row, ...]:
    """A row for each road in reach: position, side, distances from axis and carriageway, and the zone."""
    return tuple(_row(context, access) for access in context.report.road_access)


def remarks(context: Context) -> tuple[Sentence, ...]:
    """What the road rules say of the land."""
    found = [
        statement(context, finding, with_basis=True)
        for finding in context.report.findings
        if finding.rule.startswith(DISTANCES)
    ]
    return merged(found)


def _row(context: Context, access: RoadAccess) -> Row:
    findings = [finding for finding in context.report.of_rule(DISTANCES) if _road(finding) == access.road]
    behind = tuple(source(finding) for finding in findings) or (
        Source(
            rule="roads.access", layer="roads.road", feature=access.road, distance_m=access.distance_to_axis_m
        ),
    )
    unknown = context.texts.not_known
    edge = _from_carriageway(findings, access)
    zones = dict.fromkeys(
        context.rule_title(finding.rule) for finding in findings if finding.rule != "roads.access"
    )
    texts = (
        access.road,
        access.position,
        context.words.sides[access.side],
        metres(access.distance_to_axis_m),
        metres(edge) if edge is not None else unknown,
        ", ".join(zones) or "–",
    )
    return Row(cells=tuple(Sentence(text=text, sources=behind) for text in texts))


def _from_carriageway(findings: list[Finding], access: RoadAccess) -> float | None:
    for finding in findings:
        width = finding.feature.attributes.get("carriageway_m") if finding.feature else None
        if width:
            return max(0.0, access.distance_to_axis_m - float(width) / 2)
    return None


def _road(finding: Finding) -> object:
    return finding.feature.attributes.get("number") if finding.feature else None
