"""What happened to a project's hosting, for who maintains it: moves, exemptions, and consents of both sorts, in one row.

Unlike the public hosting log it names who acted, and tells of consents.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from homeport.domain.consent import Consent
from homeport.domain.hosting_log import Event, HostingLine
from homeport.domain.ledger import Kind
from homeport.domain.standing_consent import EVERY_FILE, EVERY_PATH, StandingLine


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that happened. ``what`` is a stable word for programs, ``sentence`` is for people, ``by`` may be a role.

    ``serial`` is that of its entry in the ledger, ``rehost_id`` the rehost that was consented to; both 0 without.
    """

    at: datetime
    what: str
    by: str
    sentence: str
    reason: str = ""
    serial: int = 0
    rehost_id: int = 0


_CONSENT_GIVEN, _CONSENT_WITHDRAWN = Kind.CONSENT_GIVEN.value, Kind.CONSENT_WITHDRAWN.value
_STANDING_WORDS: Final = {
    Kind.STANDING_CONSENT_GIVEN: "Standing consent",
    Kind.STANDING_CONSENT_NARROWED: "Standing consent narrowed: a source was removed",
    Kind.CONSENT_VOIDED: "Standing consent narrowed by the watch over its sources",
    Kind.STANDING_CONSENT_WITHDRAWN: "Standing consent withdrawn",
}


def past_of(
    moves: Iterable[HostingLine], standing: Iterable[StandingLine], consents: Iterable[Consent]
) -> tuple[Past, ...]:
    """Everything of that, newest first."""
    every = [
        *map(_of_move, moves),
        *map(_of_standing, standing),
        *(past for consent in consents for past in _of_consent(consent)),
    ]
    return tuple(sorted(every, key=lambda past: (past.at, past.serial), reverse=True))


def _of_move(line: HostingLine) -> Past:
    until = f" until {line.until}" if line.until else ""
    told = {
        Event.MOVED: f"Moved from {line.source} to {line.target}",
        Event.EXEMPTION_GIVEN: f"Exemption given: from {line.source} to {line.target}{until}",
        Event.EXEMPTION_EXTENDED: f"Exemption extended{until}",
        Event.EXEMPTION_ENDED: f"Exemption ended: from {line.source} to {line.target}",
        Event.CAMPAIGN_ANNOUNCED: f"Campaign announced: to {line.target}{until}",
        Event.CAMPAIGN_CANCELLED: f"Campaign cancelled: it stays {line.target}",
        Event.CAMPAIGN_MOVED: f"Moved by a campaign from {line.source} to {line.target}",
    }
    return Past(
        line.at, line.event.value, f"the {line.who}", f"{told[line.event]}.", line.reason, line.serial
    )


def _of_standing(line: StandingLine) -> Past:
    return Past(line.at, line.kind.value, line.by, standing_sentence(line), line.reason, line.serial)


def standing_sentence(line: StandingLine) -> str:
    """What that change of a standing consent was, and what it covered afterwards."""
    what = _STANDING_WORDS[line.kind]
    if line.kind is Kind.STANDING_CONSENT_WITHDRAWN:
        return f"{what}."
    return f"{what}, until {line.until}, for {covered(line)}."


def covered(line: StandingLine) -> str:
    """What a standing consent covered after that change, in words."""
    files = "every file" if line.patterns == EVERY_FILE else f"files like {', '.join(line.patterns)}"
    pages = "" if line.paths == EVERY_PATH else f" on pages like {', '.join(line.paths)}"
    return f"{files} found at {', '.join(line.hosts) or 'no host'}{pages}"


def _of_consent(consent: Consent) -> Iterable[Past]:
    files = "1 file" if len(consent.files) == 1 else f"{len(consent.files):,} files"
    agreed = f"Agreed to {files} of rehost {consent.rehost_id}."
    yield Past(
        consent.given_at,
        _CONSENT_GIVEN,
        consent.given_by,
        agreed,
        consent.text,
        consent.serial,
        consent.rehost_id,
    )
    if taken := consent.withdrawal:
        sentence = f"Took back the consent to {files} of rehost {consent.rehost_id}."
        yield Past(
            taken.at, _CONSENT_WITHDRAWN, taken.by, sentence, taken.reason, taken.serial, consent.rehost_id
        )
