"""DXF drawings: closed polylines as polygons, lines as lines, with the texts written inside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from layers.reading import wholeness
from layers.reading.errors import EmptyFile, NotVector, SeveralLayers
from layers.reading.source import BATCH_ROWS, Batch, Request, Source, batch_from_shapes
from layers.reading.text import normalise

_POINTS, _LINES, _POLYGONS = {0, 4}, {1, 2, 5}, {3, 6}
_WANTED = {
    "Point": _POINTS,
    "MultiPoint": _POINTS,
    "MultiLineString": _LINES,
    "MultiLineStringM": _LINES,
    "MultiPolygon": _POLYGONS,
}
FIELDS = ("layer", "handle", "text")


def open_dxf(path: Path, request: Request) -> Source:
    """One layer of a drawing, the entities that fit the wanted geometry type.

    A drawing is read as a whole: it has no order to stream by. Fields are the drawing layer, the
    entity's handle, and the texts inside a polygon or at a point. Raises NotVector, EmptyFile or
    SeveralLayers.
    """
    wholeness.check(path)
    shapes, names, texts, handles = _entities(path)
    wanted = _WANTED.get(request.geometry or "", _POINTS | _LINES | _POLYGONS)
    kinds = shapely.get_type_id(shapes)
    labels = np.array([bool(text) for text in texts]) & np.isin(kinds, list(_POINTS))
    fits = np.isin(kinds, list(wanted)) & ~(labels & (wanted != _POINTS))
    found = sorted(set(names[fits]))
    if request.layer is None and len(found) > 1:
        raise SeveralLayers(path, found)
    if request.layer is not None and request.layer not in found:
        raise SeveralLayers(path, found, request.layer)
    if not found:
        kinds_found = ", ".join(f"{n} {kind}" for kind, n in Counter(s.geom_type for s in shapes).items())
        raise EmptyFile(
            path, f"no entity fits {request.geometry}; the drawing has {kinds_found or 'nothing'}"
        )
    layer = request.layer or found[0]
    chosen = np.flatnonzero(fits & (names == layer))
    written = _labels(shapes[chosen], shapes[labels], texts[labels], texts[chosen])
    skipped = len(shapes) - len(chosen) - int(labels.sum())
    notes = [f"{skipped} entities of other layers or kinds were passed over"] if skipped else []

    def batches() -> Iterator[Batch]:
        for start in range(0, len(chosen), BATCH_ROWS):
            part = chosen[start : start + BATCH_ROWS]
            attributes = {
                "layer": list(names[part]),
                "handle": list(handles[part]),
                "text": written[start : start + BATCH_ROWS],
            }
            # Rows count the drawing's entities, so that they can be found there.
            yield batch_from_shapes(attributes, list(shapes[part]), list(part + 1))

    return Source(path, layer, FIELDS, None, len(chosen), batches, notes=notes)


def _entities(path: Path) -> tuple[Any, Any, Any, Any]:
    before = pyogrio.get_gdal_config_option("DXF_CLOSED_LINE_AS_POLYGON")
    pyogrio.set_gdal_config_options({"DXF_CLOSED_LINE_AS_POLYGON": True})
    try:
        meta, _, wkb, columns = pyogrio.raw.read(path)
    except (DataSourceError, DataLayerError, RuntimeError) as error:
        raise NotVector(path, f"not a DXF drawing, or broken off in the middle ({error})") from error
    finally:
        pyogrio.set_gdal_config_options({"DXF_CLOSED_LINE_AS_POLYGON": before})
    by_name = dict(zip(meta["fields"], columns, strict=True))
    shapes = shapely.force_2d(shapely.from_wkb(wkb))
    present = ~shapely.is_missing(shapes)
    texts = np.array([normalise(text).strip() if text else "" for text in by_name["Text"]], dtype=object)
    return shapes[present], by_name["Layer"][present], texts[present], by_name["EntityHandle"][present]


def _labels(shapes: Any, places: Any, texts: Any, own: Any) -> list[str | None]:
    """For each shape its own text, or the texts written inside it."""
    written: list[list[str]] = [[text] if text else [] for text in own]
    if len(places):
        which, where = shapely.STRtree(places).query(shapes, predicate="contains")
        for shape, place in zip(which, where, strict=True):
            written[shape].append(texts[place])
    return [" ".join(parts) or None for parts in written]
