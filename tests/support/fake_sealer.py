"""A sealer that forgets nothing, and one day another key."""

from homeport.domain.errors import Conflict


class FakeSealer:
    """``ports.sealer.Sealer`` in memory; ``lose_key`` makes everything that was sealed unreadable."""

    def __init__(self) -> None:
        self._key = 0
        self._sealed: dict[bytes, tuple[int, str]] = {}

    def seal(self, secret: str) -> bytes:
        """See the port."""
        sealed = f"sealed-{len(self._sealed)}".encode()
        self._sealed[sealed] = (self._key, secret)
        return sealed

    def open(self, sealed: bytes) -> str:
        """See the port."""
        key, secret = self._sealed.get(sealed, (None, ""))
        if key != self._key:
            raise Conflict("A stored secret cannot be opened: the key is lost.", code="secret-key-lost")
        return secret

    def lose_key(self) -> None:
        """As if the key file were gone."""
        self._key += 1
