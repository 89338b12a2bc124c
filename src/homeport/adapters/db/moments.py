"""How points in time are written into rows: UTC text with microseconds, which reads and sorts alike everywhere."""

from datetime import UTC, datetime

LENGTH = 27
_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def to_text(moment: datetime) -> str:
    """``moment`` as a row holds it; ``ValueError`` without a zone, since it would be another one elsewhere."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone")
    return moment.astimezone(UTC).strftime(_FORM)


def from_text(text: str) -> datetime:
    """The point in time a row holds."""
    # Four times as fast as strptime, and pages are made of thousands of them.
    return datetime.fromisoformat(text)
