"""The machine door and the review of a plan."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.api_door import ApiDoor, Told, api_door
from tests.support.archives import make_wheel
from tests.support.builders import HOLD, PLAIN, item
from tests.support.forms import basic

from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ReleaseVersion
from homeport.domain.rehost import Purpose, State
from homeport.flows.manage_project import create_project
from homeport.flows.sign_in import add_user

PASSWORD = "correct horse battery stable"
OLD, NEW = (make_wheel("demo", version, files={f"demo/v{version[0]}.py": b"x"}) for version in ("1.0", "2.0"))
ITEMS = (
    item(0, "demo-1.0-py3-none-any.whl", OLD),
    item(0, "demo-2.0-py3-none-any.whl", NEW, version=ReleaseVersion.parse("2.0"), findings=(HOLD,)),
    item(0, "demo-1.0.tar.gz", b"plain", evidence=PLAIN),
)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door, and a plan of Ada's project."""
    with api_door(tmp_path) as opened:
        world = opened.world
        ada = add_user(world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        project = create_project(world, ada, "demo", HostingMode.CACHE)
        for data in (OLD, NEW):
            with world.blobs.receive(1 << 20) as incoming:
                incoming.write(data)
                incoming.keep()
        with world.store.write() as tx:
            now = world.clock.now()
            rehost = tx.rehosts.add(project.id, Purpose.HISTORY, "", by="ada", at=now, metadata=None)
            tx.rehosts.put_findings(rehost.id, ITEMS, (), ())
            digest = tx.rehosts.plan(rehost).digest()
            tx.rehosts.put(replace(rehost, state=State.PLANNED, plan_digest=digest))
        yield opened


def ask(door: ApiDoor, method: str, path: str, **body: Any) -> Told:
    """A call by Ada about the plan."""
    headers = {"authorization": basic("ada", PASSWORD)["Authorization"]}
    return door.call(method, f"/rehosts/1{path}", headers, **body)


def shown(door: ApiDoor) -> dict[str, Any]:
    """What a save must name."""
    told = ask(door, "GET", "/draft").json
    return {"plan_digest": told["plan_digest"], "revision": told["revision"]}


def test_items_by_the_page(door: ApiDoor) -> None:
    """A filter shows its items, with how they stand, and how many every other one shows."""
    told = ask(door, "GET", "/items?show=decision").json
    assert [one["filename"] for one in told["items"]] == ["demo-2.0-py3-none-any.whl", "demo-1.0.tar.gz"]
    assert (told["matching"], told["page"], told["pages"], told["revision"]) == (2, 1, 1, 0)
    assert told["counts"]["held"] == 1
    assert told["filter"] == {"show": "decision"}
    assert ask(door, "GET", "/items?version=2.0&q=whl").json["matching"] == 1
    assert ask(door, "GET", "/items?show=sideways").status == 400
    assert ask(door, "GET", "/items?page=9").json["page"] == 1


def test_decisions_are_saved(door: ApiDoor) -> None:
    """Single decisions and one about all that is shown; whoever saves over what they did not see is told."""
    first = shown(door)
    saved = ask(door, "PUT", "/draft", **first, leave_out=[1], sha256={"3": Sha256.of(b"plain").hex})
    assert (saved.status, saved.json["revision"], saved.json["saved_by"]) == (200, 1, "ada")
    assert (saved.json["ticked"], saved.json["needs_decision"]) == (1, 1)
    refused = ask(door, "PUT", "/draft", **first, accept=[1])
    assert (refused.status, refused.json["code"]) == (409, "draft-changed")
    assert "demo-1.0-py3-none-any.whl: ada left it out." in refused.json["problems"]
    every = ask(door, "PUT", "/draft", **shown(door), all="accept", show="held", undecided=[1])
    assert every.json["ticked"] == 3
    twice = ask(door, "PUT", "/draft", **shown(door), accept=[1], leave_out=[1])
    assert twice.json["code"] == "decisions-differ"
    assert ask(door, "PUT", "/draft", revision=0).status == 400
    back = ask(door, "PUT", "/draft", **shown(door), sha256={"3": ""})
    assert back.json["ticked"] == 2


def test_words_without_end_are_refused(door: ApiDoor) -> None:
    """No list and no word of a call is longer than what it could be compared with; nothing is saved."""
    endless, before = "1." * 5_000, shown(door)
    refused = ask(door, "PUT", "/draft", **before, all="leave-out", version=endless, q=endless)
    assert (refused.status, refused.code) == (400, "filter-too-long")
    assert len(refused.json["problems"]) == 2
    assert ask(door, "GET", f"/items?version={'1' * 5_000}").code == "filter-too-long"
    assert shown(door) == before
    for many, code in ((5_001, "body-invalid"), (21, "fetch-choice-too-large")):
        refused = ask(
            door, "POST", "/fetch", only=["*"] * many, **{"except": ["x" * 201], "version": endless}
        )
        assert (refused.status, refused.code) == (400, code)
    assert len(refused.json["problems"]) == 3


@pytest.mark.parametrize("number", [10**18, -(10**18), 10**4_000])
def test_numbers_without_end_are_refused(door: ApiDoor, number: int) -> None:
    """No row and no revision has a number that no database takes."""
    refused = ask(door, "PUT", "/draft", plan_digest=shown(door)["plan_digest"], revision=number)
    assert "revision must be a number." in refused.json["problems"]
    assert (
        "accept must be a list of numbers." in ask(door, "POST", "/accept", accept=[number]).json["problems"]
    )


def test_an_acceptance_names_the_review(door: ApiDoor) -> None:
    """Without files it accepts what the review of that revision ticks, and no other review (T-12)."""
    seen = shown(door)
    ask(door, "PUT", "/draft", **seen, accept=[2])
    answer = {"plan_digest": seen["plan_digest"], "basis": "author"}
    assert ask(door, "POST", "/accept", **answer).json["code"] == "draft-not-named"
    assert ask(door, "POST", "/accept", **answer, draft_revision=0).json["code"] == "draft-changed"
    assert ask(door, "POST", "/accept", **answer, draft_revision=1).status == 202
    with door.world.store.read() as tx:
        consent = tx.rehosts.consent(1)
    assert consent is not None
    assert [item_id for item_id, _ in consent.files] == [1, 2]


def test_known_hashes(door: ApiDoor) -> None:
    """A checksum file is compared and kept, and all of it is reported."""
    lines = f"{Sha256.of(b'plain')}  demo-1.0.tar.gz\n{'0' * 64}  demo-1.0-py3-none-any.whl\n"
    told = ask(door, "POST", "/hashes", **shown(door), hashes=lines).json
    report = told["report"]
    assert [one["filename"] for one in report["matched"]] == ["demo-1.0.tar.gz"]
    assert report["mismatched"] == [
        {
            "id": 1,
            "filename": "demo-1.0-py3-none-any.whl",
            "named": "0" * 64,
            "sha256": Sha256.of(OLD).hex,
        }
    ]
    assert [one["id"] for one in report["unnamed"]] == [2]
    assert (told["revision"], report["awaited"], report["unknown"]) == (1, [], [])
    assert ask(door, "POST", "/hashes", **shown(door), hashes="").status == 400
    assert ask(door, "POST", "/hashes", hashes="x").status == 400


def test_one_item(door: ApiDoor) -> None:
    """An item closely: how it stands, what to do about findings, and what is different from the version before."""
    told = ask(door, "GET", "/items/2").json
    assert (told["filename"], told["needs_decision"]) == ("demo-2.0-py3-none-any.whl", True)
    assert told["advice"].keys() == {"held"}
    compared = told["comparison"]
    assert compared["previous"]["filename"] == "demo-1.0-py3-none-any.whl"
    assert compared["files"]["added"] == {"total": 1, "paths": ["demo/v2.py"]}
    assert compared["files"]["complete"] is True
    assert ask(door, "GET", "/items/3").json["comparison"]["files"] is None
    assert ask(door, "GET", "/items/99").status == 404
