"""Which files ``homeport rehost accept`` means by names and patterns."""

from collections.abc import Sequence

import pytest
from tests.support.builders import item, plan, project, rehost, unreachable

from homeport.cli.rehosts import _chosen
from homeport.domain.errors import Invalid
from homeport.flows.rehost.review import RehostView

PLAN = plan(
    item(1, "demo-1.0.tar.gz"),
    item(2, "demo-1.0-py3-none-any.whl"),
    item(3, "demo-2.0-py3-none-any.whl"),
    unreachable(4, "demo-3.0-py3-none-any.whl"),
)
VIEW = RehostView(rehost(), project(), PLAN, PLAN.digest(), None)


@pytest.mark.parametrize(
    ("only", "leave_out", "chosen"),
    [
        ((), (), None),
        (("demo-1.0.tar.gz",), (), {1}),
        (("*.whl",), (), {2, 3}),
        (("demo-1.0*", "DEMO-2.0*"), (), {1, 2, 3}),
        (("demo-3.0-py3-none-any.whl",), (), {4}),
        ((), ("*.tar.gz",), {2, 3}),
        ((), ("demo-2.0-py3-none-any.whl", "*.gz"), {2}),
    ],
)
def test_names_and_patterns(only: Sequence[str], leave_out: Sequence[str], chosen: set[int] | None) -> None:
    """A pattern means what can be accepted of it, whatever the case; a name means its file, also one that is not here."""
    ticked = frozenset({1, 2, 3})
    assert _chosen(VIEW, list(only), list(leave_out), ticked) == (
        None if chosen is None else frozenset(chosen)
    )


@pytest.mark.parametrize("pattern", ["demo-9.9*", "demo-3.0*", "demo-9.9.tar.gz"])
def test_what_is_not_there_is_refused(pattern: str) -> None:
    """A pattern that no acceptable file matches, and a name that no file has, choose nothing by accident."""
    with pytest.raises(Invalid) as refused:
        _chosen(VIEW, [pattern], [], frozenset())
    assert refused.value.code == "item-unknown"
