"""What is checked of a file beyond each single row: keys, places, coverage of the built-up area."""

from __future__ import annotations

import datetime
import threading
from collections import Counter, deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from psycopg import sql

from layers import topology
from layers.catalogue import Layer
from layers.coverage import SIRUTA, UAT_LAYER, has_siruta
from layers.database import Connection
from layers.report import SHOWN, ImportReport, Warned
from layers.shapes import Shapes
from layers.spool import Spool
from layers.staging import NAME as STAGED

# A feature this much outside its UAT has the wrong SIRUTA or the wrong coordinates.
FAR_M = 500.0
SAMPLE = 1_000
# One works while the database indexes; the second joins in when that is done.
COMPARING_THREADS = 2
Pair = tuple[str, int, int]


@dataclass(frozen=True)
class Checks:
    """Checks of each batch: the scope asked for, known UATs, features inside the UAT they name.

    ``outlines`` are the UATs in force (EPSG:3844), grown by their own accuracy; empty when none were
    imported, and then only the scope is checked.
    """

    layer: Layer
    scope: int | None
    outlines: Mapping[int, Any]
    grown_m: float
    tally: Counter[str] = field(default_factory=Counter)

    @classmethod
    def for_layer(cls, connection: Connection, layer: Layer, day: datetime.date, scope: int | None) -> Checks:
        """The checks of that layer on that day."""
        if layer.id == UAT_LAYER or not has_siruta(layer):
            return cls(layer, scope, {}, 0.0)
        found = connection.execute(
            "SELECT u.siruta, ST_AsBinary(u.geom), v.accuracy_m FROM admin.uat u"
            " JOIN catalogue.layer_version v ON v.id = u.version_id"
            " WHERE u.valid_from <= %s AND %s < u.valid_to",
            [day, day],
        ).fetchall()
        grown = layer.expectations.tolerance_m + max((row[2] for row in found), default=0.0)
        outlines: dict[int, Any] = {}
        for siruta, wkb, _ in found:
            outline = shapely.from_wkb(wkb)
            if layer.expectations.within_uat:
                outline = shapely.buffer(outline, grown, join_style="mitre")
                shapely.prepare(outline)
            outlines[siruta] = outline
        return cls(layer, scope, outlines, grown)

    def look(self, columns: Mapping[str, pa.Array], fitted: Shapes, report: ImportReport) -> None:
        """Check one batch; rejects and warns in the report."""
        if SIRUTA not in columns:
            return
        sirutas = columns[SIRUTA].to_numpy(zero_copy_only=False)
        for siruta in np.unique(sirutas[~np.isnan(sirutas.astype(float))]).astype(int):
            where = (sirutas == siruta) & fitted.kept
            if self.scope is not None and siruta != self.scope:
                self._reject(report, fitted.rows[where], siruta, f"{self.scope}, the UAT the import is for")
            elif self.outlines and siruta not in self.outlines:
                self._reject(report, fitted.rows[where], siruta, self._known(int(siruta)))
            elif self.outlines and self.layer.expectations.within_uat:
                self._look_inside(int(siruta), fitted, where, report)

    def _reject(self, report: ImportReport, rows: NDArray[np.int64], found: object, expected: str) -> None:
        shown = rows[: max(SHOWN - len(report.rejected), 0)]
        for row in shown:
            report.reject(int(row), SIRUTA, found, expected)
        report.reject_more(SIRUTA, rows[len(shown) :])

    def _known(self, siruta: int) -> str:
        near = get_close_matches(str(siruta), [str(known) for known in self.outlines], n=3)
        hint = f" (near: {', '.join(near)})" if near else ""
        return f"the SIRUTA code of a UAT in admin.uat{hint}"

    def _look_inside(
        self, siruta: int, fitted: Shapes, where: NDArray[np.bool_], report: ImportReport
    ) -> None:
        outline = self.outlines[siruta]
        candidates = np.flatnonzero(where)
        outside = candidates[~shapely.covers(outline, fitted.geometries[candidates])]
        distances = shapely.distance(outline, fitted.geometries[outside])
        for index, distance in zip(outside, distances, strict=True):
            row, shape = int(fitted.rows[index]), fitted.geometries[index]
            if distance > FAR_M:
                self._try_exchanged(outline, shape)
                report.reject(
                    row, "geometry", f"{distance:.0f} m outside UAT {siruta}", f"a place in UAT {siruta}"
                )
                fitted.kept[index] = False
                continue
            where_is = shapely.point_on_surface(shape)
            share = 1 - shapely.area(shapely.intersection(outline, shape)) / max(shape.area, 1e-9)
            report.warn(
                "outside_uat",
                f"row {row}: {share:.1%} lies outside UAT {siruta} by more than {self.grown_m:g} m",
                (row,),
                (where_is.x, where_is.y),
            )

    def _try_exchanged(self, outline: Any, shape: Any) -> None:
        self.tally["far"] += 1
        if self.tally["far"] <= SAMPLE:
            flipped = shapely.transform(shape, lambda xy: np.ascontiguousarray(xy[:, ::-1]))
            self.tally["exchanged"] += bool(shapely.distance(outline, flipped) <= FAR_M)

    def conclude(self, report: ImportReport) -> None:
        """Say what the rejections have in common."""
        tested = min(self.tally["far"], SAMPLE)
        if tested and self.tally["exchanged"] > tested / 2:
            report.note(
                f"with x and y exchanged, {self.tally['exchanged']} of {tested} features outside their UAT would"
                " lie inside: the axes look swapped"
            )


def check_keys(connection: Connection, layer: Layer, report: ImportReport) -> None:
    """Reject rows that share the layer's key."""
    if not layer.key:
        return
    key = sql.SQL(", ").join(map(sql.Identifier, layer.key))
    staged = sql.Identifier(STAGED)
    twice = connection.execute(
        sql.SQL(
            "WITH twice AS MATERIALIZED (SELECT {key} FROM {staged} GROUP BY {key} HAVING count(*) > 1)"
            " SELECT array_agg(file_row ORDER BY file_row), {key} FROM {staged} JOIN twice USING ({key})"
            " GROUP BY {key} ORDER BY 1"
        ).format(key=key, staged=staged)
    )
    for rows, *values in twice:
        named = ", ".join(f"{name} {value}" for name, value in zip(layer.key, values, strict=True))
        for row in rows[1:]:
            report.reject(row, ", ".join(layer.key), f"{named}, as in row {rows[0]}", "a key of its own")


_OUTSIDE = """
SELECT count(*) FILTER (WHERE NOT here), count(*), count(*) FILTER (WHERE swapped),
       (array_agg(file_row ORDER BY file_row) FILTER (WHERE NOT here))[1:{shown}]
FROM (
  SELECT file_row,
         EXISTS (SELECT FROM admin.uat u JOIN admin.uat_piece p ON p.feature_id = u.id
                 WHERE p.geom && s.geom AND u.valid_from <= {day} AND {day} < u.valid_to
                   AND ST_Intersects(p.geom, s.geom)) AS here,
         EXISTS (SELECT FROM admin.uat u JOIN admin.uat_piece p ON p.feature_id = u.id
                 WHERE p.geom && ST_FlipCoordinates(s.geom) AND u.valid_from <= {day} AND {day} < u.valid_to
                   AND ST_Intersects(p.geom, ST_FlipCoordinates(s.geom))) AS swapped
  FROM {staged} s {sample}
) AS tested
"""


def check_place(connection: Connection, layer: Layer, day: datetime.date, report: ImportReport) -> None:
    """Features outside all UATs: a warning each, an error if it is all of them.

    Features that name their UAT were compared with it already. Says so when exchanging x and y would
    bring the features home.
    """
    if layer.id == UAT_LAYER or (has_siruta(layer) and layer.expectations.within_uat):
        return
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM admin.uat WHERE valid_from <= %s AND %s < valid_to)", [day, day]
    )
    if row.fetchone() == (False,):
        report.note("no UATs imported yet: whether the features lie in the county was not checked")
        return
    query = sql.SQL(_OUTSIDE).format(
        shown=sql.Literal(SHOWN), day=sql.Literal(day), staged=sql.Identifier(STAGED), sample=sql.SQL("")
    )
    found = connection.execute(query).fetchone()
    outside, total, swapped, rows = found or (0, 0, 0, [])
    if outside == 0:
        return
    if outside == total:
        hint = "; with x and y exchanged they would lie inside" if swapped > total / 2 else ""
        report.reject(
            int(rows[0]), "geometry", f"all {total} features outside every UAT{hint}", "places in the county"
        )
        return
    for number in rows:
        report.warn("outside_county", f"row {number} lies outside every UAT", (number,))
    report.warn_more("outside_county", outside - len(rows))


def check_covers(connection: Connection, layer: Layer, day: datetime.date, report: ImportReport) -> None:
    """Warn where the features leave part of another layer (zones: the built-up area) uncovered."""
    target = layer.expectations.covers
    if target is None:
        return
    schema, table = target.split(".")
    query = sql.SQL(
        "WITH ours AS (SELECT siruta, ST_Union(geom) AS geom FROM {} GROUP BY siruta),"
        " bare AS (SELECT t.siruta, ST_Buffer(ST_Difference(t.geom, o.geom), {}) AS geom"
        " FROM {} t JOIN ours o USING (siruta) WHERE t.valid_from <= {} AND {} < t.valid_to)"
        " SELECT siruta, sum(ST_Area(geom)), ST_X(ST_PointOnSurface(ST_Collect(geom))),"
        " ST_Y(ST_PointOnSurface(ST_Collect(geom))) FROM bare WHERE NOT ST_IsEmpty(geom) GROUP BY siruta"
    ).format(
        sql.Identifier(STAGED),
        sql.Literal(-layer.expectations.tolerance_m),
        sql.Identifier(schema, table),
        sql.Literal(day),
        sql.Literal(day),
    )
    for siruta, area, x, y in connection.execute(query):
        report.warn(
            "not_covered",
            f"UAT {siruta}: {area:.0f} m² of {target} are in no feature of the file",
            (),
            (x, y),
        )


def compare_neighbours(spool: Spool, layer: Layer, stop: threading.Event) -> list[Warned]:
    """Overlaps and gaps between the polygons of a file, one warning a pair of rows.

    Touches no database, so that it can run beside the publishing; ``stop`` ends it early.
    """
    found: dict[Pair, Warned] = {}
    with ThreadPoolExecutor(COMPARING_THREADS) as executor:
        running: deque[Future[dict[Pair, Warned]]] = deque()
        for rows, polygons in spool.chunks():
            if stop.is_set():
                break
            running.append(executor.submit(_compare, rows, polygons, layer))
            if len(running) > COMPARING_THREADS:
                found.update(running.popleft().result())
        for last in running:
            found.update(last.result())
    return [found[key] for key in sorted(found)]


def _compare(rows: NDArray[np.int64], polygons: NDArray[Any], layer: Layer) -> dict[Pair, Warned]:
    expected = layer.expectations
    warned: dict[Pair, Warned] = {}
    for problem in topology.problems(polygons, expected.tolerance_m, expected.no_gaps):
        first, second = sorted((int(rows[problem.first]), int(rows[problem.second])))
        measure = f"{problem.size:.2f} m²" if problem.kind == "overlap" else f"{problem.size:.2f} m wide"
        text = f"rows {first} and {second}: {problem.kind} of {measure}"
        warned[problem.kind, first, second] = Warned(
            kind=problem.kind, text=text, rows=(first, second), x=problem.x, y=problem.y
        )
    return warned
