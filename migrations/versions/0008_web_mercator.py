"""The shapes in Web Mercator become a plain column, which an import fills faster than the database can"""

from pathlib import Path

from alembic import op

revision = "0008_web_mercator"
down_revision = "0007_process_jobs"

TABLES = (
    "SELECT f_table_schema || '.' || f_table_name, type FROM geometry_columns WHERE f_geometry_column = 'geom_3857'"
    " ORDER BY 1"
)
MEASURED = (
    "SELECT f_table_schema || '.' || f_table_name FROM geometry_columns WHERE type = 'MULTILINESTRINGM'"
)


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    for name, _ in op.get_bind().exec_driver_sql(TABLES).fetchall():
        op.execute(
            f"ALTER TABLE {name} ALTER COLUMN geom_3857 DROP EXPRESSION, ALTER COLUMN geom_3857 SET NOT NULL"
        )
        op.execute(
            f"CREATE TRIGGER fill_geom_3857 BEFORE INSERT ON {name} FOR EACH ROW"
            " WHEN (NEW.geom_3857 IS NULL) EXECUTE FUNCTION catalogue.fill_geom_3857()"
        )
        op.execute(
            f"CREATE TRIGGER renew_geom_3857 BEFORE UPDATE OF geom, geom_3857 ON {name} FOR EACH ROW"
            " EXECUTE FUNCTION catalogue.fill_geom_3857()"
        )


def downgrade() -> None:
    measured = {name for (name,) in op.get_bind().exec_driver_sql(MEASURED)}
    for name, kind in op.get_bind().exec_driver_sql(TABLES).fetchall():
        source = "ST_Force2D(geom)" if name in measured else "geom"
        table = name.split(".")[1]
        op.execute(f"DROP TRIGGER fill_geom_3857 ON {name}")
        op.execute(f"DROP TRIGGER renew_geom_3857 ON {name}")
        op.execute(f"ALTER TABLE {name} DROP COLUMN geom_3857")
        op.execute(
            f"ALTER TABLE {name} ADD COLUMN geom_3857 geometry({kind}, 3857)"
            f" GENERATED ALWAYS AS (ST_Transform({source}, 3857)) STORED"
        )
        op.execute(f"CREATE INDEX ix_{table}_geom_3857 ON {name} USING gist (geom_3857)")
    op.execute("DROP FUNCTION catalogue.fill_geom_3857")
