"""The contract of accounts, one-time links and the outbox, by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.fake_store import FakeStore
from tests.support.store_rows import add_user
from tests.support.world import real_world

from homeport.adapters.db.store import SqlStore
from homeport.domain.account import Scope, Token, User
from homeport.domain.account_link import AccountLink, LinkPurpose
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.mail import Letter
from homeport.ports.identity import Account
from homeport.ports.sessions import Session
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)
SECRET, OTHER = Sha256.of(b"secret"), Sha256.of(b"other")
VERIFY, SET = LinkPurpose.VERIFY_EMAIL, LinkPurpose.SET_PASSWORD


@pytest.fixture
def store(store: FakeStore | SqlStore) -> FakeStore | SqlStore:
    """Each store that keeps the contract, on an index that sends mail."""
    store.sends_mail = True
    return store


# Accounts


def test_an_account_is_found_by_each_of_its_keys(store: Store) -> None:
    """Name, address and id lead to the same account; an address is not found in another spelling."""
    ada = add_user(store)
    with store.read() as tx:
        assert tx.users.by_email("ada@example.org") == tx.users.by_id(ada.id) == ada
        assert tx.users.by_email("ADA@example.org") is None
        assert tx.users.by_id(ada.id + 1) is None
        assert (ada.is_verified, ada.is_disabled) == (False, False)


def test_an_address_that_takes_no_mail_is_marked(store: Store) -> None:
    """The mark is on the account, the newest are listed first, and go with the next address, the same one too."""
    ada, bob, cyd = (add_user(store, name) for name in ("ada", "bob", "cyd"))
    with store.write() as tx:
        for user, at in ((ada, NOW), (bob, NOW + DAY), (cyd, NOW)):
            tx.users.put_mail_problem(user.id, f"550 no {user.name}", at)
        marked = tx.users.unreachable(limit=9)
        assert [(user.name, user.mail_problem, at) for user, at in marked] == [
            ("bob", "550 no bob", NOW + DAY),
            ("ada", "550 no ada", NOW),
            ("cyd", "550 no cyd", NOW),
        ]
        assert len(tx.users.unreachable(limit=1)) == 1
        for number, (user, at) in enumerate(marked, 1):
            assert tx.users.unreachable(after=(at, user.id), limit=9) == marked[number:]
        tx.users.put_email(ada.id, ada.email, verified_at=NOW)
        tx.users.put_email(bob.id, "new@example.org", verified_at=None)
        assert [user.name for user, _ in tx.users.unreachable(limit=9)] == ["cyd"]
        found = tx.users.by_id(ada.id)
        assert found is not None
        assert found.mail_problem == ""


def test_a_mail_keeps_its_page_and_its_kind(store: Store) -> None:
    """What is written comes back; a mail without them has none."""
    plain = Letter("ada@example.org", "subject", "text")
    with store.write() as tx:
        tx.mails.add(replace(plain, html="<p>text</p>", kind="drift"), NOW)
        tx.mails.add(plain, NOW)
        first, second = (mail.letter for mail in tx.mails.due(NOW, limit=9))
    assert (first.html, first.kind) == ("<p>text</p>", "drift")
    assert second == plain


def test_a_mail_has_a_name_that_nobody_guesses(store: Store) -> None:
    """Two mails of one moment differ in more than their number, and each keeps its name."""
    with store.write() as tx:
        for _ in range(2):
            tx.mails.add(Letter("ada@example.org", "subject", "text"), NOW)
        first, second = tx.mails.due(NOW, limit=9)
        tx.mails.put(first.failed(NOW, "Later."))
        again = tx.mails.find(first.id)
    assert (len(first.nonce), first.nonce == second.nonce) == (32, False)
    assert again is not None
    assert again.message_id == first.message_id


def test_administrators_see_more_of_an_account(store: Store) -> None:
    """When it was made and disabled, and whether it has a password."""
    with store.write() as tx:
        bot = tx.users.add("bot", "bot@example.org", None, is_admin=False, at=NOW)
        assert tx.users.account("bot") == Account(bot, NOW, None, has_password=False)
        tx.users.disable(bot.id, NOW + DAY)
        disabled = replace(bot, is_disabled=True)
        assert tx.users.account("bot") == Account(disabled, NOW, NOW + DAY, has_password=False)
        tx.users.put_password(bot.id, "hash")
        tx.users.enable(bot.id)
        assert tx.users.account("bot") == Account(bot, NOW, None, has_password=True)
        assert tx.users.account("nobody") is None


def test_accounts_are_searched_by_name_and_address(store: Store) -> None:
    """Any part of either, in any case; by name, a page at a time; no character means anything but itself."""
    for name in ("cyd", "ada", "bob", "a_b", "adb"):
        add_user(store, name)
    with store.read() as tx:

        def found(text: str, after: str = "", limit: int = 9) -> list[str]:
            return [account.user.name for account in tx.users.search(text, after=after, limit=limit)]

        assert found("") == ["a_b", "ada", "adb", "bob", "cyd"]
        assert found("", limit=2) == ["a_b", "ada"]
        assert found("", after="ada", limit=2) == ["adb", "bob"]
        assert found("AD") == ["ada", "adb"]
        assert found("bob@EXAMPLE") == ["bob"]
        assert found("a_b") == ["a_b"]
        assert found("%") == []


def test_an_address_is_changed_and_verified(store: Store) -> None:
    """The new address takes the place of the old one, verified or not, and nobody has two."""
    ada, bob = add_user(store), add_user(store, "bob")
    with store.write() as tx:
        tx.users.put_email(ada.id, "ada@example.org", verified_at=NOW)
        assert tx.users.by_id(ada.id) == replace(ada, is_verified=True)
        tx.users.put_email(ada.id, "new@example.org", verified_at=None)
        assert tx.users.by_email("new@example.org") == replace(ada, email="new@example.org")
        assert tx.users.by_email("ada@example.org") is None
        with pytest.raises(Conflict) as refused:
            tx.users.put_email(bob.id, "new@example.org", verified_at=NOW)
    assert refused.value.code == "email-taken"
    with store.read() as tx:
        assert tx.users.by_id(bob.id) == bob


def test_nothing_opens_a_disabled_account(store: Store) -> None:
    """Password, session and token are refused while it is disabled, and only then; others are left alone."""
    ada, bob = add_user(store), add_user(store, "bob")
    with store.write() as tx:
        for user, secret in ((ada, SECRET), (bob, OTHER)):
            tx.sessions.add(Session(secret, user, NOW, NOW + DAY, NOW))
            scopes = frozenset({Scope.UPLOAD})
            tx.tokens.add(secret, user.id, scopes=scopes, projects=frozenset(), at=NOW, expires_at=None)
        tx.users.disable(ada.id, NOW)
    with store.write() as tx:
        assert tx.users.password_hash(ada.id) is None
        assert tx.sessions.find(SECRET, NOW) is None
        assert tx.tokens.by_digest(SECRET, NOW) is None
        assert tx.users.password_hash(bob.id) == "hash of bob"
        assert tx.sessions.find(OTHER, NOW) is not None
        assert tx.tokens.by_digest(OTHER, NOW) is not None
        tx.users.enable(ada.id)
    with store.read() as tx:
        assert tx.users.password_hash(ada.id) == "hash of ada"
        found = tx.tokens.by_digest(SECRET, NOW)
        assert found is not None
        assert found[1] == ada


def test_a_token_knows_whether_the_address_is_verified(store: Store) -> None:
    """Whoever signs in by a token is the same user as by password."""
    ada = add_user(store)
    with store.write() as tx:
        tx.users.put_email(ada.id, ada.email, verified_at=NOW)
        tx.tokens.add(SECRET, ada.id, scopes=frozenset(), projects=frozenset(), at=NOW, expires_at=None)
    with store.read() as tx:
        found = tx.tokens.by_digest(SECRET, NOW)
        assert found is not None
        assert found[1] == tx.users.by_name("ada") == replace(ada, is_verified=True)


def test_a_token_knows_what_made_it(store: Store) -> None:
    """The tokens that one asked for are found by it, oldest first; nobody else's are."""
    ada = add_user(store)
    with store.write() as tx:
        made: list[Token] = []
        for digest in (SECRET, OTHER, Sha256.of(b"third"), Sha256.of(b"fourth")):
            parent = made[0].id if made and len(made) < 3 else None
            made.append(
                tx.tokens.add(
                    digest,
                    ada.id,
                    scopes=frozenset(),
                    projects=frozenset(),
                    at=NOW,
                    expires_at=None,
                    parent_id=parent,
                )
            )
        tx.tokens.revoke(made[1].id, NOW)
    with store.read() as tx:
        assert [token.id for token in tx.tokens.made_by(made[0].id)] == [made[1].id, made[2].id]
        assert tx.tokens.made_by(made[1].id) == []
        assert [token.parent_id for token in made] == [None, made[0].id, made[0].id, None]


def test_administrators_are_counted(store: Store) -> None:
    """Those who are disabled do not count: they administer nothing."""
    ada, bob = add_user(store, is_admin=True), add_user(store, "bob")
    with store.write() as tx:
        assert tx.users.count_administrators() == 1
        tx.users.make_administrator(bob.id)
        assert tx.users.count_administrators() == 2
        tx.users.disable(ada.id, NOW)
        assert tx.users.count_administrators() == 1
        tx.users.unmake_administrator(bob.id)
        assert tx.users.count_administrators() == 0
        assert tx.users.by_id(bob.id) == bob


# Links


def link(user: User, purpose: LinkPurpose = VERIFY, until: datetime = NOW + DAY) -> AccountLink:
    """A link to an account."""
    return AccountLink(purpose, user.id, user.email, until)


def test_a_link_works_once_for_its_purpose_until_its_end(store: Store) -> None:
    """It is found and taken as it was given, not for anything else, not later, and not twice."""
    ada = add_user(store)
    with store.write() as tx:
        tx.account_links.add(SECRET, link(ada), NOW)
        assert tx.account_links.find(SECRET, VERIFY, NOW) == link(ada)
        for secret, purpose, now in ((OTHER, VERIFY, NOW), (SECRET, SET, NOW), (SECRET, VERIFY, NOW + DAY)):
            assert tx.account_links.find(secret, purpose, now) is None
            assert tx.account_links.take(secret, purpose, now) is None
        assert tx.account_links.take(SECRET, VERIFY, NOW + DAY - MOMENT) == link(ada)
        assert tx.account_links.take(SECRET, VERIFY, NOW) is None
        assert tx.account_links.find(SECRET, VERIFY, NOW) is None


@pytest.mark.parametrize("purpose", [None, SET])
def test_links_are_closed(store: Store, purpose: LinkPurpose | None) -> None:
    """Those of one account, for one purpose or all; several may be open before."""
    ada, bob = add_user(store), add_user(store, "bob")
    secrets = [Sha256.of(bytes([n])) for n in range(4)]
    links = [link(ada), link(ada, SET), link(ada, SET), link(bob, SET)]
    with store.write() as tx:
        for secret, one in zip(secrets, links, strict=True):
            tx.account_links.add(secret, one, NOW)
        tx.account_links.close(ada.id, purpose)
        open_ = [
            tx.account_links.find(secret, one.purpose, NOW) is not None
            for secret, one in zip(secrets, links, strict=True)
        ]
    assert open_ == [purpose is SET, False, False, True]


def test_ended_links_are_forgotten(store: Store) -> None:
    """A new link takes those with it that have ended: nothing of them is left to be found by an earlier clock."""
    ada = add_user(store)
    with store.write() as tx:
        tx.account_links.add(SECRET, link(ada, until=NOW), NOW - DAY)
        tx.account_links.add(OTHER, link(ada), NOW)
        assert tx.account_links.find(SECRET, VERIFY, NOW - MOMENT) is None
        assert tx.account_links.find(OTHER, VERIFY, NOW) is not None


# The outbox


def letter(recipient: str = "ada@example.org", **more: Any) -> Letter:
    """A letter."""
    return replace(Letter(recipient, "subject", "text", "/path/"), **more)


def test_a_letter_is_due_at_once(store: Store) -> None:
    """It comes back as it was written, and is due until it was sent."""
    ada = add_user(store)
    written = letter(purpose=SET, user_id=ada.id)
    with store.write() as tx:
        assert tx.mails.are_sent
        tx.mails.add(written, NOW)
        assert list(tx.mails.due(NOW - MOMENT, limit=9)) == []
        (mail,) = tx.mails.due(NOW, limit=9)
        assert (mail.letter, mail.created_at, mail.due_at, mail.tries) == (written, NOW, NOW, 0)
        assert (tx.mails.waiting(), tx.mails.find(mail.id), tx.mails.find(mail.id + 1)) == (1, mail, None)
        sent = mail.sent(NOW)
        tx.mails.put(sent)
        assert tx.mails.find(mail.id) == sent
        assert (list(tx.mails.due(NOW + DAY, limit=9)), tx.mails.waiting()) == ([], 0)


def test_the_longest_due_is_first(store: Store) -> None:
    """What waits for another try stands behind what is due longer, and no more come than were asked for."""
    with store.write() as tx:
        for name in ("a", "b", "c"):
            tx.mails.add(letter(f"{name}@example.org"), NOW)
        first = tx.mails.due(NOW, limit=1)[0]
        tx.mails.put(first.failed(NOW, "down"))
        due = [mail.letter.recipient for mail in tx.mails.due(NOW + DAY, limit=9)]
        assert due == ["b@example.org", "c@example.org", "a@example.org"]
        assert [mail.letter.recipient for mail in tx.mails.due(NOW, limit=9)] == due[:2]
        assert len(tx.mails.due(NOW + DAY, limit=2)) == 2


def test_troubles_are_shown_newest_first(store: Store) -> None:
    """What failed or was given up, until it was sent or dropped; nothing that only waits."""
    with store.write() as tx:
        for name in ("a", "b", "c", "d"):
            tx.mails.add(letter(f"{name}@example.org"), NOW)
        a, b, c, _ = tx.mails.due(NOW, limit=9)
        tx.mails.put(a.failed(NOW, "down"))
        tx.mails.put(b.given_up("no such mailbox"))
        tx.mails.put(c.failed(NOW, "down").sent(NOW + DAY))
        assert list(tx.mails.troubled(limit=9)) == [b.given_up("no such mailbox"), a.failed(NOW, "down")]
        assert len(tx.mails.troubled(limit=1)) == 1
        assert list(tx.mails.troubled(before=b.id, limit=9)) == [a.failed(NOW, "down")]
        tx.mails.forget(b.id)
        assert [mail.id for mail in tx.mails.troubled(limit=9)] == [a.id]


def test_links_are_counted_by_address(store: Store) -> None:
    """Mails with links that were written after a moment, to an address; notices do not count."""
    ada, bob = add_user(store), add_user(store, "bob")
    with store.write() as tx:
        tx.mails.add(letter("a@example.org", purpose=SET, user_id=ada.id), NOW)
        tx.mails.add(letter("b@example.org", purpose=VERIFY, user_id=ada.id), NOW + DAY)
        tx.mails.add(letter("b@example.org", purpose=VERIFY, user_id=bob.id), NOW + DAY)
        tx.mails.add(letter("b@example.org", user_id=ada.id), NOW + DAY)

        assert tx.mails.links_since(NOW, recipient="nobody@example.org") == 0
        assert tx.mails.links_since(NOW - MOMENT, recipient="a@example.org") == 1
        assert tx.mails.links_since(NOW, recipient="a@example.org") == 0
        assert tx.mails.links_since(NOW, recipient="b@example.org") == 2


def test_links_on_their_way_are_forgotten(store: Store) -> None:
    """Of one account, due or given up; notices, what was sent, and what others get stay; a late try changes nothing."""
    ada, bob = add_user(store), add_user(store, "bob")
    with store.write() as tx:
        for owner in (ada, ada, ada, bob):
            tx.mails.add(letter(purpose=SET, user_id=owner.id), NOW)
        tx.mails.add(letter(user_id=ada.id), NOW)
        due, given_up, sent, theirs, notice = tx.mails.due(NOW, limit=9)
        tx.mails.put(given_up.given_up("no"))
        tx.mails.put(sent.sent(NOW))
        tx.mails.forget_links(ada.id)
        tx.mails.put(due.sent(NOW))
        left = [one.id for one in (due, given_up, sent, theirs, notice) if tx.mails.find(one.id)]
    assert left == [sent.id, theirs.id, notice.id]


def test_what_is_over_is_forgotten(store: Store) -> None:
    """What was sent, or written and given up, before a moment goes; what is later, or still waits, stays."""
    with store.write() as tx:
        for at in (NOW, NOW, NOW, NOW, NOW + DAY):
            tx.mails.add(letter(), at)
        sent, sent_later, given_up, waits, given_up_later = tx.mails.due(NOW + DAY, limit=9)
        tx.mails.put(sent.sent(NOW))
        tx.mails.put(sent_later.sent(NOW + DAY))
        tx.mails.put(given_up.given_up("no such mailbox"))
        tx.mails.put(waits.failed(NOW, "down"))
        tx.mails.put(given_up_later.given_up("no such mailbox"))
        tx.mails.forget_old(NOW + MOMENT)
        left = [tx.mails.find(mail.id) for mail in (sent, sent_later, given_up, waits, given_up_later)]
        assert [mail is not None for mail in left] == [False, True, False, True, True]


def test_without_a_mail_server_nothing_is_written(tmp_path: Path) -> None:
    """There is no outbox where nothing takes it away."""
    with real_world(tmp_path) as real:
        for silent in (FakeStore(), real.store):
            with silent.write() as tx:
                tx.mails.add(letter(), NOW)
                assert not tx.mails.are_sent
                assert tx.mails.waiting() == 0


def test_a_mail_of_a_write_that_raises_is_not_sent(store: Store) -> None:
    """A letter is written with its cause, or not at all."""

    def write_in_vain() -> None:
        with store.write() as tx:
            tx.mails.add(letter(), NOW)
            raise Conflict("Something else happened.")

    with pytest.raises(Conflict):
        write_in_vain()
    with store.read() as tx:
        assert tx.mails.waiting() == 0
