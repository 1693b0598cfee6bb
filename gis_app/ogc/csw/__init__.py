"""``/csw``: the catalogue service (CSW 2.0.2 and 3.0) over the layers' metadata, by pycsw."""

from __future__ import annotations

import logging

import flask

from gis_app import errors
from gis_app.ogc.answers import open_to_all
from gis_app.ogc.csw.exceptions import report
from gis_app.ogc.csw.service import answer

blueprint = flask.Blueprint("csw", __name__)
blueprint.after_request(open_to_all)
blueprint.add_url_rule("/csw", view_func=answer, methods=["GET", "POST"])
# It logs every request that cannot be answered with a stack trace; the caller is told, and that is enough.
logging.getLogger("pycsw").setLevel(logging.CRITICAL)


def failed(error: Exception) -> flask.Response:
    """A request that was refused or failed before pycsw saw it, in the words of the newer version."""
    problem = errors.noted(error)
    return errors.finished(report("3.0.0", "NoApplicableCode", problem.detail), problem)


errors.speak("/csw", failed)
