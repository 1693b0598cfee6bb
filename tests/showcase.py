"""Where the parcel lies that is shown to visitors of the demo county."""

from __future__ import annotations

import psycopg

from layers.demo import SHOWCASE


def showcase_place(address: str) -> tuple[float, float]:
    """A point on it in that database, EPSG:3844, x = east first."""
    with psycopg.connect(address) as connection:
        row = connection.execute(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM cadastre.parcel"
            " WHERE siruta = %s AND cadastral_number = %s AND valid_to = 'infinity') AS found",
            [SHOWCASE.siruta, SHOWCASE.cadastral_number],
        ).fetchone()
    assert row, "no demo county in this database: `vatra demo` makes one"
    return row[0], row[1]
