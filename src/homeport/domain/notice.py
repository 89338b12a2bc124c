"""Kinds of notices: what each one is about, and whether a person may do without its mail.

1. Every notice lies in the inbox of whoever is told. Mail is for those who want it, topic by topic.
2. What changes what a person signed, or what becomes of their project without them, is always told by mail, too: their
   account, consents, exemptions, campaigns.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from homeport.domain.errors import Invalid

LONGEST_KIND = 32
_KIND = re.compile(r"[a-z]+(?:-[a-z]+)*")


class Topic(StrEnum):
    """What a notice is about, as far as people choose by it."""

    SECURITY = "security"
    CONSENTS = "consents"
    EXEMPTIONS = "exemptions"
    CAMPAIGNS = "campaigns"
    HOSTING = "hosting"
    PLANS = "plans"
    FILES = "files"
    DRIFT = "drift"
    PEOPLE = "people"
    INDEX = "index"

    @classmethod
    def parse(cls, text: str) -> "Topic":
        """The topic of that name, or ``Invalid``."""
        try:
            return cls(text)
        except ValueError:
            raise Invalid(
                f"{text[:40]!r} is no topic of notices: use {', '.join(cls)}.", code="topic-unknown"
            ) from None

    @property
    def must_be_mailed(self) -> bool:
        """True for what nobody may switch off (rule 2)."""
        return self in _MUST_BE_MAILED


_MUST_BE_MAILED = frozenset({Topic.SECURITY, Topic.CONSENTS, Topic.EXEMPTIONS, Topic.CAMPAIGNS})


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of notice: its name, its topic, who gets it (``to``) and ``when``."""

    name: str
    topic: Topic
    to: str
    when: str

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.name) or len(self.name) > LONGEST_KIND:
            raise Invalid(f"{self.name[:80]!r} is no name of a kind of notice.", code="notice-kind-invalid")
