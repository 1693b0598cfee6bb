"""The address of the land, from the addresses that lie on it, so that nobody types what is known."""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from shapely.geometry import shape

from analysis.findings import CheckReport
from gis_app.certificates.compose.context import Request

ON_THE_LAND = """
    SELECT DISTINCT street, number, postcode FROM admin.address
    WHERE valid_from <= %(day)s AND %(day)s < valid_to
      AND ST_Intersects(geom, ST_SetSRID(ST_GeomFromWKB(%(wkb)s), 3844))
    ORDER BY street, number"""


def addressed(connection: Connection[Any], report: CheckReport, request: Request) -> Request:
    """The request with street, numbers and postcode filled in, where it gives no street itself.

    Addresses on several streets are left to a person: the land has then no one address.
    """
    if request.street:
        return request
    wkb = shape(report.subject.geometry).wkb
    found = connection.execute(ON_THE_LAND, {"day": report.as_of, "wkb": wkb}).fetchall()
    streets = {street for street, _, _ in found if street}
    if len(streets) != 1:
        return request
    postcodes = {postcode for _, _, postcode in found if postcode}
    return request.model_copy(
        update={
            "street": streets.pop(),
            "street_number": ", ".join(number for _, number, _ in found if number) or None,
            "postcode": request.postcode or (postcodes.pop() if len(postcodes) == 1 else None),
        }
    )
