"""Plan extracts: a parcel on the map of a theme, at a true scale; and small maps of single findings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from importlib.metadata import version

import flask
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict

import analysis
from analysis.rulebook import rulebook
from analysis.settings import settings
from gis_app import access, caching, errors, limits, plans
from gis_app.api.models import PlanQuery, problems
from gis_app.negotiation import PDF, PNG, SVG, choose
from layers import database, health
from layers.catalogue import catalogue
from layers.days import ROMANIA, today
from layers.timing import span
from tiles.plans.page import plan_pdf, plan_png
from tiles.plans.plan import Plan

SCREEN_PPI = 110.0
FORMS = {"pdf": PDF, "png": PNG, "svg": SVG}
blueprint = APIBlueprint(
    "plans", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="plans", description="Plan extracts")]
)
ANSWERS: ResponseDict = {
    "200": {
        "description": "The plan as PDF, PNG or SVG, or the small map of a finding, at the scale it names",
        "content": {form: {"schema": {"type": "string", "format": "binary"}} for form in FORMS.values()},
    },
    "304": {"description": "The caller's copy (If-None-Match) is still the same"},
    **problems(404, 406),
}
errors.register(
    plans.UnknownFinding, errors.Kind("unknown-finding", 404, "No such finding", "Constatare inexistentă")
)


@blueprint.get("/plans", responses=ANSWERS)
@access.public
def show_plan(query: PlanQuery) -> flask.Response:
    """Draw a parcel on the map of the planning documentation, of the networks or of the cadastre.

    With ``finding`` a small map of that finding: the land, what caused it, and the part concerned. Layers that
    the caller may not see are neither drawn nor named.
    """
    offered = (PNG, SVG) if query.finding else (PDF, PNG, SVG)
    form = FORMS[query.format] if query.format else choose(*offered)
    visible = access.visible_layers()
    etag = _tag(query, form, visible)
    known = caching.unchanged(etag, visible)
    if known is not None:
        return known
    report = analysis.check(analysis.parcel(query.siruta, query.cadastral_number))
    with limits.current().drawing(), span("draw"):
        if query.finding:
            small = plans.finding_map(report, query.finding, "png" if form == PNG else "svg", visible=visible)
            content, scale = small.content, small.scale
        else:
            plan = plans.plan_of(report, query.theme, scale=query.scale, paper=query.paper, visible=visible)
            content, scale = _rendered(plan, form), plan.scale
    response = flask.Response(content, mimetype=form)
    response.headers["Vatra-Scale"] = f"1:{scale}"
    response.vary.add("Accept")
    return caching.keep(response, etag, visible)


def _tag(query: PlanQuery, form: str, visible: Collection[str]) -> str:
    """A check reads every layer that it can, whoever asks; what is drawn of it depends on who does."""
    rules = rulebook(settings().rules).version(today())
    lost = sorted(health.broken(today(), database.url()))
    return caching.tag(
        catalogue(), today(), query.model_dump_json(), form, sorted(visible), rules, version("vatra"), lost
    )


def _rendered(plan: Plan, form: str) -> bytes:
    """PDF whole, PNG of the first page for screens, SVG of the first sheet."""
    made_at = datetime.now(ROMANIA)
    if form == PNG:
        return plan_png(plan, made_at, SCREEN_PPI)
    return plan.sheet_svg.encode() if form == SVG else plan_pdf(plan, made_at)
