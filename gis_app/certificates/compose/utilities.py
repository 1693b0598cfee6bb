"""The networks around (Code art. 253(4)d): route, position, quality, capacity and distance, as known.

A network without a finding is either known not to be near, or not known at all; the two never look alike.
"""

from __future__ import annotations

from typing import Any

from analysis.findings import Finding
from gis_app.certificates.compose.context import Context, merged, note, source, statement
from gis_app.certificates.compose.legal import absent
from gis_app.certificates.document import Row, Sentence, Source
from gis_app.certificates.romanian import metres, quantity

AVAILABLE = "utilities.available"


def networks(context: Context) -> tuple[Row, ...]:
    """A row for each network, in the order of the vocabulary; the nearest line of it where one is known."""
    found = {network: lines_of(context, network) for network in context.words.networks}
    return tuple(
        _known(context, network, lines) if lines else _unknown(context, network)
        for network, lines in found.items()
    )


def lines_of(context: Context, network: str) -> list[Finding]:
    """The found lines of a network, the nearest first."""
    lines = [
        finding
        for finding in _available(context)
        if finding.feature and finding.feature.attributes.get("network") == network
    ]
    return sorted(lines, key=lambda finding: finding.distance_m or 0)


def remarks(context: Context) -> tuple[Sentence, ...]:
    """What else rules say of networks: corridors, safety zones, and which of them do not reach the land."""
    found = [
        statement(context, finding, with_basis=True)
        for finding in context.report.findings
        if finding.section == "utilities" and not finding.rule.startswith(AVAILABLE)
    ]
    missing = [each for each in absent(context, "utilities") if each.sources[0].rule != AVAILABLE]
    return (*merged(found), *missing)


def _available(context: Context) -> list[Finding]:
    return [finding for finding in context.report.findings if finding.rule.startswith(AVAILABLE)]


def _known(context: Context, network: str, lines: list[Finding]) -> Row:
    finding = lines[0]
    about = finding.feature.attributes if finding.feature else {}
    behind = tuple(source(line) for line in lines)
    unknown = context.texts.not_known
    distance = Sentence(text=metres(finding.distance_m or 0), note=note(context, finding), sources=behind)
    texts = (_name(context, network), _route(context, about) or unknown)
    values = (str(about.get("condition") or unknown), str(about.get("capacity") or unknown))
    cells = tuple(Sentence(text=text, sources=behind) for text in (*texts, *values))
    return Row(cells=(*cells, distance))


def _unknown(context: Context, network: str) -> Row:
    missing = [entry for entry in context.report.not_checked if entry.rule.startswith(AVAILABLE)]
    behind = (Source(rule=AVAILABLE, layer="utilities.line"),)
    name = Sentence(text=_name(context, network), sources=behind)
    if missing:
        said = Sentence(text=context.texts.no_network_data, sources=behind, cautions=("not_checked",))
    else:
        said = Sentence(text=context.texts.no_network.format(reach=_reach(context)), sources=behind)
    dash = Sentence(text="–", sources=behind)
    return Row(cells=(name, said, dash, dash, dash))


def _reach(context: Context) -> str:
    for rule_id, rule in context.rules.rules.items():
        edition = rule.edition(context.report.as_of)
        if rule_id.startswith(AVAILABLE) and edition and edition.distance_m:
            return quantity(edition.distance_m, "m")
    return quantity(100, "m")


def _name(context: Context, network: str) -> str:
    name = context.words.networks[network]
    return name[0].upper() + name[1:]


def _route(context: Context, about: dict[str, Any]) -> str:
    """ "distribuție, subteran, 0,4 kV, operator …" from what the data hold."""
    parts = [
        context.words.attribute(about[name])
        for name in ("subtype", "pressure", "placement")
        if about.get(name)
    ]
    if about.get("voltage_kv"):
        parts.append(quantity(float(about["voltage_kv"]), "kV"))
    if about.get("diameter_mm"):
        parts.append(f"Ø{quantity(float(about['diameter_mm']), 'mm')}")
    if about.get("material"):
        parts.append(str(about["material"]))
    if about.get("operator"):
        parts.append(f"operator {about['operator']}")
    return ", ".join(dict.fromkeys(parts))
