"""Every rule that inspection keeps: what breaking it weighs, and what to do about it.

1. A code has one rule. A code without one is a mistake that a test finds; until then it weighs ``reject``.
2. A rule of *safety* weighs ``reject`` for everybody: no profile, however old the file, makes it lighter.
3. Any other rule says three weights: for an upload, for a file looked at alone, and for a legacy file.
"""

from collections.abc import Mapping
from types import MappingProxyType

from homeport.domain.rules.containers import CONTAINER_RULES
from homeport.domain.rules.metadata import METADATA_RULES
from homeport.domain.rules.paths import PATH_RULES
from homeport.domain.rules.plan import PLAN_RULES
from homeport.domain.rules.release import RELEASE_RULES
from homeport.domain.rules.rule import Profile, Rule

# By the heading under which people read them.
SUBJECTS: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "The archive": CONTAINER_RULES,
        "The paths in it": PATH_RULES,
        "The release": RELEASE_RULES,
        "The metadata": METADATA_RULES,
        "What was found outside": PLAN_RULES,
    }
)
RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.code: rule for rules in SUBJECTS.values() for rule in rules}
)

__all__ = ["RULES", "SUBJECTS", "Profile", "Rule", "advice_for"]

_UNKNOWN = "Nothing is known about this finding here: a newer Homeport made it. Upgrade this one."


def advice_for(code: str) -> str:
    """What to do about a finding."""
    rule = RULES.get(code)
    return rule.advice if rule else _UNKNOWN
