"""API tokens, the audit record, and what finding land by its address stands on"""

from pathlib import Path

from alembic import op

revision = "0003_tokens"
down_revision = "0002_registers"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP INDEX admin.ix_address_search")
    op.execute("DROP FUNCTION catalogue.plain(text)")
    op.execute("DROP SCHEMA accounts CASCADE")
