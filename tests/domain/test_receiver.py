"""Receivers: whose word is taken, by the way each forge gives it, and how deliveries are known again."""

import pytest
from tests.support.fake_clock import START
from tests.support.forges import EVENTS, forge_of, recorded, signed_as_standard, told

from homeport.domain.errors import Forbidden, Invalid
from homeport.domain.receiver import (
    Forge,
    Receiver,
    ReceiverStand,
    acting,
    marks_of,
    noting,
    refusing,
    require_told,
)
from homeport.domain.source import SourceKind
from homeport.domain.webhook import HookState
from homeport.domain.webhook_signature import secret_text

SECRET = secret_text(b"\x07" * 32)
OTHER = secret_text(b"\x08" * 32)
MOMENT = int(START.timestamp())


@pytest.mark.parametrize("event", EVENTS)
def test_each_forge_is_believed_in_its_own_way(event: str) -> None:
    """With the secret it is; with another one, another body where it is signed, or none, it is not."""
    forge, body = forge_of(event), recorded(event)
    require_told(forge, [SECRET], told(event, SECRET, body), body, START)
    for headers in (told(event, OTHER, body), {}):
        with pytest.raises(Forbidden, match="secret"):
            require_told(forge, [SECRET], headers, body, START)
    if forge is not Forge.GITLAB:
        with pytest.raises(Forbidden):
            require_told(forge, [SECRET], told(event, SECRET, body), body + b" ", START)


def test_one_forges_word_is_not_anothers() -> None:
    """A signature in another forge's header is none."""
    body = recorded("github_release")
    for forge in (Forge.GITLAB, Forge.GITEA):
        with pytest.raises(Forbidden):
            require_told(forge, [SECRET], told("github_release", SECRET, body), body, START)


def test_forgejo_signs_under_its_own_name() -> None:
    """Its own header counts as Gitea's does."""
    body = recorded("gitea_release")
    signature = told("gitea_release", SECRET, body)["x-gitea-signature"]
    require_told(Forge.GITEA, [SECRET], {"x-forgejo-signature": signature}, body, START)


def test_a_gitlab_that_signs() -> None:
    """The signature counts, and no token beside it: one that is wrong, or old, is not saved by the other."""
    body = recorded("gitlab_release")
    headers = signed_as_standard(SECRET, body, MOMENT)
    require_told(Forge.GITLAB, [SECRET], headers, body, START)
    for wrong in (
        signed_as_standard(OTHER, body, MOMENT) | {"x-gitlab-token": SECRET},
        signed_as_standard(SECRET, body, MOMENT - 301) | {"x-gitlab-token": SECRET},
    ):
        with pytest.raises(Forbidden):
            require_told(Forge.GITLAB, [SECRET], wrong, body, START)


@pytest.mark.parametrize("event", EVENTS)
def test_what_deliveries_are_known_by(event: str) -> None:
    """By their id and by their body: either is enough to know one again."""
    forge, body = forge_of(event), recorded(event)
    marks = set(marks_of(forge, told(event, SECRET, body, "one"), body))
    assert len(marks) == 2
    assert len(marks & set(marks_of(forge, told(event, SECRET, body, "two"), body))) == 1
    assert len(marks & set(marks_of(forge, told(event, SECRET, body, "one"), b"{}"))) == 1
    assert len(marks_of(forge, {}, body)) == 1


def test_words_for_forges() -> None:
    """A forge is asked for by its name, is a kind of source, and has its own counts and address."""
    assert (Forge.parse("gitea"), Forge.GITLAB.source) == (Forge.GITEA, SourceKind.GITLAB)
    with pytest.raises(Invalid, match="github, gitlab, gitea"):
        Forge.parse("bitbucket")
    receiver = Receiver(4, "ab" * 16, 1, "demo", Forge.GITHUB, "ada", START)
    assert receiver.path == f"/hooks/{'ab' * 16}"
    assert len({acting(receiver).name, noting(receiver).name, refusing(receiver).name}) == 3


def test_either_of_two_secrets_is_taken() -> None:
    """While both count; a third is not."""
    body = recorded("gitea_release")
    for secret in (SECRET, "whsec_b2xk"):
        require_told(Forge.GITEA, [SECRET, "whsec_b2xk"], told("gitea_release", secret, body), body, START)
    with pytest.raises(Forbidden):
        require_told(Forge.GITEA, [SECRET], told("gitea_release", "whsec_b2xk", body), body, START)


def test_how_a_receiver_stands() -> None:
    """It works, it refuses, or an administrator stopped it."""
    one = Receiver(1, "ab" * 16, 7, "demo", Forge.GITHUB, "ada", START)
    stopped = one.stopped(START, "root", "Why.")
    states = [ReceiverStand(*each).state for each in ((one, 0), (one, 2), (stopped, 2))]
    assert states == [HookState.LIVE, HookState.FAILING, HookState.DISABLED]
    assert stopped.let_go() == one
    assert one.page == "/manage/projects/demo/webhooks/"
