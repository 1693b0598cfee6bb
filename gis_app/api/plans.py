"""Plan extracts: a parcel on the map of a theme, at a true scale."""

from __future__ import annotations

from datetime import datetime

import flask
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict

import analysis
from gis_app import access, limits, plans
from gis_app.api.models import PlanQuery, problems
from gis_app.negotiation import PDF, PNG, SVG, choose
from layers.days import ROMANIA
from layers.timing import span
from tiles.page import plan_pdf, plan_png
from tiles.plan import Plan

SCREEN_PPI = 110.0
FORMS = {"pdf": PDF, "png": PNG, "svg": SVG}
blueprint = APIBlueprint(
    "plans", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="plans", description="Plan extracts")]
)
ANSWERS: ResponseDict = {
    "200": {
        "description": "The plan as PDF, PNG or SVG, at the scale it names",
        "content": {form: {"schema": {"type": "string", "format": "binary"}} for form in FORMS.values()},
    },
    **problems(404, 406),
}


@blueprint.get("/plans", responses=ANSWERS)
@access.public
def show_plan(query: PlanQuery) -> flask.Response:
    """Draw a parcel on the map of the planning documentation, of the networks or of the cadastre."""
    form = FORMS[query.format] if query.format else choose(PDF, PNG, SVG)
    report = analysis.check(analysis.parcel(query.siruta, query.cadastral_number))
    with limits.current().drawing(), span("draw"):
        plan = plans.plan_of(report, query.theme, scale=query.scale, paper=query.paper)
        content = _rendered(plan, form)
    response = flask.Response(content, mimetype=form)
    response.headers["Vatra-Scale"] = f"1:{plan.scale}"
    return response


def _rendered(plan: Plan, form: str) -> bytes:
    """PDF whole, PNG of the first page for screens, SVG of the first sheet."""
    made_at = datetime.now(ROMANIA)
    if form == PNG:
        return plan_png(plan, made_at, SCREEN_PPI)
    return plan.sheet_svg.encode() if form == SVG else plan_pdf(plan, made_at)
