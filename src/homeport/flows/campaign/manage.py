"""Administrators make a campaign: drafted, previewed, announced; paused, resumed, cancelled.

1. Each step is one entry of the ledger; to stop what was begun takes a reason.
2. Two who decide at once do not surprise each other: who names the ``revision`` that they saw decides about that one only.
3. Nothing is announced by a preview whose survey still runs: its groups would be guesses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, TypeVar

from homeport.domain.account import Caller
from homeport.domain.campaign import (
    LONGEST_TITLE,
    Campaign,
    CampaignKind,
    CampaignState,
    announced,
    cancelled,
    paused,
    require_editable,
    resumed,
)
from homeport.domain.campaign_notices import parse_notices, require_notices
from homeport.domain.campaign_revision import require_counted, require_seen
from homeport.domain.canonical import Plain
from homeport.domain.errors import Invalid, NotFound, Refusal, all_problems
from homeport.domain.exemption import parse_day
from homeport.domain.ledger import Kind
from homeport.domain.project import require_reason
from homeport.domain.rights import require_admin
from homeport.domain.urls import Url
from homeport.flows.campaign.surveying import counted_by, require_surveyed, with_survey
from homeport.flows.live_caller import require_live
from homeport.ports.store import Transaction
from homeport.ports.world import World

T = TypeVar("T")
_LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Draft:
    """What an administrator says of a campaign; without ``notices`` the usual ones are given.

    ``problems`` are sentences about what could not be read of it.
    """

    title: str
    reason: str
    day: date | None
    terms_url: str
    notices: Sequence[int] = ()
    problems: Sequence[str] = ()


def typed_draft(title: str, reason: str, day: str, terms_url: str, notices: str | Sequence[int]) -> Draft:
    """The draft as somebody typed it; what cannot be read is told with everything else that is wrong."""
    problems = list[str]()
    none: Sequence[int] = ()
    falling = _kept(problems, lambda: parse_notices(notices), none) if isinstance(notices, str) else notices
    # A day that cannot be read is as good as none: both are told how one is written.
    read_day = _kept([], lambda: parse_day(day), None)
    return Draft(title, reason, read_day, terms_url, falling, problems)


def find_campaign(tx: Transaction, campaign_id: int) -> Campaign:
    """The campaign of that id, or ``NotFound``."""
    found = tx.campaigns.find(campaign_id) if 0 < campaign_id <= _LARGEST_ID else None
    if found is None:
        raise NotFound(f"There is no campaign {campaign_id} here.", code="campaign-unknown")
    return found


def draft_campaign(world: World, caller: Caller, kind_name: str, draft: Draft) -> Campaign:
    """A new campaign, of which nobody is told yet."""
    require_admin(caller)
    now = world.clock.now()
    kind, read = _read(kind_name, draft, now.date())
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        require_admin(caller)
        campaign = tx.campaigns.add(
            kind,
            read.title,
            read.reason,
            read.day or now.date(),
            read.notices,
            read.terms_url,
            by=caller.user.name,
            at=now,
        )
        told = {"kind": kind.value, "title": campaign.title}
        return _decided(tx, campaign, caller.user.name, now, told)


def change_campaign(
    world: World, caller: Caller, campaign_id: int, draft: Draft, *, revision: str | None = None
) -> Campaign:
    """Say something else of a campaign that was not announced; it is to be previewed again."""

    def changed(campaign: Campaign, now: datetime) -> Campaign:
        require_editable(campaign)
        _, read = _read(campaign.kind, draft, now.date())
        return replace(
            campaign,
            title=read.title,
            reason=read.reason,
            day=read.day or campaign.day,
            notices=tuple(read.notices),
            terms_url=read.terms_url,
            state=CampaignState.DRAFT,
        )

    return _changed(world, caller, campaign_id, changed, revision=revision)


def preview_campaign(world: World, caller: Caller, campaign_id: int) -> Campaign:
    """Let what lies outside be looked at anew, so that the preview shows it; only then it may be announced."""

    def previewed(campaign: Campaign, _: datetime) -> Campaign:
        require_editable(campaign)
        return replace(campaign, state=CampaignState.PREVIEWED)

    def survey(tx: Transaction, campaign: Campaign, now: datetime) -> Campaign:
        return with_survey(world, tx, campaign, by=caller.user.name, now=now)

    return _changed(world, caller, campaign_id, previewed, survey)


def announce_campaign(
    world: World, caller: Caller, campaign_id: int, *, revision: str | None = None
) -> Campaign:
    """Begin: every project that it is about is in it from now on, and the clock tells its people."""

    def enrol(tx: Transaction, campaign: Campaign, now: datetime) -> Campaign:
        require_surveyed(tx, campaign, now)
        require_counted(campaign, revision, counted_by(tx, campaign))
        tx.campaigns.put(campaign)
        tx.campaigns.enrol(campaign.id, campaign.kind.source, due_on=now.date())
        return campaign

    return _changed(world, caller, campaign_id, announced, enrol, revision=revision)


def pause_campaign(
    world: World, caller: Caller, campaign_id: int, reason: str, *, revision: str | None = None
) -> Campaign:
    """Stop the clock: nobody is told anything, and nothing is moved."""

    def stopped(campaign: Campaign, _: datetime) -> Campaign:
        _require_why(reason)
        return paused(campaign)

    return _changed(world, caller, campaign_id, stopped, reason=reason, revision=revision)


def resume_campaign(
    world: World,
    caller: Caller,
    campaign_id: int,
    day: date | None = None,
    reason: str = "",
    *,
    revision: str | None = None,
) -> Campaign:
    """Go on; where the day is put off, people are told again of what lies ahead."""

    def going_on(campaign: Campaign, now: datetime) -> Campaign:
        return resumed(campaign, day, now.date())

    def look_again(tx: Transaction, campaign: Campaign, now: datetime) -> Campaign:
        # The clock looks at each: whoever is due later is told so by the look.
        tx.campaigns.wake(campaign.id, now.date())
        return campaign

    return _changed(world, caller, campaign_id, going_on, look_again, reason=reason, revision=revision)


def cancel_campaign(
    world: World, caller: Caller, campaign_id: int, reason: str, *, revision: str | None = None
) -> Campaign:
    """Give it up: what was moved stays, and who was told and waits is told that nothing happens, and why."""

    def given_up(campaign: Campaign, now: datetime) -> Campaign:
        _require_why(reason)
        return cancelled(campaign, now)

    def release(tx: Transaction, campaign: Campaign, now: datetime) -> Campaign:
        tx.campaigns.wake(campaign.id, now.date())
        return campaign

    return _changed(world, caller, campaign_id, given_up, release, reason=reason, revision=revision)


def _require_why(reason: str) -> None:
    if not reason.strip():
        raise Invalid(
            "Say why: the ledger keeps it, and who was told of the campaign may read it.",
            code="reason-missing",
        )


def _changed(
    world: World,
    caller: Caller,
    campaign_id: int,
    change: Callable[[Campaign, datetime], Campaign],
    then: Callable[[Transaction, Campaign, datetime], Campaign] | None = None,
    *,
    reason: str = "",
    revision: str | None = None,
) -> Campaign:
    require_admin(caller)
    now, why = world.clock.now(), require_reason(reason)
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        require_admin(caller)
        before = find_campaign(tx, campaign_id)
        require_seen(before, revision)
        after = replace(change(before, now), changed_by=caller.user.name, changed_at=now, why=why)
        if then is not None:
            after = then(tx, after, now)
        said = {"from": before.state.value, **({"reason": why} if why else {})}
        return _decided(tx, after, caller.user.name, now, said)


def _decided(
    tx: Transaction, campaign: Campaign, by: str, now: datetime, details: Mapping[str, Plain]
) -> Campaign:
    """Store the campaign, and the decision about it in the ledger."""
    told: dict[str, Plain] = {
        "campaign": campaign.id,
        "to": campaign.state.value,
        "day": campaign.day.isoformat(),
        "notices": list(campaign.notices),
    }
    serial = tx.ledger.append(
        Kind.CAMPAIGN_CHANGED, at=now, actor=by, project="", details={**told, **details}
    )
    decided = replace(campaign, decisions=(*campaign.decisions, serial))
    tx.campaigns.put(decided)
    return decided


def _read(kind_name: str, draft: Draft, today: date) -> tuple[CampaignKind, Draft]:
    """The kind, and the draft as it is kept, or ``Invalid`` with everything that is wrong with them."""
    problems = list(draft.problems)

    def kept(read: Callable[[], T], otherwise: T) -> T:
        return _kept(problems, read, otherwise)

    kind = kept(lambda: CampaignKind.parse(kind_name), CampaignKind.TO_ONLY)
    given = draft.notices if kind == kind_name else ()
    title = kept(lambda: _title(draft.title), "")
    reason = kept(lambda: _public_reason(draft.reason), "")
    notices = kept(lambda: require_notices(kind, given or kind.usual), kind.usual)
    url = kept(lambda: _terms(draft.terms_url.strip()), "")
    if draft.day is None or draft.day <= today:
        problems.append("Say on which day to come it is, like 2027-03-31.")
    all_problems("The campaign", problems, code="campaign-invalid")
    return kind, Draft(title, reason, draft.day, url, notices)


def _kept(problems: list[str], read: Callable[[], T], otherwise: T) -> T:
    try:
        return read()
    except Refusal as refusal:
        problems.append(refusal.sentence)
        return otherwise


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not title or len(title) > LONGEST_TITLE:
        raise Invalid(
            f"Say in 1 to {LONGEST_TITLE} characters what it is called, instead of {len(title)}: "
            "people read it in their mails."
        )
    if not title.isprintable():
        raise Invalid("What it is called holds control or invisible characters: write plain text.")
    return title


def _public_reason(text: str) -> str:
    reason = require_reason(text)
    if not reason:
        raise Invalid("Say why: the reason is public.")
    return reason


def _terms(text: str) -> str:
    if not text:
        raise Invalid(
            "Say where the terms for files that are hosted here can be read: every mail names that address."
        )
    Url.parse(text)
    return text
