"""What forges tell of releases: recorded events are read, and everything else is left, or refused."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.forges import EVENTS, forge_of, recorded, told

from homeport.domain.errors import Invalid
from homeport.domain.receiver import Forge
from homeport.formats.forge_events import ForgeEvent, read_event, release_list

LISTS = {
    Forge.GITHUB: "https://api.github.com/repos/ada/demo/releases?per_page=30",
    Forge.GITLAB: "https://gitlab.com/api/v4/projects/tools%2fpy%2fdemo/releases?per_page=30",
    Forge.GITEA: "https://codeberg.org/api/v1/repos/ada/demo/releases?limit=30",
}


def read(event: str, **changes: Any) -> ForgeEvent:
    """A recorded event, with other fields at its top."""
    body = json.dumps(json.loads(recorded(event)) | changes).encode()
    return read_event(forge_of(event), told(event, "", body), body)


@pytest.mark.parametrize("event", EVENTS)
def test_recorded_events_are_read(event: str) -> None:
    """Each names a tag, its version, and the repository as a source names it."""
    found = read(event)
    assert (found.is_release, found.tag, found.version()) == (True, "v1.2", "1.2")
    assert LISTS[forge_of(event)] in found.release_lists(forge_of(event).source)


def test_a_gitlab_project_is_known_by_its_number() -> None:
    """A source may name it so."""
    lists = read("gitlab_release").release_lists(Forge.GITLAB.source)
    assert "https://gitlab.com/api/v4/projects/42/releases?per_page=30" in lists


@pytest.mark.parametrize(
    ("event", "changes"),
    [
        ("github_release", {"action": "deleted"}),
        ("github_release", {"action": "created"}),
        ("github_release", {"action": None}),
        ("github_release", {"release": {"tag_name": "v1", "draft": True}}),
        ("github_release", {"release": []}),
        ("github_create", {"ref_type": "branch"}),
        ("gitlab_release", {"action": "delete"}),
        ("gitlab_tag", {"after": "0" * 40}),
        ("gitlab_tag", {"ref": "refs/heads/main"}),
        ("gitlab_tag", {"object_kind": "pipeline"}),
        ("gitea_release", {"action": "deleted"}),
        ("gitea_release", {"release": {"tag_name": "x" * 3000}}),
    ],
)
def test_everything_else_is_left(event: str, changes: dict[str, Any]) -> None:
    """What was taken away, drafts, branches and other kinds are no releases."""
    assert not read(event, **changes).is_release


def test_a_pushed_tag_is_one() -> None:
    """GitHub and Gitea tell of tags by push as well."""
    body = json.dumps({"ref": "refs/tags/v2", "after": "1" * 40}).encode()
    found = read_event(Forge.GITHUB, {"x-github-event": "push"}, body)
    assert (found.tag, found.repository) == ("v2", "")
    assert not read_event(Forge.GITHUB, {}, body).is_release


def test_a_repository_that_is_none() -> None:
    """Addresses that nobody can read name no list of releases."""
    projects: tuple[Any, ...] = ({"web_url": "not a url", "id": 42}, {"web_url": 7}, [])
    for project in projects:
        assert read("gitlab_release", project=project).release_lists(Forge.GITLAB.source) == frozenset()
    assert release_list(Forge.GITHUB.source, "https://github.com/ada") == ""


def test_github_may_send_a_form() -> None:
    """Its JSON is then the field payload."""
    body = urlencode({"payload": recorded("github_release").decode()}).encode()
    headers = {"x-github-event": "release", "content-type": "application/x-www-form-urlencoded"}
    assert read_event(Forge.GITHUB, headers, body).tag == "v1.2"
    with pytest.raises(Invalid, match="JSON object"):
        read_event(Forge.GITHUB, headers, b"other=1")


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{", b"[" * 100_000])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    """It is told what was wanted."""
    with pytest.raises(Invalid, match="JSON object"):
        read_event(Forge.GITEA, {}, body)


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("1.2", "1.2"),
        ("v1.2rc1", "1.2rc1"),
        ("demo-1.2", "1.2"),
        ("my_demo_v1.2", "1.2"),
        ("release/1.2", "1.2"),
        ("release-2026.1", "2026.1"),
        ("pkg/demo-v1.2.post1", "1.2.post1"),
        ("nightly", ""),
        ("v1.2-final-really", ""),
        ("", ""),
    ],
)
def test_which_version_a_tag_names(tag: str, version: str) -> None:
    """The usual ways to write one; of others, none."""
    assert ForgeEvent("release", tag).version() == version


@given(
    st.dictionaries(
        st.sampled_from(["action", "release", "ref", "ref_type", "after", "project", "object_kind"]),
        st.recursive(
            st.none() | st.text(max_size=5) | st.integers(),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.sampled_from(["tag_name", "id", "web_url"]), inner, max_size=2)
            ),
            max_leaves=5,
        ),
    )
)
def test_any_object_is_read_or_left(payload: dict[str, Any]) -> None:
    """Whatever stands in it, nothing but an answer comes of it."""
    for forge in Forge:
        found = read_event(
            forge, {"x-github-event": "release", "x-gitea-event": "create"}, json.dumps(payload).encode()
        )
        assert found.release_lists(forge.source) == frozenset()
