"""Indexes for what the check looks up: articles of a zone, the widest road and water"""

from alembic import op

revision = "0004_lookups"
down_revision = "0003_tokens"

INDEXES = (
    ("ix_regulation_plan_code_zone_code", "regulation", "planning", ["plan_code", "zone_code"]),
    ("ix_water_width_m", "water", "environment", ["width_m"]),
    ("ix_road_bed_m", "road", "roads", ["bed_m"]),
    ("ix_road_carriageway_m", "road", "roads", ["carriageway_m"]),
)


def upgrade() -> None:
    for name, table, schema, columns in INDEXES:
        op.create_index(name, table, columns, schema=schema)


def downgrade() -> None:
    for name, table, schema, _ in INDEXES:
        op.drop_index(name, table, schema=schema)
