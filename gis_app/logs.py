"""Logs: one JSON object a line on standard error, ours and those of the libraries alike."""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog

SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def configure(level: int = logging.INFO) -> None:
    """Set up logging for a server process."""
    structlog.configure(
        processors=[*SHARED, _render_bytes],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *SHARED],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))


def _render_bytes(_logger: Any, _method: str, event: structlog.types.EventDict) -> bytes:
    return orjson.dumps(dict(event), default=str)


def _render(logger: Any, method: str, event: structlog.types.EventDict) -> str:
    return _render_bytes(logger, method, event).decode()
