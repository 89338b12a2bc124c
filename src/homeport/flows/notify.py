"""Notices: people are told in the transaction that makes the news true.

1. A notice is written by the templates of its kind, from the facts, before anything is stored: a template that fails
   undoes what it would have told.
2. Everybody who is told has it in the inbox. Mail goes to verified addresses that take it, about topics that a person
   did not switch off and about those that nobody can.
3. Who was told of a thing is not told again (``Notice.about``), neither there nor by mail.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from homeport.domain.account import User
from homeport.domain.mail import Letter
from homeport.domain.notice import Topic
from homeport.domain.project import Project
from homeport.flows.notice_folders import notice_folders
from homeport.ports.notices import Notice
from homeport.ports.store import Transaction

INVITED_TO_PROJECT, INVITED_TO_ORGANISATION = "invited", "organisation-invitation"
# So many invitations go to one person by mail in this time: whoever has an account may invite anybody (T-32).
MOST_INVITATIONS = 10
INVITATIONS_WITHIN = timedelta(hours=1)


def write_notice(
    kind: str, facts: Mapping[str, object], *, path: str, at: datetime, about: str = ""
) -> Notice:
    """The notice of that kind (a folder of ``homeport/notices``) about those facts."""
    written = notice_folders().templates.write(kind, facts)
    return Notice(kind, written.subject, written.text, path, at, html=written.page, about=about)


def tell_members(tx: Transaction, project: Project, notice: Notice, *, but_not: str = "") -> None:
    """Tell everyone who maintains ``project``, except ``but_not``, who did it and knows."""
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
        if tx.notices.add(user.id, notice) and by_mail and _takes_mail(tx, user, notice):
            tx.mails.add(letter_of(notice, user), notice.at)


def page_of(project: Project) -> str:
    """Where everybody sees the project."""
    return f"/project/{project.name.normalized}/"


def letter_of(notice: Notice, user: User) -> Letter:
    """``notice`` as a mail to ``user``."""
    return Letter(
        user.email,
        notice.subject,
        notice.text,
        notice.path,
        user_id=user.id,
        html=notice.html,
        kind=notice.kind,
    )


def topic_of(kind: str) -> Topic | None:
    """What notices of that kind are about; ``None`` for a kind without a folder."""
    there = notice_folders().kinds.get(kind)
    return there.topic if there else None


def _takes_mail(tx: Transaction, user: User, notice: Notice) -> bool:
    if not tx.mails.are_sent or not user.is_verified or user.is_disabled or user.mail_problem:
        return False
    topic = topic_of(notice.kind)
    return topic is None or topic.must_be_mailed or topic not in tx.notices.unmailed(user.id)
