"""One rule of inspection, and who is asking when it weighs a finding."""

from dataclasses import dataclass
from enum import IntEnum

from homeport.domain.inspection import Severity

INFO, HOLD, REJECT = Severity.INFO, Severity.HOLD, Severity.REJECT


class Profile(IntEnum):
    """Who asks; the value is the column in a rule's weights.

    An *upload* comes from its owner today and keeps every rule of today. A file looked at *alone* need not keep the
    rules that bind uploaders only. A *legacy* file, crawled or sent by distutils, need not keep what came after it.
    """

    UPLOAD = 0
    ALONE = 1
    LEGACY = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding of this ``code`` weighs for each :class:`Profile` (``None``: nobody is told), and what to do."""

    code: str
    weights: tuple[Severity | None, Severity | None, Severity | None]
    advice: str

    @property
    def is_safety(self) -> bool:
        """True when nobody is let through who breaks it, however old the file."""
        return self.weights == (REJECT, REJECT, REJECT)


def safety(code: str, advice: str) -> Rule:
    """A rule of safety: reject, whoever asks."""
    return Rule(code, (REJECT, REJECT, REJECT), advice)


def manners(
    code: str, upload: Severity | None, alone: Severity | None, legacy: Severity | None, advice: str
) -> Rule:
    """A rule whose weight depends on who asks."""
    return Rule(code, (upload, alone, legacy), advice)
