"""WFS over HTTP on a county: the first calls of a GIS client, pages shallow and deep, the whole layer as a file."""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import requests

from tests.benchmarks.bench_check import county_of
from tests.benchmarks.harness import alternate, median, percentile, publish
from tests.gis_app.conftest import start

LAYER = {"service": "WFS", "version": "2.0.0", "request": "GetFeature", "typenames": "cadastre.parcel"}


def call(session: requests.Session, url: str, parameters: dict[str, str]) -> float:
    """Milliseconds until the whole answer is there."""
    begun = time.perf_counter()
    answer = session.get(f"{url}/ows", params=LAYER | parameters)
    answer.raise_for_status()
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    county = county_of(arguments.parcels, 1)
    deep = str(arguments.parcels - 5_000)
    with TemporaryDirectory() as folder:
        served = start(Path(folder), {"VATRA_DATABASE_URL": county.address}, workers=1)
        ask = partial(call, served.session, served.url)
        try:
            first = {
                "capabilities, first ever": ask({"request": "GetCapabilities"}),
                "hits, first ever": ask({"resulttype": "hits"}),
                "count=1 after it": ask({"count": "1"}),
                f"page of 1,000 from {deep}, first ever": ask({"count": "1000", "startindex": deep}),
            }
            figures = alternate(
                arguments.rounds,
                **{
                    "capabilities": partial(ask, {"request": "GetCapabilities"}),
                    "hits": partial(ask, {"resulttype": "hits"}),
                    "count=1": partial(ask, {"count": "1"}),
                    "page of 1,000, GML": partial(ask, {"count": "1000"}),
                    "page of 1,000, GML, 4326": partial(ask, {"count": "1000", "srsname": "EPSG:4326"}),
                    "page of 1,000, GeoJSON": partial(ask, {"count": "1000", "outputformat": "json"}),
                    f"page of 1,000 from {deep}": partial(ask, {"count": "1000", "startindex": deep}),
                },
            )
            whole = {form: ask({"outputformat": form}) for form in ("gpkg", "csv")}
        finally:
            served.stop()
    rows = [[name, value, value] for name, value in first.items()]
    rows += [[name, median(times), percentile(times, 0.9)] for name, times in figures.items()]
    rows += [[f"the whole layer as {form}", value, value] for form, value in whole.items()]
    title = f"WFS, {arguments.parcels:,} parcels, one client"
    publish("wfs", title, ["request", "median ms", "p90 ms"], rows, {"parcels": arguments.parcels})


if __name__ == "__main__":
    main()
