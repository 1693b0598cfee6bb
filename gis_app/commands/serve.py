"""``vatra serve``: the web application under gunicorn."""

from __future__ import annotations

import click


@click.command(epilog="Example: vatra serve --host 0.0.0.0 --port 8000 --workers 4")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option(
    "--threads", default=32, show_default=True, type=click.IntRange(1, 64), help="Threads a process."
)
@click.option(
    "--timeout",
    default=60,
    show_default=True,
    type=click.IntRange(5, 3600),
    help="Seconds a worker may hang.",
)
def serve(host: str, port: int, workers: int, threads: int, timeout: int) -> None:
    """Serve the web pages and the API until stopped; SIGTERM lets requests in flight finish."""
    from analysis.rulebook import rulebook
    from analysis.settings import settings
    from gis_app.server import Server
    from gis_app.settings import check_settings

    # Mistakes in settings and rules are told here, once, not by every worker in turn.
    check_settings()
    rulebook(settings().rules)
    Server(f"{host}:{port}", workers, threads, timeout).run()
