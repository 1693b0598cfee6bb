"""Registers of issued documents and their numbers"""

from pathlib import Path

from alembic import op

revision = "0002_registers"
down_revision = "0001_layers"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE cases.issued_document, cases.register_counter")
    # Other migrations may keep tables of their own in the schema; it goes with the last of them.
    op.execute(
        "DO $$ BEGIN DROP SCHEMA cases; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$"
    )
