"""Which plans speak for the land, and how their provisions are cited."""

from __future__ import annotations

from collections.abc import Callable

from analysis.findings import Finding
from gis_app.certificates.completeness import plans_in_force
from gis_app.certificates.compose.context import Context, source
from gis_app.certificates.document import Sentence
from gis_app.certificates.romanian import iso_day

ORDER = {"PUG": 0, "PUZ": 1, "PUD": 2}


def plans(context: Context) -> tuple[Finding, ...]:
    """Findings of plans in force, the general plan first."""
    found = plans_in_force(context.report)
    return tuple(sorted(found, key=lambda finding: ORDER.get(str(_attribute(finding, "kind")), 9)))


def plan_names(context: Context) -> Sentence | None:
    """The plans by phase, name and code, for the field of the form."""
    return _joined(_of_form(context), _name)


def plan_decisions(context: Context) -> Sentence | None:
    """The decisions that approved them, in the same order."""
    return _joined(_of_form(context), decision)


def decision(finding: Finding) -> str:
    """ "HCL 12/2019 din 15.03.2019"; empty where the data do not say."""
    approved_by, approved_on = _attribute(finding, "approved_by"), _attribute(finding, "approved_on")
    if approved_by and approved_on and iso_day(approved_on) not in str(approved_by):
        return f"{approved_by} din {iso_day(approved_on)}"
    return str(approved_by or (iso_day(approved_on) if approved_on else ""))


def citation(context: Context, plan_code: str, zone: str, utr: str | None, article: int | None = None) -> str:
    """How a provision of the local regulation is cited: plan, zone, UTR, article, decision."""
    kind, approved = "RLU", ""
    for finding in plans(context):
        if _attribute(finding, "code") == plan_code:
            kind = f"RLU {_attribute(finding, 'kind')}"
            approved = str(_attribute(finding, "approved_by") or "")
    place = f"zona {zone}" + (f" ({unit(utr)})" if utr else "")
    cited = f"art.\u00a0{article}" if article else ""
    return ", ".join(part for part in (kind, place, cited, approved) if part)


def unit(utr: object) -> str:
    """ "UTR L1", however the plan writes it."""
    return f"UTR {str(utr).removeprefix('UTR').strip()}"


def _name(finding: Finding) -> str:
    kind, title, code = (str(_attribute(finding, name) or "") for name in ("kind", "title", "code"))
    marked = code if kind and code.startswith(kind) else f"{kind} {code}".strip()
    return " – ".join(part for part in (marked, title) if part)


def _attribute(finding: Finding, name: str) -> object:
    return finding.feature.attributes.get(name) if finding.feature else None


def _of_form(context: Context) -> tuple[Finding, ...]:
    """The plans that the form asks for: the annex F_CU_07_1 follows from a zonal plan."""
    found = plans(context)
    if context.form.certificate != "works_completion":
        return found
    return tuple(finding for finding in found if _attribute(finding, "kind") == "PUZ")


def _joined(found: tuple[Finding, ...], said: Callable[[Finding], str]) -> Sentence | None:
    printed = "; ".join(text for finding in found if (text := said(finding)))
    if not printed:
        return None
    return Sentence(text=printed, sources=tuple(source(finding) for finding in found))
