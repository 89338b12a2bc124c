"""Campaigns, the projects in them, and who was told what."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, text
from sqlalchemy.types import JSON

from homeport.adapters.db.schema import Utc, metadata, project_key

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("title", String(120), nullable=False),
    Column("reason", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("notices", JSON, nullable=False),
    Column("terms_url", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    Column("lead", Integer, nullable=False),
    Column("announced_at", Utc),
    Column("resumed_on", Date),
    Column("round", Integer, nullable=False),
    Column("survey_id", ForeignKey("surveys.id")),
    Column("ended_at", Utc),
    # Steps by their names, decisions by their serials in the ledger.
    Column("begun", JSON, nullable=False),
    Column("decisions", JSON, nullable=False),
    # ``Campaign.why``: a cancelled one is told of long after the decision.
    Column("changed_by", String(64), nullable=False),
    Column("changed_at", Utc),
    Column("why", Text, nullable=False),
    Index("uq_campaigns_open", "kind", unique=True, sqlite_where=text("state IN ('announced', 'paused')")),
)
campaign_projects = Table(
    "campaign_projects",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    project_key(is_primary=True),
    Column("group", String(1), nullable=False),
    Column("stand", String(16), nullable=False),
    Column("external", Integer, nullable=False),
    Column("told", JSON, nullable=False),
    # ``Entrant.due_on``: what the clock asks for is one look-up, and mostly finds nothing.
    Column("due_on", Date),
    Column("why", Text, nullable=False),
    Column("changed_at", Utc),
    Column("moved_by", Integer),
    Index(None, "campaign_id", "due_on"),
    Index(None, "project_id"),
)
# One row for each person, project and step: nobody is told twice, however often the clock looks.
campaign_notices = Table(
    "campaign_notices",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    project_key(is_primary=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("step", String(24), primary_key=True),
    Column("at", Utc, nullable=False),
    Column("by_mail", Boolean, nullable=False),
    Column("problem", Text, nullable=False),
)
