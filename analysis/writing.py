"""From drafts to findings: ids, shares, texts, geometries. What is not known stays None."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

import shapely

from analysis import measures
from analysis.facts import Candidate, Facts
from analysis.findings import Feature, Finding, GeoJSON, RuleTotal
from analysis.relations import Draft
from analysis.rulebook import Edition, Rule
from analysis.sentences import fill, number
from layers.catalogue import get_layer

LEAST_M = 0.01  # the least that two decimals show
PLACE = "@place"  # where a feature lies, for rules that ask; no column of its layer


class Writer:
    """Writes the findings of one check, numbering them in the order they come."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.findings: list[Finding] = []
        self.totals: list[RuleTotal] = []
        self.called_for: list[tuple[str, str]] = []
        self.whole = measures.geojson(facts.shape)
        self.uat = facts.uats[0].name if facts.uats else None

    def write(self, rule: Rule, edition: Edition, drafts: Sequence[Draft]) -> None:
        """Findings of one rule, the approvals they call for, and the total of their areas."""
        for draft in drafts:
            finding = self._finding(rule, edition, draft)
            self.findings.append(finding)
            codes = rule.approvals if draft.approvals is None else draft.approvals
            self.called_for += [(code, finding.id) for code in codes]
        if not self.facts.is_line:
            self._add_total(rule, drafts)

    def _finding(self, rule: Rule, edition: Edition, draft: Draft) -> Finding:
        size = self._sizes(draft)
        attributes = draft.attributes
        if attributes is None:
            attributes = draft.candidate.attributes if draft.candidate else {}
        values = {
            **_dated(rule.layer, attributes),
            "distance_m": draft.distance_m,
            "limit_m": draft.limit_m,
            "margin_m": draft.margin_m,
            "uat": self.uat,
            "layer_title": get_layer(rule.layer).title.ro,
            **size,
            **edition.parameters,
            **draft.values,
        }
        return Finding.trusted(
            id=f"f{len(self.findings) + 1}",
            rule=rule.id,
            effect=rule.effect,
            feature=self._feature(draft.candidate, attributes),
            relation=draft.relation,
            distance_m=draft.distance_m,
            limit_m=draft.limit_m,
            **size,
            certainty=draft.certainty,
            margin_m=draft.margin_m,
            status=edition.status,
            legal_basis=edition.legal_basis,
            section=rule.section,
            text=fill(draft.text, values, rule.labels).strip() + doubt(draft),
            geometry=self._geometry(draft),
        )

    def _sizes(self, draft: Draft) -> dict[str, float | None]:
        shape, facts = draft.shape, self.facts
        sizes: dict[str, float | None] = dict.fromkeys(
            ("overlap_m2", "overlap_share", "overlap_legal_m2", "overlap_length_m")
        )
        if shape is None:
            return sizes
        dimension = shapely.get_dimensions(shape)
        if dimension == 2:
            share = 1.0 if shape is facts.shape else facts.share(shape.area)
            legal = facts.area_legal_m2
            sizes |= {"overlap_m2": float(shape.area), "overlap_share": share}
            sizes["overlap_legal_m2"] = None if legal is None else share * legal
        elif dimension == 1:
            sizes["overlap_length_m"] = float(shape.length)
            if facts.is_line:
                sizes["overlap_share"] = facts.share(shape.length)
        return sizes

    def _geometry(self, draft: Draft) -> GeoJSON | None:
        if draft.shape is None or draft.shape.is_empty:
            return None
        return self.whole if draft.shape is self.facts.shape else measures.geojson(draft.shape)

    def _feature(self, candidate: Candidate | None, attributes: Any) -> Feature | None:
        if candidate is None:
            return None
        version = self.facts.versions[candidate.version_id].number
        if PLACE in attributes:
            attributes = {name: value for name, value in attributes.items() if name != PLACE}
        return Feature.trusted(
            layer=candidate.layer, id=str(candidate.id), version=version, attributes=attributes
        )

    def _add_total(self, rule: Rule, drafts: Iterable[Draft]) -> None:
        shapes = [
            draft.shape
            for draft in drafts
            if draft.candidate and draft.shape is not None and shapely.get_dimensions(draft.shape) == 2
        ]
        if not shapes:
            return
        if any(shape is self.facts.shape for shape in shapes):
            area, share = self.facts.area_m2, 1.0
        else:
            area = float(shapes[0].area if len(shapes) == 1 else shapely.union_all(shapes).area)
            share = self.facts.share(area)
        legal = self.facts.area_legal_m2
        self.totals.append(
            RuleTotal.trusted(
                rule=rule.id,
                overlap_m2=area,
                overlap_share=share,
                overlap_legal_m2=None if legal is None else share * legal,
            )
        )


def doubt(draft: Draft) -> str:
    """What a borderline finding's text ends with: whether it applies is more than the data can tell."""
    if draft.certainty != "borderline":
        return ""
    if draft.margin_m is None:
        return " (La limită: diferența este sub precizia datelor.)"
    margin = f"{number(draft.margin_m)} m" if draft.margin_m >= LEAST_M else "mai puțin de 1 cm"
    if draft.distance_m is not None and draft.limit_m is not None and draft.distance_m > draft.limit_m:
        return f" (La limită: cu {margin} dincolo de ea, diferență sub precizia datelor.)"
    return f" (La limită: diferența de {margin} este sub precizia datelor.)"


@cache
def _date_columns(layer: str) -> tuple[str, ...]:
    return tuple(column.name for column in get_layer(layer).columns if column.type == "date")


def _dated(layer: str, attributes: Any) -> dict[str, Any]:
    """Attributes for a text: dates, which travel as ISO text, as dates."""
    values = dict(attributes)
    for name in _date_columns(layer):
        if isinstance(values.get(name), str):
            values[name] = date.fromisoformat(values[name])
    return values
