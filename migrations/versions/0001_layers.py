"""Layers, their pieces, versions and coverage"""

from pathlib import Path

from alembic import op

revision = "0001_layers"
down_revision = None

SCHEMAS = (
    "admin",
    "cadastre",
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
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    for schema in SCHEMAS:
        op.execute(f"DROP SCHEMA {schema} CASCADE")
    op.execute("DROP TABLE catalogue.coverage, catalogue.layer_version CASCADE")
