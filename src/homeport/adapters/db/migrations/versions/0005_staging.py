"""Staging: releases that are put together before any of their files is public."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "stages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("normalized", sa.String(128), nullable=False),
        sa.Column("version", sa.String(128), nullable=False),
        sa.Column(
            "user_id", sa.Integer(), sa.ForeignKey("users.id", name="fk_stages_user_id"), nullable=False
        ),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("expires_at", sa.String(27), nullable=False),
        sa.Column("changed_at", sa.String(27), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column(
            "publisher_id",
            sa.Integer(),
            sa.ForeignKey("users.id", name="fk_stages_publisher_id"),
            nullable=True,
        ),
        sa.Column("publisher_token_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_stages"),
        sa.UniqueConstraint("key", name="uq_stages_key"),
        sa.UniqueConstraint("secret", name="uq_stages_secret"),
    )
    op.create_index("ix_stages_normalized_state", "stages", ["normalized", "state"])
    op.create_index("ix_stages_state_expires_at", "stages", ["state", "expires_at"])
    op.create_table(
        "staged_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "stage_id",
            sa.Integer(),
            sa.ForeignKey("stages.id", name="fk_staged_files_stage_id"),
            nullable=False,
        ),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("changed_at", sa.String(27), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("blake2b_256", sa.String(64), nullable=True),
        sa.Column("md5", sa.String(32), nullable=True),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("attestations", sa.Text(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=True),
        sa.Column("metadata_file", sa.LargeBinary(), nullable=True),
        sa.Column("description_html", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_staged_files"),
    )
    for column in ("stage_id", "state", "sha256"):
        op.create_index(f"ix_staged_files_{column}", "staged_files", [column])
    # Before bytes go, whatever may name them is asked for them.
    op.create_index("ix_removed_files_sha256", "removed_files", ["sha256"])
    op.create_index("ix_rehost_items_sha256", "rehost_items", ["sha256"])
