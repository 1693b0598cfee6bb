"""A check as GeoDataFrames, for notebooks: the same figures as the certificate's, one row a finding."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely.geometry import shape

from analysis.findings import CheckReport, Finding

CRS = "EPSG:3844"
COLUMNS = (
    "rule", "effect", "section", "relation", "distance_m", "limit_m", "overlap_m2", "overlap_share",
    "overlap_legal_m2", "certainty", "margin_m", "status", "text",
)  # fmt: skip


def subject_frame(report: CheckReport) -> gpd.GeoDataFrame:
    """The land that was checked: one row, EPSG:3844 (x = east), areas in m²."""
    subject = report.subject
    row = {
        "siruta": subject.siruta,
        "uat": subject.uat,
        "cadastral_number": subject.cadastral_number,
        "area_m2": subject.area_m2,
        "area_legal_m2": subject.area_legal_m2,
    }
    return gpd.GeoDataFrame([row], geometry=[shape(subject.geometry)], crs=CRS)


def findings_frame(report: CheckReport) -> gpd.GeoDataFrame:
    """The findings, indexed by their id; ``geometry`` is the part of the subject concerned, EPSG:3844.

    Distances are metres, areas m², shares 0 to 1; ``acts`` is a text such as "OG 43/1997 anexa nr. 1".

    Examples
    --------
    >>> report = analysis.check(analysis.parcel(900060, "30112"))
    >>> findings_frame(report).query("effect == 'restriction'")[["rule", "distance_m", "text"]]
    """
    rows = [_row(finding) for finding in report.findings]
    shapes = [shape(finding.geometry) if finding.geometry else None for finding in report.findings]
    columns = ["id", *COLUMNS, "layer", "feature_id", "acts"]
    frame = gpd.GeoDataFrame(rows, columns=columns, geometry=shapes, crs=CRS)
    return frame.set_index("id")


def outcomes_frame(report: CheckReport) -> pd.DataFrame:
    """One row a rule: applies, does not apply, or not checked with the reason; nothing is left out."""
    applies = {finding.rule: "applies" for finding in report.findings}
    rows = [{"rule": rule, "outcome": outcome, "reason": None} for rule, outcome in applies.items()]
    rows += [{"rule": rule, "outcome": "does not apply", "reason": None} for rule in report.not_applicable]
    rows += [
        {"rule": gap.rule, "outcome": "not checked", "reason": f"{gap.layer}: {gap.reason}"}
        for gap in report.not_checked
    ]
    return pd.DataFrame(rows, columns=["rule", "outcome", "reason"]).sort_values("rule", ignore_index=True)


def _row(finding: Finding) -> dict[str, object]:
    own = {name: getattr(finding, name) for name in COLUMNS}
    acts = "; ".join(f"{basis.act} {basis.article or ''}".strip() for basis in finding.legal_basis)
    feature = finding.feature
    return {
        "id": finding.id,
        **own,
        "layer": feature.layer if feature else None,
        "feature_id": feature.id if feature else None,
        "acts": acts,
    }
