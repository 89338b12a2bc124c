"""A policy as programs write it: values of JSON become the texts that are read, each as its field has it."""

import pytest

from homeport.domain.errors import Invalid
from homeport.domain.hosting_policy import FLAGS, read_policy
from homeport.formats.policy_json import text_of


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("two_to_delete", True, "yes"),
        ("two_to_delete", False, "no"),
        ("cooling_hours", True, "true"),
        ("cooling_hours", 24, "24"),
        ("cache_ends_on", None, ""),
        ("default_mode", "pypi-only", "pypi-only"),
        ("allowed_modes", ["pypi-only", True], "pypi-only, true"),
    ],
)
def test_a_value_is_read_as_its_field_has_it(name: str, value: object, text: str) -> None:
    """True and false are yes and no where these are asked for, and themselves elsewhere."""
    assert text_of(name, value) == text


def test_what_was_sent_is_what_is_refused() -> None:
    """Who sent ``true`` for a number is told of ``true``."""
    assert "two_to_delete" in FLAGS
    with pytest.raises(Invalid, match="cooling_hours is 'true'"):
        read_policy({"cooling_hours": text_of("cooling_hours", True)})
