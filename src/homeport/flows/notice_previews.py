"""Previews: how the mail of every kind of notice reads, from the facts of its example."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeport.domain.account import Caller
from homeport.domain.errors import NotFound
from homeport.domain.mail import Letter, Mail, message_of
from homeport.domain.notice import NoticeKind
from homeport.domain.rights import require_admin
from homeport.flows.notice_folders import notice_folders
from homeport.formats.notice_text import Framed
from homeport.ports.world import World

_EXAMPLE_PATH = "/manage/"


@dataclass(frozen=True, slots=True)
class Preview:
    """One kind, and its mail: ``text`` and ``page`` as they leave."""

    kind: NoticeKind
    subject: str
    text: str
    page: str


def list_kinds(caller: Caller) -> Sequence[NoticeKind]:
    """Every kind of notice, by topic."""
    require_admin(caller)
    return sorted(notice_folders().kinds.values(), key=lambda kind: (kind.topic, kind.name))


def preview(world: World, caller: Caller, name: str) -> Preview:
    """The mail of that kind, as an administrator would get it."""
    require_admin(caller)
    folders, now = notice_folders(), world.clock.now()
    kind = folders.kinds.get(name)
    if kind is None:
        raise NotFound(f"There is no kind of notice {name[:80]!r}.", code="notice-kind-unknown")
    written = folders.templates.write(name, folders.examples[name])
    letter = Letter(caller.user.email, written.subject, written.text, _EXAMPLE_PATH)
    message = message_of(Mail(0, letter, now, due_at=None), world.base_url, "", now)
    framed = Framed(written.subject, written.page, f"{world.base_url}{_EXAMPLE_PATH}", world.base_url)
    return Preview(kind, message.subject, message.text, folders.templates.frame(framed))
