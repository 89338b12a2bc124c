"""Which files of a plan are fetched, and when; and what their bytes contradict."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import item, plan, unreachable

from homeport.domain.errors import Conflict, Invalid
from homeport.domain.fetching import (
    Few,
    Wish,
    contradicted_facts,
    host_of,
    only_lists,
    require_bounded,
    wished,
)
from homeport.domain.names import ReleaseVersion
from homeport.domain.offer import Facts
from homeport.domain.rehost import Bytes, Item, Purpose
from homeport.domain.source import MAX_PATTERN, MAX_PATTERNS

FEW = Few(items=3, size_bytes=100)


def listed(
    id_: int, filename: str = "demo-1.0.tar.gz", size: int | None = None, version: str = "1.0"
) -> Item:
    """An item without bytes that places say ``size`` of."""
    return item(
        id_,
        filename,
        None,
        bytes=Bytes.LISTED,
        facts=Facts(size_bytes=size),
        version=ReleaseVersion.parse_legacy(version),
    )


@pytest.mark.parametrize(
    ("sizes", "lists"),
    [
        ([], False),
        ([None, None, None], False),
        ([None, None, None, None], True),
        ([40, 60], False),
        ([40, 61], True),
        ([None, 101], True),
        ([0, 0, 0], False),
    ],
)
def test_what_is_few(sizes: list[int | None], lists: bool) -> None:
    """Few files that are small together are fetched at once; one more file or byte, and a plan of history lists."""
    items = [listed(number, size=size) for number, size in enumerate(sizes)]
    assert only_lists(Purpose.HISTORY, items, FEW) is lists


@pytest.mark.parametrize("purpose", [Purpose.REGISTRATION, Purpose.UPDATE_CACHE])
def test_a_call_always_fetches(purpose: Purpose) -> None:
    """Where somebody waits for the answer, nobody is asked which files to fetch."""
    assert not only_lists(purpose, [listed(number, size=10**12) for number in range(9)], FEW)


MANY = plan(
    listed(1, "demo-1.0-cp311-cp311-linux_x86_64.whl"),
    listed(2, "Demo-1.0-cp312-cp312-linux_x86_64.whl"),
    listed(3, "demo-2.0-cp312-cp312-win_amd64.whl", version="2.0"),
    item(4, "demo-2.0.tar.gz"),
    unreachable(5, "demo-0.9.tar.gz", version=ReleaseVersion.parse_legacy("0.9")),
)


@pytest.mark.parametrize(
    ("wish", "ids"),
    [
        (Wish(everything=True), [1, 2, 3, 5]),
        (Wish(only=("*CP312*",)), [2, 3]),
        (Wish(only=("*cp312*", "*.tar.gz")), [2, 3, 5]),
        (Wish(leave_out=("*win*",)), [1, 2, 5]),
        (Wish(only=("demo*",), leave_out=("*linux*", "*.gz")), [3]),
        (Wish(version="1"), [1, 2]),
        (Wish(version="1.0", only=("*cp311*",)), [1]),
        (Wish(items=frozenset({3, 4})), [3]),
        (Wish(items=frozenset({3, 5}), only=("nothing",)), [3, 5]),
    ],
)
def test_wishes(wish: Wish, ids: list[int]) -> None:
    """What is only listed or could not be reached is fetched when it was named; what is here is not fetched again."""
    assert [one.id for one in wished(MANY, wish)] == ids


@pytest.mark.parametrize(
    ("wish", "kind", "code"),
    [
        (Wish(), Invalid, "fetch-choice-missing"),
        (Wish(items=frozenset({1, 77})), Invalid, "item-unknown"),
        (Wish(items=frozenset({4})), Conflict, "nothing-to-fetch"),
        (Wish(version="3.0"), Conflict, "nothing-to-fetch"),
        (Wish(only=("other*",)), Conflict, "nothing-to-fetch"),
    ],
)
def test_wishes_that_mean_nothing(wish: Wish, kind: type[Exception], code: str) -> None:
    """A wish that names nothing, what is not there, or nothing that waits is refused."""
    with pytest.raises((Invalid, Conflict)) as refused:
        wished(MANY, wish)
    assert (type(refused.value), refused.value.code) == (kind, code)


def test_a_wish_is_bounded() -> None:
    """As many and as long patterns as a source has are taken; everything that is too much is told at once."""
    most, longest = ("*",) * MAX_PATTERNS, "*" * MAX_PATTERN
    require_bounded(Wish(only=most, leave_out=(longest,), version="1" * MAX_PATTERN))
    with pytest.raises(Invalid) as refused:
        require_bounded(Wish(only=(*most, "x"), leave_out=(f"{longest}x",), version="1" * (MAX_PATTERN + 1)))
    assert refused.value.code == "fetch-choice-too-large"
    assert [problem.partition(":")[0] for problem in refused.value.problems] == ["only", "except", "version"]


def test_why_nothing_is_fetched() -> None:
    """A name that no file has is told apart from files that are here already."""
    for wish, why in (
        (Wish(only=("other*",)), "has no file of such a name"),
        (Wish(items=frozenset({4})), "waits"),
    ):
        with pytest.raises(Conflict, match=why):
            wished(MANY, wish)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Files.Example.org/x.whl", "files.example.org"),
        ("https://files.example.org:443/x.whl", "files.example.org"),
        ("http://files.example.org:8080/x.whl", "files.example.org:8080"),
        ("gopher://files.example.org/", ""),
    ],
)
def test_hosts(url: str, host: str) -> None:
    """Files of one host and port wait for each other, however it is written."""
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("facts", "size", "requires_python", "codes"),
    [
        (Facts(), 5, ">=3.8", []),
        (Facts(size_bytes=5), 5, None, []),
        (Facts(size_bytes=0), 0, None, []),
        (Facts(size_bytes=6), 5, None, ["size-differs"]),
        (Facts(requires_python=">= 3.8, <4"), 5, "<4,>=3.8", []),
        (Facts(requires_python=">=3.8"), 5, None, []),
        (Facts(requires_python=">=3.8"), 5, ">=3.9", ["requires-python-differs"]),
        (Facts(requires_python=">=3.8"), 5, "", ["requires-python-differs"]),
        (Facts(requires_python="three"), 5, " three ", []),
        (Facts(requires_python="three"), 5, ">=3", ["requires-python-differs"]),
        (Facts(requires_python=">=3.8"), 5, f"=={'3' * 5_000}", ["requires-python-differs"]),
        (Facts(size_bytes=1, requires_python=">=3.8"), 5, "", ["size-differs", "requires-python-differs"]),
    ],
)
def test_contradicted_facts(facts: Facts, size: int, requires_python: str | None, codes: list[str]) -> None:
    """What a place says and the bytes do not is held; what nobody says, and other spellings, are not."""
    found = contradicted_facts(facts, size, requires_python)
    assert [finding.code for finding in found] == codes
    assert {finding.severity for finding in found} <= {"hold"}


@given(
    st.lists(st.sampled_from(list(Bytes)), max_size=6),
    st.lists(st.sampled_from(["*", "*.whl", "demo-1*"]), max_size=2),
)
def test_a_wish_names_nothing_that_is_here(stands: list[Bytes], only: list[str]) -> None:
    """Whatever is wished for, no bytes are fetched twice, and none that our rules refused."""
    shown = plan(*(replace(listed(number), bytes=stand) for number, stand in enumerate(stands)))
    try:
        chosen = wished(shown, Wish(only=tuple(only), everything=True))
    except Conflict:
        return
    assert {one.bytes for one in chosen} <= {Bytes.LISTED, Bytes.UNREACHABLE}
