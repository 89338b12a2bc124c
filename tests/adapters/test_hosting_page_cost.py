"""What the pages of a project's hosting read of its releases: where they lead to, and nothing of what they say at length."""

from pathlib import Path

import pytest
from tests.support.store_rows import NOW
from tests.support.world import Real, add_person, add_project, real_world

from homeport.domain.account import Caller
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.flows.outlook import show_outlook
from homeport.flows.standing_consent import give_standing
from homeport.flows.standing_consents import show_standing
from homeport.formats import core_metadata


def test_no_description_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The places that each release names are shown, each release is read once, and no description with it."""
    with real_world(tmp_path) as real:
        caller = story(real)
        read, seen = core_metadata.from_json, list[object]()

        def remember(stored: dict[str, object]) -> CoreMetadata:
            seen.append(stored.get("description"))
            return read(stored)

        monkeypatch.setattr(core_metadata, "from_json", remember)
        assert len(show_outlook(real.world, caller, "demo").unnamed) == 3
        assert seen == [None] * 3
        view = show_standing(real.world, caller, "demo")
        assert (len(view.places), list(view.unnamed)) == (3, list(view.places))
        assert seen == [None] * 6


def story(real: Real) -> Caller:
    """The owner of a project whose releases lead to places that came after its standing consent."""
    ada = add_person(real.world, "ada")
    project = add_project(real.world, ada, "demo", HostingMode.CACHE)
    with real.store.write() as tx:
        give_standing(tx, project, by="ada", at=NOW)
        for number in range(3):
            version = ReleaseVersion.parse(f"1.{number}")
            metadata = CoreMetadata(
                "2.1", "demo", version.text, description="Long. " * 1000, home_page=f"https://{number}.test/"
            )
            tx.releases.put(project.id, version, metadata, replace=False, at=NOW)
    return Caller(ada)
