"""Who issues the act: the mayor, or the president of the county council (Code art. 304, 253(7))."""

from __future__ import annotations

from analysis.facts import Facts
from analysis.findings import Competence

LAW = "Legea 169/2026, art. 304 și art. 253 alin. (7)"


def competence(facts: Facts) -> Competence:
    """The issuer for the subject, with the reason in Romanian.

    Only UATs that the land truly lies in count: a sliver thinner than the accuracy of the limits does not
    move the competence, but the reason names it.
    """
    uats = facts.certain_uats
    names = ", ".join(uat.name for uat in uats)
    if not uats:
        reason = f"limitele UAT nu sunt cunoscute aici, competența nu a putut fi verificată ({LAW})"
        return Competence(issuer="mayor", reason=reason)
    if len(uats) > 1:
        reason = f"terenul se află în mai multe UAT ({names}), cu avizul prealabil al primarilor ({LAW})"
        return Competence(issuer="county_council_president", reason=reason)
    if uats[0].has_urbanism_structure is False:
        reason = f"UAT {names} nu are structură de urbanism, cu avizul prealabil al primarului ({LAW})"
        return Competence(issuer="county_council_president", reason=reason)
    slivers = [uat.name for uat in facts.uats if uat.certainty == "borderline"]
    doubt = f"; la limita cu {', '.join(slivers)}, sub precizia datelor" if slivers else ""
    return Competence(issuer="mayor", reason=f"terenul se află în UAT {names}{doubt} ({LAW})")
