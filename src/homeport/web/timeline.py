"""Where a rehost stands, as a line of steps and a count."""

from dataclasses import dataclass
from typing import Literal

from homeport.domain.rehost import Bytes, Decision, State
from homeport.flows.rehost.review import RehostView

_WAY = (State.PLANNING, State.PLANNED, State.CONSENTED, State.PUBLISHING, State.PUBLISHED)
_STOPS = {
    State.REFUSED,
    State.WITHDRAWN,
    State.EXPIRED,
    State.UNCHANGED,
    State.FAILED,
    State.PARTLY_PUBLISHED,
}

_SENTENCES = {
    State.PLANNING: "The sources are visited, and every file they offer is fetched into the private store and inspected. "
    "Nothing is visible to installers.",
    State.PLANNED: "Every file was looked at. Now it is your turn: look, tick what shall be hosted here, and agree.",
    State.CONSENTED: "Agreed. Publishing begins in a moment.",
    State.PUBLISHING: "The files that were agreed to are being published.",
    State.PUBLISHED: "Every accepted file is hosted here.",
    State.PARTLY_PUBLISHED: "Some accepted files could not be published yet. They are tried again, and you can ask for it.",
    State.REFUSED: "Nothing of this plan is hosted. It stays on record.",
    State.WITHDRAWN: "Consent was withdrawn: nothing more is published.",
    State.EXPIRED: "Nobody answered in time. Make a new plan to look again.",
    State.UNCHANGED: "It looked, and published nothing.",
    State.FAILED: "This rehost could not go on.",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One step on the line."""

    state: State
    place: Literal["done", "now", "ahead", "stopped"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the running step is; ``total`` is 0 while nobody knows."""

    done: int
    total: int
    words: str


def timeline(view: RehostView) -> tuple[Mark, ...]:
    """The steps so far and those ahead; a rehost that stopped on the way shows where."""
    state = view.rehost.state
    if state in _STOPS:
        return (*(Mark(passed, "done") for passed in _passed(view)), Mark(state, "stopped"))
    here = _WAY.index(state)
    marks = [Mark(step, "done" if place < here else "ahead") for place, step in enumerate(_WAY)]
    marks[here] = Mark(state, "done" if state is State.PUBLISHED else "now")
    return tuple(marks)


def _passed(view: RehostView) -> tuple[State, ...]:
    if view.consent is not None:
        return _WAY[: _WAY.index(State.PUBLISHING)]
    return _WAY[: _WAY.index(State.CONSENTED)] if view.rehost.plan_digest else _WAY[:1]


def sentence(view: RehostView) -> str:
    """What the state means for who looks at it."""
    if view.rehost.state is State.PLANNED and not view.plan.items:
        return (
            "Nothing was found that could be hosted. Below stands what was looked at, and what was left out."
        )
    if view.rehost.state is State.PLANNED and any(item.bytes is Bytes.LISTED for item in view.plan.items):
        return (
            "There are many files, so they were only listed. Choose which of them to fetch; "
            "once their bytes are here and were looked at, you can agree to them."
        )
    if view.cooled_at is not None:
        return "Agreed. The index waits with publishing, so that others can object."
    return _SENTENCES[view.rehost.state]


def progress(view: RehostView) -> Progress | None:
    """What a running rehost has done so far; ``None`` when nothing runs."""
    items = [item for item in view.plan.items if item.bytes is not Bytes.LISTED]
    if view.rehost.state is State.PLANNING:
        fetched = sum(item.bytes is not Bytes.WANTED for item in items)
        words = f"{fetched} of {len(items)} files looked at" if items else "visiting the sources"
        return Progress(fetched, len(items), words)
    if not view.rehost.state.is_running or view.cooled_at is not None:
        return None
    accepted = [item for item in items if item.decision is Decision.ACCEPT]
    published = sum(item.is_published for item in accepted)
    return Progress(published, len(accepted), f"{published} of {len(accepted)} files published")
