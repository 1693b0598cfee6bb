"""Measurements for Prometheus. Several workers share theirs by files (``PROMETHEUS_MULTIPROC_DIR``)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from layers.timing import Span

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

requests = Histogram(
    "vatra_request_seconds", "Time to answer a request", ["method", "route", "status"], buckets=BUCKETS
)
spans = Histogram("vatra_span_seconds", "Time spent in a part of a request", ["span"], buckets=BUCKETS)
statements = Counter("vatra_statements", "Statements sent to the database")


def observe(method: str, route: str, status: int, seconds: float, parts: Mapping[str, Span]) -> None:
    """Count one answered request and its parts."""
    _request(method, route, status).observe(seconds)
    for name, part in parts.items():
        _span(name).observe(part.seconds)
    if "db" in parts:
        statements.inc(parts["db"].count)


@lru_cache(maxsize=4096)
def _request(method: str, route: str, status: int) -> Histogram:
    return requests.labels(method, route, str(status))


@lru_cache(maxsize=256)
def _span(name: str) -> Histogram:
    return spans.labels(name)


def exposition() -> tuple[bytes, str]:
    """All measurements of all workers, and their media type."""
    registry = REGISTRY
    if os.environ.get(MULTIPROCESS):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # no types there
    return generate_latest(registry), CONTENT_TYPE_LATEST
