"""Administrators make a campaign: drafted, previewed, announced; paused, resumed, cancelled. Each is one entry of the ledger."""

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
    require_notices,
    resumed,
)
from homeport.domain.canonical import Plain
from homeport.domain.errors import Invalid, NotFound, Refusal, all_problems
from homeport.domain.ledger import Kind
from homeport.domain.project import require_reason
from homeport.domain.rights import require_admin
from homeport.domain.urls import Url
from homeport.flows.campaign.surveying import with_survey
from homeport.flows.live_caller import require_live
from homeport.ports.store import Transaction
from homeport.ports.world import World

T = TypeVar("T")
_LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Draft:
    """What an administrator says of a campaign; without ``notices`` the usual ones are given."""

    title: str
    reason: str
    day: date | None
    terms_url: str
    notices: Sequence[int] = ()


def find_campaign(tx: Transaction, campaign_id: int) -> Campaign:
    """The campaign of that id, or ``NotFound``."""
    found = tx.campaigns.find(campaign_id) if 0 < campaign_id <= _LARGEST_ID else None
    if found is None:
        raise NotFound(f"There is no campaign {campaign_id} here.", code="campaign-unknown")
    return found


def draft_campaign(world: World, caller: Caller, kind: CampaignKind, draft: Draft) -> Campaign:
    """A new campaign, of which nobody is told yet."""
    require_admin(caller)
    now = world.clock.now()
    read = _read(kind, draft, now.date())
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
        _record(tx, campaign, caller.user.name, now, {"kind": kind.value, "title": campaign.title})
        return campaign


def change_campaign(world: World, caller: Caller, campaign_id: int, draft: Draft) -> Campaign:
    """Say something else of a campaign that was not announced; it is to be previewed again."""

    def changed(campaign: Campaign, now: datetime) -> Campaign:
        require_editable(campaign)
        read = _read(campaign.kind, draft, now.date())
        return replace(
            campaign,
            title=read.title,
            reason=read.reason,
            day=read.day or campaign.day,
            notices=tuple(read.notices),
            terms_url=read.terms_url,
            state=CampaignState.DRAFT,
        )

    return _changed(world, caller, campaign_id, changed)


def preview_campaign(world: World, caller: Caller, campaign_id: int) -> Campaign:
    """Let what lies outside be looked at anew, so that the preview shows it; only then it may be announced."""

    def previewed(campaign: Campaign, _: datetime) -> Campaign:
        require_editable(campaign)
        return replace(campaign, state=CampaignState.PREVIEWED)

    def survey(tx: Transaction, campaign: Campaign, now: datetime) -> Campaign:
        return with_survey(world, tx, campaign, by=caller.user.name, now=now)

    return _changed(world, caller, campaign_id, previewed, survey)


def announce_campaign(world: World, caller: Caller, campaign_id: int) -> Campaign:
    """Begin: every project that it is about is in it from now on, and the clock tells its people."""

    def enrol(tx: Transaction, campaign: Campaign, now: datetime) -> Campaign:
        tx.campaigns.put(campaign)
        tx.campaigns.enrol(campaign.id, campaign.kind.source, due_on=now.date())
        return campaign

    return _changed(world, caller, campaign_id, announced, enrol)


def pause_campaign(world: World, caller: Caller, campaign_id: int, reason: str = "") -> Campaign:
    """Stop the clock: nobody is told anything, and nothing is moved."""
    return _changed(world, caller, campaign_id, lambda campaign, _: paused(campaign), reason=reason)


def resume_campaign(
    world: World, caller: Caller, campaign_id: int, day: date | None = None, reason: str = ""
) -> Campaign:
    """Go on; where the day is put off, people are told again of what lies ahead."""

    def going_on(campaign: Campaign, now: datetime) -> Campaign:
        return resumed(campaign, day, now.date())

    def look_again(tx: Transaction, campaign: Campaign, now: datetime) -> Campaign:
        # The clock looks at each: whoever is due later is told so by the look.
        tx.campaigns.wake(campaign.id, now.date())
        return campaign

    return _changed(world, caller, campaign_id, going_on, look_again, reason=reason)


def cancel_campaign(world: World, caller: Caller, campaign_id: int, reason: str = "") -> Campaign:
    """Give it up: what was moved stays, and who was told and waits is told that nothing happens."""

    def release(tx: Transaction, campaign: Campaign, now: datetime) -> Campaign:
        tx.campaigns.wake(campaign.id, now.date())
        return campaign

    return _changed(world, caller, campaign_id, cancelled, release, reason=reason)


def _changed(
    world: World,
    caller: Caller,
    campaign_id: int,
    change: Callable[[Campaign, datetime], Campaign],
    then: Callable[[Transaction, Campaign, datetime], Campaign] | None = None,
    *,
    reason: str = "",
) -> Campaign:
    require_admin(caller)
    now, why = world.clock.now(), require_reason(reason)
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        require_admin(caller)
        before = find_campaign(tx, campaign_id)
        after = change(before, now)
        if then is not None:
            after = then(tx, after, now)
        tx.campaigns.put(after)
        said = {"from": before.state.value, **({"reason": why} if why else {})}
        _record(tx, after, caller.user.name, now, said)
        return after


def _record(
    tx: Transaction, campaign: Campaign, by: str, now: datetime, details: Mapping[str, Plain]
) -> None:
    told: dict[str, Plain] = {
        "campaign": campaign.id,
        "to": campaign.state.value,
        "day": campaign.day.isoformat(),
        "notices": list(campaign.notices),
    }
    tx.ledger.append(Kind.CAMPAIGN_CHANGED, at=now, actor=by, project="", details={**told, **details})


def _read(kind: CampaignKind, draft: Draft, today: date) -> Draft:
    """The draft as it is kept, or ``Invalid`` with everything that is wrong with it."""
    problems = list[str]()

    def kept(read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except Refusal as refusal:
            problems.append(refusal.sentence)
            return otherwise

    title, reason = (
        kept(lambda: require_reason(draft.title), ""),
        kept(lambda: require_reason(draft.reason), ""),
    )
    notices = kept(lambda: require_notices(kind, draft.notices or kind.usual), kind.usual)
    url = kept(lambda: _terms(draft.terms_url.strip()), "")
    if not title or len(title) > LONGEST_TITLE:
        problems.append(
            f"Say in 1 to {LONGEST_TITLE} characters what it is called: people read it in their mails."
        )
    if not reason:
        problems.append("Say why: the reason is public.")
    if draft.day is None or draft.day <= today:
        problems.append("Say on which day to come it is, like 2027-03-31.")
    all_problems("The campaign", problems, code="campaign-invalid")
    return Draft(title, reason, draft.day, url, notices)


def _terms(text: str) -> str:
    if not text:
        raise Invalid(
            "Say where the terms for files that are hosted here can be read: every mail names that address."
        )
    Url.parse(text)
    return text
