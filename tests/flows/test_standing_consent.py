"""Standing consent: the places whose files may come home when a maintainer registers a release."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.builders import NOW
from tests.support.invariants import entries
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.source import Source, SourceKind
from homeport.domain.standing_consent import STANDING_LIMIT, StandingConsent
from homeport.flows.standing_consent import extend_standing, give_standing, live_standing

LATER = NOW + timedelta(days=100)
# A place that was named by http is consented to as it was named.
HOSTS = ("site.test", "home.test", "http://files.test:8080")


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def project(fakes: Fakes) -> Project:
    """A project without standing consent, that names places in three ways."""
    project = add_project(fakes.world, add_person(fakes.world, "ada"), mode=HostingMode.CACHE)
    metadata = CoreMetadata(
        "2.1",
        "demo",
        "1.0",
        home_page="https://home.test/demo",
        download_url="UNKNOWN",
        project_urls=(("Download", "http://files.test:8080/"), ("Homepage", "https://home.test/other")),
    )
    fakes.store.committed.standing.clear()
    with fakes.store.write() as tx:
        tx.outside.add_source(project.id, Source(SourceKind.HOMEPAGE, "https://site.test/"), by="ada", at=NOW)
        tx.releases.put(project.id, ReleaseVersion.parse("1.0"), metadata, replace=False, at=NOW)
    fakes.store.committed.standing_lines.clear()
    return project


def standing(fakes: Fakes, project: Project) -> StandingConsent:
    """The consent there is."""
    with fakes.store.read() as tx:
        there = tx.standing_consents.of_project(project.id)
    assert there is not None
    return there


def test_consent_covers_every_place_the_project_names(fakes: Fakes, project: Project) -> None:
    """For a year, files of every source and of every place in the metadata may come home; the ledger says which."""
    with fakes.store.write() as tx:
        serial = give_standing(tx, project, by="ada", at=NOW)
    assert standing(fakes, project) == StandingConsent(
        "demo", "ada", HOSTS, ("*",), NOW, NOW + STANDING_LIMIT
    )
    entry = entries(fakes.store)[-1]
    assert (entry["seq"], entry["kind"]) == (serial, "standing-consent-given")
    assert entry["details"] == {
        "hosts": list(HOSTS),
        "paths": ["/*"],
        "patterns": ["*"],
        "until": "2027-03-04",
    }
    with fakes.store.read() as tx:
        (line,) = tx.standing_consents.lines(project.id, limit=9)
    assert (line.serial, line.kind, line.by, line.hosts) == (serial, entry["kind"], "ada", HOSTS)
    assert line.until == (NOW + STANDING_LIMIT).date()


def test_another_place_makes_it_no_longer(fakes: Fakes, project: Project) -> None:
    """A host that its giver names later is added once, and another port for itself; when it ends stays."""
    with fakes.store.write() as tx:
        give_standing(tx, project, by="ada", at=NOW)
        for url in ("https://New.test/files/", "https://new.test:444/", "http://new.test/"):
            assert extend_standing(tx, project, Source(SourceKind.HOMEPAGE, url), by="ada", at=LATER)
        for url in ("https://new.test/again/", "http://new.test:80/x"):
            assert not extend_standing(tx, project, Source(SourceKind.HOMEPAGE, url), by="ada", at=LATER)
    extended = standing(fakes, project)
    assert extended.hosts == (*HOSTS, "new.test", "new.test:444", "http://new.test")
    assert (extended.given_by, extended.given_at, extended.expires_at) == ("ada", NOW, NOW + STANDING_LIMIT)


def test_extending_what_is_not_there_gives_it(fakes: Fakes, project: Project) -> None:
    """Without a consent an owner who names a source consents to that one, and to no other place; nobody else does."""
    add_person(fakes.world, "bob")
    forge = Source(SourceKind.GITHUB, "https://github.com/octo/demo")
    with fakes.store.write() as tx:
        assert not extend_standing(tx, project, forge, by="bob", at=LATER)
        # What releases name is no place that the owner has just named.
        assert not extend_standing(tx, project, Source(SourceKind.LINKS, ""), by="ada", at=LATER)
        assert tx.standing_consents.of_project(project.id) is None
        assert extend_standing(tx, project, forge, by="ada", at=LATER)
    given = standing(fakes, project)
    assert (given.hosts, given.given_by) == (("github.com", "api.github.com"), "ada")
    assert given.ends_on == (LATER + STANDING_LIMIT).date()


def test_a_disabled_account_stands_by_nothing(fakes: Fakes) -> None:
    """The consent of an owner whose account is disabled does not count until it is enabled again (T-32)."""
    ada = add_person(fakes.world, "ada")
    project = add_project(fakes.world, ada, mode=HostingMode.CACHE)
    with fakes.store.write() as tx:
        given = live_standing(tx, project)
        assert given is not None
        tx.users.disable(ada.id, NOW)
        assert live_standing(tx, project) is None
        tx.users.enable(ada.id)
        assert live_standing(tx, project) == given
