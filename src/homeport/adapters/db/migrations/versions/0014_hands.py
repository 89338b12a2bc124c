"""Since when an account is in the hands that it is in, whom no mail reaches, and what became of invitations."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("users", sa.Column("handed_at", sa.String(27), nullable=True))
    op.create_index(
        "ix_users_unreachable",
        "users",
        ["id"],
        sqlite_where=sa.text(
            "email_verified_at IS NULL OR disabled_at IS NOT NULL OR mail_problem IS NOT NULL"
        ),
    )
    op.create_table(
        "ended_invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        _reference("project_id", "projects"),
        _reference("user_id", "users"),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("invited_by", sa.String(64), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ended_invitations"),
    )


def _reference(column: str, to: str) -> "sa.Column[int]":
    key = sa.ForeignKey(f"{to}.id", name=f"fk_ended_invitations_{column}")
    return sa.Column(column, sa.Integer(), key, nullable=False)
