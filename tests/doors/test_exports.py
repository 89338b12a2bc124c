"""The lists of administrators, and the hosting log, as files to keep: all that the page's filter shows, as CSV and as JSON."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from tests.support.browser import Browser
from tests.support.catalogue import publish
from tests.support.hooks import URL
from tests.support.outside import Answer
from tests.support.outside_poster import OutsidePoster
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person

from homeport.adapters.db.store import SqlStore
from homeport.domain.account import Caller
from homeport.domain.campaign import CampaignKind
from homeport.domain.hosting import HostingMode
from homeport.domain.mail import Letter
from homeport.domain.proposal import Act, Deed
from homeport.domain.receiver import Forge
from homeport.domain.rehost import Purpose
from homeport.domain.removal_request import RemovalRequest
from homeport.domain.webhook import Feed
from homeport.flows import freeze, pieces, proposals
from homeport.flows.campaign.manage import Draft, draft_campaign
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.policies import change_policy
from homeport.flows.webhooks.manage import HookWish, add_hook
from homeport.flows.webhooks.receivers import add_receiver

FORMULA = "=1+1"


@contextmanager
def begin(folder: Path) -> Iterator[WebIndex]:
    """An index where each list has something, whose reason would be a formula."""
    with web_index(folder) as opened:
        world = opened.world
        root = Caller(add_person(world, "root", is_admin=True))
        add_person(world, "zoe", is_admin=True)
        large, now = opened.project("large", "ada", HostingMode.ONLY), world.clock.now()
        publish(world, opened.user("ada"), "large", "1.0")
        publish(world, opened.user("ada"), "large", "2.0")
        freeze.freeze(world, root, "large", "1.0", reason=FORMULA)
        freeze.freeze(world, root, "large", "2.0", reason="A virus.")
        change_policy(world, root, {"two_to_delete": "yes"}, FORMULA)
        freeze.unfreeze(world, root, "large", "2.0", reason="It was none.")
        day = now.date() + timedelta(days=100)
        change_hosting(world, root, "large", Wish(HostingMode.EXT, FORMULA, day))
        draft_campaign(
            world,
            root,
            CampaignKind.TO_ONLY,
            Draft(FORMULA, "Why.", day, "https://example.org/", (90, 30, 7)),
        )
        deed = Deed(Act.DELETE, "large", "2.0")
        proposals.propose(world, root, deed, FORMULA)
        assert isinstance(world.poster, OutsidePoster)
        world.poster.outside.put(URL, Answer())
        add_hook(world, Caller(opened.user("ada")), HookWish(Feed.PROJECT, URL, project="large"))
        add_receiver(world, Caller(opened.user("ada")), "large", Forge.GITHUB)
        assert isinstance(world.store, SqlStore)
        world.store.sends_mail = True
        with world.store.write() as tx:
            tx.surveys.add(None, by="root", at=now)
            tx.users.put_mail_problem(opened.user("ada").id, FORMULA, now)
            for subject in (FORMULA, "Later"):
                tx.mails.add(Letter("ada@example.org", subject, "https://index.test/secret", ""), now)
            for mail in tx.mails.due(now, limit=9):
                tx.mails.put(mail.given_up(FORMULA))
            rehost = tx.rehosts.add(large.id, Purpose.HISTORY, "", by="ada", at=now, metadata=None)
            tx.removal_requests.add(
                RemovalRequest(0, large.id, "large", rehost.id, ("large-1.0.zip",), FORMULA, "ada", now)
            )
        yield opened


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebIndex]:
    """It, for all tests: none of them changes it."""
    with begin(tmp_path_factory.mktemp("exports")) as opened:
        yield opened


@pytest.fixture
def root(index: WebIndex) -> Browser:
    """The administrator's browser."""
    return index.signed_in("root")


def lines(text: str) -> list[dict[str, str]]:
    """CSV as a spreadsheet reads it."""
    return list(csv.DictReader(StringIO(text)))


LISTS = [
    # page, file, a column, what is in it, and the column that somebody wrote a formula into
    ("/admin/mails/", "mails", "subject", ["Later", FORMULA], "problem"),
    ("/admin/mails/", "unreachable", "user", ["ada"], "problem"),
    ("/admin/frozen/", "frozen", "version", ["1.0"], "reason"),
    ("/admin/campaigns/", "campaigns", "state", ["draft"], "title"),
    ("/admin/users/", "accounts", "name", ["ada", "root", "zoe"], ""),
    ("/admin/surveys/", "surveys", "asked_by", ["root"], ""),
    ("/admin/policies/", "policies", "revision", ["1"], "reason"),
    ("/admin/proposals/", "proposals", "state", ["open"], "reason"),
    ("/admin/removals/", "removals", "asked_by", ["ada"], "reason"),
    ("/admin/webhooks/", "webhooks", "owner", ["large"], ""),
    ("/admin/webhooks/", "receivers", "owner", ["large"], ""),
    ("/hosting-log/", "hosting-log", "project", ["large"], "reason"),
]


@pytest.mark.parametrize(("page", "stem", "column", "expected", "formula"), LISTS)
def test_a_list_is_a_file(
    index: WebIndex, root: Browser, page: str, stem: str, column: str, expected: list[str], formula: str
) -> None:
    """The page leads to both files; a formula stays text; there is no other file, and nobody else gets one."""
    shown, path = root.get(page).page, f"{page}export/{stem}"
    assert shown.all("a", href=f"{path}.csv")
    assert shown.all("a", href=f"{path}.json")
    rows, told = lines(root.get(f"{path}.csv").html), json.loads(root.get(f"{path}.json").html)
    assert [row[column].removeprefix("'") for row in rows] == expected
    assert [str(one[column]) for one in told] == expected
    if formula:
        assert {row[formula] for row in rows if row[formula].endswith(FORMULA)} == {f"'{FORMULA}"}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    assert root.get(f"{path}.xml").status == 404
    if page.startswith("/admin/"):
        assert index.signed_in("ada").get(f"{path}.csv").status == 403


def test_files_keep_the_filter(root: Browser) -> None:
    """What the page leaves out, the file leaves out."""
    every = json.loads(root.get("/admin/frozen/export/frozen.json?show=all").html)
    assert [one["version"] for one in every] == ["2.0", "1.0"]
    assert root.get("/admin/frozen/?show=all").page.all("a", href="/admin/frozen/export/frozen.csv?show=all")
    assert [one["name"] for one in json.loads(root.get("/admin/users/export/accounts.json?q=ZO").html)] == [
        "zoe"
    ]
    assert root.get("/admin/users/?q=zo").page.all("a", href="/admin/users/export/accounts.json?q=zo")
    for project, count in (("Large", 1), ("other", 0), ("-", 0)):
        told = json.loads(root.get(f"/hosting-log/export/hosting-log.json?project={project}").html)
        assert len(told) == count
    (line,) = json.loads(root.get("/hosting-log/export/hosting-log.json").html)
    for before, count in ((line["serial"], 0), (line["serial"] + 1, 1)):
        told = json.loads(root.get(f"/hosting-log/export/hosting-log.json?before={before}").html)
        assert len(told) == count
    assert "A file has the newest 10,000 lines." in root.get("/hosting-log/").html
    assert root.get("/hosting-log/?project=large").page.all(
        "a", href="/hosting-log/export/hosting-log.csv?project=large"
    )
    for query in ("owner=demo", "state=disabled", "failures=1"):
        for stem in ("webhooks", "receivers"):
            assert json.loads(root.get(f"/admin/webhooks/export/{stem}.json?{query}").html) == []


def test_no_file_tells_a_secret(root: Browser) -> None:
    """What a mail says may open an account, and the end of an address may be a secret."""
    told = "".join(root.get(f"{page}export/{stem}.json").html for page, stem, *_ in LISTS)
    assert "index.test/secret" not in told
    assert "/hook" not in told


def test_a_long_list_is_read_in_pieces(index: WebIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is asked for behind the last of the one before, and none is left out."""
    seen = list(
        pieces.pieces(
            index.world,
            lambda tx, after: tx.users.search("", after=after, limit=2),
            lambda account: account.user.name,
            "",
        )
    )
    assert [[account.user.name for account in piece] for piece in seen] == [["ada", "root"], ["zoe"]]
    monkeypatch.setattr(freeze, "AT_ONCE", 1)
    found = freeze.every_freeze(index.world, index.caller("root"), only_live=False)
    assert [[one.version for one in piece] for piece in found] == [["2.0"], ["1.0"]]


def test_an_empty_list_is_a_file(tmp_path: Path) -> None:
    """Of nothing there is a line of columns, and an empty list."""
    with web_index(tmp_path) as empty:
        add_person(empty.world, "root", is_admin=True)
        browser = empty.signed_in("root")
        assert json.loads(browser.get("/admin/mails/export/mails.json").html) == []
        assert browser.get("/admin/frozen/export/frozen.csv").html.startswith("id,project,version,file,")
