"""An answer on the review page does what it says; a refused one, or a late one, loses nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.browser import Browser, filled_in
from tests.support.review_page import box_of, consent_to, page_of, sha256_field
from tests.support.web_index import WebIndex

from homeport.domain.consent import Basis
from homeport.domain.digests import Sha256
from homeport.domain.rehost import Decision, Rehost, State

RIGHT = Sha256.of(b"plain").hex
OTHER = Sha256.of(b"other").hex


@pytest.mark.parametrize("basis", list(Basis))
def test_accepting_binds_consent_to_the_ticked_files(
    index: WebIndex, ada: Browser, rehost: Rehost, basis: Basis
) -> None:
    """The consent names exactly the ticked items with their sha256, the plan, the basis and the words."""
    shown = ada.get(page_of(rehost))
    accepted = ada.submit(
        shown, "accept", basis=basis.value, agree="on", text="  Mail of J. Doe, May 2026.  "
    )
    assert (accepted.status, accepted.goes_to) == (303, page_of(rehost))
    consent, items = consent_to(index, rehost), index.items(rehost)
    assert consent is not None
    assert dict(consent.files) == {
        items[name].id: items[name].sha256 for name in ("demo-2.0.tar.gz", "demo-1.9.tar.gz")
    }
    assert (consent.given_by, consent.basis, consent.text) == ("ada", basis, "Mail of J. Doe, May 2026.")
    assert shown.page.the("main").the("input", name="plan").attributes["value"] == consent.plan_digest.hex
    assert index.rehost(rehost.id).state is State.CONSENTED
    decisions = {name: one.decision for name, one in items.items()}
    assert decisions["demo-2.0.tar.gz"] is Decision.ACCEPT
    assert decisions["demo-1.8.tar.gz"] is Decision.LEAVE_OUT


def test_a_second_answer_says_who_gave_the_first(index: WebIndex, ada: Browser, rehost: Rehost) -> None:
    """Whoever comes late is told who accepted it, by a button that saves as by one that accepts."""
    shown = ada.get(page_of(rehost))
    ada.submit(shown, "accept", basis="author", agree="on")
    for button in ("accept", "save"):
        late = ada.submit(shown, button, basis="author", agree="on")
        assert late.status == 409
        assert "It was accepted already by ada" in late.page.the("section", role="alert").text


def test_a_person_may_take_what_was_held_and_leave_what_was_ticked(
    index: WebIndex, ada: Browser, rehost: Rehost
) -> None:
    """The ticks decide, not what the page proposed."""
    shown = ada.get(page_of(rehost))
    held = box_of(shown, "demo-1.8.tar.gz").attributes["value"]
    assert ada.submit(shown, "accept", basis="author", agree="on", accept=held).status == 303
    consent = consent_to(index, rehost)
    assert consent is not None
    assert [item_id for item_id, _ in consent.files] == [int(held)]


def test_a_sha256_settles_what_came_plainly_or_not_at_all(
    index: WebIndex, ada: Browser, rehost: Rehost
) -> None:
    """Confirmed or supplied in the page, in any case and with blanks around it, it is what consent is bound to."""
    shown = ada.get(page_of(rehost))
    plain, missing = (box_of(shown, f"demo-1.{n}.tar.gz").attributes["value"] for n in (6, 5))
    accepted = ada.submit(
        shown,
        "accept",
        basis="author",
        agree="on",
        accept=[plain, missing],
        **{
            sha256_field(shown, "demo-1.6.tar.gz"): f"  {RIGHT.upper()} ",
            sha256_field(shown, "demo-1.5.tar.gz"): OTHER,
        },
    )
    assert accepted.status == 303
    consent = consent_to(index, rehost)
    assert consent is not None
    assert dict(consent.files) == {int(plain): Sha256(RIGHT), int(missing): Sha256(OTHER)}


REFUSED_ANSWERS: list[tuple[dict[str, str | None], int, str]] = [
    ({"basis": None}, 400, "is not a basis"),
    ({"basis": "because"}, 400, "is not a basis"),
    ({"basis": "other", "text": "short"}, 400, "needs a sentence"),
    ({"agree": None}, 403, "tick that you agree"),
    ({"statement": "0"}, 409, "statement changed"),
    ({"statement": None}, 409, "statement changed"),
    ({"plan": "0" * 64}, 409, "The plan changed"),
    ({"plan": ""}, 400, "is not a SHA-256 digest"),
    ({"accept": None}, 400, "No file was chosen"),
    ({"accept": "999999"}, 400, "has no item 999999"),
]


@pytest.mark.parametrize(("changes", "status", "words"), REFUSED_ANSWERS)
def test_a_refused_answer_loses_nothing(
    index: WebIndex, ada: Browser, rehost: Rehost, changes: dict[str, str | None], status: int, words: str
) -> None:
    """The reason is on top, nothing was done, and everything that was filled in is there to be sent again."""
    shown = ada.get(page_of(rehost))
    typed = sha256_field(shown, "demo-1.6.tar.gz")
    plain = box_of(shown, "demo-1.6.tar.gz").attributes["value"]
    filled: dict[str, str | None] = {
        "basis": "licence",
        "text": "It says so in <LICENSE>.",
        "agree": "on",
        "accept": plain,
        typed: RIGHT,
    }
    if "accept" in changes:
        filled[typed] = ""
    refused = ada.submit(shown, "accept", **(filled | changes))
    assert refused.status == status
    assert words in refused.page.the("section", role="alert").text
    assert consent_to(index, rehost) is None
    assert index.rehost(rehost.id).state is State.PLANNED
    form = next(form for form in refused.page.the("main").all("form") if form.all("button", value="accept"))
    again = filled_in(form)
    sent = filled | changes
    for name in ("text", "accept", "agree", typed):
        there = again.get(name)
        value = there[0] if isinstance(there, list) else there
        is_unknown = name == "accept" and sent[name] == "999999"
        is_about_others = name == "agree" and "plan" in changes
        assert (value or None) == (None if is_unknown or is_about_others else sent[name] or None)
    known_basis = sent["basis"] if sent["basis"] in list(Basis) else None
    assert again.get("basis") == ([known_basis] if known_basis else None)
    assert again["plan"] == index_digest(index, rehost)


def index_digest(index: WebIndex, rehost: Rehost) -> str:
    """The digest of the plan as it stands."""
    with index.world.store.read() as tx:
        return tx.rehosts.plan(rehost).digest().hex


def test_a_plan_that_changed_is_shown_anew_with_the_ticks(
    index: WebIndex, ada: Browser, rehost: Rehost
) -> None:
    """Between looking and answering a file changed: nothing is agreed to, and the next answer is to the new plan."""
    shown = ada.get(page_of(rehost))
    changed = index.items(rehost)["demo-2.0.tar.gz"]
    with index.world.store.write() as tx:
        tx.rehosts.put_item(rehost.id, replace(changed, sha256=Sha256.of(b"changed")))
    held = box_of(shown, "demo-1.8.tar.gz").attributes["value"]
    refused = ada.submit(shown, "accept", basis="author", agree="on", accept=[held, str(changed.id)])
    assert refused.status == 409
    assert consent_to(index, rehost) is None
    assert {box_of(refused, f"demo-{v}.tar.gz").attributes.get("checked") for v in ("1.8", "2.0")} == {""}
    assert "checked" not in box_of(refused, "demo-1.9.tar.gz").attributes
    assert "checked" not in refused.page.the("input", name="agree").attributes, "these are other bytes"
    assert ada.submit(refused, "accept").status == 403
    assert ada.submit(refused, "accept", agree="on").status == 303, "the rest is sent again as it came"
    consent = consent_to(index, rehost)
    assert consent is not None
    assert dict(consent.files)[changed.id] == Sha256.of(b"changed")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("abc", "demo-1.6.tar.gz: 'abc' is not a SHA-256 digest"),
        ("g" * 64, "is not a SHA-256 digest"),
        (OTHER, "The sha256 you named is another one"),
        ("", "confirm that its sha256 is"),
    ],
)
def test_a_wrong_sha256_is_refused_and_kept(
    index: WebIndex, ada: Browser, rehost: Rehost, typed: str, words: str
) -> None:
    """What was typed stays in its field beside the reason."""
    shown = ada.get(page_of(rehost))
    field = sha256_field(shown, "demo-1.6.tar.gz")
    plain = box_of(shown, "demo-1.6.tar.gz").attributes["value"]
    refused = ada.submit(shown, "accept", basis="author", agree="on", accept=plain, **{field: typed})
    assert refused.status in {400, 403}
    assert words in refused.page.the("section", role="alert").text
    assert refused.page.the("input", name=field).attributes["value"] == typed
    assert consent_to(index, rehost) is None


def test_a_sha256_without_tick_is_asked_about(ada: Browser, rehost: Rehost) -> None:
    """Whoever names a file's sha256 and does not tick it may have forgotten to: nothing is left out in silence."""
    shown = ada.get(page_of(rehost))
    field = sha256_field(shown, "demo-1.6.tar.gz")
    refused = ada.submit(shown, "accept", basis="author", agree="on", **{field: RIGHT})
    assert refused.status == 400
    assert "did not tick it" in refused.page.the("section", role="alert").text


def test_what_is_closed_stays_closed(index: WebIndex, ada: Browser, rehost: Rehost) -> None:
    """A form that ticks what its page does not offer is refused, with every reason."""
    shown, items = ada.get(page_of(rehost)), index.items(rehost)
    forced = [str(items[f"demo-1.{n}.tar.gz"].id) for n in (7, 4, 3)]
    refused = ada.submit(shown, "accept", basis="author", agree="on", accept=forced)
    assert refused.status == 403
    reasons = [reason.text for reason in refused.page.the("section", role="alert").all("li")]
    assert len(reasons) == 3
    assert consent_to(index, rehost) is None


def age(index: WebIndex, browser: Browser) -> None:
    """Let the browser have been confirmed an hour ago."""
    with index.world.store.write() as tx:
        secret = Sha256.of(browser.cookies["__Host-homeport"].encode())
        session = tx.sessions.find(secret, index.world.clock.now())
        assert session is not None
        tx.sessions.close(secret)
        tx.sessions.add(replace(session, confirmed_at=session.confirmed_at - timedelta(hours=1)))


def test_nothing_is_lost_by_who_took_their_time(index: WebIndex, rehost: Rehost) -> None:
    """Reading may take longer than a confirmation lasts: the page comes again with every tick, and asks beside them."""
    password = "correct horse battery"
    with index.world.store.write() as tx:
        tx.users.put_password(index.user("ada").id, index.world.passwords.hash(password))
    ada = index.signed_in("ada")
    shown = ada.get(page_of(rehost))
    assert not shown.page.all("input", id="password")
    held = box_of(shown, "demo-1.8.tar.gz").attributes["value"]
    age(index, ada)
    refused = ada.submit(shown, "accept", basis="author", agree="on", accept=held, text="Mine.")
    assert refused.status == 403
    assert "type your password" in refused.page.the("section", role="alert").text
    wrong = ada.submit(refused, "accept", own_password="wrong")
    assert wrong.status == 403
    assert wrong.page.the("textarea", id="text").text == "Mine."
    before = ada.cookies["__Host-homeport"]
    ticked = box_of(wrong, "demo-1.7.tar.gz").attributes["value"]
    rejected = ada.submit(wrong, "accept", own_password=password, accept=ticked)
    assert rejected.status >= 400
    assert ada.cookies["__Host-homeport"] != before, "confirmed, though nothing was agreed to"
    assert not rejected.page.all("input", id="password")
    assert consent_to(index, rehost) is None
    assert ada.submit(rejected, "accept", accept=held).status == 303
    consent = consent_to(index, rehost)
    assert consent is not None
    assert (consent.text, [item_id for item_id, _ in consent.files]) == ("Mine.", [int(held)])


def test_who_comes_late_is_asked_at_once(index: WebIndex, ada: Browser, rehost: Rehost) -> None:
    """The plan is shown, and the answer has a field for the password; refusing the plan needs none."""
    age(index, ada)
    assert len(ada.get(page_of(rehost)).page.all("input", id="password")) == 1
    assert ada.submit(ada.get(page_of(rehost)), "refuse", reason="Not ours.").status == 303
