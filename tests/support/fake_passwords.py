"""Password hashes that cost nothing, and say what they are."""

import hashlib


class FakePasswords:
    """``ports.passwords.Passwords``; the salt is a count."""

    def __init__(self) -> None:
        self._hashed = 0

    def hash(self, password: str) -> str:
        """See the port."""
        self._hashed += 1
        return _stored(str(self._hashed), password)

    def matches(self, stored: str | None, password: str) -> bool:
        """See the port."""
        salt = (stored or "").partition("$")[0]
        return stored == _stored(salt, password)


def _stored(salt: str, password: str) -> str:
    return f"{salt}${hashlib.sha256(f'{salt}${password}'.encode()).hexdigest()}"
