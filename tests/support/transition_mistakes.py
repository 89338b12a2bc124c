"""Mistakes in what moves projects, planted to see that the model finds them: each is in force inside a ``with``."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

from homeport.domain import campaign
from homeport.domain.campaign import Campaign, Entrant
from homeport.domain.digests import Sha256
from homeport.domain.project import Project
from homeport.flows import render_pages
from homeport.flows.rehost import publish, review
from homeport.formats.codings import CODINGS, encoded
from homeport.formats.simple_json import project_page_json
from homeport.ports.pages import Rendered
from homeport.ports.store import Transaction


def consent_not_checked_again() -> AbstractContextManager[object]:
    """Whoever agreed may have lost their say by the time of publishing: nobody asks."""
    return patch.object(publish, "require_live", lambda consent, *_: consent)


def a_day_too_early() -> AbstractContextManager[object]:
    """The clock moves projects the day before the one they were told of."""
    right = campaign.day_of

    def early(running: Campaign, entrant: Entrant) -> date:
        return right(running, entrant) - timedelta(days=1)

    return patch.object(campaign, "day_of", early)


@contextmanager
def frozen_on_the_json_page() -> Iterator[None]:
    """The HTML page is without what is frozen, the JSON page is not."""
    right = render_pages.put_page

    def forgetful(tx: Transaction, project: Project, serial: int) -> None:
        right(tx, project, serial)
        files = tuple(tx.files.of_project(project.id))
        page = replace(render_pages.project_page(tx, project, serial), files=files)
        body = project_page_json(page)
        bodies = {coding: encoded(body, coding) for coding in CODINGS}
        tx.pages.put(
            page.name, "json", Rendered(bodies, Sha256.of(body).hex[:32], serial, project.is_private)
        )

    with patch.object(render_pages, "put_page", forgetful):
        yield


def draft_revision_ignored() -> AbstractContextManager[object]:
    """Who accepts names the draft that was shown, and nobody looks whether it is that one."""
    return patch.object(review, "require_revision", lambda *_: None)


MISTAKES: Mapping[str, tuple[Callable[[], AbstractContextManager[object]], str]] = {
    "consent is not checked again at publishing": (consent_not_checked_again, "T-32"),
    "the clock moves a day too early": (a_day_too_early, "moved earlier than told"),
    "a frozen file stays on the JSON page": (frozen_on_the_json_page, "I-12: frozen"),
    "the revision of a draft is ignored": (draft_revision_ignored, "must not have been done"),
}
"""What is planted, and a part of what the machine says of it."""
