"""Webhooks and deliveries: what may be one, what it is told of, and what follows from success and failure."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from homeport.domain.errors import Invalid
from homeport.domain.ledger import GENESIS, Entry, Kind, seal
from homeport.domain.webhook import LOST_AFTER, PAUSES, TEST, Feed, HookState, Webhook, require_hook
from homeport.domain.webhook_delivery import (
    LONGEST_BODY,
    NO_ANSWER,
    Answer,
    Delivery,
    entry_body,
    notice_body,
    trial_body,
)
from homeport.domain.webhook_events import EVENTS, PROJECT_EVENTS

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
HOOK = Webhook(
    3, Feed.PROJECT, "https://ci.example.org:443/hook?key=1", (), "ada", NOW, project_id=1, project="demo"
)
GOOD, BAD = Answer(200, "ok", "", 12), Answer(502, "", "It answered with status 502.", 3)
GIVEN = Delivery(9, 3, "file-published", 41, NOW, NOW)


def test_where_a_webhook_may_lead() -> None:
    """An https address, or one that is no name; every problem is told at once."""
    url, events = require_hook(
        Feed.INDEX, " https://CI.example.org/x#part ", ["mode-changed", "mode-changed"]
    )
    assert (str(url), events) == ("https://ci.example.org/x", ("mode-changed",))
    assert str(require_hook(Feed.PROJECT, "http://10.0.0.7:8080/x", [])[0]) == "http://10.0.0.7:8080/x"
    with pytest.raises(Invalid, match="not protected") as caught:
        require_hook(Feed.PROJECT, "http://ci.example.org/", ["nothing-happened"])
    assert len(caught.value.problems) == 2
    with pytest.raises(Invalid, match="takes no events"):
        require_hook(Feed.PERSON, "https://ci.example.org/", ["mode-changed"])
    with pytest.raises(Invalid, match=r"scheme|https"):
        require_hook(Feed.PERSON, "ftp://ci.example.org/", [])


def test_what_it_is_told_of() -> None:
    """Everything, or what it names; every page of webhooks has its address."""
    assert HOOK.wants("mode-changed")
    assert not replace(HOOK, events=("file-published",)).wants("mode-changed")
    assert HOOK.host == "ci.example.org"
    assert HOOK.page == "/manage/projects/demo/webhooks/"
    assert replace(HOOK, feed=Feed.INDEX).page == "/admin/webhooks/"
    assert replace(HOOK, feed=Feed.PERSON).page == "/account/webhooks/"


def test_pauses_grow_until_it_is_lost() -> None:
    """A minute, then longer up to a day; five days after the first failure it is lost; a success forgets all."""
    hook, now, pauses = HOOK, NOW, []
    while not hook.is_lost(now):
        hook = hook.failed(now)
        assert hook.rests_until is not None
        pauses.append(hook.rests_until - now)
        now = hook.rests_until
    assert pauses[: len(PAUSES)] == list(PAUSES)
    assert set(pauses[len(PAUSES) :]) == {PAUSES[-1]}
    assert LOST_AFTER <= now - NOW <= LOST_AFTER + PAUSES[-1]
    assert (hook.failing_since, hook.state) == (NOW, HookState.FAILING)
    assert hook.succeeded() == HOOK
    assert not HOOK.is_lost(NOW)


def test_who_asks_for_a_pause_gets_it() -> None:
    """Retry-After is honoured where it is longer than the pause, and bounded by a day."""
    assert HOOK.failed(NOW, timedelta(hours=2)).rests_until == NOW + timedelta(hours=2)
    assert HOOK.failed(NOW, timedelta(days=9)).rests_until == NOW + PAUSES[-1]
    assert HOOK.failed(NOW, timedelta(seconds=5)).rests_until == NOW + PAUSES[0]
    assert GIVEN.tried(NOW, BAD, timedelta(hours=2)).due_at == NOW + timedelta(hours=2)


def test_disabled_and_enabled() -> None:
    """A disabled webhook says why; who enables it answers for it, and its cursor stays."""
    disabled = replace(HOOK, cursor=7).failed(NOW).disabled(NOW, "Gone.")
    assert (disabled.state, disabled.disabled_why, disabled.rests_until) == (
        HookState.DISABLED,
        "Gone.",
        None,
    )
    enabled = disabled.enabled("eve")
    assert (enabled.state, enabled.by, enabled.cursor, enabled.failures) == (HookState.LIVE, "eve", 7, 0)


def test_whose_it_is_and_where_it_leads() -> None:
    """A project's, a person's or the index's; who looks after the index sees its host, and not what follows."""
    assert (HOOK.owner, replace(HOOK, feed=Feed.PERSON).owner) == ("demo", "ada")
    assert replace(HOOK, feed=Feed.INDEX).owner == "index"
    assert HOOK.without_path() == replace(HOOK, url="https://ci.example.org/")
    stopped = HOOK.stopped(NOW, "root", "Why.")
    assert (stopped.state, stopped.stopped_by, stopped.why) == (
        HookState.DISABLED,
        "root",
        "An administrator stopped it: Why.",
    )
    assert stopped.let_go() == HOOK


def test_let_go_it_stands_as_before() -> None:
    """What was disabled before it was stopped, or meanwhile, is disabled still, by whom and since when it was."""
    disabled = replace(HOOK, cursor=7).disabled(NOW, "By ada.")
    stopped = disabled.stopped(NOW + LOST_AFTER, "root", "Why.")
    assert (stopped.disabled_since, stopped.let_go()) == (NOW + LOST_AFTER, disabled)
    meanwhile = HOOK.stopped(NOW, "root", "Why.").disabled(NOW, "By ada.")
    assert (meanwhile.why, meanwhile.let_go().why) == ("An administrator stopped it: Why.", "By ada.")
    failing = HOOK.failed(NOW).stopped(NOW, "root", "Why.")
    assert (failing.rests_until, failing.let_go()) == (None, HOOK)


def test_what_is_seen_of_an_answer_from_inside() -> None:
    """The status, and no word; of no answer neither why nor how long it took. From outside all is seen, and before a try."""
    assert BAD.bare == BAD
    untried = replace(NO_ANSWER, is_inner=True)
    assert untried.bare == untried
    said = replace(BAD, text="root:x:0:0", is_inner=True)
    assert said.bare == replace(said, text="")
    silent = Answer(0, "", "Nothing answers at 10.0.0.7.", 17, is_inner=True).bare
    assert (silent.problem, silent.took_ms) == ("It was not taken; an administrator sees why.", 0)
    assert replace(GIVEN, answer=said).bare == replace(GIVEN, answer=said.bare)


def test_a_delivery_is_taken_or_tried_again() -> None:
    """What was taken is over; what was not has its next try, and is given up after five days; a test is tried once."""
    taken = GIVEN.tried(NOW, GOOD)
    assert (taken.taken_at, taken.due_at, taken.tries) == (NOW, None, 1)
    failed = GIVEN.tried(NOW, BAD)
    assert (failed.taken_at, failed.due_at, failed.answer) == (None, NOW + PAUSES[0], BAD)
    assert failed.tried(NOW + LOST_AFTER, BAD).due_at is None
    assert replace(GIVEN, event=TEST, serial=0).tried(NOW, BAD).due_at is None
    assert taken.again(NOW + LOST_AFTER) == replace(
        taken, due_at=NOW + LOST_AFTER, tries=0, first_tried_at=None, taken_at=None
    )
    assert GIVEN.given_up(NOW, "Nothing.").answer.problem == "Nothing."
    assert GIVEN.message_id == taken.message_id == "msg_3_41"
    assert replace(GIVEN, serial=0).message_id == "msg_3_t9"


def entry(details: dict[str, object]) -> Entry:
    """An entry of the ledger."""
    return Entry(41, NOW, Kind.FILE_PUBLISHED, "ada", "demo", details)  # type: ignore[arg-type]


def test_how_messages_read() -> None:
    """Type, moment and data, as Standard Webhooks has it; details that are a book are left out, and it says so."""
    told = json.loads(entry_body(seal(entry({"filename": "demo-1.0.tar.gz"}), GENESIS)))
    assert told == {
        "type": "file-published",
        "timestamp": "2026-03-04T05:06:07.000000Z",
        "data": {
            "serial": 41,
            "actor": "ada",
            "project": "demo",
            "details": {"filename": "demo-1.0.tar.gz"},
            "is_whole": True,
        },
    }
    large = entry_body(seal(entry({"text": "x" * LONGEST_BODY}), GENESIS))
    assert (json.loads(large)["data"]["is_whole"], json.loads(large)["data"]["details"]) == (False, {})
    assert len(large) < LONGEST_BODY
    notice = json.loads(notice_body(5, "drift", "Moved", "Look.", "https://index.test/x", NOW))
    assert (notice["type"], notice["data"]["kind"], notice["data"]["notice"]) == ("notice", "drift", 5)
    assert json.loads(trial_body(3, NOW))["data"]["webhook"] == 3


def test_every_kind_of_entry_is_an_event() -> None:
    """Each stands in the table of events once, with a sentence; a project's are some of the index's."""
    every = [kind for kinds in EVENTS.values() for kind in kinds]
    assert sorted(every) == sorted(Kind)
    assert set(PROJECT_EVENTS) < set(EVENTS)
    assert all(sentence.endswith(".") for kinds in EVENTS.values() for sentence in kinds.values())
