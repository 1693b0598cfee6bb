"""The catalogue of layers, as far as the caller may see it."""

from __future__ import annotations

import flask
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from gis_app import access
from gis_app.api.models import LayerPath, problems
from layers import inventory

blueprint = APIBlueprint(
    "layers",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="layers", description="What is known, since when")],
)


@blueprint.get("/layers", responses={"200": inventory.LayerList, **problems()})
@access.public
def list_layers() -> flask.Response:
    """List the layers: versions in force, how many features, how accurate."""
    return _json(inventory.LayerList(layers=inventory.overview(access.visible_layers())))


@blueprint.get("/layers/<id>", responses={"200": inventory.LayerDetail, **problems(404)})
@access.public
def show_layer(path: LayerPath) -> flask.Response:
    """Show a layer: its columns with meaning and unit, and its versions."""
    return _json(inventory.detail(access.layer(path.id)))


def _json(content: inventory.LayerList | inventory.LayerDetail) -> flask.Response:
    return flask.Response(content.model_dump_json(), mimetype="application/json")
