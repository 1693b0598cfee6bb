"""Importing a file into a layer: read, check, publish as a new version. All or nothing.

The file is streamed in batches into a staging table and checked on the way; what concerns several
rows is checked at the end. Only if no row was rejected does a new version come into force, in the
same transaction; otherwise, or if anything breaks, the version in force stays as it was.
"""

from __future__ import annotations

import datetime
import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyproj
import shapely
from psycopg import sql

from layers import axes, siruta, staging, validation
from layers.catalogue import Layer, get_layer
from layers.coverage import UAT_LAYER, has_siruta
from layers.database import Connection
from layers.days import today
from layers.errors import VatraError
from layers.intake import Intake
from layers.mapping import ColumnMapping, map_columns
from layers.publishing import Publication, Published, keep_report, publish
from layers.reading import Request, Source, open_source
from layers.reading.crs import CRSError, describe, recognise, suggest
from layers.reading.errors import EmptyFile, NoCRS, UnknownCRS
from layers.regulations import REGULATION, STAGED, Regulations
from layers.report import ImportReport
from layers.session import Aside, Session
from layers.spool import Spool

FROM_ZONES = "zones of "
Progress = Callable[[int, int | None], None]


class ImportRejected(VatraError):
    """Rows of the file cannot be published; ``report`` says which and why. Nothing was changed."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(
            f"{report.file}: {report.rejected_rows} of {report.rows_read} rows rejected; nothing was changed"
        )
        self.report = report


class DerivedLayer(VatraError):
    """The layer is worked out from others; no file can be imported into it."""

    def __init__(self, layer: str) -> None:
        super().__init__(
            f"{layer} is worked out from other layers and the rules, never imported; `vatra layers refresh` renews it"
        )


@dataclass(frozen=True)
class ImportOptions:
    """How a file is to be read and published; ``accuracy_m`` overrides the layer's own."""

    source_layer: str | None = None
    crs: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    valid_from: datetime.date | None = None
    scope: int | None = None
    accuracy_m: float | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class _Job:
    """One import on its way."""

    layer: Layer
    source: Source
    options: ImportOptions
    valid_from: datetime.date
    report: ImportReport
    intake: Intake


def import_file(
    layer_id: str,
    path: Path,
    options: ImportOptions | None = None,
    *,
    address: str | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import one file into one layer and return the report.

    ``address`` is a libpq URL (default: the database of the settings). Raises ReadingError or
    MappingError where the file or the request as a whole is at fault, DerivedLayer where no file
    belongs, ImportRejected where rows are, PublishingError for a validity that would change the past,
    DatabaseUnavailable or ImportFailed where the database is. In every one of these cases nothing has changed.
    """
    options = options or ImportOptions()
    layer = get_layer(layer_id)
    if layer.derived:
        raise DerivedLayer(layer.id)
    source = open_source(path, Request(options.source_layer, layer.geometry, layer.id))
    with Session(address) as connection, Spool() as spool, Aside() as aside:
        digest = aside.run(lambda _: _sha256(path))
        job = _prepare(connection, layer, source, options, spool)
        _stage(connection, job, progress)
        job.intake.checks.conclude(job.report)
        _refuse_if_rejected(job.report)
        neighbours = aside.run(lambda stop: validation.compare_neighbours(spool, layer, stop))
        _check_whole(connection, job)
        _refuse_if_rejected(job.report)
        job.report.file_sha256 = digest.result()
        published = _publish(connection, job)
        for warned in neighbours.result():
            job.report.add_warning(warned)
        _finish(connection, job, published)
    return job.report


def _prepare(
    connection: Connection, layer: Layer, source: Source, options: ImportOptions, spool: Spool
) -> _Job:
    columns = _map(layer, source, options)
    crs = _crs(source, options) if layer.geometry else None
    valid_from = options.valid_from or today()
    report = ImportReport(
        layer=layer.id,
        file=source.path.name,
        source_layer=source.layer,
        crs=describe(crs) if crs else "",
        columns=columns.shown(),
        valid_from=valid_from,
        dry_run=options.dry_run,
        notes=list(source.notes),
    )
    checks = validation.Checks.for_layer(connection, layer, valid_from, options.scope)
    compared = spool if layer.expectations.no_overlaps or layer.expectations.no_gaps else None
    regulations = Regulations.for_file(layer, source.fields, columns.fields.values(), report)
    used = {*columns.fields.values(), *(regulations.fields.values() if regulations else ())}
    report.unused_fields = [name for name in source.fields if name not in used]
    intake = Intake(layer, columns, crs, checks, report, compared, regulations)
    source = axes.settle(connection, source, columns, valid_from, report)
    return _Job(layer, source, options, valid_from, report, intake)


def _map(layer: Layer, source: Source, options: ImportOptions) -> ColumnMapping:
    # A file for one UAT need not say so in each row.
    defaults = {"siruta": str(options.scope)} if options.scope is not None and has_siruta(layer) else {}
    derived = siruta.FILLED if layer.id == UAT_LAYER else ()
    return map_columns(
        layer, source.fields, options.mapping, options.constants, defaults, derived, source.path
    )


def _stage(connection: Connection, job: _Job, progress: Progress | None) -> None:
    staging.create(connection, job.layer)
    with staging.writing(connection) as writer:
        for batch in job.source.read_ahead():
            job.intake.take(batch, writer)
            if progress:
                progress(job.report.rows_read, job.source.count)
    if job.report.rows_read == job.report.left_out_count:
        if job.options.scope is None:
            raise EmptyFile(job.source.path, "no features in the file")
        # Said of one UAT, nothing is an answer too.
        job.report.note(
            f"the file is empty: from now on there is nothing of {job.layer.id} in {job.options.scope}"
        )


def _crs(source: Source, options: ImportOptions) -> pyproj.CRS:
    if not source.has_geometry:
        raise EmptyFile(source.path, f"layer {source.layer!r} has no geometry column")
    if options.crs is not None:
        try:
            return recognise(options.crs)
        except CRSError as error:
            raise UnknownCRS(
                source.path, f"--crs {options.crs!r} is no coordinate reference system"
            ) from error
    if source.crs is None:
        first = next(source.batches(), None)
        bounds = None if first is None else tuple(shapely.total_bounds(first.geometries))
        raise NoCRS(source.path, suggest(bounds) if bounds else None)
    return source.crs


def _check_whole(connection: Connection, job: _Job) -> None:
    if job.intake.keys.may_repeat():
        validation.check_keys(connection, job.layer, job.report)
    if job.layer.geometry:
        validation.check_place(connection, job.layer, job.valid_from, job.report)
        validation.check_covers(connection, job.layer, job.valid_from, job.report)


def _refuse_if_rejected(report: ImportReport) -> None:
    if report.rejected_count:
        raise ImportRejected(report)


def _publish(connection: Connection, job: _Job) -> Published:
    own = job.options.accuracy_m if job.options.accuracy_m is not None else job.layer.accuracy_m
    job.report.accuracy_m = round(math.hypot(own, job.report.accuracy_m), 4)
    publication = Publication(
        layer=job.layer,
        valid_from=job.valid_from,
        accuracy_m=job.report.accuracy_m,
        source=job.source.path.name,
        file_sha256=job.report.file_sha256,
        crs=job.report.crs or None,
        datum=job.report.datum,
        scope=job.options.scope,
    )
    covers = job.intake.sirutas if has_siruta(job.layer) and job.options.scope is None else None
    published = publish(connection, publication, staging.NAME, covers)
    job.report.version, job.report.rows_published = published.number, published.rows
    job.report.coverage = published.coverage
    if job.intake.regulations is not None:
        _publish_regulations(connection, publication, job.intake.regulations)
    if not published.coverage:
        job.report.warn("coverage", "no UAT is covered: import admin.uat first, or give --scope siruta=n")
    return published


def _publish_regulations(connection: Connection, zones: Publication, found: Regulations) -> None:
    """Figures of the zones as rows of the regulation, for plans whose articles were not imported as such."""
    own = connection.execute(
        "SELECT DISTINCT r.plan_code FROM planning.regulation r"
        " JOIN catalogue.layer_version v ON v.id = r.version_id"
        " WHERE r.valid_to = 'infinity' AND r.plan_code = ANY(%s) AND v.source NOT LIKE %s",
        [list(found.plans()), f"{FROM_ZONES}%"],
    )
    imported = {row[0] for row in own}
    for plan in sorted(imported):
        found.report.note(f"plan {plan} has a regulation of its own: the zones' figures were not added to it")
    plans = tuple(plan for plan in found.plans() if plan not in imported)
    if found.stage(connection, plans) == 0:
        return
    publication = replace(
        zones,
        layer=get_layer(REGULATION),
        source=f"{FROM_ZONES}{zones.source}",
        accuracy_m=0.0,
        scope=None,
        part=("plan_code", plans),
    )
    published = publish(connection, publication, STAGED)
    found.report.note(f"planning.regulation: version {published.number} with {published.rows} rows")


def _finish(connection: Connection, job: _Job, published: Published) -> None:
    if job.options.dry_run:
        connection.rollback()
        job.report.version, job.report.rows_published = None, 0
        return
    keep_report(connection, published.version_id, job.report.model_dump(mode="json"))
    connection.commit()
    tables = [job.layer.id, f"{job.layer.id}_piece"] if job.layer.pieces else [job.layer.id]
    for table in tables:
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(*table.split("."))))
    connection.commit()


def _sha256(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
