"""A phase-out: files that are not here by its day do not come any more, so people are told of each of them in time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.campaigns import DAY, Play, begin_play
from tests.support.world import drop_jobs

from homeport.domain.campaign import CampaignKind, Group, Stand
from homeport.domain.errors import Conflict, IllegalMove
from homeport.domain.hosting import HostingMode
from homeport.domain.survey import Link, look_of
from homeport.flows.campaign.letters import ANNOUNCED, MOVED
from homeport.flows.campaign.opt_in import opt_in, show_opt_in
from homeport.flows.campaign.show import preview_candidates, preview_mails, preview_totals
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.rehost.start import start_plan
from homeport.flows.survey.start import begin_survey_of_all
from homeport.ports.surveys import Seen

FILES = ["kept-1.0.zip", "kept-1.1.zip"]
OPT_IN = "/manage/rehosts/new?project=kept"


def link(filename: str) -> Link:
    """A file on the homepage of its project."""
    return Link(
        f"https://old.test/{filename}",
        "old.test",
        filename,
        "1.0",
        "https://old.test/",
        "homepage",
        is_tls=True,
        is_hosted=False,
    )


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Projects ``kept`` and ``empty`` are pypi-cache with nothing hosted; a survey saw two files of ``kept``."""
    with begin_play(tmp_path) as play:
        for name in ("kept", "empty"):
            play.add(name, mode=HostingMode.CACHE)
        links = tuple(link(filename) for filename in FILES)
        project = play.projects["kept"]
        play.found["kept"] = Seen(project.id, look_of("kept", [], links, at=play.now), links)
        with play.world.store.write() as tx:
            begin_survey_of_all(play.world, tx, "root")
        play.finish_surveys()
        yield play


def test_the_preview_counts_what_is_not_here(play: Play) -> None:
    """Nothing stops being installable, and yet two files are named, in the list and in the mails."""
    play.announce(CampaignKind.PHASE_OUT, ahead=40)
    totals = preview_totals(play.world, None, 1)
    assert (totals.group_a, totals.group_b, totals.files) == (2, 0, 2)
    empty, kept = preview_candidates(play.world, None, 1).candidates
    assert (empty.files, [one.filename for one in kept.files]) == ((), FILES)
    assert {empty.group, kept.group} == {Group.A}
    first, *_, last = (notice for _, notice in preview_mails(play.world, None, 1, "kept").mails)
    for told in (first.text, first.html):
        assert "kept-1.1.zip: https://old.test/kept-1.1.zip" in told
        assert "Bring them home before" in told
    for told in (last.text, last.html):
        assert "no new plan can be made" in told


def test_people_are_told_what_to_bring_home(play: Play) -> None:
    """Every mail before the day lists the files and leads to the plan; the last one says that it is too late for that."""
    begun = play.announce(CampaignKind.PHASE_OUT, ahead=40)
    play.pass_days(41)
    first, reminder, moved = play.notices("owner-of-kept")
    day = begun + 40 * DAY
    assert first.subject == f"kept becomes pypi-only on {day}: 2 files of it are not here yet"
    for notice in (first, reminder):
        assert notice.path == OPT_IN
        assert all(said in notice.text for said in (*FILES, f"home before {day}", OPT_IN))
    assert moved.path == "/manage/projects/kept/"
    assert all(said in moved.text for said in (*FILES, "no new plan can be made", "twine upload"))
    assert OPT_IN not in moved.text
    assert (play.entrant("kept").external, play.entrant("kept").group) == (2, Group.A)
    told = play.notices("owner-of-empty")
    assert [one.kind for one in told][:: len(told) - 1] == [ANNOUNCED, MOVED]
    assert "No file of it is known to lie elsewhere." in told[0].text
    assert told[0].path == "/manage/projects/empty/"


def test_the_plan_is_made_until_the_day(play: Play) -> None:
    """Before the day it is one button; after it each door says when pypi-cache ended, and none leads in a circle."""
    begun = play.announce(CampaignKind.PHASE_OUT, ahead=40)
    play.pass_days(2)
    owner = play.owner("kept")
    shown = show_opt_in(play.world, owner, "kept")
    assert ([one.filename for one in shown.files], shown.day) == (FILES, begun + 40 * DAY)
    assert (shown.stays_open, shown.needs_consent, shown.closed) == (False, False, "")
    assert opt_in(play.world, owner, "kept").project == "kept"
    drop_jobs(play.fakes)
    play.pass_days(40)
    assert (play.stand("kept"), play.mode("kept")) == (Stand.MOVED, HostingMode.ONLY)
    ended = f"pypi-cache ended on this index on {begun + 40 * DAY}: upload the files instead"
    shown = show_opt_in(play.world, owner, "kept")
    assert ([one.filename for one in shown.files], shown.campaign) == (FILES, None)
    assert ended in shown.closed
    with pytest.raises(Conflict, match=ended) as refused:
        start_plan(play.world, owner, "kept")
    assert "Choose pypi-cache first" not in refused.value.sentence
    for choose in (
        lambda: change_hosting(play.world, owner, "kept", Wish(HostingMode.CACHE, consents=True)),
        lambda: opt_in(play.world, owner, "kept", consents=True),
    ):
        with pytest.raises(IllegalMove, match=ended):
            choose()


def test_an_administrator_opens_the_way_again(play: Play) -> None:
    """When the policy is changed, the refusal names the way, and the opt-in brings the same files."""
    play.announce(CampaignKind.PHASE_OUT, ahead=40)
    play.pass_days(41)
    owner = play.owner("kept")
    with play.world.store.write() as tx:
        policy = replace(tx.policies.current(), allow_cache_after_only=True, cache_ends_on=None)
        tx.policies.put(policy, by="root", reason="Some are late.", at=play.now)
    with pytest.raises(Conflict, match="Choose pypi-cache first"):
        start_plan(play.world, owner, "kept")
    shown = show_opt_in(play.world, owner, "kept")
    assert (len(shown.files), shown.needs_consent, shown.closed) == (2, True, "")
    assert opt_in(play.world, owner, "kept", consents=True).project == "kept"
    drop_jobs(play.fakes)


def test_who_loses_links_is_told_what_the_policy_leaves(tmp_path: Path) -> None:
    """Where pypi-cache has ended, a to-only campaign does not promise that files come home after its day."""
    with begin_play(tmp_path) as play:
        play.add("demo", "demo-1.0.tar.gz")
        with play.world.store.write() as tx:
            policy = replace(tx.policies.current(), allow_cache_after_only=False)
            tx.policies.put(policy, by="root", reason="Over.", at=play.now)
        play.announce()
        play.pass_days(91)
        first, *_, moved = play.notices("owner-of-demo")
        assert "after that day they come here by hand only" in first.text
        assert first.path == "/manage/rehosts/new?project=demo"
        assert all(said in moved.text for said in ("demo-1.0.tar.gz", "links are not listed any more"))
        assert "no new plan can be made" in moved.text
