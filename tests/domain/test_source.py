"""Kinds of sources and their filters: what a person may write, and what comes back from the store."""

import pytest

from homeport.domain.canonical import Plain
from homeport.domain.errors import Invalid
from homeport.domain.source import MAX_PATTERN, MAX_PATTERNS, NO_FILTERS, Filters, Source, SourceKind, matches

FORGES = {SourceKind.GITHUB, SourceKind.GITLAB, SourceKind.GITEA}


@pytest.mark.parametrize("kind", SourceKind)
def test_what_kinds_are(kind: SourceKind) -> None:
    """Forges, and what people name for machines, are told apart; only places that can ask for a token take one."""
    assert SourceKind.parse(kind.value) is kind
    assert kind.is_forge is (kind in FORGES)
    machines = {SourceKind.INDEX, SourceKind.BUCKET, SourceKind.URLS}
    assert kind.is_for_machines is (kind in FORGES | machines)
    tokens = {SourceKind.INDEX, SourceKind.FIND_LINKS, SourceKind.BUCKET, SourceKind.LISTING}
    assert kind.takes_token is (kind in FORGES | tokens)


def test_kinds_that_are_none() -> None:
    """A word that is no kind is refused with those there are."""
    with pytest.raises(
        Invalid, match=r"'ftp' is not a kind of source: use one of homepage, .*, urls"
    ) as refused:
        SourceKind.parse("ftp")
    assert refused.value.code == "source-kind"


FULL: dict[str, Plain] = {
    "versions": ">=2,<3",
    "platforms": ["*manylinux*", "any"],
    "files": ["demo-*"],
    "tags": ["v2.*"],
    "newest": 3,
    "prereleases": True,
}


def test_filters_come_back() -> None:
    """What is stored is what was set, and nothing that was not."""
    assert Filters.from_json(FULL).to_json() == FULL
    assert Filters.from_json({}) == NO_FILTERS
    assert NO_FILTERS.to_json() == {}
    assert Source(SourceKind.INDEX, "https://a.test/").filters is not None


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        ({"version": "1"}, "There is no filter 'version'"),
        ({"versions": 2}, "'2' is not a version specifier"),
        ({"versions": "2"}, "'2' is not a version specifier"),
        ({"versions": ">=" + "1" * MAX_PATTERN}, "is not a version specifier"),
        ({"platforms": "any"}, "platforms: a list of patterns"),
        ({"files": [""]}, "files: a list of patterns"),
        ({"tags": ["x"] * (MAX_PATTERNS + 1)}, "tags: at most"),
        ({"tags": ["x" * (MAX_PATTERN + 1)]}, "tags: at most"),
        ({"versions": f"=={'1' * MAX_PATTERN}"}, "versions: .* is not a version specifier"),
        ({"newest": -1}, "newest: a number"),
        ({"newest": True}, "newest: a number"),
        ({"newest": "3"}, "newest: a number"),
        ({"prereleases": 1}, "prereleases: true or false"),
    ],
)
def test_filters_that_are_none(stored: dict[str, Plain], problem: str) -> None:
    """Each mistake is named."""
    with pytest.raises(Invalid, match=problem) as refused:
        Filters.from_json(stored)
    assert refused.value.code == "filters-invalid"


def test_all_mistakes_at_once() -> None:
    """Whoever mistypes three filters is told of three."""
    with pytest.raises(Invalid) as refused:
        Filters.from_json({"versions": "x", "newest": -1, "prereleases": "no"})
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize("kind", SourceKind)
def test_filters_that_fit(kind: SourceKind) -> None:
    """Tags and pre-releases are for forges; a nominated file is wanted as it is."""
    NO_FILTERS.require_fit(kind)
    for filters in (Filters(tags=("v*",)), Filters(prereleases=True)):
        if kind.is_forge:
            filters.require_fit(kind)
        else:
            with pytest.raises(Invalid, match="only releases of forges"):
                filters.require_fit(kind)
    if kind is SourceKind.URLS:
        with pytest.raises(Invalid, match="takes no filters"):
            Filters(newest=1).require_fit(kind)
    else:
        Filters(newest=1).require_fit(kind)


def test_patterns() -> None:
    """No pattern matches everything; one of several suffices; case does not count."""
    assert matches((), "x")
    assert matches(("a*", "*B"), "xb")
    assert not matches(("a*",), "ba")
