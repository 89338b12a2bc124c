"""A registration is looked at beforehand: what would be refused at once is, and nothing changes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.world import BASE_URL, Fakes, add_person, add_project, fake_world

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Forbidden, Invalid, Refusal
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.flows.rehost.registration import Registered, begin_registration, verify_registration

ELSEWHERE = "https://elsewhere.example/demo-1.0.zip"


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes, which looking changes in no case."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def ada(fakes: Fakes) -> Caller:
    """Somebody who registers."""
    return Caller(add_person(fakes.world, "ada"))


def metadata(name: str = "demo", version: str = "1.0", download_url: str = "") -> CoreMetadata:
    """What a form says."""
    return CoreMetadata("1.0", name, version, download_url=download_url)


@pytest.mark.parametrize("download_url", ["", f"{BASE_URL}/files/demo-1.0.zip"])
def test_what_may_be_registered(fakes: Fakes, ada: Caller, download_url: str) -> None:
    """A name that is free, and a project of one's own, with files that are here: well, and nothing changes."""
    for make in (lambda: None, lambda: add_project(fakes.world, ada.user)):
        make()
        before = fakes.store.committed.snapshot()
        verify_registration(fakes.world, ada, metadata(download_url=download_url))
        assert fakes.store.committed == before


def test_a_project_that_brings_files_home_may_name_others(fakes: Fakes, ada: Caller) -> None:
    """In pypi-cache mode the download URL is where the files are."""
    add_project(fakes.world, ada.user, mode=HostingMode.CACHE)
    verify_registration(fakes.world, ada, metadata(download_url=ELSEWHERE))


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        (metadata(name="-"), Invalid, "registration-invalid"),
        (metadata(version=""), Invalid, "registration-invalid"),
        (metadata(name="json"), Invalid, "name-of-stdlib"),
        (metadata(download_url=ELSEWHERE), Conflict, "external-refused"),
    ],
)
def test_what_would_be_refused_at_once(
    fakes: Fakes, ada: Caller, said: CoreMetadata, kind: type[Refusal], code: str
) -> None:
    """Looking refuses as registering does, in the same words."""
    told = []
    for ask in (verify_registration, begin_registration):
        with pytest.raises(kind) as refused:
            ask(fakes.world, ada, said)
        assert refused.value.code == code
        told.append(refused.value.sentence)
    assert told[0] == told[1]


def test_addresses_without_end_are_refused(fakes: Fakes, ada: Caller) -> None:
    """A hundred Project-URLs are taken, and more are not; whatever else is wrong is told as well."""
    urls = tuple(("Homepage", f"https://example.org/{number}") for number in range(101))
    verify_registration(fakes.world, ada, replace(metadata(), project_urls=urls[1:]))
    for ask in (verify_registration, begin_registration):
        with pytest.raises(Invalid) as refused:
            ask(fakes.world, ada, replace(metadata(name="-"), project_urls=urls))
        assert "101 Project-URLs are given: at most 100 are taken." in refused.value.problems
        assert len(refused.value.problems) == 2


def test_a_missing_field_is_named(fakes: Fakes, ada: Caller) -> None:
    """A form without a version is told which field it lacks, and not that nothing is no version."""
    with pytest.raises(Invalid) as refused:
        begin_registration(fakes.world, ada, metadata(version=""))
    assert refused.value.sentence == "The form has no field version."


def test_a_new_name_is_told(fakes: Fakes, ada: Caller) -> None:
    """Who registers a name that nobody had is told that it was made, in which mode, and what comes next; once."""
    first, again = (begin_registration(fakes.world, ada, metadata()) for _ in range(2))
    assert isinstance(first, Registered)
    assert isinstance(again, Registered)
    assert first.told.startswith(
        "The project demo did not exist: it was made, it is pypi-only, and you own it. Next: "
    )
    assert again.told == ""


def test_every_problem_at_once(fakes: Fakes, ada: Caller) -> None:
    """A name and a version that are none are told together."""
    with pytest.raises(Invalid) as refused:
        verify_registration(fakes.world, ada, metadata(name="-", version="1 0"))
    assert len(refused.value.problems) == 2


def test_strangers_do_not_register(fakes: Fakes, ada: Caller) -> None:
    """Who does not maintain a project is told so."""
    add_project(fakes.world, add_person(fakes.world, "bob"))
    with pytest.raises(Forbidden):
        verify_registration(fakes.world, ada, metadata())
