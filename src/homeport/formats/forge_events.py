"""What forges tell of releases and tags, read from the body of their webhooks.

1. A release that was published or changed, and a tag that was made, are events to act upon. Everything else, also what was
   taken away, is heard and left.
2. GitHub may send the JSON as the field ``payload`` of a form.
3. A repository is known by every address the event names it by; which of them a maintainer wrote is theirs to choose.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from homeport.domain.errors import Invalid, Refusal
from homeport.domain.names import ReleaseVersion
from homeport.domain.receiver import Forge, Headers
from homeport.domain.release_api import releases_api
from homeport.domain.source import SourceKind
from homeport.domain.urls import Url

_TAG_REF: Final = "refs/tags/"
_LONGEST_TEXT: Final = 2048
_ACTIONS: Final[Mapping[Forge, frozenset[str]]] = {
    # ``created`` comes with drafts, ``released`` and ``prereleased`` beside ``published``.
    Forge.GITHUB: frozenset({"published", "edited"}),
    Forge.GITLAB: frozenset({"create", "update"}),
    Forge.GITEA: frozenset({"published", "updated"}),
}
_EVENT_HEADERS: Final[Mapping[Forge, tuple[str, ...]]] = {
    Forge.GITHUB: ("x-github-event",),
    Forge.GITEA: ("x-forgejo-event", "x-gitea-event"),
    Forge.GITLAB: ("x-gitlab-event",),
}
_PREFIX: Final = re.compile(r"(?i)(?:.*/)?(?:[a-z][a-z0-9._-]*?[-_]|release[-_.]?)?(v?[0-9].*)")


@dataclass(frozen=True, slots=True)
class ForgeEvent:
    """One event: its name, and, when it is to be acted upon, the tag and the addresses of the repository."""

    name: str
    tag: str = ""
    repository: str = ""
    addresses: tuple[str, ...] = ()

    @property
    def is_release(self) -> bool:
        """True when a release or a tag is there that was not, or not so."""
        return bool(self.tag)

    def version(self) -> str:
        """The version that the tag names, ``""`` when it names none that anybody would know."""
        found = _PREFIX.fullmatch(self.tag)
        if found is None:
            return ""
        version = ReleaseVersion.parse_legacy(found[1])
        return version.normalized if version.is_pep440 else ""

    def release_lists(self, kind: SourceKind) -> frozenset[str]:
        """Where the forge's API lists the releases of the repository, for every address that is one."""
        return frozenset(found for address in self.addresses if (found := release_list(kind, address)))


def release_list(kind: SourceKind, address: str) -> str:
    """Where the forge's API lists the releases of the repository at ``address``; ``""`` when it is none's.

    Forges do not tell capital letters from small ones.
    """
    try:
        return str(releases_api(kind, Url.parse(address))).lower()
    except Refusal:
        return ""


def read_event(forge: Forge, headers: Headers, body: bytes) -> ForgeEvent:
    """The event in ``body``, or ``Invalid`` when it cannot be read."""
    payload = _payload(headers.get("content-type", ""), body)
    name = next((headers[name] for name in _EVENT_HEADERS[forge] if headers.get(name)), "")
    name = _text(payload, "object_kind") or name if forge is Forge.GITLAB else name
    tag = _tag(forge, name, payload)
    if not tag:
        return ForgeEvent(name[:40])
    addresses = _addresses(forge, payload)
    return ForgeEvent(name[:40], tag, addresses[0] if addresses else "", addresses)


def _payload(content_type: str, body: bytes) -> Mapping[str, Any]:
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
            text = parse_qs(text, strict_parsing=True, max_num_fields=10)["payload"][0]
        payload = json.loads(text)
    except (ValueError, KeyError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise Invalid("The body is no event: a JSON object is wanted.", code="event-invalid")
    return payload


def _tag(forge: Forge, name: str, payload: Mapping[str, Any]) -> str:
    if name == "release":
        if _text(payload, "action") not in _ACTIONS[forge]:
            return ""
        release = payload if forge is Forge.GITLAB else _inner(payload, "release")
        is_draft = release.get("draft") is True
        return "" if is_draft else _text(release, "tag" if forge is Forge.GITLAB else "tag_name")
    if name == "create" and _text(payload, "ref_type") == "tag":
        return _text(payload, "ref").removeprefix(_TAG_REF)
    ref, after = _text(payload, "ref"), _text(payload, "after")
    if name in {"push", "tag_push"} and ref.startswith(_TAG_REF) and after.strip("0"):
        return ref.removeprefix(_TAG_REF)
    return ""


def _addresses(forge: Forge, payload: Mapping[str, Any]) -> tuple[str, ...]:
    if forge is Forge.GITLAB:
        project = _inner(payload, "project")
        found = [_text(project, name) for name in ("web_url", "git_http_url", "http_url")]
        number = project.get("id")
        if type(number) is int and found[0]:
            try:
                found.append(f"{Url.parse(found[0]).origin}/api/v4/projects/{number}")
            except Invalid:
                return ()
    else:
        repository = _inner(payload, "repository")
        found = [_text(repository, name) for name in ("html_url", "url", "clone_url")]
    return tuple(dict.fromkeys(address for address in found if address))


def _inner(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = payload.get(name)
    return value if isinstance(value, dict) else {}


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name)
    return value if isinstance(value, str) and len(value) <= _LONGEST_TEXT else ""
