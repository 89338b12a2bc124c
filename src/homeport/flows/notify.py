"""Notices: people are told in the transaction that makes the news true."""

from datetime import datetime

from homeport.domain.project import Project
from homeport.ports.store import Notice, Transaction


def notify_members(
    tx: Transaction,
    project: Project,
    *,
    kind: str,
    subject: str,
    text: str,
    at: datetime,
    path: str = "",
    but_not: str = "",
) -> None:
    """Tell everyone who maintains ``project``, except ``but_not``, who did it and knows."""
    notice = Notice(kind, subject, text, path or f"/project/{project.name.normalized}/", at)
    for member in tx.projects.members(project.id):
        if member.role.maintains and member.user.name != but_not:
            tx.notices.add(member.user.id, notice)
