"""Webhooks and receivers: secrets that are renewed, what administrators stopped, and whether an inner address answered."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    for table in ("webhooks", "receivers"):
        op.add_column(table, sa.Column("old_sealed_secret", sa.LargeBinary(), nullable=True))
        op.add_column(table, sa.Column("both_until", sa.String(27), nullable=True))
        op.add_column(table, sa.Column("stopped_at", sa.String(27), nullable=True))
        op.add_column(table, sa.Column("stopped_by", sa.String(64), nullable=True))
        op.add_column(table, sa.Column("stopped_why", sa.Text(), nullable=True))
        op.create_index(
            f"ix_{table}_both_until", table, ["both_until"], sqlite_where=sa.text("both_until IS NOT NULL")
        )
    op.add_column(
        "webhook_deliveries", sa.Column("is_inner", sa.Boolean(), nullable=False, server_default=sa.true())
    )
