"""Accounts and API tokens: who somebody is, and what a token may do for them.

1. A token never gives its holder more than the user has; scopes and projects only narrow (I-15).
2. Only a token's SHA-256 is stored. The text carries a checksum, so that scanners and typing errors are
   recognised without asking the database.
"""

import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from homeport.domain.common_passwords import COMMON_PASSWORDS
from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid

TOKEN_USER = "__token__"  # noqa: S105 - the field's own word for "the password is a token"
TOKEN_PREFIX = "hp_"  # noqa: S105 - public, so that secret scanners know our tokens
TOKEN_RANDOM_BYTES = 32
_TOKEN = re.compile(r"hp_([0-9a-f]{64})([0-9a-f]{8})")
_USER_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?", re.ASCII)
# RFC 5321's dot-atoms and host names, and nothing else: what a mail program would have to quote, comment or encode
# is read differently by different programs, and breaks some of them (T-44).
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP = r"(?:[A-Za-z]{2,63}|[Xx][Nn]--[A-Za-z0-9-]{0,58}[A-Za-z0-9])"
_EMAIL = re.compile(rf"(?=[^@]{{1,64}}@[^@]{{1,253}}\Z){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_TOP}")
# fmt: off
_RESERVED = frozenset({
    "abuse", "admin", "administrator", "administrators", "all", "anonymous", "api", "everybody",
    "everyone", "help", "homeport", "hostmaster", "index", "info", "mail", "me",
    "moderator", "no-reply", "nobody", "noreply", "operator", "postmaster", "pypi", "root",
    "security", "staff", "support", "system", "webmaster",
})
# fmt: on
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
SHORTEST_KNOWN = 4


class Scope(StrEnum):
    """What a token may be used for."""

    UPLOAD = "upload"
    MANAGE = "manage"
    READ = "read"

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """The scope of that name, or ``Invalid``."""
        try:
            return cls(text)
        except ValueError:
            raise Invalid(
                f"{text[:40]!r} is not a scope: use upload, manage or read.", code="scope-unknown"
            ) from None


@dataclass(frozen=True)
class User:
    """A person with an account."""

    id: int
    name: str
    email: str
    is_admin: bool
    is_verified: bool = False
    """Somebody has shown that mail to the address reaches them."""
    is_disabled: bool = False
    """No way of signing in opens it."""
    mail_problem: str = ""
    """Why the address takes no mail, in the mail server's words: its user is to be reached otherwise."""


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """What the index's operator decided of accounts.

    ``needs_verified`` wants a verified address of who uploads, and of who is invited. Where not
    ``all_make_organisations``, only administrators do.
    """

    sign_up_is_open: bool = False
    needs_verified: bool = False
    all_make_organisations: bool = True

    def admits(self, user: User) -> bool:
        """True when the account may upload and be invited as far as its address is concerned."""
        return user.is_verified or not self.needs_verified


@dataclass(frozen=True)
class Token:
    """What is known of an API token; ``projects`` (PEP 503 forms) is empty for all projects of its user.

    ``parent_id`` is the token that asked for it; it is never good for longer than that one.
    """

    id: int
    user: str
    scopes: frozenset[Scope]
    projects: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    label: str = ""
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    parent_id: int | None = None


@dataclass(frozen=True)
class Caller:
    """Who asks: a user, by password or session (``token`` is ``None``), or by a token that narrows them.

    ``confirmed_at`` is when a person last showed who they are; ``None`` for tokens and for the shell.
    """

    user: User
    token: Token | None = None
    confirmed_at: datetime | None = None

    def may_use(self, scope: Scope, project: str) -> bool:
        """True when the way the caller signed in allows ``scope`` on ``project``; roles are asked separately."""
        if self.token is None:
            return True
        return scope in self.token.scopes and (not self.token.projects or project in self.token.projects)


def token_text(random: bytes) -> str:
    """The token for 256 random bits: prefix, 64 hex digits, CRC-32 of both as 8 hex digits."""
    body = TOKEN_PREFIX + random.hex()
    return f"{body}{zlib.crc32(body.encode()):08x}"


def token_digest(text: str) -> Sha256 | None:
    """The digest a token is stored by, or ``None`` when ``text`` is no token of ours (form or checksum)."""
    match = _TOKEN.fullmatch(text.strip())
    if not match or f"{zlib.crc32((TOKEN_PREFIX + match[1]).encode()):08x}" != match[2]:
        return None
    return Sha256.of(match[0].encode())


def require_user_name(name: str) -> str:
    """``name`` itself, or ``Invalid`` with what a user name may hold."""
    if not _USER_NAME.fullmatch(name):
        raise Invalid(
            f"{name[:80]!r} is not a user name: use lower-case letters, digits, '.', '-' and '_', at most 64 characters.",
            code="user-name-invalid",
        )
    return name


def require_open_name(name: str) -> str:
    """``name`` itself when strangers may take it, else ``Invalid``: some names would deceive those who read them."""
    return require_unreserved(require_user_name(name))


def require_unreserved(name: str) -> str:
    """``name`` itself, or ``Invalid`` when it is one that people would take for the index itself."""
    if name in _RESERVED:
        raise Invalid(f"The name {name} is reserved: choose another.", code="user-name-reserved")
    return name


def require_email(email: str) -> str:
    """``email`` itself, or ``Invalid``; a domain in other letters is written as xn--…."""
    if not _EMAIL.fullmatch(email):
        raise Invalid(
            f"{email[:80]!r} is not an e-mail address: one like name@example.org is wanted, in ASCII letters.",
            code="email-invalid",
        )
    return email


def require_password(password: str, *known: str) -> str:
    """``password`` itself, or ``Invalid`` with the length that is wanted, or why it would be guessed first.

    ``known`` is what anybody knows of its account: the user's name, the index's host. What is shorter than
    ``SHORTEST_KNOWN`` stands in ordinary sentences.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(
            f"The password has {len(password)} character{'' if len(password) == 1 else 's'}: {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} are wanted.",
            code="password-length",
        )
    folded = password.casefold()
    if folded in COMMON_PASSWORDS:
        raise Invalid(
            "This password is among the most common ones, which are tried first: choose another. A sentence is good.",
            code="password-common",
        )
    for word in known:
        if len(word) >= SHORTEST_KNOWN and word.casefold() in folded:
            raise Invalid(
                f"The password holds {word}, which is tried first: choose one without it.",
                code="password-known",
            )
    return password
