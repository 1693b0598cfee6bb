"""The process ``parcel-check``: described by pygeoapi's core, run here.

A report is the very text that ``POST /api/v1/checks`` gives. pygeoapi's own way of running would write it anew, call
whatever address a caller names when it is done, and answer every mistake of ours with its text.
"""

from __future__ import annotations

from typing import Any, Literal

import flask
import orjson
from pydantic import Field
from pygeoapi.api import processes as core_processes

from gis_app import access
from gis_app.api.models import CheckRequest, Strict
from gis_app.ogc.ogcapi import answering, jobs, jobs_routes, runner
from gis_app.ogc.ogcapi.asking import Asked, asked
from gis_app.ogc.ogcapi.blueprint import blueprint
from gis_app.ogc.ogcapi.core import ask
from gis_app.ogc.ogcapi.process_description import PROCESS
from layers.days import today
from layers.errors import VatraError


class NoSuchProcess(VatraError):
    """There is no process of that id."""


class Execution(Strict):
    """What an execution takes: the inputs, which outputs, and whether alone (``raw``) or in a ``document``."""

    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[Literal["report"], dict[str, Any]] | None = None
    response: Literal["raw", "document"] = "raw"

    def request(self) -> CheckRequest:
        """The check that is asked for. Raises pydantic's ValidationError."""
        return CheckRequest.model_validate({name: _value(given) for name, given in self.inputs.items()})


@blueprint.get("/processes")
@access.public
def process_list() -> flask.Response:
    """The processes there are."""
    request = asked({"limit"})
    content = ask(core_processes.describe_processes, request)
    return answering.document(request, content, "processes", (), today())


@blueprint.get("/processes/<process_id>")
@access.public
def process(process_id: str) -> flask.Response:
    """One process: what it takes and gives."""
    request = asked()
    _require(process_id)
    content = ask(core_processes.describe_processes, request, process_id)
    return answering.document(request, content, "process", (), today())


@blueprint.post("/processes/<process_id>/execution")
@access.public
def execute(process_id: str) -> flask.Response:
    """Run the check: now, or later with ``Prefer: respond-async``."""
    request = asked()
    _require(process_id)
    execution = Execution.model_validate(flask.request.get_json(force=True))
    wanted = execution.request()
    if _later():
        return _accepted(request, wanted, execution.response)
    report = runner.execute(wanted, execution.response, access.circle())
    return flask.Response(report, mimetype="application/json")


def _accepted(request: Asked, wanted: CheckRequest, response: str) -> flask.Response:
    # The day is settled now: a job may run after midnight.
    dated = wanted.model_copy(update={"as_of": wanted.as_of or today()})
    caller = access.caller()
    job = jobs.accept(
        PROCESS, dated.model_dump_json(exclude_none=True), response, caller.id if caller else None
    )
    runner.wake()
    answer = flask.Response(
        orjson.dumps(jobs_routes.status(request, job)), status=201, mimetype="application/json"
    )
    answer.headers["Location"] = f"{request.base}/jobs/{job.id}"
    answer.headers["Preference-Applied"] = "respond-async"
    return answer


def _later() -> bool:
    preferences = [part.strip() for part in flask.request.headers.get("Prefer", "").lower().split(",")]
    return "respond-async" in preferences


def _value(given: Any) -> Any:
    """An input as it is, also where it is given with its media type or schema beside it."""
    if (
        isinstance(given, dict)
        and "value" in given
        and set(given) <= {"value", "mediaType", "schema", "encoding"}
    ):
        return given["value"]
    return given


def _require(process_id: str) -> None:
    if process_id != PROCESS:
        raise NoSuchProcess(f"no process {process_id[:40]!r}; there is {PROCESS}")
