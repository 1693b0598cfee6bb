"""What the catalogue holds at present: each layer with its versions in force and the area they cover."""

from __future__ import annotations

from datetime import date, datetime

from psycopg.rows import class_row
from pydantic import BaseModel, ConfigDict

from layers import database
from layers.catalogue import Column, Layer, Meaning, Titles


class Value(BaseModel):
    """A frozen value."""

    model_config = ConfigDict(frozen=True)


class Version(Value):
    """A published version; in force on the half-open range of days [valid_from, valid_to)."""

    layer: str
    number: int
    valid_from: date
    valid_to: date | None
    accuracy_m: float
    source: str
    crs: str | None
    datum: str | None
    rows: int
    published_at: datetime


class LayerSummary(Value):
    """A layer, and what of it is in force today. ``municipalities``: how many have data in it."""

    id: str
    title: Titles
    geometry: str | None
    licence: str
    inspire_theme: str | None
    versions: tuple[Version, ...]
    municipalities: int


class LayerList(Value):
    """All layers that may be shown."""

    layers: tuple[LayerSummary, ...]


class LayerDetail(LayerSummary):
    """A layer with its columns and, in ``versions``, its whole history."""

    abstract: Meaning
    columns: tuple[Column, ...]


def overview(layers: dict[str, Layer]) -> tuple[LayerSummary, ...]:
    """The given layers, with their versions in force today."""
    versions = _versions("WHERE valid_from <= current_date AND current_date < valid_to")
    covered = _covered()
    return tuple(LayerSummary.model_validate(_summary(layer, versions, covered)) for layer in layers.values())


def detail(layer: Layer) -> LayerDetail:
    """One layer with the columns that are served and all versions."""
    summary = _summary(layer, _versions(""), _covered())
    return LayerDetail.model_validate(
        {**summary, "abstract": layer.abstract, "columns": layer.served_columns}
    )


def imported() -> frozenset[str]:
    """Layers that have data for at least one municipality today."""
    return frozenset(_covered())


def _summary(layer: Layer, versions: list[Version], covered: dict[str, int]) -> dict[str, object]:
    return {
        "id": layer.id,
        "title": layer.title,
        "geometry": layer.geometry,
        "licence": layer.licence,
        "inspire_theme": layer.inspire_theme,
        "versions": tuple(version for version in versions if version.layer == layer.id),
        "municipalities": covered.get(layer.id, 0),
    }


def _versions(condition: str) -> list[Version]:
    with database.reading() as connection:
        return (
            connection.cursor(row_factory=class_row(Version))
            .execute(
                "SELECT layer, number, valid_from, CASE WHEN valid_to < 'infinity' THEN valid_to END AS valid_to,"
                " accuracy_m, source, crs, datum, rows, published_at"
                f" FROM catalogue.layer_version {condition} ORDER BY layer, number"
            )
            .fetchall()
        )


def _covered() -> dict[str, int]:
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT layer, count(DISTINCT siruta) FROM catalogue.coverage"
            " WHERE valid_from <= current_date AND current_date < valid_to GROUP BY layer"
        ).fetchall()
    return {str(layer): int(count) for layer, count in rows}
