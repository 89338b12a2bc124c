"""The contract of ``ports.surveys``: a row for each survey, each project in it, and each link."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.domain.test_survey import CRAWLED, LINK

from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName
from homeport.domain.project import Project
from homeport.domain.survey import Check, Letter, Link, Look, Progress, Reach, Survey, look_of
from homeport.domain.survey_report import report_of
from homeport.ports.store import Store
from homeport.ports.surveys import LinkFilter, Seen

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
FULL = replace(
    CRAWLED,
    host="other.test",
    is_tls=True,
    seen_by=("easy_install", "pip 1.5.6"),
    claimed=(("md5", "a" * 32), ("sha256", "b" * 64)),
    check=Check(Reach.GONE, 404, 3 * 1024**3, "http-error", "It is gone.", NOW),
)


@pytest.fixture
def projects(store: Store) -> list[Project]:
    """Three projects."""
    with store.write() as tx:
        return [
            tx.projects.add(ProjectName.parse(name), HostingMode.EXT, NOW)
            for name in ("Beta", "Alpha", "Gamma")
        ]


def begun(store: Store, project: Project | None = None) -> Survey:
    """A survey."""
    with store.write() as tx:
        return tx.surveys.add(project.id if project else None, by="ada", at=NOW)


def seen(project: Project, *links: Link) -> Seen:
    """A project that was looked at."""
    return Seen(project.id, look_of(project.name.normalized, (), links, at=LATER), links)


def put(store: Store, survey: Survey, *what: Seen) -> None:
    """Remember what was seen."""
    with store.write() as tx:
        tx.surveys.put(survey.id, what, waiting_hosts=2)


def test_of_one_project_or_of_all(store: Store, projects: list[Project]) -> None:
    """A survey is of one project, or of every one there is when it is begun."""
    of_all, of_one = begun(store), begun(store, projects[0])
    assert of_all == Survey(of_all.id, "", "ada", NOW)
    assert of_one == Survey(of_one.id, "beta", "ada", NOW)
    with store.write() as tx:
        tx.projects.add(ProjectName.parse("late"), HostingMode.EXT, LATER)
    with store.read() as tx:
        assert tx.surveys.progress(of_all.id) == Progress(3, 0, 0, 0)
        assert tx.surveys.progress(of_one.id) == Progress(1, 0, 0, 0)
        assert tx.surveys.find(of_one.id) == of_one
        assert tx.surveys.find(99) is None
        assert list(tx.surveys.newest(limit=1)) == [of_one]
        assert list(tx.surveys.newest(before=of_one.id, limit=9)) == [of_all]
        assert list(tx.surveys.newest(before=of_all.id, limit=9)) == []
        progress = {of_all.id: Progress(3, 0, 0, 0), of_one.id: Progress(1, 0, 0, 0)}
        assert tx.surveys.progress_of({of_all.id, of_one.id, 99}) == progress
        assert list(tx.surveys.running()) == [of_all, of_one]


def test_what_is_left_to_look_at(store: Store, projects: list[Project]) -> None:
    """Projects that were not looked at come by id, after any, so many as are asked for."""
    survey = begun(store)
    put(store, survey, seen(projects[1], LINK))
    with store.read() as tx:
        assert list(tx.surveys.to_look_at(survey.id, after=0, limit=9)) == [projects[0], projects[2]]
        assert list(tx.surveys.to_look_at(survey.id, after=0, limit=1)) == [projects[0]]
        assert list(tx.surveys.to_look_at(survey.id, after=projects[0].id, limit=9)) == [projects[2]]
        assert tx.surveys.progress(survey.id) == Progress(3, 1, 1, 2)


def test_what_was_seen(store: Store, projects: list[Project]) -> None:
    """Looks and links come back as they were, looks by name and links as they came."""
    survey = begun(store)
    skipped = Look("gamma", None, "It is archived.", hosted_files=2, at=LATER)
    put(store, survey, seen(projects[0], LINK, FULL), seen(projects[1]), Seen(projects[2].id, skipped))
    with store.read() as tx:
        looks, links = list(tx.surveys.looks(survey.id)), list(tx.surveys.links(survey.id))
    assert [look.project for look in looks] == ["alpha", "beta", "gamma"]
    assert looks[1] == look_of("beta", (), [LINK, FULL], at=LATER)
    assert looks[2] == skipped
    assert [(one.project, one.link) for one in links] == [("beta", LINK), ("beta", FULL)]


def test_looking_again_replaces(store: Store, projects: list[Project]) -> None:
    """What is put a second time stands in the place of what was put first; other projects keep theirs."""
    survey, other = begun(store), begun(store)
    put(store, other, seen(projects[0], LINK))
    put(store, survey, seen(projects[0], LINK, FULL), seen(projects[1], LINK))
    put(store, survey, seen(projects[0], FULL))
    put(store, survey)
    with store.read() as tx:
        links = [(one.project, one.link) for one in tx.surveys.links(survey.id)]
        assert sorted(links, key=lambda pair: pair[0]) == [("alpha", LINK), ("beta", FULL)]
        assert len(list(tx.surveys.links(other.id))) == 1


def test_pages_and_filters(store: Store, projects: list[Project]) -> None:
    """Links are filtered by project, host, reach, scheme and letter; lists go on after what was seen."""
    survey = begun(store)
    put(store, survey, seen(projects[0], LINK, FULL), seen(projects[1], LINK))

    def found(wanted: LinkFilter = LinkFilter(), after: int = 0, limit: int | None = None) -> list[int]:  # noqa: B008
        with store.read() as tx:
            return [one.id for one in tx.surveys.links(survey.id, wanted, after=after, limit=limit)]

    first, second, third = found()
    assert found(limit=2) == [first, second]
    assert found(after=first) == [second, third]
    assert found(LinkFilter(project="beta")) == [first, second]
    assert found(LinkFilter(host="other.test")) == [second]
    assert found(LinkFilter(reach=Reach.FOUND)) == [first, third]
    assert found(LinkFilter(is_tls=False)) == [first, third]
    assert found(LinkFilter(letter=Letter.C)) == [first, second]
    assert found(LinkFilter(project="alpha", reach=Reach.GONE)) == []
    with store.read() as tx:
        assert [look.project for look in tx.surveys.looks(survey.id, letter=Letter.B)] == ["alpha"]
        assert [look.project for look in tx.surveys.looks(survey.id, after="alpha", limit=1)] == ["beta"]


def test_the_end(store: Store, projects: list[Project]) -> None:
    """A survey ends with its report, or with the reason why it has none; it runs no more."""
    survey, broken = begun(store), begun(store)
    put(store, survey, seen(projects[0], LINK, FULL))
    report = report_of([look_of("beta", (), [LINK, FULL], at=NOW)], [("beta", LINK), ("beta", FULL)])
    with store.write() as tx:
        assert tx.surveys.report(survey.id) is None
        tx.surveys.finish(survey.id, report, LATER)
        tx.surveys.fail(broken.id, "It broke.", LATER)
        of_one = tx.surveys.add(projects[0].id, by="root", at=NOW)
        assert tx.surveys.newest_of_all() == replace(survey, finished_at=LATER)
        tx.surveys.finish(of_one.id, report, LATER)
    with store.read() as tx:
        assert tx.surveys.newest_of_all() == replace(survey, finished_at=LATER)
        assert tx.surveys.running() == []
        assert tx.surveys.find(survey.id) == replace(survey, finished_at=LATER)
        assert tx.surveys.find(broken.id) == replace(broken, finished_at=LATER, problem="It broke.")
        assert tx.surveys.progress(survey.id).waiting_hosts == 0
        said = tx.surveys.report(survey.id)
        assert said is not None
        assert (said.letters, said.hosts_by_links) == (report.letters, report.hosts_by_links)
        assert tx.surveys.report(broken.id) is None
        assert tx.surveys.reports_of({survey.id, broken.id, 99}) == {survey.id: said}


def test_the_last_that_looked_at_a_project(store: Store, projects: list[Project]) -> None:
    """Of that project or of all; one that runs or failed says nothing, and one of another project neither."""
    beta, alpha = projects[0], projects[1]
    of_all, of_beta, of_alpha, failed, _running = (
        begun(store),
        begun(store, beta),
        begun(store, alpha),
        begun(store, beta),
        begun(store, beta),
    )
    with store.write() as tx:
        assert tx.surveys.last_of(beta.id) is None
        for one in (of_all, of_beta, of_alpha):
            tx.surveys.finish(one.id, report_of([], []), LATER)
        tx.surveys.fail(failed.id, "The database went away.", LATER)
        last = [tx.surveys.last_of(one.id) for one in projects]
        assert [one.id if one else 0 for one in last] == [of_beta.id, of_alpha.id, of_all.id]


def test_another_try(store: Store, projects: list[Project]) -> None:
    """A survey that is taken up again counts one more try, and keeps what was looked at."""
    survey = begun(store)
    put(store, survey, seen(projects[0], LINK))
    with store.write() as tx:
        assert tx.surveys.restart(survey.id) == replace(survey, tries=2)
        assert tx.surveys.progress(survey.id).looked_at == 1


def test_a_light_write_is_seen_at_once(store: Store) -> None:
    """What is written lightly is there for everybody who reads after it, and is undone when it raises."""
    with store.write_lightly() as tx:
        tx.users.add("ada", "ada@example.org", None, is_admin=False, at=NOW)
    with pytest.raises(ZeroDivisionError), store.write_lightly() as tx:
        tx.users.add("bob", "bob@example.org", None, is_admin=False, at=1 / 0)  # type: ignore[arg-type]
    with store.read() as tx:
        assert [user is not None for user in map(tx.users.by_name, ("ada", "bob"))] == [True, False]
