"""gunicorn with our application: worker processes with threads, each with its own pool of connections."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from contextlib import suppress
from typing import Any

import psycopg
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from gis_app import create_app, logs, renewing
from layers.errors import DatabaseUnavailable
from tiles import painting

GRACEFUL_S = 30
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class JsonLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own words, in our log's form."""

    def setup(self, cfg: Any) -> None:
        """Hand the records to the root logger instead of writing them."""
        super().setup(cfg)
        for handler in list(self.error_log.handlers):
            self.error_log.removeHandler(handler)
        self.error_log.propagate = True
        logs.configure()


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """The application, served at ``address`` (host:port) by ``workers`` processes of ``threads`` threads.

    A worker that does not answer its parent for ``timeout`` seconds is replaced.
    """

    def __init__(self, address: str, workers: int, threads: int, timeout: int) -> None:
        self._given = {
            "bind": address,
            "workers": workers,
            "threads": threads,
            "worker_class": "gis_app.tile_worker.TileWorker",
            "timeout": timeout,
            "graceful_timeout": GRACEFUL_S,
            "keepalive": 30,
            # Each worker opens its own database connections and map; none may be shared across a fork.
            "preload_app": False,
            "control_socket_disable": True,
            "accesslog": None,
            "logger_class": JsonLogger,
            # Maps of many layers have long addresses.
            "limit_request_line": 8190,
            "limit_request_fields": 60,
            "proc_name": "vatra",
            "child_exit": _forget_measurements,
        }
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn asks for its settings by."""
        for name, value in self._given.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """What each worker asks for the application by."""
        # Imported here, because gunicorn's parent needs none of it.
        from gis_app.ogc.ogcapi import runner

        logs.configure()
        app = create_app()
        warm_up()
        runner.wake()
        renewing.renew_in_background()
        return app

    def run(self) -> None:
        """Serve until stopped."""
        folder = tempfile.mkdtemp(prefix="vatra-metrics-")
        os.environ[METRICS_FOLDER] = folder  # read when the workers import the application
        owner = os.getpid()
        # Before the workers are forked, so that all of them share one pool of drawing processes.
        painting.pool().start()
        try:
            super().run()
        finally:
            if os.getpid() == owner:  # workers, being forks, leave through here too
                shutil.rmtree(folder, ignore_errors=True)


def warm_up() -> None:
    """Have the check ready, and keep what is loaded by now out of the garbage collector's rounds."""
    from analysis.checking import warm_up as warm_up_check

    # Without its database, or with one that is locked or not migrated, the server starts and /readyz says why.
    with suppress(DatabaseUnavailable, psycopg.Error):
        warm_up_check()
    gc.collect()
    gc.freeze()


def _forget_measurements(_server: Any, worker: Any) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # no types there
