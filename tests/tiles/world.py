"""A small made-by-hand world: all its places are round numbers, so that a test can say where a thing must be."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
from psycopg import sql
from shapely import Geometry
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, box

ALFA, BETA = 900001, 900002
EAST, NORTH = 500_000.0, 400_000.0
FROM = date(2026, 1, 1)
DAY = date(2026, 11, 24)

# Zone codes and colours as the plan standard prints them (Ordin MDLPA 1022/2026, fills of zones).
ZONE_COLOURS = {
    "Li": (247, 227, 74),
    "Lc": (250, 158, 13),
    "C": (164, 0, 0),
    "IS": (168, 3, 79),
    "Isa": (168, 3, 79),
    "I": (148, 77, 3),
    "A": (0, 149, 149),
    "CS": (237, 46, 56),
    "V": (160, 186, 77),
    "Va": (160, 186, 77),
    "DS": (255, 127, 126),
    "GC": (237, 194, 130),
    "Tr": (76, 76, 76),
    "Tf": (206, 130, 181),
    "Tn": (19, 71, 83),
    "Ta": (194, 232, 241),
    "TE": (167, 188, 169),
    "Tee": (167, 188, 169),
    "TEM": (167, 188, 169),
    "EE": (114, 96, 114),
    "TA": (193, 162, 107),
    "TF": (19, 75, 0),
    "TH": (62, 95, 126),
    "TN": (186, 186, 186),
    "VE": (160, 186, 77),
}
ZONE_SIDE, ZONES_A_ROW = 50.0, 5
ZONES_AT = (1000.0, 0.0)

SQUARE = box(EAST, NORTH, EAST + 100, NORTH + 100)


def at(x: float, y: float) -> tuple[float, float]:
    """A place by its metres east and north of the world's corner."""
    return EAST + x, NORTH + y


def rectangle(x: float, y: float, width: float, height: float) -> MultiPolygon:
    """A rectangle by its south-west corner and size."""
    return MultiPolygon([box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)])


def line(*places: tuple[float, float]) -> MultiLineString:
    """A line through places."""
    return MultiLineString([LineString([at(*place) for place in places])])


def zone_place(code: str) -> tuple[float, float]:
    """South-west corner of the zone of that code, metres from the world's corner."""
    index = list(ZONE_COLOURS).index(code)
    return (
        ZONES_AT[0] + index % ZONES_A_ROW * ZONE_SIDE,
        ZONES_AT[1] + index // ZONES_A_ROW * ZONE_SIDE,
    )


class Builder:
    """Puts features into a database, one version a layer, each covering the UATs named."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.versions: dict[str, int] = {}

    def version(self, layer: str, *uats: int) -> int:
        """The layer's version, made when first asked for."""
        if layer not in self.versions:
            row = self.connection.execute(
                "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m, source)"
                " VALUES (%s, 3, %s, 0.5, 'ridicare topografică') RETURNING id",
                [layer, FROM],
            ).fetchone()
            assert row
            self.versions[layer] = row[0]
            for siruta in uats or (ALFA, BETA):
                self.connection.execute(
                    "INSERT INTO catalogue.coverage (layer, siruta, valid_from, version_id) VALUES (%s, %s, %s, %s)",
                    [layer, siruta, FROM, row[0]],
                )
        return self.versions[layer]

    def add(self, layer: str, geometry: Geometry, **columns: Any) -> None:
        """One feature; ``valid_from`` and ``valid_to`` may be among the columns."""
        values = {"version_id": self.version(layer), "valid_from": FROM, **columns}
        statement = sql.SQL("INSERT INTO {} ({}, geom) VALUES ({}, {})").format(
            sql.Identifier(*layer.split(".")),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join([sql.Placeholder()] * len(values)),
            sql.SQL("ST_Force3DM(ST_GeomFromText(%s, 3844))")
            if layer == "roads.road"
            else sql.SQL("ST_GeomFromText(%s, 3844)"),
        )
        self.connection.execute(statement, [*values.values(), geometry.wkt])


def build(address: str) -> None:
    """Fills an empty migrated database with the world."""
    with psycopg.connect(address) as connection:
        world = Builder(connection)
        _land(world)
        _zones(world)
        _networks(world)
        connection.execute(
            "INSERT INTO admin.uat_piece (feature_id, geom) SELECT id, ST_Subdivide(geom, 32) FROM admin.uat"
        )


def _land(world: Builder) -> None:
    world.add(
        "admin.uat",
        rectangle(-2000, -2000, 4000, 4000),
        siruta=ALFA,
        name="Alfa",
        county="Vatra",
        kind="comuna",
    )
    world.add(
        "admin.uat",
        rectangle(2000, -2000, 4000, 4000),
        siruta=BETA,
        name="Beta",
        county="Vatra",
        kind="comuna",
    )
    world.add("cadastre.parcel", MultiPolygon([SQUARE]), siruta=ALFA, cadastral_number="30001")
    world.add("cadastre.parcel", rectangle(100, 0, 20, 100), siruta=ALFA, cadastral_number="30002")
    world.add("cadastre.parcel", rectangle(2020, 0, 40, 40), siruta=BETA, cadastral_number="30003")
    world.add("cadastre.building", rectangle(10, 10, 20, 12), siruta=ALFA, building_code="C1", levels="P+1")
    world.add("roads.road", line((-800, -20), (800, -20)), number="DJ 663", category="DJ", carriageway_m=7.0)
    world.add(
        "roads.road", line((-20, -20), (-20, 300)), number="7", name="Strada Înfrățirii", category="STR"
    )
    world.add("admin.address", Point(at(50, -2)), siruta=ALFA, street="Strada Principală", number="12")


def _zones(world: Builder) -> None:
    for code in ZONE_COLOURS:
        world.add(
            "planning.zone",
            rectangle(*zone_place(code), ZONE_SIDE, ZONE_SIDE),
            siruta=ALFA,
            plan_code="PUG",
            code=code,
        )
    # Round the square: red to the north, green to the east, yellow under it.
    world.add("planning.zone", rectangle(-100, 100, 300, 100), siruta=ALFA, plan_code="PUG", code="CS")
    world.add("planning.zone", rectangle(100, 0, 100, 100), siruta=ALFA, plan_code="PUG", code="V")
    world.add("planning.zone", rectangle(-100, 0, 200, 100), siruta=ALFA, plan_code="PUG", code="Li")
    world.add("admin.built_up_area", rectangle(-1500, -1500, 3300, 3300), siruta=ALFA, locality="Alfa")
    world.add(
        "planning.restriction",
        rectangle(60, 60, 100, 20),
        siruta=ALFA,
        kind="building_ban_permanent",
        title="Teren instabil",
    )
    world.add(
        "heritage.monument",
        Point(at(-60, 60)),
        lmi_code="VT-II-m-B-00001",
        name="Biserica",
        **{"class": "B"},
        valid_to=date(2026, 6, 1),
    )


def _networks(world: Builder) -> None:
    world.version("utilities.line", ALFA)
    world.add(
        "utilities.line",
        line((-800, -30), (800, -30)),
        network="electricity",
        voltage_kv=20.0,
        placement="overhead",
    )
    world.add(
        "utilities.line",
        line((-800, 120), (800, 120)),
        network="water",
        subtype="distribution",
        diameter_mm=110.0,
    )
    world.add("utilities.line", line((-800, 900), (800, 900)), network="gas", pressure="reduced")
