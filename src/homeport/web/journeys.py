"""A hosted file's page: how its bytes came here, step by step, from its origin record."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from homeport.domain.claim import Claim
from homeport.domain.consent import Basis
from homeport.flows.origins import origin_story
from homeport.web import words
from homeport.web.page import Asked, Page


class Leg(NamedTuple):
    """One step of the way: what happened, where, and what is known of it."""

    title: str
    url: str
    notes: tuple[str, ...]
    tone: str = "good"


def show_journey(asked: Asked) -> Page:
    """The way of one file, for everybody who may read it."""
    story = origin_story(asked.world, asked.caller, asked.params["name"], asked.params["filename"])
    told = story.told
    return Page(
        "journey.html",
        {
            "story": story,
            "told": told,
            "legs": tuple(_legs(told)),
            "claims": [Claim.from_json(claim) for claim in told["claims"]],
        },
    )


def _legs(told: Mapping[str, Any]) -> Iterator[Leg]:
    """The chain: page, every redirect, the file, inspection, consent, and the day it was hosted."""
    if told["page"]:
        page = told["page"]
        note = "read over verified TLS" if page["tls"] else "not read over verified TLS"
        yield Leg("Named on a page", page["url"], (page["source"], note), _way(page["tls"]))
    if told["fetch"]:
        yield from _fetched(told["fetch"])
    if inspection := told["inspection"]:
        findings = tuple(finding["message"] for finding in inspection["findings"])
        tone = {"accept": "good", "hold": "warn"}.get(inspection["verdict"], "bad")
        yield Leg(
            f"Inspected: {inspection['verdict']}", "", (f"by {inspection['inspector']}", *findings), tone
        )
    if consent := told["consent"]:
        basis = Basis.parse(consent["basis"]).sentence
        notes = (f"“{basis}”, {_moment(consent['at'])}", f"for the plan {consent['plan'][:16]}…")
        yield Leg(f"Agreed to by {consent['by']}", "", notes)
    verb = "Hosted here" if told["fetch"] else "Uploaded"
    yield Leg(f"{verb} by {told['published']['by']}", "", (_moment(told["published"]["at"]),))


def _fetched(fetch: Mapping[str, Any]) -> Iterator[Leg]:
    if not fetch["hops"]:
        yield Leg("Asked for", fetch["asked_url"], ())
    *redirects, last = fetch["hops"] or [None]
    for hop in redirects:
        answered = f"answered {hop['status']}, at {hop['address']}"
        yield Leg("Redirected", hop["url"], (answered,), _way(hop["url"].startswith("https://")))
    if last:
        tls = fetch.get("tls")
        notes = (
            f"answered {last['status']}, at {last['address']}",
            *(
                [f"{tls['protocol']}, certificate {tls['leaf_sha256'][:16]}… by {tls['issuer']}"]
                if tls
                else []
            ),
            *([_moment(fetch["here_at"])] if fetch.get("here_at") else []),
            *([f"ETag {fetch['etag']}"] if fetch.get("etag") else []),
            *([f"last modified {fetch['last_modified']}"] if fetch.get("last_modified") else []),
        )
        yield Leg("Fetched", last["url"], notes, _way(fetch.get("all_tls", False)))


def _moment(told: str) -> str:
    return words.moment(datetime.fromisoformat(told))


def _way(is_tls: bool) -> str:
    return "good" if is_tls else "warn"
