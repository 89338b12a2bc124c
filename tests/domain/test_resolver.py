"""The resolver that an operator names."""

import pytest

from homeport.domain.resolver import Resolver


@pytest.mark.parametrize(
    ("text", "resolver"),
    [
        ("192.0.2.1", Resolver("192.0.2.1", 53)),
        ("192.0.2.1:5353", Resolver("192.0.2.1", 5353)),
        ("2001:db8::1", Resolver("2001:db8::1", 53)),
        ("[2001:DB8::1]:5353", Resolver("2001:db8::1", 5353)),
        ("[2001:db8::1]", Resolver("2001:db8::1", 53)),
    ],
)
def test_addresses(text: str, resolver: Resolver) -> None:
    """An address of either family, with a port or without."""
    assert Resolver.parse(text) == resolver


@pytest.mark.parametrize(
    "text", ["", "resolver.test", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:²"]
)
def test_anything_else_is_refused(text: str) -> None:
    """Names, and ports that are none, are refused with what was wanted."""
    with pytest.raises(ValueError, match="is not"):
        Resolver.parse(text)
