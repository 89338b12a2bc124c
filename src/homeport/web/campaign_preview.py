"""What a campaign would do, before anybody is told: its groups with numbers, every project, and the very mails."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

from homeport.domain.campaign import Campaign
from homeport.domain.errors import NotFound
from homeport.domain.mail import Letter, Mail, message_of
from homeport.flows.campaign.show import (
    preview_candidates,
    preview_mails,
    preview_totals,
    show_campaign,
)
from homeport.flows.dashboard import now_in_mode
from homeport.flows.notice_folders import notice_folders
from homeport.formats.notice_text import Framed
from homeport.ports.notices import Notice
from homeport.ports.world import World
from homeport.web.campaigns import campaign_id
from homeport.web.page import Asked, Page, Sandboxed

_LONGEST = 200
# So many are added up while the page is made; of more that is asked for.
_ADDED_UP_UNASKED = 500


@dataclass(frozen=True, slots=True)
class ShownMail:
    """One mail as it leaves: its day, subject and text; ``page`` is where its HTML part is seen."""

    day: date
    subject: str
    text: str
    page: str


def show(asked: Asked) -> Page:
    """The groups, added up, and the projects by name, a page at a time. Nothing is written by looking."""
    number, caller = campaign_id(asked), asked.caller()
    view = show_campaign(asked.world, caller, number)
    if not view.campaign.state.is_untold:
        return _over(view.campaign)
    after = asked.query.get("after", "")[:_LONGEST]
    listed = preview_candidates(asked.world, caller, number, after=after)
    projects = now_in_mode(asked.world, caller, view.campaign.kind.source)
    is_added_up = projects <= _ADDED_UP_UNASKED or "totals" in asked.query
    return Page(
        "campaign_preview.html",
        {
            "view": view,
            "campaign": view.campaign,
            "listed": listed,
            "projects": projects,
            "totals": preview_totals(asked.world, caller, number) if is_added_up else None,
            "is_begin": not after,
            "rehearse": f"homeport campaign rehearse {number} --as {caller.user.name}",
            "following": f"?{urlencode({'after': listed.after})}" if listed.after else "",
        },
    )


def show_mails(asked: Asked) -> Page:
    """The mails that the people of one project would get, each with its day."""
    number, name = campaign_id(asked), asked.params["name"]
    view = show_campaign(asked.world, asked.caller(), number)
    if not view.campaign.state.is_untold:
        return _over(view.campaign)
    sample = preview_mails(asked.world, asked.caller(), number, name)
    base = f"{view.campaign.path}preview/{quote(sample.candidate.project, safe='')}/"
    mails = [
        ShownMail(day, *_subject_and_text(asked.world, notice), f"{base}mails/{place}/")
        for place, (day, notice) in enumerate(sample.mails, start=1)
    ]
    return Page("campaign_mails.html", {"campaign": view.campaign, "sample": sample, "mails": mails})


def show_mail_page(asked: Asked) -> Sandboxed:
    """The HTML part of one of them, as a mail program shows it."""
    number = campaign_id(asked)
    if not show_campaign(asked.world, asked.caller(), number).campaign.state.is_untold:
        raise NotFound(f"There is no preview of campaign {number} any more.", code="page-unknown")
    sample = preview_mails(asked.world, asked.caller(), number, asked.params["name"])
    places = {str(place): notice for place, (_, notice) in enumerate(sample.mails, start=1)}
    notice = places.get(asked.params["place"])
    if notice is None:
        raise NotFound("There is no such mail.", code="page-unknown")
    base = asked.world.base_url
    framed = Framed(notice.subject, notice.html, f"{base}{notice.path}", base)
    return Sandboxed(notice_folders().templates.frame(framed))


def _over(campaign: Campaign) -> Page:
    """What is at the address of a preview once there is nothing to look ahead to: the way to the campaign."""
    return Page("campaign_preview_over.html", {"campaign": campaign})


def _subject_and_text(world: World, notice: Notice) -> tuple[str, str]:
    letter = Letter("somebody@index.example", notice.subject, notice.text, notice.path)
    message = message_of(Mail(0, letter, notice.at, due_at=None), world.base_url, "", notice.at)
    return message.subject, message.text
