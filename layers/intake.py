"""One batch of a file after the other, made ready for the staging table."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyproj
import shapely

from layers import copying, shapes, siruta
from layers.catalogue import Layer
from layers.coverage import SIRUTA, UAT_LAYER
from layers.keys import Keys
from layers.mapping import ColumnMapping, convert
from layers.reading import Batch
from layers.reading.crs import describe, suggest
from layers.regulations import Regulations
from layers.report import ImportReport
from layers.spool import Spool
from layers.staging import Shaped, Writer
from layers.validation import Checks


@dataclass(frozen=True)
class Intake:
    """Turns batches of a file into rows of a layer. ``crs`` is None for a layer without geometry."""

    layer: Layer
    mapping: ColumnMapping
    crs: pyproj.CRS | None
    checks: Checks
    report: ImportReport
    spool: Spool | None = None
    regulations: Regulations | None = None
    keys: Keys = field(default_factory=Keys)
    sirutas: set[int] = field(default_factory=set)

    def take(self, batch: Batch, writer: Writer) -> None:
        """Convert, check and write one batch.

        After the first rejection nothing more is written; the rest is read for the report only.
        """
        self.report.rows_read += len(batch.rows)
        if self.layer.expectations.may_be_empty:
            batch = self._without_empty(batch)
        columns = convert(batch, self.mapping, self.report)
        if self.layer.id == UAT_LAYER:
            columns = siruta.fill(columns, batch.rows, self.report)
        if self.regulations is not None:
            self.regulations.look(batch, columns)
        shaped = None
        if self.layer.geometry and self.crs is not None:
            fitted = self._fit(batch, self.layer.geometry, self.crs)
            self.checks.look(columns, fitted, self.report)
            if self.report.rejected_count == 0:
                columns = _with_measure_source(columns, fitted)
                plain = not fitted.touched.any() and batch.wkb is not None and copying.is_plain(batch.wkb)
                ewkb = _ewkb(batch, fitted, self.layer.geometry, plain)
                shaped = Shaped(ewkb, fitted.geometries, self.layer.geometry)
                if self.spool is not None:
                    self.spool.add(batch.rows, fitted.geometries)
        if self.report.rejected_count == 0 and len(batch.rows):
            self.keys.add([columns[name] for name in self.layer.key])
            if SIRUTA in columns:
                self.sirutas.update(columns[SIRUTA].unique().drop_null().to_pylist())
            writer.write(batch.rows, columns, shaped)

    def _without_empty(self, batch: Batch) -> Batch:
        found = batch.geometries
        empty = shapely.is_missing(found) | shapely.is_empty(found)
        for row in batch.rows[empty]:
            self.report.leave_out(int(row), "no geometry")
        return batch.where(~empty) if empty.any() else batch

    def _fit(self, batch: Batch, kind: str, crs: pyproj.CRS) -> shapes.Shapes:
        left, low, right, high = shapely.total_bounds(batch.geometries)
        bounds = (float(left), float(low), float(right), float(high))
        fitted = shapes.fit(batch.geometries, batch.rows, kind, crs, self.report)
        if fitted.method != "none":
            self.report.datum = fitted.method
        self.report.accuracy_m = max(self.report.accuracy_m, fitted.datum_accuracy_m)
        if len(batch.rows) and not fitted.kept.any():
            self._suggest(bounds, crs)
        return fitted

    def _suggest(self, bounds: tuple[float, float, float, float], crs: pyproj.CRS) -> None:
        fitting = suggest(bounds)
        if fitting and fitting != describe(crs):
            self.report.note(
                f"read as {describe(crs)} no feature lies in Romania, but the coordinates fit {fitting}:"
                f" if that is what they are, add --crs {fitting}"
            )


def _ewkb(batch: Batch, fitted: shapes.Shapes, kind: str, plain: bool) -> pa.Array:
    if plain:
        types = shapely.get_type_id(fitted.geometries)
        return copying.ewkb_from_wkb(batch.wkb, copying.WKB_TYPES[types], promote=kind.startswith("Multi"))
    return copying.ewkb_from_shapes(shapes.as_multi(fitted.geometries, kind))


def _with_measure_source(columns: dict[str, pa.Array], fitted: shapes.Shapes) -> dict[str, pa.Array]:
    """Say where each road's measures come from, unless the file says so."""
    if "measure_source" not in columns:
        return columns
    values = [
        given or ("computed" if computed else "surveyed")
        for given, computed in zip(columns["measure_source"].to_pylist(), fitted.computed, strict=True)
    ]
    return {**columns, "measure_source": pa.array(values, pa.string())}
