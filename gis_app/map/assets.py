"""The built script and style of the map page: named by their content, so that browsers keep them for good."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import flask
from werkzeug.exceptions import NotFound

from layers.errors import VatraError

FOLDER = Path(__file__).with_name("static")
MANIFEST = FOLDER / "manifest.json"
ENTRY = "src/main.ts"
# Whose work is in the script, and on what terms; Vite writes it.
LICENCES = "built/licences.txt"
YEAR_S = 31_536_000
ENCODINGS = {"br": "br", "gzip": "gz"}


class MapNotBuilt(VatraError):
    """The frontend was not built: ``make frontend`` does it."""


@dataclass(frozen=True)
class Assets:
    """File names of the page's script and style, below ``/map/static/``."""

    script: str
    style: str


def assets() -> Assets:
    """What was built last. Raises MapNotBuilt."""
    try:
        return _read(MANIFEST.stat().st_mtime_ns)
    except FileNotFoundError:
        raise MapNotBuilt("the map page's script is not built; run `make frontend`") from None


@lru_cache(maxsize=1)
def _read(_changed: int) -> Assets:
    entry = json.loads(MANIFEST.read_text(encoding="utf-8"))[ENTRY]
    return Assets(entry["file"], entry["css"][0])


def send(name: str) -> flask.Response:
    """A built file, compressed as the browser likes best. Raises NotFound."""
    folder, _, file = name.partition("/")
    if folder != "built" or "/" in file:
        raise NotFound
    chosen = flask.request.accept_encodings.best_match(ENCODINGS)
    ending = f".{ENCODINGS[chosen]}" if chosen and (FOLDER / f"{name}.{ENCODINGS[chosen]}").is_file() else ""
    response = flask.send_from_directory(FOLDER, name + ending)
    if ending and chosen:
        response.headers["Content-Encoding"] = chosen
        response.mimetype = "text/css" if name.endswith(".css") else "text/javascript"
    named_by_content = name != LICENCES
    response.headers["Cache-Control"] = (
        f"public, max-age={YEAR_S}, immutable" if named_by_content else "no-cache"
    )
    response.vary.add("Accept-Encoding")
    return response
