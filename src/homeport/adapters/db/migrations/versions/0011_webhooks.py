"""Webhooks: those that are told of what happens here, and those by which forges tell of releases."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _webhooks()
    _receivers()


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(8), nullable=False),
        sa.Column(
            "project_id",
            sa.Integer(),
            sa.ForeignKey("projects.id", name="fk_webhooks_project_id"),
            nullable=True,
        ),
        sa.Column(
            "user_id", sa.Integer(), sa.ForeignKey("users.id", name="fk_webhooks_user_id"), nullable=True
        ),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.String(27), nullable=True),
        sa.Column("rests_until", sa.String(27), nullable=True),
        sa.Column("disabled_at", sa.String(27), nullable=True),
        sa.Column("disabled_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    for column in ("feed", "project_id", "user_id"):
        op.create_index(f"ix_webhooks_{column}", "webhooks", [column])
    hook = sa.ForeignKey("webhooks.id", name="fk_webhook_deliveries_webhook_id")
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), hook, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("due_at", sa.String(27), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_tried_at", sa.String(27), nullable=True),
        sa.Column("tried_at", sa.String(27), nullable=True),
        sa.Column("taken_at", sa.String(27), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
    )
    op.create_index("ix_webhook_deliveries_at", "webhook_deliveries", ["at"])
    op.create_index("ix_webhook_deliveries_webhook_id_id", "webhook_deliveries", ["webhook_id", "id"])
    op.create_index("ix_webhook_deliveries_webhook_id_due_at", "webhook_deliveries", ["webhook_id", "due_at"])
    op.create_index(
        "uq_webhook_deliveries_serial",
        "webhook_deliveries",
        ["webhook_id", "serial"],
        unique=True,
        sqlite_where=sa.text("serial > 0"),
    )


def _receivers() -> None:
    project = sa.ForeignKey("projects.id", name="fk_receivers_project_id")
    op.create_table(
        "receivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("project_id", sa.Integer(), project, nullable=False),
        sa.Column("forge", sa.String(8), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_receivers"),
        sa.UniqueConstraint("key", name="uq_receivers_key"),
    )
    op.create_index("ix_receivers_project_id", "receivers", ["project_id"])
    receiver = sa.ForeignKey("receivers.id", name="fk_receptions_receiver_id")
    op.create_table(
        "receptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receiver_id", sa.Integer(), receiver, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("rehost_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_receptions"),
    )
    op.create_index("ix_receptions_at", "receptions", ["at"])
    op.create_index("ix_receptions_receiver_id_id", "receptions", ["receiver_id", "id"])
    receiver = sa.ForeignKey("receivers.id", name="fk_reception_marks_receiver_id")
    op.create_table(
        "reception_marks",
        sa.Column("receiver_id", sa.Integer(), receiver, nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("receiver_id", "mark", name="pk_reception_marks"),
    )
    op.create_index("ix_reception_marks_at", "reception_marks", ["at"])
