"""Who changed a campaign last, when and why."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("changed_by", sa.String(64), nullable=False, server_default=""))
    op.add_column("campaigns", sa.Column("changed_at", sa.String(27), nullable=True))
    op.add_column("campaigns", sa.Column("why", sa.Text(), nullable=False, server_default=""))
