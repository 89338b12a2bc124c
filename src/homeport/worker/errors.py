"""From refusal to what happens with the work: one table."""

from enum import StrEnum

from homeport.domain import errors


class Fate(StrEnum):
    """What a worker does with work that was refused."""

    RETRY = "retry"  # the same step again, after a while
    PARK = "park"  # the rehost fails with its reason; a person may retry it
    DROP = "drop"  # there is nothing to do any more


FATE: dict[type[errors.Refusal], Fate] = {
    errors.NotFound: Fate.DROP,
    errors.Invalid: Fate.PARK,
    errors.Unauthenticated: Fate.PARK,
    errors.Forbidden: Fate.PARK,
    errors.Conflict: Fate.PARK,
    # Somebody else moved the rehost on meanwhile: this run has nothing left to do.
    errors.IllegalMove: Fate.DROP,
    errors.TooLarge: Fate.PARK,
    errors.RateLimited: Fate.RETRY,
    errors.Unavailable: Fate.RETRY,
    errors.NeedsConsent: Fate.PARK,
}
