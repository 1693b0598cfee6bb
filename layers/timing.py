"""How long the parts of a job take: named spans, gathered for whoever asked for them.

>>> spans = start()
>>> with span("db"):
...     pass
>>> spans["db"].count
1

A span costs about a microsecond; where nobody started gathering, it is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter


@dataclass(slots=True)
class Span:
    """Time spent under one name: ``seconds`` in all, in ``count`` parts."""

    seconds: float = 0.0
    count: int = 0


_gathered: ContextVar[dict[str, Span] | None] = ContextVar("vatra_spans", default=None)


def start() -> dict[str, Span]:
    """Gather spans anew in this thread (or task); the dictionary fills as they end."""
    spans: dict[str, Span] = {}
    _gathered.set(spans)
    return spans


def current() -> dict[str, Span]:
    """Spans gathered so far; empty where nobody started."""
    return _gathered.get() or {}


@contextmanager
def span(name: str) -> Iterator[None]:
    """Count the time of the block under that name."""
    spans = _gathered.get()
    if spans is None:
        yield
        return
    begun = perf_counter()
    try:
        yield
    finally:
        spent = spans.setdefault(name, Span())
        spent.seconds += perf_counter() - begun
        spent.count += 1
