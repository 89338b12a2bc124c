"""Campaigns for administrators: drafted, announced after a look at what will happen, and followed to their report."""

from collections.abc import Callable

from homeport.domain.campaign import CampaignKind, too_soon
from homeport.domain.dashboard import progress
from homeport.domain.errors import Invalid, Refusal
from homeport.domain.exemption import parse_day
from homeport.domain.row_id import row_id
from homeport.flows.campaign import manage
from homeport.flows.campaign.history import campaign_history
from homeport.flows.campaign.show import (
    PAGE_LENGTH,
    CampaignView,
    every_campaign,
    list_campaigns,
    show_campaign,
)
from homeport.flows.dashboard import campaign_progress
from homeport.formats.campaign_json import campaign_json, campaigns_csv
from homeport.web.campaign_charts import notices_given, progress_chart, stands_now
from homeport.web.exports import export
from homeport.web.page import Asked, Download, GoTo, Page

_LIST = "/admin/campaigns/"


def show_list(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Campaigns, newest first, and a form for a new one."""
    before = asked.query.get("before", "")
    start = row_id(before, "campaign") if before else 0
    listed = list_campaigns(asked.world, asked.caller(), before=start)
    return Page(
        "campaigns.html",
        {
            "campaigns": listed,
            "kinds": list(CampaignKind),
            "is_begin": not before,
            "following": f"?before={listed[-1].id}" if len(listed) == PAGE_LENGTH else "",
            "form": asked.form,
        },
        refusal,
    )


def download(asked: Asked) -> Download:
    """The same campaigns, all of them, as ``campaigns.csv`` or ``campaigns.json``."""
    pieces = every_campaign(asked.world, asked.caller())
    return export(
        asked.params["file"],
        "campaigns",
        lambda: campaigns_csv(pieces),
        lambda: (campaign_json(one) for piece in pieces for one in piece),
    )


def send_list(asked: Asked) -> Page | GoTo:
    """Make a draft; a refusal shows the page again, with all that was typed."""
    caller, form = asked.caller(), asked.form
    try:
        campaign = manage.draft_campaign(asked.world, caller, form.text("kind"), _draft(asked))
    except Refusal as refusal:
        return show_list(asked, refusal)
    return GoTo(campaign.path)


def show(asked: Asked, refusal: Refusal | None = None) -> Page:
    """One campaign: what is to be decided about it, how far it is, and its report."""
    view = show_campaign(asked.world, asked.caller(), campaign_id(asked))
    campaign, today = view.campaign, asked.world.clock.now().date()
    is_untold = campaign.state.is_untold
    return Page(
        "campaign.html",
        {
            "view": view,
            "campaign": campaign,
            "revision": view.revision,
            "is_untold": is_untold,
            "too_soon": too_soon(campaign, today) if is_untold else "",
            "stands": stands_now(view),
            "chart": _chart(asked, view),
            "notices": notices_given(view),
            "history": campaign_history(asked.world, asked.caller(), campaign),
            "form": asked.form,
        },
        refusal,
    )


def send(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again, with all that was typed."""
    asked.caller()
    try:
        asked.form.chosen(_ACTIONS)(asked)
    except Refusal as refusal:
        return show(asked, refusal)
    return GoTo(f"{_LIST}{campaign_id(asked)}/")


def campaign_id(asked: Asked) -> int:
    """The campaign that the address names."""
    return row_id(asked.params["id"], "campaign")


def _chart(asked: Asked, view: CampaignView) -> object:
    campaign, now = view.campaign, asked.world.clock.now()
    if campaign.announced_at is None or not view.projects:
        return None
    changes = campaign_progress(asked.world, asked.caller(), campaign.id)
    until = (campaign.ended_at or now).date()
    return progress_chart(progress(changes, view.projects, campaign.announced_at.date(), until))


def _draft(asked: Asked) -> manage.Draft:
    form = asked.form
    return manage.typed_draft(
        form.text("title"),
        form.text("reason"),
        form.text("day"),
        form.text("terms_url"),
        form.text("notices"),
    )


def _seen(asked: Asked) -> str:
    """The campaign as the page showed it whose button was pressed."""
    return asked.form.text("revision")


def _change(asked: Asked) -> None:
    world, caller, draft = asked.world, asked.caller(), _draft(asked)
    manage.change_campaign(world, caller, campaign_id(asked), draft, revision=_seen(asked))


def _preview(asked: Asked) -> None:
    manage.preview_campaign(asked.world, asked.caller(), campaign_id(asked))


def _announce(asked: Asked) -> None:
    caller = asked.fresh_caller()
    if not asked.form.flag("sure"):
        raise Invalid(
            "Say that you have looked at the preview: from the announcement on, people are told.",
            code="announcement-unconfirmed",
        )
    manage.announce_campaign(asked.world, caller, campaign_id(asked), revision=_seen(asked))


def _pause(asked: Asked) -> None:
    caller, why = asked.caller(), asked.form.text("reason")
    manage.pause_campaign(asked.world, caller, campaign_id(asked), why, revision=_seen(asked))


def _resume(asked: Asked) -> None:
    caller, text, why = asked.fresh_caller(), asked.form.text("day"), asked.form.text("reason")
    day = parse_day(text) if text else None
    manage.resume_campaign(asked.world, caller, campaign_id(asked), day, why, revision=_seen(asked))


def _cancel(asked: Asked) -> None:
    caller, why = asked.fresh_caller(), asked.form.text("reason")
    manage.cancel_campaign(asked.world, caller, campaign_id(asked), why, revision=_seen(asked))


# Stopping is quick; what begins, or cannot be taken back, is asked of whoever has just shown who they are.
_ACTIONS: dict[str, Callable[[Asked], None]] = {
    "change": _change,
    "preview": _preview,
    "announce": _announce,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
}
