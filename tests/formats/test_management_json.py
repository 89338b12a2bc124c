"""How projects, rehosts and the ledger are told to programs: the names and shapes that others rely on."""

import json
from datetime import timedelta, timezone
from typing import Any

import pytest
from tests.support.builders import HOLD, NOW, PAGE, PLAIN, consent, item, plan, project, rehost, unreachable
from tests.support.index_pages import PUBLISHED, hosted_file

from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.consent import Basis, Hosted, Withdrawal
from homeport.domain.digests import Sha256
from homeport.domain.ledger import GENESIS, Entry, Kind, seal
from homeport.domain.names import ReleaseVersion
from homeport.domain.offer import Facts
from homeport.domain.progress import Fetching, ItemStand, progress_of
from homeport.domain.project import Role
from homeport.domain.rehost import Bytes, Decision, Item, NotTaken, Purpose, State, Visit
from homeport.domain.source import Filters, Source, SourceKind
from homeport.formats.management_json import (
    facts_json,
    file_json,
    findings_json,
    item_json,
    ledger_json,
    moment,
    plan_json,
    problem_json,
    project_json,
    rehost_json,
)
from homeport.formats.progress_json import progress_json

THEN = "2026-03-04T05:06:07Z"
REHOST: dict[str, Any] = {
    "id": 1,
    "project": "demo",
    "purpose": "history",
    "version": None,
    "state": "planned",
    "tries": 1,
    "asked_by": "alice",
    "created": THEN,
    "changed": THEN,
    "problem": None,
    "problem_code": None,
    "expires": "2026-06-02T05:06:07Z",
}
ITEM: dict[str, Any] = {
    "id": 1,
    "filename": "demo-1.0.tar.gz",
    "version": "1.0",
    "kind": "sdist",
    "url": "https://files.example.org/1/demo-1.0.tar.gz",
    "found_on": PAGE,
    "source": "download",
    "claimed": {},
    "claims": [],
    "signatures": [],
    "fetched": None,
    "bytes": "here",
    "problem": None,
    "hops": [],
    "sha256": Sha256.of(b"bytes").hex,
    "size": 5,
    "facts": {},
    "evidence": {"level": "tls", "reason": "Fetched over verified TLS."},
    "verdict": "accept",
    "findings": [],
    "change": None,
    "declared_sha256": None,
    "obstacles": [],
    "decision": "undecided",
    "published": False,
    "tries": 0,
    "next_try": None,
}


def test_facts() -> None:
    """What places say of a file; what nobody said is left out, and an empty reason is a reason."""
    facts = Facts(7, NOW, ">=3.8", "", "v1", is_prerelease=True, seen_by=("pip 1.5.6",))
    assert facts_json(facts) == {
        "size": 7,
        "uploaded": THEN,
        "requires_python": ">=3.8",
        "yanked": "",
        "tag": "v1",
        "prerelease": True,
        "seen_by": ["pip 1.5.6"],
    }


def test_progress() -> None:
    """How far a rehost is, with whole bytes a second and null for a size that nobody told."""
    fetching = Fetching(1, 1, "a.test", 100, None, "", NOW - timedelta(seconds=3), NOW)
    stand = ItemStand("a.test", Bytes.WANTED, None, Decision.UNDECIDED, False)
    other = ItemStand("b.test", Bytes.WANTED, 7, Decision.ACCEPT, True)
    progress = progress_of([stand, stand, other], [fetching], {}, NOW)
    assert progress_json(rehost(State.PLANNING), progress) == {
        "id": 1,
        "project": "demo",
        "state": "planning",
        "files_done": 0,
        "files": 3,
        "received_bytes": 100,
        "total_bytes": None,
        "bytes_per_second": 33,
        "accepted": 1,
        "published": 1,
        "hosts": [
            {
                "host": "a.test",
                "files_done": 0,
                "files": 2,
                "received_bytes": 100,
                "total_bytes": None,
                "bytes_per_second": 33,
                "waiting_for": None,
            },
            {
                "host": "b.test",
                "files_done": 0,
                "files": 1,
                "received_bytes": 0,
                "total_bytes": 7,
                "bytes_per_second": 0,
                "waiting_for": "its turn",
            },
        ],
    }


@pytest.mark.parametrize("hours", [-11, 0, 9])
def test_moment(hours: int) -> None:
    """A moment is told in UTC, to the second, in whatever zone it is known."""
    zone = timezone(timedelta(hours=hours))
    assert moment(NOW.replace(microsecond=999_999).astimezone(zone)) == THEN


def test_file() -> None:
    """A hosted file."""
    assert file_json(hosted_file(requires_python=">=3.11")) == {
        "filename": "demo-1.0-py3-none-any.whl",
        "version": "1.0",
        "kind": "bdist_wheel",
        "size": 5,
        "sha256": Sha256.of(b"bytes").hex,
        "origin": "upload",
        "published": moment(PUBLISHED),
        "requires_python": ">=3.11",
        "yanked": None,
    }


def test_project() -> None:
    """A project with its people, sources, versions and files, each in the order given."""
    told = project_json(
        project("De_Mo", serial=7),
        iter([("bob", Role.MAINTAINER), ("alice", Role.OWNER)]),
        iter([hosted_file()]),
        iter([Source(SourceKind.HOMEPAGE, "https://example.org/", Filters(newest=2), has_token=True)]),
        iter(["1.0", "0.9"]),
    )
    assert told == {
        "name": "De_Mo",
        "normalized": "de-mo",
        "mode": "pypi-cache",
        "status": "active",
        "status_reason": None,
        "private": False,
        "serial": 7,
        "created": THEN,
        "members": [{"user": "bob", "role": "maintainer"}, {"user": "alice", "role": "owner"}],
        "sources": [
            {"kind": "homepage", "url": "https://example.org/", "filters": {"newest": 2}, "has_token": True}
        ],
        "versions": ["1.0", "0.9"],
        "files": [file_json(hosted_file())],
    }


def test_rehost() -> None:
    """A rehost of everything has no version, and one without a problem says so."""
    assert rehost_json(rehost()) == REHOST


def test_failed_registration() -> None:
    """A rehost of one version that failed says which and why."""
    failed = rehost(
        State.FAILED,
        purpose=Purpose.REGISTRATION,
        version="1.0",
        tries=2,
        problem="Why.",
        problem_code="files-refused",
        changed_at=NOW + timedelta(seconds=1),
    )
    assert rehost_json(failed) == REHOST | {
        "expires": None,
        "purpose": "registration",
        "version": "1.0",
        "state": "failed",
        "tries": 2,
        "changed": "2026-03-04T05:06:08Z",
        "problem": "Why.",
        "problem_code": "files-refused",
    }


@pytest.mark.parametrize(
    ("subject", "difference"),
    [
        (item(), {}),
        (
            unreachable(declared_sha256="0" * 64),
            {
                "bytes": "unreachable",
                "problem": "The site did not answer.",
                "sha256": None,
                "size": None,
                "evidence": None,
                "verdict": None,
                "declared_sha256": "0" * 64,
            },
        ),
        (item(content=b"", found_on=""), {"sha256": Sha256.of(b"").hex, "size": 0, "found_on": None}),
        (item(version=ReleaseVersion.parse_legacy("2004d")), {"version": "2004d"}),
        (
            item(
                claims=(Claim(ClaimKind.LINK, "md5", "a"), Claim(ClaimKind.LINK, "sha256", "b")),
                hops=(
                    ("https://example.org/", "192.0.2.1", 302),
                    ("https://example.org/x", "192.0.2.1", 200),
                ),
                change="new",
            ),
            {
                "claimed": {"md5": "a", "sha256": "b"},
                "claims": [
                    {
                        "kind": "link",
                        "algorithm": name,
                        "value": value,
                        "said_at": "",
                        "tls": False,
                        "holds": None,
                    }
                    for name, value in (("md5", "a"), ("sha256", "b"))
                ],
                "hops": [
                    {"url": "https://example.org/", "address": "192.0.2.1", "status": 302},
                    {"url": "https://example.org/x", "address": "192.0.2.1", "status": 200},
                ],
                "change": "new",
            },
        ),
        (
            item(evidence=PLAIN),
            {
                "evidence": {"level": "plain", "reason": "Plain HTTP."},
                "obstacles": [f"It came over plain HTTP: confirm that its sha256 is {ITEM['sha256']}."],
            },
        ),
        (
            item(findings=(HOLD,)),
            {
                "verdict": "hold",
                "findings": [{"code": "held", "severity": "hold", "message": "A person must look."}],
            },
        ),
        (item(is_published=True), {"published": True, "obstacles": ["It is already hosted here."]}),
    ],
)
def test_item(subject: Item, difference: dict[str, Any]) -> None:
    """An item tells what is known of it, and null for what is not."""
    assert item_json(subject) == ITEM | difference
    assert findings_json(subject) == item_json(subject)["findings"]


def test_plan() -> None:
    """A plan is a rehost with everything a maintainer is shown; it names the digest that an acceptance must name."""
    shown = plan(
        item(),
        not_taken=(NotTaken("https://example.org/x.egg", PAGE, "egg", "It is an egg."),),
        visits=(
            Visit(PAGE, "download", 200, 3),
            Visit("https://b.test/", "homepage", 0, 0, "No answer."),
        ),
    )
    assert plan_json(rehost(), shown, shown.digest(), None) == REHOST | {
        "plan_digest": shown.digest().hex,
        "items": [ITEM],
        "not_taken": [
            {"url": "https://example.org/x.egg", "found_on": PAGE, "code": "egg", "reason": "It is an egg."}
        ],
        "visits": [
            {"url": PAGE, "source": "download", "status": 200, "links": 3, "problem": None},
            {
                "url": "https://b.test/",
                "source": "homepage",
                "status": 0,
                "links": 0,
                "problem": "No answer.",
            },
        ],
        "consent": None,
    }


@pytest.mark.parametrize(
    ("withdrawal", "withdrawn", "how"),
    [
        (None, None, None),
        (
            Withdrawal("bob", NOW, Hosted.YANK, "It ended."),
            THEN,
            {"by": "bob", "hosted": "yank", "reason": "It ended."},
        ),
    ],
)
def test_consent(withdrawal: Withdrawal | None, withdrawn: str | None, how: Any) -> None:
    """A consent says who gave it, on what basis, to which plan, when, and whether it was withdrawn."""
    given = consent(item(), basis=Basis.OTHER, text="Because.", withdrawal=withdrawal)
    told = plan_json(rehost(), plan(item()), plan(item()).digest(), given)["consent"]
    assert told == {
        "given_by": "alice",
        "basis": "other",
        "text": "Because.",
        "statement_version": "2",
        "plan_digest": plan(item()).digest().hex,
        "given": THEN,
        "withdrawn": withdrawn,
        "withdrawal": how,
        "evidence": None,
        "serial": None,
    }


def test_ledger() -> None:
    """An entry is told as it was written, with its hashes beside it."""
    sealed = seal(Entry(1, NOW, Kind.MODE_CHANGED, "alice", "demo", {"to": "pypi-only"}), GENESIS)
    assert ledger_json(iter([sealed])) == [
        {
            "format": "homeport-ledger-1",
            "seq": 1,
            "at": "2026-03-04T05:06:07.000000Z",
            "kind": "mode-changed",
            "actor": "alice",
            "project": "demo",
            "details": {"to": "pypi-only"},
            "leaf_hash": sealed.leaf_hash,
            "chain_hash": sealed.chain_hash,
        }
    ]
    assert ledger_json([]) == []


def test_problem() -> None:
    """A refusal is a problem of RFC 9457, with our code and every single problem."""
    assert problem_json(400, "Bad Request", "Two things.", "form-invalid", ("One.", "Two.")) == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "Two things.",
        "code": "form-invalid",
        "problems": ["One.", "Two."],
    }


def test_everything_is_json() -> None:
    """What is told can be written as JSON and read as the same."""
    shown = plan(item(findings=(HOLD,)), unreachable(2))
    told = plan_json(rehost(), shown, shown.digest(), consent(item()))
    assert json.loads(json.dumps(told)) == told
