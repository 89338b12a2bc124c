"""Settings: read once, defaults below the home, and everything that is wrong told at once."""

from datetime import timedelta
from pathlib import Path

import pytest

from homeport.domain.errors import Invalid
from homeport.domain.names import ProjectName
from homeport.domain.quota import GIB, Reserve
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


def test_a_misspelt_variable_is_told(tmp_path: Path) -> None:
    """A name close to a setting's is a problem that names the setting, told with all others."""
    environment = {"HOMEPORT_SIGNUP": "open", "HOMEPORT_PROT": "8418", "HOMEPORT_WORKERS": "many"}
    with pytest.raises(Invalid) as refused:
        read_settings(environment, tmp_path)
    told = " ".join(refused.value.problems)
    assert len(refused.value.problems) == len(environment)
    assert "HOMEPORT_SIGNUP is no setting: is HOMEPORT_SIGN_UP meant?" in told
    assert "HOMEPORT_PROT is no setting: is HOMEPORT_PORT meant?" in told


@pytest.mark.parametrize(
    "name",
    [
        "URL",
        "TOKEN",
        "READ_TOKEN",
        "KILLS",
        "KILL_SEED",
        "RACES",
        "STORY_EXAMPLES",
        "MUTATIONS",
        "FUZZ_EXAMPLES",
        "SUPERVISOR_PID",
        "SHOWN_MUTATIONS",
        "FIRST_MUTATION",
        "SERVICE_HOST",
        "SERVICE_PORT",
        "PORT_8417_TCP",
        "PORT_8417_TCP_ADDR",
    ],
)
def test_other_variables_are_let_pass(tmp_path: Path, name: str) -> None:
    """What scripts beside the index, or the machine it runs on, call by its name is no misspelt setting."""
    assert read_settings({f"HOMEPORT_{name}": "x"}, tmp_path) == read_settings({}, tmp_path)


def test_who_creates_organisations(tmp_path: Path) -> None:
    """Anyone unless it says admins; another word is told."""
    assert read_settings({}, tmp_path).accounts.all_make_organisations
    said = {"HOMEPORT_ORGANISATIONS": "admins"}
    assert not read_settings(said, tmp_path).accounts.all_make_organisations
    with pytest.raises(Invalid, match="HOMEPORT_ORGANISATIONS: 'nobody' is not an answer"):
        read_settings({"HOMEPORT_ORGANISATIONS": "nobody"}, tmp_path)


def test_proxies_are_trusted_when_they_are_named(tmp_path: Path) -> None:
    """By default none is; a list names addresses and prefixes; what is neither is told."""
    assert read_settings({}, tmp_path).serve.proxies == ()
    named = read_settings({"HOMEPORT_TRUSTED_PROXIES": "10.0.0.7, fd00::/8"}, tmp_path).serve.proxies
    assert [str(network) for network in named] == ["10.0.0.7/32", "fd00::/8"]
    with pytest.raises(Invalid, match="HOMEPORT_TRUSTED_PROXIES: 'the-proxy' is neither"):
        read_settings({"HOMEPORT_TRUSTED_PROXIES": "the-proxy"}, tmp_path)


def test_where_mail_goes(tmp_path: Path) -> None:
    """A mail server is named by one address; what is wrong with it is told without its password."""
    assert read_settings({}, tmp_path).accounts.smtp is None
    said = "smtp://ada:secret@mail.test?from=index@example.org"
    smtp = read_settings({"HOMEPORT_SMTP_URL": said}, tmp_path).accounts.smtp
    assert smtp is not None
    assert (smtp.host, smtp.port, smtp.sender) == ("mail.test", 587, "index@example.org")
    with pytest.raises(Invalid, match="HOMEPORT_SMTP_URL") as refused:
        read_settings({"HOMEPORT_SMTP_URL": "smtp://ada:secret@mail.test"}, tmp_path)
    assert "secret" not in refused.value.sentence


SMTP = {"HOMEPORT_SMTP_URL": "smtp://mail.test?from=index@example.org"}
OPEN, CLOSED = {"HOMEPORT_SIGN_UP": "open"}, {"HOMEPORT_SIGN_UP": "closed"}


@pytest.mark.parametrize(
    ("environment", "is_open", "is_verified_wanted"),
    [
        ({}, False, False),
        (OPEN, True, False),
        (SMTP, False, False),
        (SMTP | CLOSED, False, False),
        (SMTP | OPEN, True, True),
        (SMTP | OPEN | {"HOMEPORT_VERIFIED_UPLOADS": "no"}, True, False),
        (SMTP | {"HOMEPORT_VERIFIED_UPLOADS": "yes"}, False, True),
    ],
)
def test_who_gets_an_account_and_may_upload(
    tmp_path: Path, environment: dict[str, str], is_open: bool, is_verified_wanted: bool
) -> None:
    """Only administrators make accounts unless told otherwise; strangers who let themselves in verify their address."""
    accounts = read_settings(environment, tmp_path).accounts
    assert (accounts.sign_up, accounts.verified_uploads) == (is_open, is_verified_wanted)


def test_settings_that_contradict(tmp_path: Path) -> None:
    """Nobody can verify an address where no mail is sent; a word that is no answer is told."""
    with pytest.raises(Invalid, match="HOMEPORT_SMTP_URL is needed"):
        read_settings({"HOMEPORT_VERIFIED_UPLOADS": "yes"}, tmp_path)
    with pytest.raises(Invalid, match="'everybody' is not an answer"):
        read_settings({"HOMEPORT_SIGN_UP": "everybody"}, tmp_path)


def test_what_the_index_lets_in(tmp_path: Path) -> None:
    """Defaults, and what an operator says instead; the list of names lies below the home."""
    policy = read_settings({}, tmp_path).policy
    assert (policy.max_file_bytes, policy.releases_close_after) == (2 * GIB, None)
    quotas = (policy.project_quota_bytes, policy.user_quota_bytes, policy.index_quota_bytes)
    assert quotas == (10 * GIB, None, None)
    assert policy.disk_reserve == Reserve(percent=5)
    assert not policy.reserved_names.has(ProjectName("acme"))
    (tmp_path / "names.txt").write_text("acme-*\n")
    said = {
        "HOMEPORT_HOME": str(tmp_path),
        "HOMEPORT_RESERVED_NAMES": "names.txt",
        "HOMEPORT_RELEASE_CLOSES_AFTER_DAYS": "14",
        "HOMEPORT_MAX_FILE": "100MB",
        "HOMEPORT_PROJECT_QUOTA": "none",
        "HOMEPORT_USER_QUOTA": "1GiB",
        "HOMEPORT_INDEX_QUOTA": "2GiB",
        "HOMEPORT_DISK_RESERVE": "500MB",
    }
    policy = read_settings(said, Path("/")).policy
    assert policy.reserved_names.has(ProjectName("acme-tools"))
    assert policy.releases_close_after == timedelta(days=14)
    quotas = (policy.project_quota_bytes, policy.user_quota_bytes, policy.index_quota_bytes)
    assert (policy.max_file_bytes, quotas) == (100_000_000, (None, GIB, 2 * GIB))
    assert policy.disk_reserve == Reserve(size_bytes=500_000_000)


def test_rules_that_cannot_be(tmp_path: Path) -> None:
    """A list that is not there or has wrong lines, and what is no size or number of days, are all told."""
    (tmp_path / "names.txt").write_text("fine\n-bad\nbad-\n")
    said = {
        "HOMEPORT_RESERVED_NAMES": str(tmp_path / "names.txt"),
        "HOMEPORT_RELEASE_CLOSES_AFTER_DAYS": "0",
        "HOMEPORT_MAX_FILE": "large",
        "HOMEPORT_USER_QUOTA": "10 bananas",
        "HOMEPORT_DISK_RESERVE": "100%",
    }
    with pytest.raises(Invalid) as refused:
        read_settings(said, tmp_path)
    problems = refused.value.problems
    assert [name for name in said if not any(problem.startswith(f"{name}: ") for problem in problems)] == []
    assert any("line 2" in problem and "line 3" in problem for problem in problems)
    with pytest.raises(Invalid, match=r"HOMEPORT_RESERVED_NAMES: 'nowhere.txt' cannot be read"):
        read_settings({"HOMEPORT_RESERVED_NAMES": "nowhere.txt"}, tmp_path)


def test_politeness_by_default(tmp_path: Path) -> None:
    """A second between two requests, and budgets that an ordinary site survives."""
    outside = read_settings({}, tmp_path).outside
    assert outside.pace_seconds == 1
    assert (outside.host_budget_bytes, outside.domain_budget_bytes) == (50 * GIB, 100 * GIB)


@pytest.mark.parametrize(("said", "seconds"), [("0", 0.0), ("0.1", 0.1), ("2.125", 2.125), ("60", 60.0)])
def test_a_pace(tmp_path: Path, said: str, seconds: float) -> None:
    """Seconds and parts of them; 0 is no pause, ``none`` no budget."""
    environment = {
        "HOMEPORT_CRAWL_PACE": said,
        "HOMEPORT_HOST_BUDGET": "none",
        "HOMEPORT_DOMAIN_BUDGET": "1GiB",
    }
    outside = read_settings(environment, tmp_path).outside
    assert (outside.pace_seconds, outside.host_budget_bytes, outside.domain_budget_bytes) == (
        seconds,
        None,
        GIB,
    )


@pytest.mark.parametrize("said", ["-1", "fast", "nan", "inf", "1e3", "61", ".5", "1,5"])
def test_what_is_no_pace(tmp_path: Path, said: str) -> None:
    """What is no number of seconds, or more than a minute, is refused with the setting's name."""
    with pytest.raises(Invalid, match="HOMEPORT_CRAWL_PACE"):
        read_settings({"HOMEPORT_CRAWL_PACE": said}, tmp_path)
