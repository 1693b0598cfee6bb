"""The check of a parcel, or of any land, against every mapped rule."""

from __future__ import annotations

import flask
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

import analysis
from analysis.findings import CheckReport
from analysis.subject import STEREO70, Drawn, Parcels, subject_of
from gis_app import access
from gis_app.api.models import CheckRequest, SubjectRequest, problems
from gis_app.disclosure import disclosed

blueprint = APIBlueprint(
    "checks",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="checks", description="What applies to a piece of land")],
)


@blueprint.post("/checks", responses={"200": CheckReport, **problems(400, 404, 413, 415)})
@access.public
def create_check(body: CheckRequest) -> flask.Response:
    """Check land against every mapped rule: what applies, what does not, what could not be checked.

    Of a thing in a layer that the caller may not see, a finding has the sentence, but no attributes and no geometry.
    """
    report = disclosed(analysis.check(subject(body), body.as_of), access.visible_layers())
    return flask.Response(report.to_json(), mimetype="application/json")


def subject(body: SubjectRequest) -> Parcels | Drawn:
    """The land that a request names. Raises SubjectError where it is no such thing."""
    crs = body.crs or STEREO70
    if body.parcel:
        return analysis.parcel(body.parcel.siruta, body.parcel.cadastral_number)
    if body.parcels:
        return analysis.parcels([(one.siruta, one.cadastral_number) for one in body.parcels])
    if body.coordinates:
        return analysis.coordinate_list(body.coordinates, crs)
    return subject_of(body.geometry, crs)
