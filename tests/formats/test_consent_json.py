"""The record of a consent says what was agreed to, in the words that stood there."""

import pytest
from tests.support.builders import consent, item

from homeport.domain.consent import Basis
from homeport.formats.consent_json import Recorded, consent_json


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("1", "I have written permission (say from whom)"), ("2", "I have written permission")],
)
def test_a_basis_is_told_as_it_stood_there(version: str, sentence: str) -> None:
    """The hint of the form is no part of it; a record that was made when it was keeps its words."""
    agreed = item(1, "demo-1.0.tar.gz")
    given = consent(
        agreed, basis=Basis.WRITTEN_PERMISSION, text="By J. Doe, in May.", statement_version=version
    )
    told = consent_json("https://index.test", "demo", (agreed,), Recorded(given, None))
    assert (told["basis"], told["basis_sentence"]) == ("written-permission", sentence)
    assert told["text"] == "By J. Doe, in May."
