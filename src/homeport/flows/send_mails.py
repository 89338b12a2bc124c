"""The outbox leaves: each mail at least once, one at a time, and not faster than a mail server likes.

1. The row is the truth: killed anywhere, the next start goes on with what is due. A mail that was handed over and whose
   row could not be marked any more is sent twice, with the same Message-ID.
2. A link is made, and its digest stored, before its mail is handed over: no mail holds a link that does not work. One
   whose mail was not taken is taken back: the next try makes another.
3. Who forgot a password asks with a name or an address; whether there is such an account is found out here.
4. A round ends at the first mail that cannot be sent for now: a server that does not answer is not asked for each.
5. No single mail stops the others: one that meets what nobody expected is given up, and told once.
6. An address that a mail server refuses for good is marked (``bounces``): it gets links that are asked for, no notices.
"""

from dataclasses import replace

from homeport.domain.account_link import MAILED_LASTS, link_path
from homeport.domain.bounce import ADDRESS_REFUSED
from homeport.domain.errors import Invalid, Unavailable
from homeport.domain.mail import KEPT, Mail, Message, message_of
from homeport.flows.account_links import digest_of, is_meant, mail_reset, new_link
from homeport.flows.bounces import mark_refused
from homeport.flows.notice_choices import unsubscribe_address
from homeport.flows.notice_folders import notice_folders
from homeport.flows.notify import topic_of
from homeport.formats.notice_text import Framed
from homeport.observe.events import accident, event, trouble
from homeport.ports.mail import Mailer
from homeport.ports.world import World

PAUSE_SECONDS = 0.25
_AT_ONCE = 20


def send_mails(world: World) -> int:
    """Send what is due; how many mails left, or turned into others."""
    if world.mailer is None:
        return 0
    with world.store.read() as tx:
        due = tx.mails.due(world.clock.now(), limit=_AT_ONCE)
    done = 0
    for mail in due:
        if mail.letter.is_question:
            _answer(world, mail)
            done += 1
            continue
        tried = _try(world, world.mailer, mail)
        if tried is None:
            continue
        _settle(world, tried)
        if tried.due_at is not None:
            break
        done += tried.sent_at is not None
        world.clock.sleep(PAUSE_SECONDS)
    return done


def _answer(world: World, mail: Mail) -> None:
    who = mail.letter.recipient
    with world.store.write() as tx:
        tx.mails.forget(mail.id)
        user = tx.users.by_email(who) if "@" in who else tx.users.by_name(who)
        if user is not None and user.is_verified and not user.is_disabled:
            mail_reset(tx, user, world.clock.now())


def _try(world: World, mailer: Mailer, mail: Mail) -> Mail | None:
    """What became of ``mail``; ``None`` when it was dropped since the round began."""
    letter = mail.letter
    if letter.purpose is None or letter.user_id is None:
        return _hand_over(world, mailer, mail, "")
    with world.store.write() as tx:
        if tx.mails.find(mail.id) is None:
            return None
        user = tx.users.by_id(letter.user_id)
        if user is None or user.is_disabled:
            return mail.given_up("The account was disabled before the mail could leave.")
        if not is_meant(letter.purpose, letter.recipient, user):
            return mail.given_up("The account got another address before the mail could leave.")
        lasts = MAILED_LASTS[letter.purpose]
        secret = new_link(world, tx, user, letter.purpose, letter.recipient, lasts)
    tried = _hand_over(world, mailer, mail, link_path(letter.purpose, secret))
    if tried.sent_at is None:
        with world.store.write() as tx:
            tx.account_links.take(digest_of(secret), letter.purpose, world.clock.now())
    return tried


def _hand_over(world: World, mailer: Mailer, mail: Mail, link: str) -> Mail:
    try:
        mailer.send(_message(world, mail, link))
    except Unavailable as refusal:
        return mail.failed(world.clock.now(), refusal.sentence)
    except Invalid as refusal:
        if refusal.code == ADDRESS_REFUSED:
            mark_refused(world, mail.letter, refusal.sentence)
        return mail.given_up(refusal.sentence)
    except Exception as error:  # noqa: BLE001 - told here; the row must not be due for ever (rule 5)
        said = "a mail met what nobody expected"
        error_id = accident(said, error=error, random_bytes=world.clock.random_bytes, mail=mail.id)
        return mail.given_up(f"Nobody expected this: the log tells it as {error_id}.")
    return mail.sent(world.clock.now())


def _message(world: World, mail: Mail, link: str) -> Message:
    """``mail`` as it leaves: in plain text, as a page, and with the address where no more of its topic is asked for."""
    letter, topic, unsubscribe = mail.letter, topic_of(mail.letter.kind), ""
    if letter.user_id is not None and topic is not None and not topic.must_be_mailed:
        unsubscribe = unsubscribe_address(world, letter.user_id, topic)
    message = message_of(mail, world.base_url, link, world.clock.now(), unsubscribe)
    if not letter.html:
        return message
    place = link or letter.path
    address = f"{world.base_url}{place}" if place else ""
    framed = Framed(message.subject, letter.html, address, world.base_url, unsubscribe)
    return replace(message, page=notice_folders().templates.frame(framed))


def _settle(world: World, mail: Mail) -> None:
    with world.store.write() as tx:
        tx.mails.put(mail)
        tx.mails.forget_old(world.clock.now() - KEPT)
    if mail.sent_at is not None:
        event("mail sent", mail=mail.id, tries=mail.tries)
    elif mail.due_at is not None:
        event("a mail waits for another try", mail=mail.id, tries=mail.tries)
    else:
        trouble("a mail was given up", mail=mail.id, tries=mail.tries)
