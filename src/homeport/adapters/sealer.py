"""A key file beside the database that seals secrets (Fernet: AES-128-CBC and HMAC-SHA-256).

1. The file is made when the first secret is sealed, readable by its owner only, and never again: a key that is lost
   must not be replaced silently by one that opens nothing.
2. It appears whole or not at all, also when two processes make it at once: it is written beside, and linked to its name.
3. Whoever has the database, or a copy of it, has no secret; whoever has the home has both.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from homeport.domain.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

FILENAME = "secret.key"


class FileSealer:
    """``ports.sealer.Sealer`` by a key in ``home``."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILENAME

    def seal(self, secret: str) -> bytes:
        """See the port."""
        key = self._read() or self._make()
        return self._fernet(key).encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """See the port."""
        from cryptography.fernet import InvalidToken

        key = self._read()
        if key is None:
            raise self._lost("is not there")
        try:
            return self._fernet(key).decrypt(sealed).decode()
        except InvalidToken as error:
            raise self._lost("is not the one that the secret was sealed with") from error

    def _fernet(self, key: bytes) -> "Fernet":
        # Every command opens the world, and few seal anything: the import takes longer than most of them.
        from cryptography.fernet import Fernet

        try:
            return Fernet(key)
        except ValueError as error:
            raise self._lost("holds no key") from error

    def _lost(self, what: str) -> Conflict:
        return Conflict(
            f"A stored secret cannot be opened: {self._path} {what}. Put the old file back, or give the secret anew "
            "(homeport source add … --token-stdin).",
            code="secret-key-lost",
        )

    def _read(self) -> bytes | None:
        try:
            return self._path.read_bytes().strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(
                f"{self._path} cannot be read ({error.strerror}).", code="secret-key-unreadable"
            ) from error

    def _make(self) -> bytes:
        from cryptography.fernet import Fernet

        key = Fernet.generate_key()
        beside = self._path.with_name(f".{FILENAME}.{os.getpid()}.{threading.get_ident()}")
        try:
            beside.unlink(missing_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(key + b"\n")
                file.flush()
                os.fsync(file.fileno())
            # Another process may have been faster: then its key is the key.
            with suppress(FileExistsError):
                os.link(beside, self._path)
            beside.unlink()
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise Unavailable(
                f"The key file {self._path} cannot be made ({error.strerror}).", code="secret-key-unwritable"
            ) from error
        return self._path.read_bytes().strip()
