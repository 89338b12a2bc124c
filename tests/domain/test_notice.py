"""Kinds of notices and their topics."""

import pytest

from homeport.domain.errors import Invalid
from homeport.domain.notice import NoticeKind, Topic


def test_what_nobody_may_switch_off() -> None:
    """What changes what a person signed, or what becomes of their projects without them."""
    must = {topic.value for topic in Topic if topic.must_be_mailed}
    assert must == {"security", "consents", "exemptions", "campaigns"}


def test_a_topic_is_read_or_refused() -> None:
    """A refusal names those there are."""
    assert Topic.parse("drift") is Topic.DRIFT
    with pytest.raises(Invalid, match="security") as refused:
        Topic.parse("weather")
    assert refused.value.code == "topic-unknown"


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a-", "a" * 33, "../a", "a1"])
def test_a_kind_has_a_plain_name(name: str) -> None:
    """It is a folder's, and a column's."""
    with pytest.raises(Invalid):
        NoticeKind(name, Topic.FILES, "somebody", "something happened")
