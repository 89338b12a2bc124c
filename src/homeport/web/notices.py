"""Notices: which of them come by mail, where a mail's topic ends, and how each kind reads."""

from homeport.domain.errors import Refusal
from homeport.domain.notice import Topic
from homeport.flows import notice_choices, notice_previews
from homeport.web.page import Asked, GoTo, Page, Sandboxed


def show_choices(asked: Asked, refusal: Refusal | None = None, done: str = "") -> Page:
    """Every topic, and whether its notices come by mail."""
    choices = notice_choices.show_choices(asked.world, asked.caller())
    sends_mail = asked.world.mailer is not None
    return Page("notice_choices.html", {"choices": choices, "sends_mail": sends_mail, "done": done}, refusal)


def send_choices(asked: Asked) -> Page | GoTo:
    """Get mail of the topics that were ticked."""
    caller = asked.caller()
    try:
        mailed = {Topic.parse(topic) for topic in asked.form.texts("topic")}
        notice_choices.choose(asked.world, caller, mailed)
    except Refusal as refusal:
        return show_choices(asked, refusal)
    return show_choices(asked, done="Kept. Every notice is in your inbox, whether it is mailed or not.")


def show_unsubscribe(asked: Asked) -> Page:
    """What the button would do: mail programs and scanners look at this page, too, and nothing changes."""
    there = notice_choices.show_unsubscribing(asked.world, asked.params["sealed"])
    return Page("unsubscribe.html", {"there": there})


def send_unsubscribe(asked: Asked) -> Page:
    """No more mails of that topic; asked by the page's button, or by a mail program without any page."""
    there = notice_choices.unsubscribe(asked.world, asked.params["sealed"])
    return Page("unsubscribe.html", {"there": there})


def show_previews(asked: Asked) -> Page:
    """Every kind of notice, for administrators."""
    return Page("notice_previews.html", {"kinds": notice_previews.list_kinds(asked.caller())})


def show_preview(asked: Asked) -> Page:
    """One kind: its subject, its text, and where its page is."""
    shown = notice_previews.preview(asked.world, asked.caller(), asked.params["kind"])
    return Page("notice_preview.html", {"preview": shown})


def show_preview_page(asked: Asked) -> Sandboxed:
    """The HTML of one kind, as mail programs show it."""
    return Sandboxed(notice_previews.preview(asked.world, asked.caller(), asked.params["kind"]).page)
