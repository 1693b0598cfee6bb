"""``/downloads``: a whole layer as a file (GeoPackage, GeoParquet, CSV), as of any day.

A file is made once for each state of the layer and kept under ``VATRA_HOME/downloads``; a hundred people who ask
while it is being made wait for the same one.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import flask
from werkzeug.exceptions import NotFound

from gis_app import access, caching
from gis_app.asked_day import asked_day
from gis_app.metadata.record import DOWNLOADS
from gis_app.ogc.answers import open_to_all
from layers import database, exporting, health, states
from layers.catalogue import Layer
from layers.exporting import Format
from layers.settings import StorageSettings

FORMS: dict[str, Format] = {"gpkg": "gpkg", "parquet": "geoparquet", "csv": "csv"}
MEDIA_TYPES = {suffix: media_type for suffix, media_type, _ in DOWNLOADS}
# A county's parcels take some seconds; nobody waits longer than a statement of a program may run.
STATEMENT_TIMEOUT = "300s"
blueprint = flask.Blueprint("downloads", __name__)
blueprint.after_request(open_to_all)


@blueprint.get("/downloads/<layer_id>.<suffix>")
@access.public
def download(layer_id: str, suffix: str) -> flask.Response:
    """The layer's features in force on a day (``as_of``, default today), with the columns that are served."""
    layer = access.layer(layer_id)
    if suffix not in FORMS:
        raise NotFound(f"no {suffix!r} files; there are {', '.join(FORMS)}")
    asked = asked_day(flask.request.args)
    health.require(layer.id, asked)
    day = _begun(layer, asked)
    etag = caching.tag([layer.id], day, "download", suffix)
    if kept := caching.unchanged(etag, [layer.id]):
        return kept
    path = whole_file(layer, suffix, day, StorageSettings().home / "downloads")
    response = flask.send_file(
        path.resolve(),
        mimetype=MEDIA_TYPES[suffix],
        as_attachment=True,
        download_name=f"{layer.id}-{asked}.{suffix}",
        conditional=True,
        etag=False,
    )
    return caching.keep(response, etag, [layer.id])


def _begun(layer: Layer, day: date) -> date:
    """The first day on which the layer is as on that day: days in between share a file, so that disks do not fill."""
    return max((one for one in states.days([layer.id]) if one <= day), default=date.min)


def whole_file(layer: Layer, suffix: str, day: date, folder: Path) -> Path:
    """The file of that layer's state, made if it is not there; files of earlier states of that day are removed."""
    target = folder / f"{layer.id}-{day}-{states.fingerprint([layer.id], day)}.{suffix}"
    if target.exists():
        return target
    shown = layer.model_copy(update={"columns": layer.served_columns})
    with _alone(folder, f"{layer.id}.{suffix}"):
        if not target.exists():
            with database.connect(database.map_url()) as connection:
                connection.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")
                exporting.write_layer(connection, shown, target, FORMS[suffix], day)
            for old in folder.glob(f"{layer.id}-{day}-*.{suffix}"):
                if old != target:
                    old.unlink(missing_ok=True)
    return target


@contextmanager
def _alone(folder: Path, name: str) -> Iterator[None]:
    """One process and thread at a time makes a file of that name."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
