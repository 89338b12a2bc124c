"""The dashboard for programs: every block of it, and the lists as lines."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from tests.domain.test_survey import LINK
from tests.support.builders import rehost
from tests.support.dashboards import NOW, dashboard, day

from homeport.domain.dashboard import Alarms, Exempt, ExternalLinks, HostHealth, ProjectStand
from homeport.domain.drift import Consequence, DriftEvent, Sign
from homeport.domain.exemption import Exemption
from homeport.domain.hosting import HostingMode
from homeport.domain.manners import Frozen, Host, HostState
from homeport.domain.rehost import State
from homeport.domain.survey import Survey, look_of
from homeport.domain.survey_report import report_of
from homeport.formats.dashboard_json import (
    DAY_COLUMNS,
    HOST_COLUMNS,
    REHOST_COLUMNS,
    STAND_COLUMNS,
    dashboard_json,
    hosts_csv,
    mode_days_csv,
    rehosts_csv,
    stand_json,
    stands_csv,
)

STAND = ProjectStand("demo", HostingMode.EXT, NOW, Exempt.DATED, date(2026, 4, 1), 2, 1)
EVENT = DriftEvent(
    1, "demo", "demo-1.zip", LINK.url, LINK.host, Sign.GONE, "", "It is gone.", Consequence.TELL, NOW
)


def rows(lines: Iterator[str]) -> list[list[str]]:
    """Lines as a spreadsheet reads them."""
    return list(csv.reader("".join(lines).splitlines()))


def test_of_an_index_where_nothing_is_to_be_done() -> None:
    """Counts are there when they are zero; what nobody has looked at is null."""
    told = dashboard_json(dashboard())
    assert told["at"] == "2026-03-04T05:06:07Z"
    assert told["projects"] == {
        "day": "2026-03-04",
        "pypi-ext": 0,
        "pypi-cache": 0,
        "pypi-only": 1,
        "total": 1,
    }
    assert told["modes"] == [told["projects"]]
    assert told["external_links"] is None
    assert told["exemptions"] == {"dated": 0, "without-end": 0, "ending_soon": 0, "next": []}
    assert told["hosts"] == {"resting": 0, "frozen": 0}
    assert told["mails"] == {"sent": True, "waiting": 0, "troubled": 0}
    assert told["drift"] == {"alarms": [], "newest": []}
    assert told["queues"] == [{"queue": "rehosts", "waiting": 0, "later": 0, "running": 0}]


def test_everything_is_told() -> None:
    """Projects, external links by host, exemptions, rehosts and drift, each in its own words."""
    exemption = Exemption(1, 1, "demo", "Large.", date(2026, 4, 1), "root", NOW)
    report = report_of([look_of("demo", (), [LINK], at=NOW)], [("demo", LINK)])
    survey = Survey(7, "", "root", NOW, NOW)
    hosts = [HostHealth(LINK.host, 1, 1, 0, HostState.READY, 2)]
    told = dashboard_json(
        dashboard(
            lingering=[STAND],
            external=ExternalLinks(survey, report, hosts),
            next_to_end=[exemption],
            rehosts={State.PLANNED: 3},
            alarms=[Alarms(LINK.host, Sign.GONE, 2)],
            newest_alarms=[EVENT],
        )
    )
    assert told["lingering"] == [stand_json(STAND)]
    external = told["external_links"]
    assert (external["survey"], external["finished"]) == (7, "2026-03-04T05:06:07Z")
    assert (external["external_projects"], external["links"], external["dead_links"]) == (1, 1, 0)
    assert external["hosts"] == [
        {"host": LINK.host, "projects": 1, "links": 1, "dead": 0, "state": "ready", "alarms": 2}
    ]
    assert told["exemptions"]["next"][0]["until"] == "2026-04-01"
    assert told["rehosts"] == {"planned": 3}
    assert told["drift"]["alarms"] == [{"host": LINK.host, "sign": "gone", "count": 2}]
    assert told["drift"]["newest"][0]["sentence"] == "It is gone."
    unfinished = ExternalLinks(replace(survey, finished_at=None), report, [])
    assert dashboard_json(dashboard(external=unfinished))["external_links"]["finished"] is None


def test_days_as_lines() -> None:
    """A line for each day, below its modes."""
    assert rows(mode_days_csv([day(3, only=1), day(4, 1, 2, 3)])) == [
        list(DAY_COLUMNS),
        ["2026-03-03", "0", "0", "1", "1"],
        ["2026-03-04", "1", "2", "3", "6"],
    ]


def test_projects_as_lines() -> None:
    """A line for each project, piece by piece; what is not there is empty."""
    lone = replace(STAND, project="=lone", exempt=Exempt.NONE, until=None, owners=0, reachable_owners=0)
    assert rows(stands_csv([[STAND], [lone]])) == [
        list(STAND_COLUMNS),
        ["demo", "pypi-ext", "2026-03-04T05:06:07Z", "dated", "2026-04-01", "2", "1", "yes"],
        ["'=lone", "pypi-ext", "2026-03-04T05:06:07Z", "none", "", "0", "0", "no"],
    ]


def test_rehosts_as_lines() -> None:
    """A line for each rehost, with its state."""
    head, line = rows(rehosts_csv([[rehost(State.FAILED, problem="It broke.")]]))
    told = dict(zip(head, line, strict=True))
    assert tuple(head) == REHOST_COLUMNS
    assert (told["state"], told["problem"], told["version"]) == ("failed", "It broke.", "")


def test_hosts_as_lines() -> None:
    """A line for each host: how it stands, and who froze it, and why."""
    frozen = Host("one.test", asked_at=NOW, frozen=Frozen(NOW, "root", "Sold."))
    resting = Host("two.test", failures=3, resting_until=NOW, problem="Nobody answers.")
    lines = rows(hosts_csv([[(frozen, HostState.FROZEN)], [(resting, HostState.RESTING)]]))
    assert lines == [
        list(HOST_COLUMNS),
        ["one.test", "frozen", "2026-03-04T05:06:07Z", "", "0", "", "root", "Sold."],
        ["two.test", "resting", "", "2026-03-04T05:06:07Z", "3", "Nobody answers.", "", ""],
    ]
