"""Rules for what is found outside (:mod:`homeport.flows.rehost.plan`): whose it is, and whether it may come home."""

from typing import Final

from homeport.domain.rules.rule import HOLD, Rule, manners, safety

PLAN_RULES: Final[tuple[Rule, ...]] = (
    manners("name-ambiguous", HOLD, HOLD, HOLD, "A person must say which project and version the link is of."),
    safety("hash-mismatch", "Ask the site's owner which bytes are right; a file whose claimed hash differs is never taken."),
    safety("hash-named-otherwise", "Look whose hash is wrong: empty the sha256 beside the file to take it back, or ask the site's owner."),
    manners("named-otherwise", HOLD, HOLD, HOLD, "Make a plan: take the named sha256 back there, or leave the file out."),
    manners("left-out-before", HOLD, HOLD, HOLD, "Make a plan and accept the file there, if it is wanted after all."),
    manners("refused-before", HOLD, HOLD, HOLD, "Read why it was refused; make a plan and accept the file there, if it is wanted after all."),
    safety("signature-bad", "Ask the site's owner: what signs this file signs other bytes, so one of the two was changed."),
    manners("bytes-alternate", HOLD, HOLD, HOLD, "Ask whoever published it which of the two hashes is meant."),
    manners("other-bytes-since", HOLD, HOLD, HOLD, "Ask whoever published it which bytes are meant, or make a new plan."),
    safety("other-bytes-hosted", "Publish the new bytes under a new version: a hosted file is never replaced."),
    safety("other-bytes-removed", "Publish the new bytes under a new version: a removed file's name is not given again."),
    manners("removed-before", HOLD, HOLD, HOLD, "A person must say that the file is wanted back."),
    manners("release-closed", HOLD, HOLD, HOLD, "A person must accept the file: an old release gets none by itself."),
)  # fmt: skip
