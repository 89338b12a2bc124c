"""Notices: who wants which by mail, which addresses take no mail, and how they look."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("users", sa.Column("mail_problem", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("mail_problem_at", sa.String(27), nullable=True))
    op.create_index("ix_users_mail_problem_at", "users", ["mail_problem_at"])
    op.create_index("ix_users_administrators", "users", ["name"], sqlite_where=sa.text("is_admin = 1"))
    op.add_column("notices", sa.Column("about", sa.String(160), nullable=True))
    op.create_index("ix_notices_user_id_kind_about", "notices", ["user_id", "kind", "about"], unique=True)
    op.add_column("mails", sa.Column("html", sa.Text(), nullable=True))
    op.add_column("mails", sa.Column("kind", sa.String(32), nullable=True))
    op.add_column("mails", sa.Column("nonce", sa.String(32), nullable=True))
    op.create_table(
        "unmailed_topics",
        sa.Column(
            "user_id",
            sa.Integer(),
            sa.ForeignKey("users.id", name="fk_unmailed_topics_user_id"),
            nullable=False,
        ),
        sa.Column("topic", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "topic", name="pk_unmailed_topics"),
    )
