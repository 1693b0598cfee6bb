"""Find land."""

from __future__ import annotations

from dataclasses import replace

import flask
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from gis_app import access
from gis_app.api.models import ParcelQuery, problems
from gis_app.disclosure import can_seek
from layers import search

GEOJSON = "application/geo+json"
blueprint = APIBlueprint(
    "parcels", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="parcels", description="Find land")]
)


@blueprint.get(
    "/parcels",
    responses={
        "200": {
            "description": "A GeoJSON FeatureCollection in EPSG:3844; `match` says how each was found",
            "content": {GEOJSON: {"schema": {"type": "object", "required": ["type", "features"]}}},
        },
        **problems(),
    },
)
@access.public
def find_parcels(query: ParcelQuery) -> flask.Response:
    """Find parcels by number (whole, its beginning, or mistyped), address, point or box."""
    sought = wanted(query)
    if not can_seek(access.visible_layers(), by_address=query.address is not None):
        sought = replace(sought, limit=0)
    return flask.Response(search.find_parcels(sought), mimetype=GEOJSON)


def wanted(query: ParcelQuery) -> search.Wanted:
    """The criteria, with coordinates in EPSG:3844."""
    return search.Wanted(
        siruta=query.siruta,
        cadastral_number=query.cadastral_number,
        address=query.address,
        point=_numbers(query.point, query.crs),
        bbox=_numbers(query.bbox, query.crs),
        limit=query.limit,
    )


def _numbers(text: str | None, crs: str) -> tuple[float, ...] | None:
    return search.in_stereo70([float(part) for part in text.split(",")], crs) if text else None
