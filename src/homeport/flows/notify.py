"""Notices: people are told in the transaction that makes the news true."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from homeport.domain.account import User
from homeport.domain.mail import Letter
from homeport.domain.project import Project
from homeport.ports.store import Notice, Transaction

INVITED_TO_PROJECT, INVITED_TO_ORGANISATION = "invited", "organisation-invitation"
# So many invitations go to one person by mail in this time: whoever has an account may invite anybody (T-32).
MOST_INVITATIONS = 10
INVITATIONS_WITHIN = timedelta(hours=1)


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
    members = tx.projects.members(project.id)
    tell(tx, (member.user for member in members if member.role.maintains), notice, but_not=but_not)


def tell_invited(tx: Transaction, user: User, notice: Notice) -> None:
    """Tell ``user`` of an invitation; when there were many lately, in the inbox only."""
    since = notice.at - INVITATIONS_WITHIN
    kinds = (INVITED_TO_PROJECT, INVITED_TO_ORGANISATION)
    lately = sum(tx.notices.count(user.id, kind, since) for kind in kinds)
    tell(tx, [user], notice, by_mail=lately < MOST_INVITATIONS)


def tell(
    tx: Transaction, people: Iterable[User], notice: Notice, *, but_not: str = "", by_mail: bool = True
) -> None:
    """Tell each of ``people`` once, except ``but_not``, who did it and knows; by mail, too, where mail reaches them."""
    for user in {user.id: user for user in people if user.name != but_not}.values():
        tx.notices.add(user.id, notice)
        if by_mail and user.is_verified and not user.is_disabled:
            letter = Letter(user.email, notice.subject, notice.text, notice.path, user_id=user.id)
            tx.mails.add(letter, notice.at)
