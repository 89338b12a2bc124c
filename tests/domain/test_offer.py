"""What a place offers, as values."""

from datetime import UTC, datetime

from homeport.domain.offer import Facts, Offer, Offers

AT = datetime(2026, 1, 2, tzinfo=UTC)


def test_facts_of_two_places() -> None:
    """What one place leaves open is what another says; what it says stands."""
    full = Facts(7, AT, ">=3", "bad", "v1", is_prerelease=True, seen_by=("pip",))
    assert Facts().or_else(full) == Facts(7, AT, ">=3", "bad", "v1", is_prerelease=False, seen_by=("pip",))
    assert full.or_else(Facts(8, None, ">=4", "", "v2", is_prerelease=False, seen_by=("x",))) == full
    assert Facts(0, yanked="").or_else(full).size_bytes == 0
    assert Facts(0, yanked="").or_else(full).yanked == ""


def test_offers_are_empty_by_themselves() -> None:
    """A page that says nothing offers nothing, and has no problem."""
    assert Offers() == Offers((), (), "", (), "")
    assert Offer("https://a.test/x").facts == Facts()
