"""All that the map page is made of, for one caller and language: its template's values and its script's."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import flask
import numpy as np

from analysis.reference import approval_kinds
from analysis.rulebook import rulebook
from analysis.settings import settings
from gis_app import access
from gis_app.map.texts import Language, texts
from gis_app.map.tree import FIRST, Branch, drawing_order, foreign_maps, rasters, tree
from layers import states
from layers.datum import transform
from layers.days import today
from layers.gazetteer import gazetteer
from tiles.cache.grids import STEREO70, TILE_PX

# Nodes of the mesh on which the script learns how the official datum differs from proj4's, each way.
MESH = 5
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Service:
    """An address to copy into a GIS."""

    name: str
    hint: str
    url: str


@dataclass(frozen=True)
class View:
    """The page for one caller."""

    language: Language
    branches: list[Branch]
    days: list[date]
    services: list[Service]
    user: str | None
    script: dict[str, Any]


def view(language: Language) -> View:
    """What the caller sees, today."""
    seen = access.visible_layers()
    branches, others = tree(seen, language), foreign_maps(access.circle(), language)
    if pictures := rasters(seen, language):
        branches.append(Branch("raster", texts(language)["layers.raster"], tuple(pictures)))
    if others:
        branches.append(Branch("foreign", texts(language)["layers.foreign"], tuple(others)))
    known = sorted({*states.days(seen), today()})
    caller = access.caller()
    return View(
        language,
        branches,
        known,
        services(language),
        caller.name if caller else None,
        {
            "language": language,
            "today": today().isoformat(),
            "days": [day.isoformat() for day in known],
            "layers": [asdict(leaf) for branch in branches for leaf in branch.leaves],
            "order": drawing_order(seen),
            "theme": f"theme.{FIRST}",
            "grid": {
                "id": STEREO70.id,
                "origin": (STEREO70.bounds[0], STEREO70.bounds[3]),
                "denominators": STEREO70.denominators,
                "size": TILE_PX,
            },
            "titles": {layer.id: getattr(layer.title, language) for layer in seen.values()},
            "extent": gazetteer(today()).extent,
            "mesh": mesh(gazetteer(today()).extent),
            "rules": {
                name: getattr(rule.title, language) or rule.title.ro
                for name, rule in rulebook(settings().rules).rules.items()
            },
            "bodies": {code: kind.body for code, kind in approval_kinds(settings().rules).items()},
            "mayIssue": access.may("certificates:issue"),
            "texts": texts(language),
        },
    )


def services(language: Language) -> list[Service]:
    """The addresses of the map services, as other programs want them."""
    root, words = flask.request.url_root.rstrip("/"), texts(language)
    paths = {
        "WMS": "/ows?service=WMS",
        "WFS": "/ows?service=WFS",
        "WMTS": "/wmts/1.0.0/WMTSCapabilities.xml",
        "OGC API": "/ogcapi/",
        "Vector Tiles": "/tiles/style.json",
        "CSW": "/csw",
    }
    return [
        Service(name, words[f"service.{name.replace(' ', '').lower()}"], root + path)
        for name, path in paths.items()
    ]


def mesh(extent: Box) -> dict[str, Any]:
    """Degrees (WGS84 as the server knows it) at the nodes of a mesh over that box of EPSG:3844, row by row."""
    east, north = np.linspace(extent[0], extent[2], MESH), np.linspace(extent[1], extent[3], MESH)
    nodes = np.array([(x, y) for y in north for x in east])
    degrees = transform(nodes, 3844, 4326).coordinates
    finite = bool(np.isfinite(degrees).all())
    return {"size": MESH, "degrees": np.round(degrees, 9).tolist() if finite else []}
