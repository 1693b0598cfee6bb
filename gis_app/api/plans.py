"""Plan extracts: a parcel on the map of a theme, at a true scale."""

from __future__ import annotations

import flask
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict

import analysis
from gis_app import access, limits, plans
from gis_app.api.models import PlanQuery, problems
from gis_app.negotiation import PDF, PNG, SVG, choose
from layers.timing import span

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
        plan = plans.draw(report, query.theme, query.scale, query.paper)
        content = plans.render(plan, form)
    response = flask.Response(content, mimetype=form)
    response.headers["Vatra-Scale"] = f"1:{plan.scale}"
    return response
