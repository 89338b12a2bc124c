"""Reviews of plans: what was decided before anybody agreed."""

from sqlalchemy import Column, Integer, String, Table
from sqlalchemy.types import JSON

from homeport.adapters.db.schema import Utc, metadata, project_key

plan_drafts = Table(
    "plan_drafts",
    metadata,
    project_key(is_primary=True),
    # Of the plan: empty when it is one of all versions.
    Column("version", String(128), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("saved_by", String(64), nullable=False),
    Column("saved_at", Utc, nullable=False),
    # By the mark of an item: its file name, and its sha256 or address.
    Column("entries", JSON, nullable=False),
)
