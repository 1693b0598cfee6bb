"""Jobs: how they are doing, what they gave, and dismissing them.

The id of a job is a secret of whoever asked for it; lists show a token's own jobs only.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

import flask
import orjson
from werkzeug.exceptions import default_exceptions

from gis_app import access
from gis_app.ogc.ogcapi import answering, jobs, runner
from gis_app.ogc.ogcapi.asking import HTML, JSON, Asked, BadParameter, asked
from gis_app.ogc.ogcapi.blueprint import blueprint
from gis_app.ogc.ogcapi.jobs import Job
from layers.errors import VatraError

RESULTS = "http://www.opengis.net/def/rel/ogc/1.0/results"
MOST_LISTED = 1_000
PROGRESS = {"accepted": 0, "running": 50}


class NotReady(VatraError):
    """A job has no result yet."""


@blueprint.get("/jobs")
@access.public
def job_list() -> flask.Response:
    """The jobs that the caller's token asked for, newest first."""
    request, caller = asked({"limit", "offset"}), access.caller()
    limit, offset = (_number(request, name, usual) for name, usual in (("limit", 100), ("offset", 0)))
    found = jobs.of_token(caller.id, min(limit, MOST_LISTED), offset) if caller else []
    content = {
        "jobs": [status(request, job) for job in found],
        "links": [
            {"rel": "self", "type": "application/json", "title": "Jobs", "href": f"{request.base}/jobs"}
        ],
    }
    return _told(request, content, "jobs")


@blueprint.get("/jobs/<job_id>")
@access.public
def job_status(job_id: str) -> flask.Response:
    """How a job is doing."""
    request, job = asked(), jobs.find(job_id)
    if job.status in PROGRESS:
        runner.wake()
    return _told(request, status(request, job), "job")


@blueprint.get("/jobs/<job_id>/results")
@access.public
def job_results(job_id: str) -> flask.Response:
    """What a job gave."""
    asked()
    job = jobs.find(job_id)
    if job.status in PROGRESS:
        runner.wake()
        raise NotReady(f"the job is {job.status}; ask again shortly")
    if job.status == "failed":
        kind = default_exceptions.get(job.failure or 500, default_exceptions[500])
        raise kind(job.message)
    return flask.Response(jobs.result(job_id), mimetype="application/json")


@blueprint.delete("/jobs/<job_id>")
@access.public
def dismiss_job(job_id: str) -> flask.Response:
    """Dismiss a job: it is not run any more, and its result is forgotten."""
    request = asked()
    jobs.dismiss(job_id)
    return _told(request, status(request, jobs.find(job_id)), "job")


def status(request: Asked, job: Job) -> dict[str, Any]:
    """A job as the standard's statusInfo."""
    here = f"{request.base}/jobs/{job.id}"
    links = [{"rel": "self", "type": "application/json", "title": "Status", "href": here}]
    if job.status == "successful":
        links.append(
            {"rel": RESULTS, "type": "application/json", "title": "Results", "href": f"{here}/results"}
        )
    times = {
        "created": job.created_at,
        "started": job.started_at,
        "finished": job.finished_at,
        "updated": job.updated_at,
    }
    return {
        "type": "process",
        "processID": job.process,
        "jobID": str(job.id),
        "status": job.status,
        "message": job.message,
        "progress": PROGRESS.get(job.status, 100),
        **{name: moment.astimezone(UTC).isoformat() for name, moment in times.items() if moment},
        "links": links,
    }


def _told(request: Asked, content: dict[str, Any], template: str) -> flask.Response:
    """An answer that nobody keeps: the next moment it may be another."""
    response = flask.Response(orjson.dumps(content), mimetype=JSON)
    if request.form == "html":
        response = flask.Response(answering.page(request, content, template), mimetype=HTML)
    response.vary.update(answering.VARY)
    return response


def _number(request: Asked, name: str, usual: int) -> int:
    text = request.parameters.get(name)
    if text is None:
        return usual
    if not text.isdecimal() or len(text) > 9 or (name == "limit" and int(text) < 1):
        raise BadParameter(f"{name}: a whole number, not {text[:40]!r}")
    return int(text)
