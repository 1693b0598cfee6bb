"""The demo county into the database: every layer as a version in force from 2026-01-01, in one transaction."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from psycopg import sql

from layers import staging, tables
from layers.catalogue import Layer, catalogue, get_layer
from layers.copying import ewkb_from_shapes
from layers.database import Connection, connect
from layers.demo.county import BIG, County, make_county
from layers.demo.features import Features
from layers.errors import VatraError
from layers.publishing import Publication, publish

VALID_FROM = datetime.date(2026, 1, 1)
SOURCE = "Vatra demo county"
BATCH_ROWS = 20_000
ARROW = {
    "text": pa.string(),
    "choice": pa.string(),
    "integer": pa.int32(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}

Progress = Callable[[int, int], None]


class OtherDataPresent(VatraError):
    """The database holds layers that are not the demo's."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(
            f"the database holds layers that are not the demo's: {', '.join(found)}. The demo county "
            "would take their place; use another database (VATRA_HOME, VATRA_DATABASE_URL), or --replace to delete them"
        )


@dataclass(frozen=True)
class Loaded:
    """``made`` is False where the same county was in force already; ``rows`` by layer."""

    made: bool
    rows: dict[str, int]


def label(parcels: int, seed: int) -> str:
    """How a layer version says which county it is of."""
    return f"{SOURCE}, {parcels} parcels, seed {seed}"


def load_demo(
    address: str | None,
    parcels: int,
    seed: int,
    folder: Path,
    replace: bool = False,
    progress: Progress | None = None,
) -> Loaded:
    """Make the county and publish it, unless the same one is in force.

    Another demo county is replaced. OtherDataPresent if layers of other origin are there and ``replace`` is
    False; with it they are deleted. ``folder`` gets the terrain model; ``progress`` is told parcels done, in all.
    """
    with connect(address) as connection:
        present = versions(connection)
        wanted = label(parcels, seed)
        if (
            present
            and all(source == wanted for source, _ in present.values())
            and (folder / "dem.tif").exists()
        ):
            return Loaded(False, {layer: rows for layer, (_, rows) in present.items()})
        others = sorted(layer for layer, (source, _) in present.items() if not source.startswith(SOURCE))
        if others and not replace:
            raise OtherDataPresent(others)
        county = make_county(parcels, seed, folder)
        clear(connection)
        loaded = Loaded(True, publish_county(connection, county, progress))
        connection.commit()
        connection.autocommit = True
        for layer_id in loaded.rows:
            for name in (layer_id, f"{layer_id}_piece") if layer_id in tables.pieces else (layer_id,):
                connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(*name.split("."))))
        connection.execute("ANALYZE catalogue.coverage, catalogue.layer_version")
        return loaded


def versions(connection: Connection) -> dict[str, tuple[str, int]]:
    """Layer → (source, rows) of the version in force; what is worked out from other layers is nobody's data."""
    found = connection.execute(
        "SELECT layer, source, rows FROM catalogue.layer_version WHERE valid_to = 'infinity'"
    )
    derived = {layer.id for layer in catalogue().values() if layer.derived}
    return {layer: (source, rows) for layer, source, rows in found if layer not in derived}


def clear(connection: Connection) -> None:
    """Empty every layer and forget its versions."""
    every = [*tables.pieces.values(), *tables.features.values(), tables.coverage, tables.layer_version]
    names = sql.SQL(", ").join(sql.Identifier(str(table.schema), table.name) for table in every)
    connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(names))


def publish_county(
    connection: Connection, county: County, progress: Progress | None = None
) -> dict[str, int]:
    """Publish every layer in the caller's transaction; rows by layer. Big layers are streamed place by place."""
    rows: dict[str, int] = {}
    source = label(county.parcels, county.seed)
    order = ["admin.uat", *(layer_id for layer_id in county.tables if layer_id != "admin.uat")]
    for layer_id in order:
        rows[layer_id] = write(
            connection, get_layer(layer_id), [county.tables[layer_id]], county.coverage[layer_id], source
        )
    for layer_id in BIG:
        staging.create(connection, get_layer(layer_id), staged_name(layer_id))
    done = 0
    for part in county.parts():
        for layer_id in BIG:
            fill(connection, get_layer(layer_id), [part[layer_id]])
        done += len(part["cadastre.parcel"])
        if progress:
            progress(done, county.parcels)
    for layer_id in BIG:
        rows[layer_id] = publish_staged(connection, get_layer(layer_id), county.coverage[layer_id], source)
    return rows


def write(
    connection: Connection, layer: Layer, parts: Iterable[Features], covers: list[int], source: str
) -> int:
    """Stage and publish one layer."""
    staging.create(connection, layer, staged_name(layer.id))
    fill(connection, layer, parts)
    return publish_staged(connection, layer, covers, source)


def staged_name(layer_id: str) -> str:
    """The staging table of a layer."""
    return "demo_" + layer_id.replace(".", "_")


def publish_staged(connection: Connection, layer: Layer, covers: list[int], source: str) -> int:
    """Make a version of what was staged."""
    publication = Publication(layer, VALID_FROM, layer.accuracy_m, source, crs="EPSG:3844")
    published = publish(connection, publication, staged_name(layer.id), covers)
    connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(staged_name(layer.id))))
    return published.rows


def fill(connection: Connection, layer: Layer, parts: Iterable[Features]) -> None:
    """COPY tables into the staging table of their layer."""
    with staging.writing(connection, staged_name(layer.id)) as writer:
        for part in parts:
            for batch in batches(part):
                columns = {
                    column.name: pa.array(batch.columns[column.name].tolist(), ARROW[column.type])
                    for column in layer.columns
                }
                shaped = None
                if batch.geometry is not None and layer.geometry:
                    shaped = staging.Shaped(ewkb_from_shapes(batch.geometry), batch.geometry, layer.geometry)
                writer.write(np.arange(len(batch)), columns, shaped)


def batches(table: Features) -> Iterator[Features]:
    """Slices small enough to be written at once."""
    for start in range(0, len(table), BATCH_ROWS):
        yield table.take(np.arange(start, min(start + BATCH_ROWS, len(table))))
