"""The REST API, ``/api/v1``: thin routes that parse, make one call and respond; described by OpenAPI 3.1."""

from __future__ import annotations

from importlib.metadata import version

from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.types import SecuritySchemesDict

from gis_app.api import certificates, checks, docs, layers, parcels, plans
from gis_app.api.models import Problem
from gis_app.body import JsonRequest
from gis_app.errors import refuse_invalid
from gis_app.settings import WebSettings

DESCRIPTION = """\
What may be built on a piece of land in Romania, what stands in the way, which approvals it takes, who issues
them and what it costs; and the certificate that says so. Coordinates are EPSG:3844 (Stereo70) with x = east,
y = north, in metres; areas are m². Errors are RFC 9457 problems; quote their request id.
"""
SECURITY: SecuritySchemesDict = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token made with `vatra token create`; its scopes say what it may do.",
    }
}


def create(import_name: str, settings: WebSettings) -> OpenAPI:
    """The application with its description, and nothing in it."""
    app = OpenAPI(
        import_name,
        info=Info(title="Vatra", version=version("vatra"), description=DESCRIPTION),
        security_schemes=SECURITY,
        validation_error_model=Problem,
        validation_error_callback=refuse_invalid,
        doc_ui=False,
        static_folder="pages/static",
        static_url_path="/static",
        template_folder="pages/templates",
    )
    app.request_class = JsonRequest
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit_bytes
    return app


def install(app: OpenAPI) -> None:
    """Register every part of the API."""
    for part in (parcels, checks, certificates, plans, layers):
        app.register_api(part.blueprint)
    app.register_blueprint(docs.blueprint)
