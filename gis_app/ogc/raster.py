"""Terrain and orthophoto: ``/raster``: tiles in several looks, values at a point, the profile along a line.

A tile of the grid without values is transparent (white in JPEG); a point or a line without any is not found.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated, Literal

import flask
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from gis_app import access, caching, errors
from gis_app.api.models import CrsName
from gis_app.asked_day import asked_day
from gis_app.certificates.settings import AuthoritySettings
from gis_app.ogc.answers import as_json, open_to_all
from gis_app.ogc.tiles import EXTENSION
from gis_app.ogc.tiles_shortcut import TILE_AGE_S
from layers import health, search
from layers.catalogue import Layer
from layers.datum import transform
from layers.extents import Bounds
from layers.timing import span
from tiles import vector_grid, vector_json
from tiles.raster import looks, profile, reading
from tiles.raster.looks import FORMS, MEDIA_TYPES, Form, Look
from tiles.vector_cache import Finished, FinishedTiles

blueprint = flask.Blueprint("raster", __name__, url_prefix="/raster")
FIRST_ZOOM = 5
Place = Annotated[list[float], Field(min_length=2, max_length=4)]

errors.register(
    reading.OutsideRaster, errors.Kind("outside-raster", 404, "No value here", "Nicio valoare aici")
)
errors.register(
    looks.UnknownLook, errors.Kind("unknown-look", 404, "No such look", "Reprezentare inexistentă")
)
errors.register(
    profile.ProfileError,
    errors.Kind("unusable-line", 422, "This line has no profile", "Linie nepotrivită"),
)


class PointQuery(BaseModel):
    """A place, x = east (or longitude) first."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    x: float
    y: float
    crs: CrsName = "EPSG:3844"


class LineString(BaseModel):
    """A GeoJSON line; heights in it are not looked at."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    type: Literal["LineString"] = "LineString"
    coordinates: list[Place]


class ProfileQuery(BaseModel):
    """A line and how finely it is sampled. In an address the line is ``x,y;x,y;…``."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    geometry: LineString
    crs: CrsName = "EPSG:3844"
    samples: int = 200
    format: Literal["json", "svg"] = "json"

    @field_validator("geometry", mode="before")
    @classmethod
    def _from_text(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        return {"coordinates": [place.split(",", 4) for place in given.split(";", profile.MOST_VERTICES)]}


@blueprint.get("/<layer_id>/<int:z>/<int:x>/<int:y>.<form>")
@access.public
def show_tile(layer_id: str, z: int, x: int, y: int, form: str) -> flask.Response:
    """A tile of 256 pixels in Web Mercator; ``?look=`` hillshade, slope or elevation for terrain."""
    layer, day = _layer(layer_id), asked_day(flask.request.args)
    look, kind = looks.check_look(layer, flask.request.args.get("look")), _form(form)
    box = vector_grid.box(z, x, y, reading.DEEPEST)
    etag = caching.tag([layer.id], day, "raster", look, kind, z, x, y)
    unchanged = caching.unchanged(etag, [layer.id], TILE_AGE_S)
    if unchanged:
        return open_to_all(unchanged)
    health.require(layer.id, day)
    kept: FinishedTiles = flask.current_app.extensions[EXTENSION]
    found = kept.get(etag)
    if found is None:
        found = Finished(_drawn(layer, day, box, (z, x, y), look, kind))
        kept.put(etag, found)
    response = flask.Response(found.plain, content_type=MEDIA_TYPES[kind])
    return open_to_all(caching.keep(response, etag, [layer.id], TILE_AGE_S))


@blueprint.get("/<layer_id>.json")
@access.public
def show_tile_json(layer_id: str) -> flask.Response:
    """TileJSON of a raster layer in one look."""
    layer, day = _layer(layer_id), asked_day(flask.request.args)
    look = looks.check_look(layer, flask.request.args.get("look"))
    health.require(layer.id, day)
    given = f"&as_of={day}" if "as_of" in flask.request.args else ""
    content = {
        "tilejson": "3.0.0",
        "name": layer.id,
        "description": layer.title.ro,
        "scheme": "xyz",
        "tiles": [f"{flask.request.url_root}raster/{layer.id}/{{z}}/{{x}}/{{y}}.webp?look={look}{given}"],
        "minzoom": FIRST_ZOOM,
        "maxzoom": reading.deepest_zoom(layer, day),
        "bounds": list(vector_json.bounds((layer,), day)),
        "attribution": f"{AuthoritySettings().name} {vector_json.licences((layer,))}",
        "looks": list(looks.looks(layer)),
    }
    etag = caching.tag([layer.id], day, "raster", content["tiles"])
    response = caching.unchanged(etag, [layer.id], TILE_AGE_S)
    return open_to_all(response or caching.keep(as_json(content), etag, [layer.id], TILE_AGE_S))


@blueprint.get("/<layer_id>/point")
@access.public
def show_point(layer_id: str) -> flask.Response:
    """The values at a place: the height in metres, or all bands of the picture."""
    layer, day = _layer(layer_id), asked_day(flask.request.args)
    query = PointQuery.model_validate(flask.request.args.to_dict())
    east, north = search.in_stereo70([query.x, query.y], query.crs)
    health.require(layer.id, day)
    found = reading.files(layer, day, (east, north, east, north), 3844)
    file, values = reading.bands(layer, found, (east, north))
    if layer.schema_name == "terrain":
        height = float(reading.heights(layer, found, np.array([[east, north]]))[0])
        values = [height if math.isfinite(height) else values[0]]
    content = {
        "layer": layer.id,
        "crs": "EPSG:3844",
        "x": round(east, 3),
        "y": round(north, 3),
        "values": [round(value, 3) for value in values],
        "unit": "m" if layer.schema_name == "terrain" else None,
        "resolution_m": file.resolution_m,
        "flown_on": file.flown_on,
    }
    return _fresh(as_json(content))


@blueprint.route("/<layer_id>/profile", methods=["GET", "POST"])
@access.public
def show_profile(layer_id: str) -> flask.Response:
    """Heights along a line of up to 200 km, as JSON or as a chart (``format=svg``)."""
    layer, day = _layer(layer_id), asked_day(flask.request.args)
    if layer.schema_name != "terrain":
        raise looks.UnknownLook(f"{layer.id} holds no heights")
    query = _profile_query()
    coordinates = np.array([place[:2] for place in query.geometry.coordinates], dtype=float).reshape(-1, 2)
    line = profile.check_line(transform(coordinates, query.crs).coordinates.tolist())
    health.require(layer.id, day)
    with span("profile"):
        drawn = profile.profile(layer, line, query.samples, day)
    if query.format == "svg":
        length = profile.metres(round(drawn.distances[-1]))
        picture = profile.chart(drawn, f"Profilul terenului, {length}")
        return _fresh(flask.Response(picture, content_type="image/svg+xml"))
    return _fresh(as_json({"layer": layer.id, **drawn.as_json()}))


def _profile_query() -> ProfileQuery:
    if flask.request.method == "POST":
        return ProfileQuery.model_validate(flask.request.get_json())
    given = flask.request.args.to_dict()
    given.pop("as_of", None)
    return ProfileQuery.model_validate({"geometry": given.pop("line", ""), **given})


def _layer(layer_id: str) -> Layer:
    return reading.require_raster(access.layer(layer_id))


def _form(asked: str) -> Form:
    for form in FORMS:
        if asked == form:
            return form
    raise looks.UnknownLook(f"tiles are {', '.join(FORMS)}; not {asked[:10]!r}")


def _drawn(
    layer: Layer, day: date, box: Bounds, place: tuple[int, int, int], look: Look, form: Form
) -> bytes:
    z, x, y = place
    found = reading.files(layer, day, box, 3857)
    with span("draw"):
        image = reading.tile(layer, found, z, x, y, looks.edge(look))
        return looks.paint(image, look, form, z, y)


def _fresh(response: flask.Response) -> flask.Response:
    """An answer about one place: asked about rarely twice, so not kept."""
    response.headers["Cache-Control"] = "no-cache"
    return open_to_all(response)
