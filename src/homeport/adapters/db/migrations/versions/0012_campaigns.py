"""Campaigns: announced, dated changes of many projects' modes."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    _for_campaigns()
    _for_the_dashboard()


def _for_campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("terms_url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("lead", sa.Integer(), nullable=False),
        sa.Column("announced_at", sa.String(27), nullable=True),
        sa.Column("resumed_on", sa.Date(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.String(27), nullable=True),
        sa.Column("begun", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name="fk_campaigns_survey_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
    )
    op.create_index(
        "uq_campaigns_open",
        "campaigns",
        ["kind"],
        unique=True,
        sqlite_where=sa.text("state IN ('announced', 'paused')"),
    )
    op.create_table(
        "campaign_projects",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(1), nullable=False),
        sa.Column("stand", sa.String(16), nullable=False),
        sa.Column("external", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.String(27), nullable=True),
        sa.Column("moved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_campaign_projects_campaign_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_campaign_projects_project_id"),
        sa.PrimaryKeyConstraint("campaign_id", "project_id", name="pk_campaign_projects"),
    )
    op.create_index("ix_campaign_projects_campaign_id_due_on", "campaign_projects", ["campaign_id", "due_on"])
    op.create_index("ix_campaign_projects_project_id", "campaign_projects", ["project_id"])
    op.create_table(
        "campaign_notices",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(24), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_campaign_notices_campaign_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_campaign_notices_project_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_campaign_notices_user_id"),
        sa.PrimaryKeyConstraint("campaign_id", "project_id", "user_id", "step", name="pk_campaign_notices"),
    )


def _for_the_dashboard() -> None:
    """What is counted once and kept, and the indexes that answer what is asked of everything."""
    op.create_table(
        "mode_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("projects", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "mode", name="pk_mode_days"),
    )
    op.create_index("ix_projects_mode_normalized", "projects", ["mode", "normalized"])
    op.create_index("ix_projects_created_at", "projects", ["created_at"])
    op.create_index("ix_hosting_log_at", "hosting_log", ["at"])
    op.create_index(
        "ix_exemptions_live_until",
        "exemptions",
        ["until", "project_id"],
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_rehosts_state_id", "rehosts", ["state", "id"])
    op.create_index("ix_hosts_resting_until", "hosts", ["resting_until"])
    op.create_index("ix_hosts_frozen_at", "hosts", ["frozen_at"])
    op.create_index("ix_drift_events_at_host_sign", "drift_events", ["at", "host", "sign"])
