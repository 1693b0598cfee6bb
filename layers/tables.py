"""The tables, made from the catalogue: one a layer, its pieces, and the catalogue's own.

A feature row belongs to a layer version and is in force on the half-open range of days
``[valid_from, valid_to)``. Layers with large geometries also keep them in pieces of at most
32 vertices, because distances and overlaps against a whole road or forest cost a hundred times more.
Every geometry is also kept in EPSG:3857 for vector tiles. An import brings it along (layers/mercator.py);
for any other writer a trigger works it out.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from layers import catalogue as definitions

SRID = 3844
TILE_SRID = 3857
OPEN_END = text("'infinity'::date")
TYPES: dict[str, type[TypeEngine[Any]]] = {
    "text": String,
    "choice": String,
    "integer": Integer,
    "number": Float,
    "boolean": Boolean,
    "date": Date,
}

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

layer_version = Table(
    "layer_version",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("layer", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False, server_default=OPEN_END),
    Column("accuracy_m", Float, nullable=False),
    Column("source", String, nullable=False, server_default=""),
    Column("file_sha256", String),
    Column("crs", String),
    Column("datum", String),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("published_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("published_by", String, nullable=False, server_default=text("session_user")),
    Column("report", JSONB),
    UniqueConstraint("layer", "number"),
    CheckConstraint("valid_from <= valid_to", name="range"),
    schema="catalogue",
)

coverage = Table(
    "coverage",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("layer", String, nullable=False),
    Column("siruta", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False, server_default=OPEN_END),
    Column("version_id", Integer, ForeignKey("catalogue.layer_version.id"), nullable=False),
    CheckConstraint("valid_from <= valid_to", name="range"),
    Index("ix_coverage_siruta_layer", "siruta", "layer"),
    schema="catalogue",
)


def geometry_type(layer: definitions.Layer) -> Geometry:
    """The typed geometry column of a layer, EPSG:3844."""
    kind = (layer.geometry or "").upper()
    measured = kind.endswith("M")
    return Geometry(kind, srid=SRID, dimension=3 if measured else 2, spatial_index=False)


def tile_geometry_type(layer: definitions.Layer) -> Geometry:
    """The same shape in Web Mercator and flat, as vector tiles take it."""
    kind = (layer.geometry or "").upper().removesuffix("M")
    return Geometry(kind, srid=TILE_SRID, spatial_index=False)


def feature_table(layer: definitions.Layer, into: MetaData) -> Table:
    """The table of one layer's features."""
    columns: list[Column[object]] = [
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("version_id", Integer, ForeignKey("catalogue.layer_version.id"), nullable=False),
        Column("valid_from", Date, nullable=False),
        Column("valid_to", Date, nullable=False, server_default=OPEN_END),
    ]
    for column in layer.columns:
        columns.append(Column(column.name, TYPES[column.type], nullable=not column.required))
    extras: list[CheckConstraint | Index] = [CheckConstraint("valid_from <= valid_to", name="range")]
    for column in layer.columns:
        if column.values:
            listed = ", ".join(f"'{value}'" for value in column.values)
            extras.append(CheckConstraint(f'"{column.name}" IN ({listed})', name=column.name))
    if layer.geometry:
        columns.append(Column("geom", geometry_type(layer), nullable=False))
        extras.append(Index(f"ix_{layer.table_name}_geom", "geom", postgresql_using="gist"))
        # Transforming at tile time costs three times as much as reading what is stored.
        columns.append(Column("geom_3857", tile_geometry_type(layer), nullable=False))
        extras.append(Index(f"ix_{layer.table_name}_geom_3857", "geom_3857", postgresql_using="gist"))
    if layer.key:
        extras.append(Index(f"ix_{layer.table_name}_key", *layer.key))
    for index in layer.indexes:
        extras.append(Index(f"ix_{layer.table_name}_{'_'.join(index)}", *index))
    return Table(layer.table_name, into, *columns, *extras, schema=layer.schema_name)


def piece_table(layer: definitions.Layer, into: MetaData) -> Table:
    """The table of one layer's geometries cut into small pieces."""
    name = f"{layer.table_name}_piece"
    return Table(
        name,
        into,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column(
            "feature_id",
            BigInteger,
            ForeignKey(f"{layer.id}.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        Column("geom", Geometry("GEOMETRY", srid=SRID, spatial_index=False), nullable=False),
        Index(f"ix_{name}_geom", "geom", postgresql_using="gist"),
        schema=layer.schema_name,
    )


features: dict[str, Table] = {}
pieces: dict[str, Table] = {}
for _layer in definitions.catalogue().values():
    features[_layer.id] = feature_table(_layer, metadata)
    if _layer.pieces:
        pieces[_layer.id] = piece_table(_layer, metadata)
