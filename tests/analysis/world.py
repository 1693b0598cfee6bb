"""Small worlds for tests of the check: features put straight into the tables, within the test's transaction."""

from __future__ import annotations

from datetime import date
from typing import Any

import shapely
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from analysis.rulebook import Rule, Rulebook
from layers.catalogue import catalogue
from layers.database import Connection
from layers.measures import measured_multiline

# A place in Gorj county: all small worlds lie around it.
X0, Y0 = 360_000.0, 390_000.0
SIRUTA = 79308
NEIGHBOUR = 79317
FIRST_DAY = date(2026, 1, 1)
TODAY = date(2026, 11, 24)


def box(x: float, y: float, width: float, height: float) -> BaseGeometry:
    """A rectangle with its south-west corner at (x, y) from the world's origin, metres."""
    return shapely.box(X0 + x, Y0 + y, X0 + x + width, Y0 + y + height)


def polyline(*points: tuple[float, float]) -> BaseGeometry:
    """A line through points given from the world's origin, metres."""
    return shapely.LineString([(X0 + x, Y0 + y) for x, y in points])


def point(x: float, y: float) -> BaseGeometry:
    """A point from the world's origin, metres."""
    return shapely.Point(X0 + x, Y0 + y)


def measured(*points: tuple[float, float, float]) -> BaseGeometry:
    """A road axis through (x, y, m), x and y from the world's origin, all metres."""
    return measured_multiline(
        [shapely.get_coordinates(shapely.points([(X0 + x, Y0 + y, m) for x, y, m in points]), include_z=True)]
    )


class World:
    """Publishes versions and features; every layer named is covered for the world's UATs."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.versions: dict[str, int] = {}

    def version(
        self,
        layer: str,
        *,
        accuracy: float = 0.0,
        valid_from: date = FIRST_DAY,
        sirutas: tuple[int, ...] = (SIRUTA,),
        coverage_to: str = "infinity",
    ) -> int:
        """A new version of the layer, in force from that day and covering those UATs; its id."""
        row = self.connection.execute(
            "INSERT INTO catalogue.layer_version (layer, number, valid_from, accuracy_m, source)"
            " SELECT %s, COALESCE(max(number), 0) + 1, %s, %s, 'test'"
            " FROM catalogue.layer_version WHERE layer = %s RETURNING id",
            [layer, valid_from, accuracy, layer],
        ).fetchone()
        assert row
        self.versions[layer] = row[0]
        for siruta in sirutas:
            self.connection.execute(
                "INSERT INTO catalogue.coverage (layer, siruta, valid_from, valid_to, version_id)"
                " VALUES (%s, %s, %s, %s, %s)",
                [layer, siruta, valid_from, coverage_to, row[0]],
            )
        return int(row[0])

    def close(self, layer: str, day: date) -> None:
        """End everything of the layer that is in force, as publishing a new version does."""
        schema, table = layer.split(".")
        for name in (sql.Identifier(schema, table), sql.Identifier("catalogue", "layer_version")):
            self.connection.execute(
                sql.SQL("UPDATE {} SET valid_to = %s WHERE valid_to = 'infinity'").format(name)
                + (
                    sql.SQL(" AND layer = {}").format(layer)
                    if name.as_string(None).startswith('"cat')
                    else sql.SQL("")
                ),
                [day],
            )
        self.connection.execute(
            "UPDATE catalogue.coverage SET valid_to = %s WHERE layer = %s AND valid_to = 'infinity'",
            [day, layer],
        )

    def add(
        self, layer: str, shape: BaseGeometry | None = None, *, valid_from: date = FIRST_DAY, **values: Any
    ) -> int:
        """A feature of the layer's latest version (made when there is none), with its pieces; its id."""
        version = self.versions.get(layer) or self.version(layer)
        definition = catalogue()[layer]
        row: dict[str, Any] = {"version_id": version, "valid_from": valid_from, **values}
        holders: list[sql.Composable] = [sql.Placeholder(name) for name in row]
        names = list(row)
        if definition.geometry:
            names.append("geom")
            wrap = "ST_Multi({})" if definition.geometry.startswith("Multi") else "{}"
            holders.append(sql.SQL(wrap).format(sql.SQL("ST_GeomFromWKB(%(geom)s, 3844)")))
            row["geom"] = shapely.to_wkb(shape, include_srid=False, flavor="iso")
        inserted = self.connection.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
                sql.Identifier(*layer.split(".")),
                sql.SQL(", ").join(map(sql.Identifier, names)),
                sql.SQL(", ").join(holders),
            ),
            row,
        ).fetchone()
        assert inserted
        if definition.pieces:
            self._cut(layer, int(inserted[0]))
        return int(inserted[0])

    def _cut(self, layer: str, feature: int) -> None:
        schema, table = layer.split(".")
        self.connection.execute(
            sql.SQL(
                "INSERT INTO {} (feature_id, geom) SELECT id, ST_Subdivide(ST_Force2D(geom), 32) FROM {} WHERE id = %s"
            ).format(sql.Identifier(schema, f"{table}_piece"), sql.Identifier(schema, table)),
            [feature],
        )

    def uat(self, shape: BaseGeometry | None = None, siruta: int = SIRUTA, **values: Any) -> int:
        """A UAT; by default a commune of 10 km by 10 km around the origin, with an urbanism structure."""
        row = {
            "name": f"UAT {siruta}",
            "kind": "comuna",
            "county": "Gorj",
            "has_urbanism_structure": True,
            **values,
        }
        if "admin.uat" not in self.versions:
            self.version("admin.uat", sirutas=(SIRUTA, NEIGHBOUR))
        return self.add("admin.uat", shape or box(-5000, -5000, 10_000, 10_000), siruta=siruta, **row)

    def parcel(self, number: str, shape: BaseGeometry, siruta: int = SIRUTA, **values: Any) -> int:
        """A parcel; its registered area is its drawn one unless given."""
        legal = {"area_legal_m2": shape.area, **values}
        return self.add("cadastre.parcel", shape, siruta=siruta, cadastral_number=number, **legal)


def rule(identifier: str = "test.rule", **content: Any) -> Rule:
    """A rule in force since 2000 with the edition's keys among the rule's own."""
    edition = {
        "valid_from": date(2000, 1, 1),
        "status": "confirmed",
        "legal_basis": [{"act": "Legea 169/2026"}],
        "text": "{distance_m:m}",
    }
    for key in ("distance_m", "cases", "text", "texts", "parameters", "valid_from", "valid_to", "absent"):
        if key in content:
            edition[key] = content.pop(key)
    basis = {
        "title": {"ro": "r", "en": "r"},
        "effect": "restriction",
        "section": "legal",
        "editions": [edition],
    }
    return Rule.model_validate({"id": identifier, **basis, **content})


def rules(*listed: Rule) -> Rulebook:
    """A rulebook of just these rules."""
    return Rulebook(rules={one.id: one for one in listed})
