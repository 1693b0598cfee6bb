"""GetFeature and GetPropertyValue: the answer is whole or it is an error.

Features are read in one snapshot and written to a temporary file (small answers stay in memory) before the first
byte leaves. So the database waits for no slow client, memory stays bounded, and an error never follows half an
answer.
"""

from __future__ import annotations

import gzip
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import flask
from werkzeug.exceptions import ServiceUnavailable

from gis_app import caching
from gis_app.ogc.wfs import writing
from gis_app.ogc.wfs.paging import links
from gis_app.ogc.wfs.queries import Query
from gis_app.ogc.wfs.requests import FeatureRequest
from gis_app.ogc.wfs.writing import Page, Part
from layers import database, health
from tiles.wfs import files, reading
from tiles.wfs.refused import Refused, invalid

IN_MEMORY_BYTES = 4_000_000
MOST_BYTES = 2_000_000_000
CHUNK_BYTES = 256_000
# Answers of more features than this are made so many at a time by each worker: they take its processor for seconds.
LARGE, LARGE_AT_ONCE, TURN_S = 20_000, 2, 15.0
_large = threading.BoundedSemaphore(LARGE_AT_ONCE)


def answer(request: FeatureRequest, url: str) -> flask.Response:
    """The answer to a request that was understood; ``url`` is the service's own address. Raises Refused."""
    compressed = request.form.is_text and flask.request.accept_encodings["gzip"] > 0
    etag = caching.tag(request.layer_ids, request.day, *_parts_of_tag(request, url))
    kept = caching.unchanged(etag, request.layer_ids)
    if kept is not None:
        return kept
    health.require_all(request.layer_ids, request.day)
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - closed with the response
    try:
        response = _made(request, url, spool, compressed)
    except BaseException:
        spool.close()
        raise
    return caching.keep(response, etag, request.layer_ids)


def _parts_of_tag(request: FeatureRequest, url: str) -> tuple[object, ...]:
    return (
        "wfs",
        request.version,
        request.form.name,
        request.canonical,
        request.start,
        request.count,
        request.hits,
        url,
    )


def _made(request: FeatureRequest, url: str, spool: IO[bytes], compressed: bool) -> flask.Response:
    address = database.map_url()
    if request.form.is_text or request.hits:
        with _text_sink(spool, compressed) as sink:
            _write_text(request, url, address, sink)
    else:
        _write_file(request, address, spool)
    size = spool.tell()
    spool.seek(0)
    media_type = request.form.media_type
    if request.hits and request.form.kind not in {"gml", "geojson"}:
        media_type = "text/xml; charset=utf-8"
    response = flask.Response(_chunks(spool), content_type=media_type)
    response.call_on_close(spool.close)
    response.content_length = size
    if compressed:
        response.content_encoding = "gzip"
    if request.form.suffix and not request.hits:
        name = request.layer_ids[0] if len(request.layer_ids) == 1 else "vatra"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}{request.form.suffix}"'
    return response


def _write_text(request: FeatureRequest, url: str, address: str, sink: IO[bytes]) -> None:
    if request.form.kind == "csv" and len(request.queries) > 1 and not request.hits:
        raise invalid("typeNames", "a table holds one layer; ask for each by itself")
    counts = [reading.count(query.selection, address) for query in request.queries]
    if request.one and not sum(counts):
        raise Refused("NotFound", "there is no such feature", "id")
    slices = list(_slices(request, counts))
    returned = sum(limit for _, _, limit in slices)
    page = Page(sum(counts), returned, links(request, url, sum(counts)), url)
    if request.hits:
        sink.write(writing.hits(request, page).encode())
        return
    written, seen = 0, Counter()
    with _turn(returned), reading.reading(address) as reader:
        for piece in writing.write(request, page, _parts(reader, slices, seen)):
            written += sink.write(piece.encode())
            _check_size(written)
    if seen.features != returned:
        raise Refused("NoApplicableCode", "a new version was published in the middle; ask again")


@contextmanager
def _turn(features: int) -> Iterator[None]:
    """A turn at making an answer of that size. Raises ServiceUnavailable when none comes in time."""
    if features <= LARGE:
        yield
        return
    if not _large.acquire(timeout=TURN_S):
        raise ServiceUnavailable("too many large answers are being made; try again shortly", retry_after=30)
    try:
        yield
    finally:
        _large.release()


class Counter:
    """How many features went by."""

    def __init__(self) -> None:
        self.features = 0

    def watch(self, batches: Iterator[reading.Batch]) -> Iterator[reading.Batch]:
        """The same batches, counted."""
        for batch in batches:
            self.features += len(batch)
            yield batch


def _slices(request: FeatureRequest, counts: list[int]) -> Iterator[tuple[Query, int, int]]:
    """The part of each query that falls on the page: from which feature on, and how many."""
    begin = request.start
    left = sum(counts) if request.count is None else request.count
    for query, matched in zip(request.queries, counts, strict=True):
        skipped = min(begin, matched)
        taken = min(left, matched - skipped)
        begin, left = begin - skipped, left - taken
        yield query, skipped, taken


def _parts(reader: reading.Reader, slices: list[tuple[Query, int, int]], seen: Counter) -> Iterator[Part]:
    for query, start, limit in slices:
        batches = reading.features(reader, query.selection, start, limit) if limit else iter(())
        yield query, limit, seen.watch(batches)


def _write_file(request: FeatureRequest, address: str, spool: IO[bytes]) -> None:
    """GeoPackage or Shapefiles."""
    counts = [reading.count(query.selection, address) for query in request.queries]
    slices = list(_slices(request, counts))
    ids = [query.selection.layer.id for query in request.queries]
    if len(set(ids)) < len(ids):
        raise invalid("typeNames", "a file holds each layer once; ask for a second query by itself")
    with (
        _turn(sum(limit for _, _, limit in slices)),
        tempfile.TemporaryDirectory(prefix="vatra-wfs-") as folder,
        reading.reading(address) as reader,
    ):
        path = _filled(request, reader, slices, Path(folder))
        with path.open("rb") as made:
            while chunk := made.read(CHUNK_BYTES):
                spool.write(chunk)


def _filled(
    request: FeatureRequest,
    reader: reading.Reader,
    slices: list[tuple[Query, int, int]],
    folder: Path,
) -> Path:
    shapes = folder / "shapes"
    shapes.mkdir()
    package = folder / "vatra.gpkg"
    for query, start, limit in slices:
        selection = query.selection
        features = reading.features(reader, selection, start, limit)
        batches = _measured(features, folder)
        if request.form.kind == "gpkg":
            files.write_gpkg(
                package, selection.layer, selection.columns, selection.geometry, batches, query.system
            )
        else:
            files.write_shapefiles(
                shapes, selection.layer, selection.columns, selection.geometry, batches, query.system
            )
    if request.form.kind == "gpkg":
        return package
    files.zip_folder(shapes, folder / "vatra.zip")
    return folder / "vatra.zip"


def _measured(batches: Iterator[reading.Batch], folder: Path) -> Iterator[reading.Batch]:
    for batch in batches:
        yield batch
        _check_size(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()))


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise Refused(
            "OperationProcessingFailed", f"the answer has more than {MOST_BYTES} bytes; ask for less"
        )


def _text_sink(spool: IO[bytes], compressed: bool) -> Any:
    """Where text is written: the spool itself, or through gzip; a context manager that leaves the spool open."""
    if compressed:
        # Level 1: above it the processor costs more than the bytes saved.
        return gzip.GzipFile(fileobj=spool, mode="wb", compresslevel=1, mtime=0)
    return _Kept(spool)


class _Kept:
    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool

    def __enter__(self) -> IO[bytes]:
        return self._spool

    def __exit__(self, *_: object) -> None:
        """The spool is read afterwards."""


def _chunks(spool: IO[bytes]) -> Iterator[bytes]:
    while chunk := spool.read(CHUNK_BYTES):
        yield chunk
