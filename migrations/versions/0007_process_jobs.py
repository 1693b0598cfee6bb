"""Jobs of processes that are run later"""

from pathlib import Path

from alembic import op

revision = "0007_process_jobs"
down_revision = "0005_map_services"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP SCHEMA jobs CASCADE")
