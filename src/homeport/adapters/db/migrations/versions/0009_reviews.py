"""Drafts of decisions about a plan, tries of items, and what is said with a consent."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


_STANDING = ("standing-consent-given", "standing-consent-narrowed", "consent-voided")


def upgrade() -> None:
    _upgrade_standing_consents()
    _add_drafts()
    _upgrade_consents()
    _upgrade_plans()


def _add_drafts() -> None:
    project = sa.ForeignKey("projects.id", name="fk_plan_drafts_project_id")
    op.create_table(
        "plan_drafts",
        sa.Column("project_id", sa.Integer(), project, nullable=False),
        sa.Column("version", sa.String(128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.String(64), nullable=False),
        sa.Column("saved_at", sa.String(27), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "version", name="pk_plan_drafts"),
    )


def _upgrade_standing_consents() -> None:
    """Every path is covered by what was consented to before there were paths; what the ledger tells of it is kept beside it."""
    op.add_column("standing_consents", sa.Column("paths", sa.JSON(), nullable=False, server_default='["/*"]'))
    op.add_column("standing_consents", sa.Column("reminded", sa.Integer(), nullable=True))
    op.add_column("standing_consents", sa.Column("withdrawn_at", sa.String(27), nullable=True))
    op.add_column("standing_consents", sa.Column("due_on", sa.Date(), nullable=True))
    op.create_index("ix_standing_consents_due_on", "standing_consents", ["due_on"])
    op.get_bind().execute(
        sa.text("UPDATE standing_consents SET due_on = date(substr(expires_at, 1, 10), '-30 days')")
    )
    project = sa.ForeignKey("projects.id", name="fk_standing_lines_project_id")
    lines = op.create_table(
        "standing_lines",
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.Integer(), project, nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.Column("paths", sa.JSON(), nullable=False),
        sa.Column("patterns", sa.JSON(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_standing_lines"),
    )
    op.create_index("ix_standing_lines_project_id_serial", "standing_lines", ["project_id", "serial"])
    for line in _standing_lines():
        op.get_bind().execute(sa.insert(lines).values(line))


def _standing_lines() -> Iterator[dict[str, Any]]:
    """Every change of a standing consent that the ledger tells of; a voided one keeps the patterns and the end it had."""
    bind = op.get_bind()
    projects = {
        row.normalized: row.id for row in bind.execute(sa.text("SELECT normalized, id FROM projects"))
    }
    bodies = bind.execute(
        sa.text(
            "SELECT body FROM ledger WHERE instr(body, :one) > 0 OR instr(body, :other) > 0 ORDER BY seq"
        ),
        {"one": b'"kind":"standing-consent-', "other": b'"kind":"consent-voided"'},
    )
    known: dict[str, dict[str, Any]] = {}
    for (body,) in bodies.all():
        entry = json.loads(body)
        # What was told of another kind may hold these words too.
        if entry["kind"] not in _STANDING or entry["project"] not in projects:
            continue
        told = known.setdefault(entry["project"], {"patterns": ["*"], "until": entry["at"][:10]})
        told |= entry["details"]
        yield {
            "serial": entry["seq"],
            "project_id": projects[entry["project"]],
            "at": entry["at"],
            "kind": entry["kind"],
            "by": entry["actor"],
            "hosts": told["hosts"],
            "paths": ["/*"],
            "patterns": told["patterns"],
            "until": date.fromisoformat(told["until"]),
            "reason": entry["details"].get("reason") or "",
        }


def _upgrade_consents() -> None:
    """Each consent knows its entry in the ledger, and so does its withdrawal; files can be asked to be removed."""
    op.add_column("consents", sa.Column("evidence", sa.Text(), nullable=False, server_default=""))
    op.add_column("consents", sa.Column("serial", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("consents", sa.Column("withdrawn_by", sa.String(64), nullable=False, server_default=""))
    op.add_column(
        "consents", sa.Column("withdrawn_hosted", sa.String(16), nullable=False, server_default="keep")
    )
    op.add_column("consents", sa.Column("withdrawn_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("consents", sa.Column("withdrawn_serial", sa.Integer(), nullable=False, server_default="0"))
    _find_entries()
    project = sa.ForeignKey("projects.id", name="fk_removal_requests_project_id")
    rehost = sa.ForeignKey("rehosts.id", name="fk_removal_requests_rehost_id")
    op.create_table(
        "removal_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), project, nullable=False),
        sa.Column("rehost_id", sa.Integer(), rehost, nullable=False),
        sa.Column("filenames", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.String(27), nullable=False),
        sa.Column("answer", sa.String(16), nullable=True),
        sa.Column("answered_by", sa.String(64), nullable=False),
        sa.Column("answered_at", sa.String(27), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_removal_requests"),
    )
    op.create_index("ix_removal_requests_answer", "removal_requests", ["answer"])


def _find_entries() -> None:
    bind = op.get_bind()
    bodies = bind.execute(
        sa.text(
            "SELECT body FROM ledger WHERE instr(body, :given) > 0 OR instr(body, :back) > 0 ORDER BY seq"
        ),
        {"given": b'"kind":"consent-given"', "back": b'"kind":"consent-withdrawn"'},
    )
    for (body,) in bodies.all():
        entry = json.loads(body)
        details = entry["details"]
        if entry["kind"] == "consent-given":
            # Consents and their entries were written together: by rehost and time there is one.
            bind.execute(
                sa.text("UPDATE consents SET serial = :seq WHERE rehost_id = :rehost AND given_at = :at"),
                {"seq": entry["seq"], "rehost": details["rehost"], "at": entry["at"]},
            )
        elif entry["kind"] == "consent-withdrawn":
            bind.execute(
                sa.text(
                    "UPDATE consents SET withdrawn_by = :by, withdrawn_serial = :seq "
                    "WHERE rehost_id = :rehost AND withdrawn_at = :at"
                ),
                {"by": entry["actor"], "seq": entry["seq"], "rehost": details["rehost"], "at": entry["at"]},
            )


def _upgrade_plans() -> None:
    """A plan that waits is looked at 14 days before its end; what was accepted and did not come is tried again at once."""
    op.add_column("rehosts", sa.Column("warned", sa.Integer(), nullable=True))
    op.add_column("rehosts", sa.Column("due_at", sa.String(27), nullable=True))
    op.create_index("ix_rehosts_due_at", "rehosts", ["due_at"])
    op.create_index("ix_consent_uses_item_id", "consent_uses", ["item_id"])
    op.add_column("rehost_items", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("rehost_items", sa.Column("next_try_at", sa.String(27), nullable=True))
    bind = op.get_bind()
    bind.execute(
        sa.text(
            "UPDATE rehosts SET due_at = strftime('%Y-%m-%dT%H:%M:%S.000000Z', substr(changed_at, 1, 19), '+76 days') "
            "WHERE state = 'planned'"
        )
    )
    bind.execute(
        sa.text(
            "UPDATE rehost_items SET next_try_at = strftime('%Y-%m-%dT%H:%M:%S.000000Z') "
            "WHERE decision = 'accept' AND bytes = 'unreachable' AND NOT is_published"
        )
    )
