"""One call says what happened: a sentence for people, fields for queries.

Never tokens, which are struck out of every line, passwords, mail addresses or bodies. On a terminal a line reads; elsewhere it is one JSON object.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from homeport.domain.strike_out import without_tokens

_logger = logging.getLogger("homeport")
_ID_BYTES = 6


def event(message: str, **fields: str | float | None) -> None:
    """Something happened as it should."""
    _logger.info(message, extra={"fields": fields})


def trouble(message: str, *, error: BaseException | None = None, **fields: str | float | None) -> None:
    """Something happened that a person should look at."""
    _logger.error(message, extra={"fields": fields}, exc_info=error)


def accident(
    message: str, *, error: BaseException, random_bytes: Callable[[int], bytes], **fields: str | float | None
) -> str:
    """Nobody expected this: it is told once, here, and the id that is returned is how a person finds it again."""
    error_id = random_bytes(_ID_BYTES).hex()
    trouble(message, error=error, error_id=error_id, **fields)
    return error_id


@contextmanager
def keep_troubles() -> Iterator[list[str]]:
    """Keep what is told meanwhile of trouble, each thing once, instead of writing it."""
    kept = _Kept()
    before, propagates = _logger.handlers, _logger.propagate
    _logger.handlers, _logger.propagate = [kept], False
    try:
        yield kept.told
    finally:
        _logger.handlers, _logger.propagate = before, propagates


class _Kept(logging.Handler):
    """Takes what a person should look at."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        fields = " ".join(f"{name}={value}" for name, value in getattr(record, "fields", {}).items())
        cause = f"({record.exc_info[1]})" if record.exc_info else ""
        said = _one_line(without_tokens(" ".join(filter(None, (record.getMessage(), fields, cause)))))
        if said not in self.told:
            self.told.append(said)


class _Lines(logging.Formatter):
    """Readable lines for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={value}" for name, value in getattr(record, "fields", {}).items())
        text = f"{self.formatTime(record, '%H:%M:%S')} {_one_line(record.getMessage())} {_one_line(fields)}".rstrip()
        return without_tokens(f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text)


class _Json(logging.Formatter):
    """One JSON object a line, which no outside text can break out of (T-44)."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return without_tokens(json.dumps(entry, default=str))


def line_format() -> logging.Formatter:
    """How every line on standard error is written, also those of the web server itself."""
    return _Lines() if sys.stderr.isatty() else _Json()


def set_up_logs() -> None:
    """Send what happens to standard error; called once, by whoever starts a process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(line_format())
    _logger.handlers = [handler]
    _logger.setLevel(logging.INFO)
    _logger.propagate = False


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
