"""Settings: read once, defaults below the home, and everything that is wrong told at once."""

from pathlib import Path

import pytest

from homeport.domain.errors import Invalid
from homeport.settings import read_settings


@pytest.mark.parametrize("environment", [{}, {"HOMEPORT_HOME": ""}])
def test_no_home_is_the_folder_var(tmp_path: Path, environment: dict[str, str]) -> None:
    """Unset and empty mean the same: everything lives in ``var`` below the folder the process was started in."""
    store = read_settings(environment, tmp_path).store
    assert store.home == tmp_path / "var"
    assert store.database_url == f"sqlite:///{tmp_path / 'var' / 'homeport.db'}"
    assert store.blobs == tmp_path / "var" / "blobs"


@pytest.mark.parametrize(("said", "home"), [("data", "data"), ("/srv/homeport", "/srv/homeport")])
def test_a_home_may_be_relative(tmp_path: Path, said: str, home: str) -> None:
    """A relative home is below the folder the process was started in; an absolute one is where it says."""
    assert read_settings({"HOMEPORT_HOME": said}, tmp_path).store.home == tmp_path / home


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """What both say the environment decides; an empty variable says nothing."""
    (tmp_path / "homeport.toml").write_text("port = 9000\nworkers = 3\n")
    environment = {"HOMEPORT_HOME": str(tmp_path), "HOMEPORT_PORT": "9001", "HOMEPORT_WORKERS": ""}
    serve = read_settings(environment, Path("/")).serve
    assert (serve.port, serve.workers, serve.base_url) == (9001, 3, "http://127.0.0.1:9001")


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Each setting that cannot be is named, also one that does not exist."""
    (tmp_path / "homeport.toml").write_text("prot = 9000\n")
    environment = {"HOMEPORT_HOME": str(tmp_path), "HOMEPORT_PORT": "0", "HOMEPORT_WORKERS": "many"}
    with pytest.raises(Invalid) as refused:
        read_settings(environment, Path("/"))
    assert refused.value.code == "settings-invalid"
    for word in ("prot", "HOMEPORT_PORT", "HOMEPORT_WORKERS"):
        assert any(word in problem for problem in refused.value.problems)
