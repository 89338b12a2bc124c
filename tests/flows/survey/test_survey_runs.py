"""A survey's way to its report: its end is told, what was killed begins again, and lists are read."""

import time
from dataclasses import replace
from typing import Any

import pytest
from tests.support.outside import Answer, Mood, redirect
from tests.support.surveyed_index import Index
from tests.support.world import drop_jobs

from homeport.domain.ledger import Kind
from homeport.domain.survey import Letter, Reach
from homeport.flows.survey import run, show
from homeport.flows.survey.start import job_of, resume_surveys, start_survey_of_all
from homeport.ports.fetch import Fetched
from homeport.ports.jobs import Job, Work
from homeport.ports.surveys import LinkFilter

# Its end


def test_the_end_is_told(index: Index) -> None:
    """A survey that ends is one entry in the ledger, and a notice to who asked."""
    index.project("demo", "https://site.test/demo-1.0.zip")
    before = len(index.fakes.store.committed.ledger)
    view = index.survey()
    (entry,) = index.fakes.store.committed.ledger[before:]
    assert Kind.SURVEY_FINISHED.encode() in entry.body
    assert index.kinds()[0] == "survey-finished"
    run.finish_survey(index.world, view.survey.id)
    run.finish_survey(index.world, 99)
    assert len(index.fakes.store.committed.ledger) == before + 1
    index.survey("demo")
    with index.world.store.read() as tx:
        notice = tx.notices.of_user(index.owner.user.id, limit=1)[0]
    assert notice.subject == "The survey of demo is finished"
    assert notice.text == "1 files outside, 1 of them not to be had any more."


def test_a_failure_is_told(index: Index) -> None:
    """A survey that cannot go on ends with the reason; another one may be begun."""
    survey = start_survey_of_all(index.world, index.admin)
    drop_jobs(index.fakes)
    run.fail_survey(index.world, survey.id, "It broke.")
    run.fail_survey(index.world, survey.id, "Again.")
    view = show.show_survey(index.world, index.admin, survey.id)
    assert (view.survey.problem, view.survey.is_running, view.report) == ("It broke.", False, None)
    assert index.kinds() == ["survey-finished"]
    run.look_at_projects(index.world, survey.id)
    run.look_at_projects(index.world, 99)
    assert start_survey_of_all(index.world, index.admin).id != survey.id
    drop_jobs(index.fakes)


def test_who_asked_may_be_gone(index: Index) -> None:
    """A survey whose asker has no account any more ends all the same."""
    with index.world.store.write() as tx:
        survey = tx.surveys.add(None, by="nobody", at=index.world.clock.now())
    run.finish_survey(index.world, survey.id)
    assert not show.show_survey(index.world, index.admin, survey.id).survey.is_running


# Killed and begun again


class Killed(BaseException):
    """The process ends here."""


def test_what_was_looked_at_is_not_looked_at_again(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """A survey that was killed goes on with the projects that were not looked at, and finds what one run finds."""
    for number in range(6):
        url = f"https://site{number}.test/demo{number}-1.0.zip"
        index.project(f"demo{number}", url)
        index.fakes.outside.put_file(url, b"1")
    survey = start_survey_of_all(index.world, index.admin)
    drop_jobs(index.fakes)
    monkeypatch.setattr(run, "_KEPT_AT_ONCE", 2)
    kept = run._Run._keep
    calls: list[int] = []

    def keep_twice(self: run._Run) -> None:
        if len(calls) == 2:
            raise Killed
        calls.append(1)
        kept(self)

    monkeypatch.setattr(run._Run, "_keep", keep_twice)
    with pytest.raises(Killed):
        run.look_at_projects(index.world, survey.id)
    looked_at = show.show_survey(index.world, index.admin, survey.id).progress.looked_at
    assert 2 <= looked_at < 6
    monkeypatch.setattr(run._Run, "_keep", kept)
    asked_before = len(index.fakes.outside.asked)
    run.look_at_projects(index.world, survey.id)
    assert len(index.fakes.outside.asked) - asked_before == 6 - looked_at
    run.finish_survey(index.world, survey.id)
    assert len(index.seen(survey.id)) == 6


def test_a_quiet_while(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nothing comes in for a moment, the survey waits on."""
    monkeypatch.setattr(run, "_LOOK_UP_SECONDS", 0.001)
    index.project("demo", "https://site.test/demo-1.0.zip")
    fetcher = index.world.fetcher

    class Slow:
        """The same fetcher, after a while."""

        def fetch(self, *asked: Any) -> Fetched:
            """See the port."""
            time.sleep(0.05)
            return fetcher.fetch(*asked)

    survey = start_survey_of_all(index.world, index.admin)
    drop_jobs(index.fakes)
    run.look_at_projects(replace(index.world, fetcher=Slow()), survey.id)
    assert index.seen(survey.id) == {"demo": (Letter.B, 1, 1)}


def test_lost_work_is_given_back(index: Index) -> None:
    """A survey whose job the engine lost gets another, once; one whose job lives is left alone."""
    survey = start_survey_of_all(index.world, index.admin)
    drop_jobs(index.fakes)
    assert resume_surveys(index.world, lambda key: key == job_of(survey).key) == ()
    assert resume_surveys(index.world, lambda _: False) == (survey.id,)
    assert index.fakes.waiting() == [Job(Work.SURVEY, survey.id, 2)]
    drop_jobs(index.fakes)

    def ends_meanwhile(_: str) -> bool:
        run.fail_survey(index.world, survey.id, "It ended.")
        return False

    assert resume_surveys(index.world, ends_meanwhile) == ()


def test_an_error_ends_the_run(index: Index) -> None:
    """What nobody expected in a thread is raised to who runs the survey, and nothing hangs."""
    index.project("demo", "https://site.test/demo-1.0.zip")
    survey = start_survey_of_all(index.world, index.admin)
    drop_jobs(index.fakes)

    class Broken:
        """A fetcher with a mistake in it."""

        def fetch(self, *_: Any) -> Fetched:
            """See the port."""
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run.look_at_projects(replace(index.world, fetcher=Broken()), survey.id)


# Lists


def test_lists_and_exports(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """Projects and links are listed by pages, and exported whole."""
    for number in range(3):
        urls = [f"https://site.test/demo{number}-{version}.0.zip" for version in (1, 2)]
        index.project(f"demo{number}", *urls)
    index.fakes.outside.put("https://site.test/demo1-1.0.zip", redirect("https://site.test/1"))
    index.fakes.outside.put("https://site.test/1", Answer(body=b"1", mood=Mood.HONEST))
    survey_id = index.survey().survey.id
    monkeypatch.setattr(show, "PAGE_LENGTH", 2)
    monkeypatch.setattr(show, "_EXPORTED_AT_ONCE", 2)
    first = show.list_looks(index.world, index.admin, survey_id)
    assert ([look.project for look in first.looks], first.after) == (["demo0", "demo1"], "demo1")
    rest = show.list_looks(index.world, index.admin, survey_id, after=first.after)
    assert ([look.project for look in rest.looks], rest.after) == (["demo2"], "")
    links = show.list_links(index.world, index.admin, survey_id)
    assert links.after == links.links[-1].id
    assert len(show.list_links(index.world, index.admin, survey_id, after=links.after).links) == 2
    found = LinkFilter(reach=Reach.FOUND)
    assert show.list_links(index.world, index.admin, survey_id, found).after == 0
    looks = [look for piece in show.every_look(index.world, index.admin, survey_id) for look in piece]
    assert [look.project for look in looks] == ["demo0", "demo1", "demo2"]
    every = [one for piece in show.every_link(index.world, index.admin, survey_id) for one in piece]
    assert len({one.id for one in every}) == 6
