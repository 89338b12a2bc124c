"""The record of a consent as a file to keep, and the requests to remove files that administrators answer."""

from homeport.domain.canonical import canonical_bytes
from homeport.domain.errors import Refusal
from homeport.domain.removal_request import Answer
from homeport.domain.row_id import row_id
from homeport.flows.proposals import answer_removal, proposed_answers
from homeport.flows.rehost.consents import consent_record
from homeport.flows.removal_requests import answered_requests, every_request, waiting_requests
from homeport.formats.removal_json import removal_json, removals_csv
from homeport.web.exports import export
from homeport.web.page import Asked, Download, GoTo, Page


def download(asked: Asked) -> Download:
    """Everything that was agreed to about a rehost, as canonical JSON."""
    rehost_id = row_id(asked.params["id"], "rehost")
    record = canonical_bytes(consent_record(asked.world, asked.caller(), rehost_id))
    return Download(f"consent-{rehost_id}.json", "application/json", iter([record.decode()]))


def show_removals(asked: Asked) -> Page:
    """What waits for an answer, and what was answered."""
    return _page(asked, None)


def download_removals(asked: Asked) -> Download:
    """All requests there were, as ``removals.csv`` or ``removals.json``."""
    pieces = every_request(asked.world, asked.caller())
    return export(
        asked.params["file"],
        "removals",
        lambda: removals_csv(pieces),
        lambda: (removal_json(request) for piece in pieces for request in piece),
    )


def send_removals(asked: Asked) -> Page | GoTo:
    """Answer one request."""
    form = asked.form
    try:
        answer = Answer.parse(form.text("do"))
        number = row_id(form.text("request"), "request")
        answer_removal(asked.world, asked.fresh_caller(), number, answer, form.text("reason"))
    except Refusal as refusal:
        return _page(asked, refusal)
    return GoTo(asked.path)


def _page(asked: Asked, refusal: Refusal | None) -> Page:
    caller = asked.caller()
    values = {
        "waiting": waiting_requests(asked.world, caller),
        "answered": answered_requests(asked.world, caller),
        "proposed": proposed_answers(asked.world, caller),
        "typed": {asked.form.text("request"): asked.form.text("reason")},
    }
    return Page("removals.html", values, refusal)
