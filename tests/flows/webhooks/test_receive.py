"""Forges tell of releases: who knows the secret makes the files come home, as a maintainer would who asks for it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.fake_webhooks import FakeReceivers
from tests.support.forges import EVENTS, forge_of, recorded, signed_as_standard, told
from tests.support.invariants import entries
from tests.support.outside import Answer
from tests.support.story import Story, begin_story, wheel
from tests.support.world import add_person, drop_jobs, grant, run_jobs, set_status

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, Refusal
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.receiver import KEPT, MOST_RECEIVERS, Forge, Receiver
from homeport.domain.rehost import State
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import add_source
from homeport.flows.membership import change_role, revoke_role
from homeport.flows.rehost.review import show_rehost
from homeport.flows.users import disable_user
from homeport.flows.webhooks.receive import Heard, receive
from homeport.flows.webhooks.receivers import add_receiver, list_receivers, remove_receiver

REPOSITORIES = {
    Forge.GITHUB: "https://github.com/ada/Demo",
    Forge.GITLAB: "https://gitlab.com/tools/py/demo",
    Forge.GITEA: "https://codeberg.org/ada/demo",
}
FILENAME = "demo-1.2-py3-none-any.whl"


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project of ada's."""
    with begin_story(tmp_path) as story:
        yield story


class Teller:
    """A forge that has a receiver of demo."""

    def __init__(self, story: Story, forge: Forge = Forge.GITHUB, *, is_source: bool = True) -> None:
        made = add_receiver(story.world, story.owner, "demo", forge)
        self.receiver, self.secret, self.story = made.receiver, made.secret, story
        if is_source:
            add_source(story.world, story.owner, "demo", forge.value, REPOSITORIES[forge])

    def tell(self, event: str = "github_release", delivery: str = "one", **changes: Any) -> Heard:
        """Send a recorded event, rightly signed; ``changes`` are fields at its top."""
        body = recorded(event)
        if changes:
            body = json.dumps(json.loads(body) | changes).encode()
        return self.send(told(event, self.secret, body, delivery), body)

    def send(self, headers: dict[str, str], body: bytes) -> Heard:
        """Send whatever."""
        return receive(self.story.world, self.receiver.key, headers, body)

    def said(self) -> list[tuple[int, str]]:
        """What its log tells, newest first."""
        (view,) = list_receivers(self.story.world, self.story.owner, "demo")
        return [(one.status, one.said) for one in view.receptions]


def offer_on_github(story: Story) -> None:
    """A release of version 1.2 with a wheel."""
    asset = f"https://github.com/ada/demo/releases/download/v1.2/{FILENAME}"
    data = wheel("1.2")
    story.fakes.outside.put_file(asset, data)
    release = {
        "tag_name": "v1.2",
        "draft": False,
        "prerelease": False,
        "html_url": "https://github.com/ada/demo/releases/tag/v1.2",
        "assets": [{"name": FILENAME, "browser_download_url": asset, "size": len(data), "state": "uploaded"}],
    }
    body = json.dumps([release]).encode()
    url = "https://api.github.com/repos/ada/Demo/releases?per_page=30"
    story.fakes.outside.put(url, Answer(body=body, content_type="application/json"))


def test_a_release_comes_home(story: Story) -> None:
    """An event of a release brings its files home under the standing consent, asked for by who made the receiver."""
    teller = Teller(story)
    offer_on_github(story)
    heard = teller.tell()
    assert (heard.status, heard.said) == (202, "Looking for files of version 1.2.")
    run_jobs(story.fakes)
    assert heard.rehost_id
    rehost = show_rehost(story.world, story.owner, heard.rehost_id).rehost
    assert (rehost.state, rehost.problem, rehost.asked_by) == (State.PUBLISHED, "", "ada")
    assert FILENAME in story.files()
    assert teller.said() == [(202, heard.said)]


@pytest.mark.parametrize("event", EVENTS)
def test_every_forge_is_heard(story: Story, event: str) -> None:
    """Releases and tags of all of them begin a run."""
    teller = Teller(story, forge_of(event))
    assert teller.tell(event).status == 202
    drop_jobs(story.fakes)


def test_a_gitlab_that_signs_is_heard(story: Story) -> None:
    """By the signature of Standard Webhooks, and not when it is old."""
    teller, body = Teller(story, Forge.GITLAB), recorded("gitlab_release")
    moment = int(story.world.clock.now().timestamp())
    assert teller.send(signed_as_standard(teller.secret, body, moment), body).status == 202
    with pytest.raises(Forbidden):
        teller.send(signed_as_standard(teller.secret, body, moment - 400), body)
    drop_jobs(story.fakes)


def test_a_replay_does_nothing(story: Story) -> None:
    """The same id, or the same body under another id: it is answered, and nothing begins."""
    teller = Teller(story)
    assert teller.tell(delivery="one").rehost_id
    drop_jobs(story.fakes)
    before = story.fakes.store.committed
    for heard in (
        teller.tell(delivery="one"),
        teller.tell(delivery="two"),
        teller.tell(delivery="one", extra=1),
    ):
        assert (heard.status, heard.rehost_id) == (200, None)
    assert story.fakes.store.committed == before


def test_a_replay_at_the_same_moment(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of them come together: the second is known when its turn to write has come, and does nothing."""
    answers = iter([False])
    monkeypatch.setattr(FakeReceivers, "is_known", lambda *_: next(answers, True))
    teller = Teller(story)
    before = story.fakes.store.committed
    heard = teller.tell(delivery="one")
    assert (heard.status, heard.rehost_id) == (200, None)
    assert story.fakes.store.committed == before


def test_a_second_event_attaches(story: Story) -> None:
    """A tag and its release are one run while it is under way."""
    teller = Teller(story)
    first = teller.tell("github_create", "one")
    assert teller.tell("github_release", "two").rehost_id == first.rehost_id
    drop_jobs(story.fakes)


def test_other_events_are_left(story: Story) -> None:
    """A ping, a deleted release: answered with 200, and nothing is written."""
    teller = Teller(story)
    before = story.fakes.store.committed
    assert teller.tell(action="deleted").status == 200
    body = b'{"zen": "Keep it logically awesome."}'
    headers = told("github_release", teller.secret, body) | {"x-github-event": "ping"}
    assert teller.send(headers, body).status == 200
    assert story.fakes.store.committed == before
    with pytest.raises(Invalid):
        teller.send(told("github_release", teller.secret, b"no"), b"no")


def test_who_does_not_know_the_secret(story: Story) -> None:
    """Nothing of the body counts; failures are counted, bounded, and do not keep the forge out."""
    teller = Teller(story)
    body = recorded("github_release")
    wrong = told("github_release", "whsec_b3RoZXI=", body)
    for _ in range(30):
        with pytest.raises(Forbidden, match="not this receiver's"):
            teller.send(wrong, body)
    before = story.fakes.store.committed
    with pytest.raises(RateLimited):
        teller.send(wrong, body)
    assert story.fakes.store.committed == before
    assert teller.said() == []
    assert teller.tell().status == 202
    drop_jobs(story.fakes)
    with pytest.raises(NotFound):
        receive(story.world, "0" * 32, wrong, body)


def test_events_are_counted(story: Story) -> None:
    """So many in a few minutes, and then others have to wait; what was refused may be sent again."""
    teller = Teller(story)
    for number in range(30):
        teller.tell(delivery=str(number), number=number)
    with pytest.raises(RateLimited):
        teller.tell(delivery="more", number=99)
    story.fakes.clock.advance(timedelta(minutes=6))
    assert teller.tell(delivery="more", number=99).status == 202
    drop_jobs(story.fakes)


def test_refused_events_are_counted(story: Story) -> None:
    """Whoever may sign fills no disk with what is refused: a bounded number is kept, and old ones are forgotten."""
    teller = Teller(story, is_source=False)
    for number in range(30):
        with pytest.raises(Conflict):
            teller.tell(delivery=str(number), number=number)
    kept = story.fakes.store.committed
    with pytest.raises(RateLimited):
        teller.tell(delivery="more", number=99)
    assert story.fakes.store.committed == kept
    story.fakes.clock.advance(KEPT + timedelta(minutes=6))
    with pytest.raises(Conflict):
        teller.tell(delivery="more", number=99)
    assert len(teller.said()) == 1


def refused(teller: Teller, kind: type[Refusal] = Conflict) -> str:
    """What an event is refused with; nothing begins, the log tells it, and the same may be sent again."""
    with pytest.raises(kind) as caught:
        teller.tell()
    assert teller.story.fakes.waiting() == []
    assert teller.said()[0][1] == caught.value.sentence
    with pytest.raises(kind):
        teller.tell()
    return caught.value.code


def test_without_a_standing_consent_nothing_begins(story: Story) -> None:
    """Ended, or of an owner who is none any more: 409 with what to do."""
    teller = Teller(story)
    story.fakes.clock.advance(timedelta(days=366))
    assert refused(teller) == "standing-consent-missing"
    assert teller.said()[0][0] == 409


def test_a_repository_must_be_a_source(story: Story) -> None:
    """Whatever the event says, only what a maintainer named is looked at."""
    teller = Teller(story, is_source=False)
    assert refused(teller) == "repository-no-source"
    add_source(story.world, story.owner, "demo", "github", "https://github.com/ada/other")
    assert refused(teller) == "repository-no-source"
    add_source(story.world, story.owner, "demo", "gitea", "https://github.com/ada/demo")
    assert refused(teller) == "repository-no-source"
    with pytest.raises(Conflict, match="The repository is no source"):
        teller.tell(repository={})


def test_a_project_that_looks_at_nothing(story: Story) -> None:
    """pypi-only, or closed: refused as update cache is."""
    teller = Teller(story)
    set_status(story.fakes.store, story.project, ProjectStatus.ARCHIVED)
    assert refused(teller) == "project-takes-no-files"
    set_status(story.fakes.store, story.project, ProjectStatus.ACTIVE)
    change_hosting(story.world, story.owner, "demo", Wish(HostingMode.ONLY, acknowledges_loss=True))
    assert refused(teller) == "external-refused"


def test_it_does_what_its_maker_may(story: Story) -> None:
    """Who maintains it still does; who does not any more, or whose account is closed, does not (T-32)."""
    zoe = add_person(story.world, "zoe")
    grant(story.world, story.project, zoe, Role.OWNER)
    made = add_receiver(story.world, Caller(zoe), "demo", Forge.GITHUB)
    teller = Teller(story)
    teller.receiver, teller.secret = made.receiver, made.secret
    remove_receiver(story.world, story.owner, 2)
    change_role(story.world, story.owner, "demo", "zoe", Role.MAINTAINER)
    assert teller.tell(delivery="maintains").status == 202
    drop_jobs(story.fakes)
    revoke_role(story.world, story.owner, "demo", "zoe")
    with pytest.raises(Forbidden, match="does not maintain"):
        teller.tell(delivery="none", extra=1)
    root = Caller(add_person(story.world, "root", is_admin=True))
    disable_user(story.world, root, "zoe")
    with pytest.raises(Forbidden, match="not open"):
        teller.tell(delivery="closed", extra=2)
    assert [status for status, _ in teller.said()] == [403, 403, 202]


def test_removed_while_it_is_told(story: Story) -> None:
    """A receiver that goes away between two looks is nobody's address."""
    teller = Teller(story)

    class Removes:
        """A sealer whose opening takes so long that something happens."""

        def seal(self, secret: str) -> bytes:
            """See the port."""
            raise AssertionError(secret)

        def open(self, sealed: bytes) -> str:
            """See the port."""
            remove_receiver(story.world, story.owner, teller.receiver.id)
            return teller.secret

    body = recorded("github_release")
    slow = replace(story.world, sealer=Removes())
    with pytest.raises(NotFound):
        receive(slow, teller.receiver.key, told("github_release", teller.secret, body), body)


def test_removed_while_it_is_refused(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was refused is told to who sent it, and to no log that is gone."""
    teller = Teller(story)

    def refuse(*_: object) -> Heard:
        remove_receiver(story.world, story.owner, teller.receiver.id)
        raise Conflict("No.", code="no")

    monkeypatch.setattr("homeport.flows.webhooks.receive._act", refuse)
    with pytest.raises(Conflict):
        teller.tell()


def test_receivers_are_made_by_owners(story: Story) -> None:
    """Within a bound, each change one entry without address and secret; strangers are told that there is none."""
    mia = add_person(story.world, "mia")
    grant(story.world, story.project, mia)
    made = add_receiver(story.world, story.owner, "demo", Forge.GITEA)
    assert made.secret not in repr(made)
    for act in (
        lambda: add_receiver(story.world, Caller(mia), "demo", Forge.GITEA),
        lambda: list_receivers(story.world, Caller(mia), "demo"),
        lambda: remove_receiver(story.world, Caller(mia), made.receiver.id),
    ):
        with pytest.raises(Forbidden):
            act()
    for number in (made.receiver.id, 99):
        with pytest.raises(NotFound):
            remove_receiver(story.world, Caller(add_person(story.world, f"eve{number}")), number)
    assert remove_receiver(story.world, story.owner, made.receiver.id) == made.receiver
    told_of = entries(story.fakes.store, Kind.RECEIVER_ADDED, Kind.RECEIVER_REMOVED)
    assert [one["details"] for one in told_of] == [{"receiver": made.receiver.id, "forge": "gitea"}] * 2
    with story.world.store.write() as tx:
        for number in range(MOST_RECEIVERS):
            tx.receivers.add(
                Receiver(
                    0, str(number), story.project.id, "demo", Forge.GITEA, "ada", story.world.clock.now()
                ),
                b"",
            )
    with pytest.raises(Conflict, match="remove one first"):
        add_receiver(story.world, story.owner, "demo", Forge.GITHUB)
