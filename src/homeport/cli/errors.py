"""From refusal to exit status and words: one table."""

import json
import sys
from enum import IntEnum

from homeport.domain import errors


class Exit(IntEnum):
    """What a script sees."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    UNAVAILABLE = 3
    INTERRUPTED = 130  # as a shell counts SIGINT


EXIT: dict[type[errors.Refusal], Exit] = {
    errors.NotFound: Exit.REFUSED,
    errors.Invalid: Exit.REFUSED,
    errors.Unauthenticated: Exit.REFUSED,
    errors.Forbidden: Exit.REFUSED,
    errors.Conflict: Exit.REFUSED,
    errors.IllegalMove: Exit.REFUSED,
    errors.TooLarge: Exit.REFUSED,
    errors.RateLimited: Exit.UNAVAILABLE,
    errors.Unavailable: Exit.UNAVAILABLE,
    errors.NeedsConsent: Exit.REFUSED,
}


def tell_refusal(refusal: errors.Refusal, *, as_json: bool) -> Exit:
    """Say why not, on standard error; the exit status."""
    if as_json:
        body = {"code": refusal.code, "detail": refusal.sentence, "problems": list(refusal.problems)}
        print(json.dumps(body), file=sys.stderr)
    elif len(refusal.problems) > 1:
        # The sentence tells the problems as well, after what they have in common.
        print(f"homeport: {refusal.sentence.partition(refusal.problems[0])[0].strip()}", file=sys.stderr)
        for problem in refusal.problems:
            print(f"  - {problem}", file=sys.stderr)
    else:
        print(f"homeport: {refusal.sentence}", file=sys.stderr)
    return EXIT[type(refusal)]
