"""Which tiles a change touches, and their end.

A feature reaches beyond its geometry: lines have a width, symbols a size, names stand beside what they name.
`REACH_PX` pixels round it are counted as touched at every level, and as much is drawn round every metatile.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import psycopg
import shapely

from layers import database
from layers.catalogue import Layer, get_layer
from layers.database import Connection
from layers.days import today
from layers.extents import transformer
from tiles.cache.changes import Unrelated, changed, state_of
from tiles.cache.grids import MATRIX_SETS, MatrixSet
from tiles.cache.layers import TileLayer
from tiles.cache.store import Made, State, Store
from tiles.picture import MARGIN_PX

REACH_PX = MARGIN_PX
# A line drawn at its true width reaches half of that to each side, whatever the scale.
WIDEST_ON_GROUND_M = 40.0
COMPARING_MS = 300_000


def bring_up_to_date(layer: TileLayer, store: Store, address: str) -> int:
    """Drop what was drawn from data that have changed since, and put the new state on record; how many went.

    ``address`` is the database. Raises DatabaseUnavailable.
    """
    with store.alone(), _snapshot(address) as connection:
        now = state_of(connection, layer.layer_ids, today())
        before = store.recorded()
        if before == now:
            return 0
        try:
            dropped = _drop_changed(connection, layer, store, before, now)
        except Unrelated:
            dropped = _drop_all(store)
        store.record(now)
        return dropped


def reach_m(layer: Layer, resolution: float) -> float:
    """How far from its geometry a feature of the layer may be seen, in metres of the CRS, at that resolution."""
    on_ground = any(stroke.ground for rule in layer.style for stroke in rule.strokes)
    return max(REACH_PX * resolution, WIDEST_ON_GROUND_M if on_ground else 0.0)


def touched(shapes: np.ndarray, boxes: np.ndarray, reach: float) -> np.ndarray:
    """Which of ``boxes`` (n × 4: west, south, east, north), grown by ``reach``, meet one of the shapes."""
    if not len(shapes) or not len(boxes):
        return np.zeros(len(boxes), dtype=bool)
    grown = boxes + np.array([-reach, -reach, reach, reach])
    found = shapely.STRtree(shapes).query(shapely.box(*grown.T), predicate="intersects")[0]
    return np.isin(np.arange(len(boxes)), found)


def _snapshot(address: str) -> Connection:
    connection = database.connect(address, options=f"{_options(address)} -c statement_timeout={COMPARING_MS}")
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection


def _options(address: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(address).get("options", ""))


def _drop_changed(
    connection: Connection, layer: TileLayer, store: Store, before: State | None, now: State
) -> int:
    if before is None:
        raise Unrelated
    was, is_now = _by_layer(before), _by_layer(now)
    differing = {
        name: _compared(connection, was.get(name), is_now.get(name))
        for name in layer.layer_ids
        if was.get(name) != is_now.get(name)
    }
    return sum(_drop_touched(layer, store, matrices, differing) for matrices in MATRIX_SETS.values())


_known: dict[tuple[Made | None, Made | None], np.ndarray] = {}


def _compared(connection: Connection, before: Made | None, after: Made | None) -> np.ndarray:
    """As `changed`; remembered for a while, because the same layer is drawn in several tile layers."""
    if (before, after) not in _known:
        if len(_known) > 8:
            _known.clear()
        _known[before, after] = changed(connection, before, after)
    return _known[before, after]


def _by_layer(state: State) -> dict[str, Made]:
    return {made.layer: made for made in state}


def _drop_touched(
    layer: TileLayer, store: Store, matrices: MatrixSet, differing: dict[str, np.ndarray]
) -> int:
    shapes = {name: _projected(found, matrices) for name, found in differing.items() if len(found)}
    dropped = 0
    for level, matrix in enumerate(matrices.matrices):
        drawn = [name for name in layer.drawn_at(matrices, level) if name in shapes]
        if not drawn:
            continue
        files, boxes = _tiles_on_disk(store, matrices, level)
        gone = np.zeros(len(files), dtype=bool)
        for name in drawn:
            gone |= touched(shapes[name], boxes, reach_m(get_layer(name), matrix.resolution))
        for number in np.flatnonzero(gone):
            files[number].unlink(missing_ok=True)
        dropped += int(gone.sum())
    return dropped


def _projected(shapes: np.ndarray, matrices: MatrixSet) -> np.ndarray:
    if matrices.crs == "EPSG:3844":
        return shapes
    project = transformer("EPSG:3844", matrices.crs)
    projected: np.ndarray = shapely.transform(
        shapes, lambda points: np.column_stack(project.transform(points[:, 0], points[:, 1]))
    )
    return projected


def _tiles_on_disk(store: Store, matrices: MatrixSet, level: int) -> tuple[list[Path], np.ndarray]:
    found = list(_walk(store.folder / matrices.id / str(level)))
    boxes = [matrices.tile(level, column, row) for _, column, row in found]
    return [path for path, _, _ in found], np.array(boxes, dtype=float).reshape(-1, 4)


def _walk(folder: Path) -> Iterator[tuple[Path, int, int]]:
    """Files of a level with column and row; drafts that a dying process left have no such name."""
    for column in folder.glob("[0-9]*"):
        for file in column.iterdir():
            if file.stem.isdecimal():
                yield file, int(column.name), int(file.stem)


def _drop_all(store: Store) -> int:
    counted: Counter[str] = Counter()
    for matrices in MATRIX_SETS.values():
        folder = store.folder / matrices.id
        counted[matrices.id] = sum(1 for level in folder.glob("[0-9]*") for _ in _walk(level))
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)
    return counted.total()
