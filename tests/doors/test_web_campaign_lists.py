"""What a browser is shown of a campaign that runs: what was decided, what lies ahead of each project, and what no preview is any more."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person

from homeport.domain.account import Caller
from homeport.domain.campaign import CampaignKind
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ReleaseVersion
from homeport.domain.release import ExternalLink
from homeport.flows.campaign import manage
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.survey.run import finish_survey

ONE = "/admin/campaigns/1/"
AHEAD = timedelta(days=40)
OPT_IN = "/manage/rehosts/new?project=kept"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """Ada's kept is pypi-cache, with a file that is recorded elsewhere; root has previewed a phase-out."""
    with web_index(tmp_path) as opened:
        root = Caller(add_person(opened.world, "root", is_admin=True))
        project = opened.project("kept", "ada", HostingMode.CACHE)
        with opened.world.store.write() as tx:
            url = "https://files.test/kept-1.0.zip"
            version = ReleaseVersion.parse_legacy("1.0")
            tx.outside.put_links(project.id, [ExternalLink("kept", version, "kept-1.0.zip", url, url)])
        day = opened.world.clock.now().date() + AHEAD
        draft = manage.Draft("Uploads only", "Why.", day, "https://index.test/terms")
        made = manage.draft_campaign(opened.world, root, CampaignKind.PHASE_OUT, draft)
        manage.preview_campaign(opened.world, root, made.id)
        yield opened


def announce(index: WebIndex) -> None:
    """Root announces it, and the clock looks."""
    manage.announce_campaign(index.world, index.caller("root"), 1)
    look_after_campaigns(index.world)


def test_a_preview_counts_what_is_not_here_yet(index: WebIndex) -> None:
    """The files that a phase-out leaves where they are, counted and by project; and by what they are known."""
    preview = index.signed_in("root").get(f"{ONE}preview/").page.text
    assert "1 in group A: nothing stops being installable" in preview
    assert "1 file known elsewhere and not here yet: after the day nothing brings it home" in preview
    assert "No survey of all projects was finished yet" in preview
    assert "group B" not in preview
    with index.world.store.write() as tx:
        survey = tx.surveys.add(None, by="root", at=index.world.clock.now())
    finish_survey(index.world, survey.id)
    preview = index.signed_in("root").get(f"{ONE}preview/").page.text
    assert f"All were looked at last by survey {survey.id}" in preview


def test_a_preview_ends_with_the_announcement(index: WebIndex) -> None:
    """The navigation does not offer it any more; its addresses lead to the campaign, and show no mail."""
    root = index.signed_in("root")
    assert root.get(ONE).page.all("a", href=f"{ONE}preview/")
    assert "were the campaign announced now" in root.get(f"{ONE}preview/kept/").page.text
    announce(index)
    assert not root.get(ONE).page.all("a", href=f"{ONE}preview/")
    for address in (f"{ONE}preview/", f"{ONE}preview/kept/"):
        over = root.get(address)
        assert (over.status, "It was announced" in over.page.text) == (200, True)
        assert over.page.all("a", href=ONE)
        assert over.page.all("a", href=f"{ONE}projects/")
        assert "announced now" not in over.page.text
    assert root.get(f"{ONE}preview/kept/mails/1/").status == 404


def test_a_preview_ends_when_it_is_given_up(index: WebIndex) -> None:
    """Of a draft that is cancelled there is nothing to look ahead to."""
    root = index.signed_in("root")
    manage.cancel_campaign(index.world, index.caller("root"), 1, "Not now.")
    over = root.get(f"{ONE}preview/").page
    assert "It was cancelled before anybody was told" in over.text
    assert not over.all("a", href=f"{ONE}projects/")
    assert not root.get(ONE).page.all("a", href=f"{ONE}preview/")


def test_what_was_decided_stays_on_the_page(index: WebIndex) -> None:
    """A pause and its reason are there after it is over, and who announced it."""
    announce(index)
    root = index.caller("root")
    manage.pause_campaign(index.world, root, 1, "A mistake in the terms.")
    manage.resume_campaign(index.world, root, 1)
    shown = index.signed_in("root").get(ONE).page.text
    assert "Announced by root, " in shown
    for said in ("drafted root", "previewed root", "paused root", "resumed root"):
        assert said in shown
    assert "A mistake in the terms." in shown


def test_a_filter_that_means_nothing_is_refused(index: WebIndex) -> None:
    """On the page and in the files, with what is wanted instead."""
    announce(index)
    root = index.signed_in("root")
    for query, said in (("stand=zzz", "stand is 'zzz': one of waiting, moved"), ("group=Q", "one of A, B")):
        for address in ("projects/", "projects/export/projects.csv", "projects/export/projects.json"):
            refused = root.get(f"{ONE}{address}?{query}")
            assert (refused.status, said in refused.page.text) == (400, True)
    for address in ("/admin/frozen/", "/admin/frozen/export/frozen.csv"):
        refused = root.get(f"{address}?show=zzz")
        assert (refused.status, "show is 'zzz': one of all" in refused.page.text) == (400, True)


def test_the_day_and_the_next_notice_are_apart(index: WebIndex) -> None:
    """The day is that of the file; the notice is the next one that people get, none while the clock is stopped."""
    announce(index)
    root, browser, address = index.caller("root"), index.signed_in("root"), f"{ONE}projects/"
    today = index.world.clock.now().date()
    day, notice = today + AHEAD, today + AHEAD - timedelta(days=7)
    shown = browser.get(address).page.text
    assert "Next notice Moved on" in shown
    assert f"{notice} {day}" in shown
    (row,) = csv.DictReader(StringIO(browser.get(f"{address}export/projects.csv").html))
    assert row["day"] == f"{today + AHEAD}"
    manage.pause_campaign(index.world, root, 1, "Wait.")
    assert f"none while it is paused {day}" in browser.get(address).page.text
    manage.resume_campaign(index.world, root, 1)
    assert f"{notice} {day}" in browser.get(address).page.text
    manage.cancel_campaign(index.world, root, 1, "Enough.")
    assert "none not at all" in browser.get(address).page.text


def test_after_the_day_the_page_of_the_mail_says_how(index: WebIndex) -> None:
    """It offers no plan that would be refused, but says when pypi-cache ended, and how to upload."""
    ada = index.signed_in("ada")
    assert "kept-1.0.zip" in ada.get(OPT_IN).page.text
    announce(index)
    assert "nothing that lies elsewhere is brought home" in ada.get(OPT_IN).page.text
    for days in (AHEAD.days - 7, AHEAD.days):
        later = index.later(minutes=days * 24 * 60)
        look_after_campaigns(later.world)
    closed = later.signed_in("ada").get(OPT_IN).page
    day = index.world.clock.now().date() + AHEAD
    assert f"pypi-cache ended on this index on {day}" in closed.text
    assert "twine upload --repository-url" in closed.text
    assert "kept-1.0.zip" in closed.text
    assert not closed.all("form", action="/manage/rehosts/new")
