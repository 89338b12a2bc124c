"""Which entries of the ledger decided about a campaign."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("decisions", sa.JSON(), nullable=False, server_default="[]"))
