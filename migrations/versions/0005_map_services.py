"""Geometries for vector tiles, layers derived from others, and the role that map services read as"""

from pathlib import Path

from alembic import op

revision = "0005_map_services"
down_revision = "0004_lookups"

POINT, POLYGON, ANY = "POINT", "MULTIPOLYGON", "GEOMETRY"
LINE, MEASURED = "MULTILINESTRING", "MULTILINESTRING M"
TABLES = {
    "admin.address": POINT,
    "admin.built_up_area": POLYGON,
    "admin.uat": POLYGON,
    "cadastre.building": POLYGON,
    "cadastre.parcel": POLYGON,
    "environment.coast_line": LINE,
    "environment.flood_zone": POLYGON,
    "environment.forest": POLYGON,
    "environment.mountain_zone": POLYGON,
    "environment.protected_site": POLYGON,
    "environment.sanitary_source": ANY,
    "environment.water": ANY,
    "heritage.archaeology": POLYGON,
    "heritage.monument": ANY,
    "heritage.protected_area": POLYGON,
    "heritage.protection_zone": POLYGON,
    "imagery.orthophoto": POLYGON,
    "planning.plan": POLYGON,
    "planning.restriction": POLYGON,
    "planning.scan": POLYGON,
    "planning.zone": POLYGON,
    "roads.access": POINT,
    "roads.junction": POINT,
    "roads.road": MEASURED,
    "roads.structure": POINT,
    "terrain.dem": POLYGON,
    "transport.railway": LINE,
    "utilities.line": LINE,
    "utilities.node": ANY,
}
READABLE = (
    "admin",
    "cadastre",
    "catalogue",
    "derived",
    "environment",
    "heritage",
    "imagery",
    "planning",
    "roads",
    "terrain",
    "transport",
    "utilities",
)


def upgrade() -> None:
    for name, kind in TABLES.items():
        source = "ST_Force2D(geom)" if kind == MEASURED else "geom"
        flat = LINE if kind == MEASURED else kind
        table = name.split(".")[1]
        op.execute(
            f"ALTER TABLE {name} ADD COLUMN geom_3857 geometry({flat}, 3857)"
            f" GENERATED ALWAYS AS (ST_Transform({source}, 3857)) STORED"
        )
        op.execute(f"CREATE INDEX ix_{table}_geom_3857 ON {name} USING gist (geom_3857)")
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    for schema in READABLE:
        op.execute(f"GRANT USAGE ON SCHEMA {schema} TO vatra_map")
        op.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO vatra_map")
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO vatra_map")


def downgrade() -> None:
    for schema in READABLE:
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE SELECT ON TABLES FROM vatra_map")
        op.execute(f"REVOKE SELECT ON ALL TABLES IN SCHEMA {schema} FROM vatra_map")
        op.execute(f"REVOKE USAGE ON SCHEMA {schema} FROM vatra_map")
    op.execute("DROP SCHEMA derived CASCADE")
    for name in TABLES:
        schema, table = name.split(".")
        op.drop_index(f"ix_{table}_geom_3857", table_name=table, schema=schema)
        op.drop_column(table, "geom_3857", schema=schema)
