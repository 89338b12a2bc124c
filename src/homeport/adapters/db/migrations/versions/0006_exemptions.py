"""Exemptions are remembered until they end, and the hosting log is kept beside the ledger.

1. The log gets a line for every change of mode that the ledger tells; that is read once, from its beginning.
2. A project that is in ``pypi-ext`` has the exemption that its last move there told of. Nobody was ever reminded of
   its end: one that is over, or nearly so, holds without an end until an administrator decides. So does one that the
   ledger says nothing of.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_EXT = "pypi-ext"
_FIRST_REMINDER, _LAST_REMINDER = timedelta(days=30), timedelta(days=7)


def upgrade() -> None:
    project = sa.ForeignKey("projects.id", name="fk_exemptions_project_id")
    exemptions = op.create_table(
        "exemptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), project, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.String(27), nullable=True),
        sa.Column("ended_by", sa.String(8), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_exemptions"),
    )
    op.create_index("ix_exemptions_due_on", "exemptions", ["due_on"])
    op.create_index("ix_exemptions_project_id_id", "exemptions", ["project_id", "id"])
    op.create_index(
        "uq_exemptions_live",
        "exemptions",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    project = sa.ForeignKey("projects.id", name="fk_hosting_log_project_id")
    hosting_log = op.create_table(
        "hosting_log",
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.Integer(), project, nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("event", sa.String(24), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("mover", sa.String(8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("serial", name="pk_hosting_log"),
    )
    op.create_index("ix_hosting_log_project_id_serial", "hosting_log", ["project_id", "serial"])
    last_moves = _write_log(hosting_log)
    _write_exemptions(exemptions, last_moves)


def _write_log(hosting_log: sa.Table) -> dict[int, dict[str, Any]]:
    """Write a line for every change of mode; the last entry about each project."""
    last_moves: dict[int, dict[str, Any]] = {}
    for entry in _moves():
        details = entry["details"]
        is_given = details["to"] == _EXT
        line = {
            "serial": entry["seq"],
            "project_id": entry["project_id"],
            "at": entry["at"],
            "event": "exemption-given" if is_given else "moved",
            "source": details["from"],
            "target": details["to"],
            "mover": details["by"],
            "reason": details.get("reason") or "",
            "until": _day(details) if is_given else None,
        }
        op.get_bind().execute(sa.insert(hosting_log).values(line))
        last_moves[entry["project_id"]] = entry
    return last_moves


def _moves() -> Iterator[dict[str, Any]]:
    bind = op.get_bind()
    found = bind.execute(sa.text("SELECT normalized, id FROM projects"))
    projects = {row.normalized: row.id for row in found}
    bodies = bind.execute(
        sa.text("SELECT body FROM ledger WHERE instr(body, :kind) > 0 ORDER BY seq"),
        {"kind": b'"kind":"mode-changed"'},
    )
    for (body,) in bodies.all():
        entry = json.loads(body)
        # What was told of another kind may hold these words too.
        if entry["kind"] == "mode-changed" and entry["project"] in projects:
            yield entry | {"project_id": projects[entry["project"]]}


def _day(details: dict[str, Any]) -> date | None:
    return date.fromisoformat(details["until"]) if details.get("until") else None


def _write_exemptions(exemptions: sa.Table, last_moves: dict[int, dict[str, Any]]) -> None:
    bind = op.get_bind()
    today, now = bind.execute(sa.text("SELECT date('now'), strftime('%Y-%m-%dT%H:%M:%S.000000Z')")).one()
    still = bind.execute(sa.text("SELECT id FROM projects WHERE mode = :ext"), {"ext": _EXT}).scalars().all()
    for project_id in still:
        entry = last_moves.get(project_id, {"details": {}, "actor": "", "at": now})
        until = _day(entry["details"])
        if until is not None and until < date.fromisoformat(today) + _LAST_REMINDER:
            until = None
        row = {
            "project_id": project_id,
            "reason": entry["details"].get("reason") or "",
            "until": until,
            "by": entry["actor"],
            "at": entry["at"],
            "due_on": until - _FIRST_REMINDER if until else None,
        }
        bind.execute(sa.insert(exemptions).values(row))
