"""The figures of a survey, added up from what was seen."""

from dataclasses import replace

from tests.domain.test_survey import LINK, NOW

from homeport.domain.survey import Check, Letter, Link, Look, Reach, look_of
from homeport.domain.survey_report import TOP, Bar, HostFigures, Report, report_of

TLS = replace(
    LINK, url="https://other.test/demo-2.zip", host="other.test", filename="demo-2.zip", is_tls=True
)


def seen(links: dict[str, list[Link]]) -> Report:
    """The report of projects that host nothing and have these links."""
    looks = [look_of(project, (), there, at=NOW) for project, there in links.items()]
    return report_of(looks, [(project, link) for project, there in links.items() for link in there])


def test_of_nothing() -> None:
    """An index without projects has a report of zeros and no bars."""
    report = report_of([], [])
    assert (report.projects, report.links, report.hosts, report.dead_links) == (0, 0, 0, 0)
    assert report.letters == dict.fromkeys(Letter, 0)
    assert report.reaches == dict.fromkeys(Reach, 0)
    assert report.spread == ()
    assert report.hosts_by_dead == ()


def test_projects() -> None:
    """Projects are counted by letter; those that were not looked at, could not be read or lost all, apart."""
    gone = replace(LINK, check=Check(Reach.GONE, 404, code="http-error", problem="404"))
    looks = [
        look_of("lost", (), [gone], at=NOW),
        look_of("unread", ("unread-1.zip",), [], problem="1 of 1 pages", at=NOW),
        Look("archived", None, "It is archived.", hosted_files=2, at=NOW),
    ]
    report = report_of(looks, [("lost", gone)])
    assert report.letters == {Letter.A: 1, Letter.B: 1, Letter.C: 0}
    assert (report.projects, report.skipped_projects, report.unread_projects) == (3, 1, 1)
    assert (report.lost_projects, report.external_projects) == (1, 1)
    assert (report.hosted_files, report.external_files, report.dead_files) == (3, 1, 1)
    assert report.reasons == (("http-error", 1),)


def test_links_and_their_hosts() -> None:
    """Links are counted by host: how many, of how many projects and files, dead, over plain HTTP, without a hash."""
    silent = replace(TLS, url="https://other.test/3", check=Check(Reach.SILENT), claimed=(("md5", "a"),))
    report = seen(
        {"demo": [LINK, TLS, silent], "also": [replace(LINK, is_hosted=True, seen_by=("pip", "easy"))]}
    )
    other = HostFigures("other.test", links=2, projects=1, files=1, dead=1, plain_http=0, unhashed=1)
    site = HostFigures("site.test", links=2, projects=2, files=2, dead=0, plain_http=2, unhashed=2)
    assert report.hosts_by_projects == (site, other)
    assert report.hosts_by_links == (site, other)
    assert (report.hosts, report.lone_hosts, report.dead_hosts) == (2, 1, 0)
    assert (report.links, report.hosted_links, report.dead_links) == (4, 1, 1)
    assert (report.plain_http_links, report.unhashed_links) == (2, 3)
    assert report.sources == (("download", 4),)
    assert report.tools == (("easy", 1), ("pip", 1))


def test_a_share_of_few_links_is_no_share() -> None:
    """Hosts are compared by their share of dead links when they have five, and one is dead."""

    def links(host: str, alive: int, dead: int) -> list[Link]:
        return [
            replace(
                LINK, url=f"{host}{n}", host=host, check=Check(Reach.FOUND if n < alive else Reach.SILENT)
            )
            for n in range(alive + dead)
        ]

    report = seen(
        {"demo": [*links("few", 0, 4), *links("half", 3, 3), *links("all", 0, 5), *links("fine", 9, 0)]}
    )
    assert [host.host for host in report.hosts_by_dead] == ["all", "half"]
    assert report.dead_hosts == 2


def test_spread() -> None:
    """Projects are counted by how many external files they have, up to the last range that has any."""
    looks = [Look(f"p{n}", Letter.C, external_files=n, at=NOW) for n in (0, 1, 2, 4, 5, 100)]
    assert report_of(looks, []).spread == (
        Bar(1, 1, 1),
        Bar(2, 4, 2),
        Bar(5, 9, 1),
        Bar(10, 19, 0),
        Bar(20, 49, 0),
        Bar(50, 99, 0),
        Bar(100, 199, 1),
    )
    assert report_of([replace(looks[1], external_files=5_000)], []).spread[-1] == Bar(1_000, None, 1)


def test_lists_are_short_and_in_order() -> None:
    """Of many projects the list holds those with most external files; equal ones stand by name."""
    looks = [
        Look(f"p{number:03}", Letter.C, external_files=1 + number // 50, at=NOW)
        for number in range(99, -1, -1)
    ]
    top = report_of(looks, []).projects_by_files
    assert [look.project for look in top] == [f"p{number:03}" for number in range(50, 100)]
    assert len(top) == TOP
