"""Administration of accounts, and of the mail that goes to them."""

from collections.abc import Callable
from urllib.parse import urlencode

from homeport.domain.errors import Refusal
from homeport.flows import bounces, outbox, second_factors, users
from homeport.formats.account_json import account_json, accounts_csv
from homeport.formats.mail_json import mail_json, mails_csv, unreachable_csv, unreachable_json
from homeport.web.exports import export
from homeport.web.once import Once
from homeport.web.page import Asked, Download, GoTo, Page

_LIST = "/admin/users/"
_MAILS = "/admin/mails/"


def show_users(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Accounts by name, a page at a time, and a form for a new one."""
    text, after = asked.query.get("q", "")[:200], asked.query.get("after", "")
    listed = users.list_users(asked.world, asked.caller(), text.strip(), after=after)
    return Page(
        "users.html",
        {
            "listed": listed,
            "text": text,
            "is_begin": not after,
            "begin": f"?{urlencode({'q': text})}" if text else _LIST,
            "following": f"?{urlencode({'q': text, 'after': listed.after})}" if listed.after else "",
            "export_query": urlencode({"q": text}) if text else "",
            "outbox": outbox.show_outbox(asked.world, asked.caller()),
            "form": asked.form,
        },
        refusal,
    )


def download_users(asked: Asked) -> Download:
    """The same accounts, all of them, as ``accounts.csv`` or ``accounts.json``."""
    found = users.every_account(asked.world, asked.caller(), asked.query.get("q", "")[:200].strip())
    pieces = ([(one.user, one.created_at, one.disabled_at) for one in piece] for piece in found)
    return export(
        asked.params["file"],
        "accounts",
        lambda: accounts_csv(pieces),
        lambda: (account_json(*one) for piece in pieces for one in piece),
    )


def send_users(asked: Asked) -> Page | GoTo:
    """Add an account, and lead to its page, which shows the link for its user: this once."""
    form = asked.form
    try:
        link = users.invite_user(
            asked.world, asked.caller(), form.text("name"), form.text("email"), is_admin=form.flag("admin")
        )
    except Refusal as refusal:
        return show_users(asked, refusal)
    return _handing(link)


def show_user(asked: Asked, refusal: Refusal | None = None) -> Page:
    """One account, what an administrator may do with it, and, this once, the link that was made for it just now."""
    account = users.show_user(asked.world, asked.caller(), asked.params["name"])
    has_factor = second_factors.has_factor(asked.world, account.user)
    handed = asked.once.secret if asked.once else ""
    return Page("user.html", {"account": account, "has_factor": has_factor, "handed": handed}, refusal)


def send_user(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says."""
    name, do = asked.params["name"], asked.form.text("do")
    asked.caller()
    try:
        if do == "link":
            return _handing(users.make_link(asked.world, asked.caller(), name))
        asked.form.chosen(_ACTIONS)(asked.world, asked.caller(), name)
    except Refusal as refusal:
        return show_user(asked, refusal)
    return GoTo(asked.path)


_ACTIONS: dict[str, Callable[..., object]] = {
    "disable": users.disable_user,
    "enable": users.enable_user,
    "promote": users.promote_user,
    "demote": users.demote_user,
    "reset-factors": second_factors.reset_factors,
}


def _handing(link: users.HandedLink) -> GoTo:
    path = f"{_LIST}{link.user.name}/"
    return GoTo(path, once=Once(path, "link", link.user.id, link.url))


def show_mails(asked: Asked, refusal: Refusal | None = None) -> Page:
    """What waits in the outbox, and what could not be sent."""
    caller = asked.caller()
    return Page(
        "mails.html",
        {
            "outbox": outbox.show_outbox(asked.world, caller),
            "unreachable": bounces.show_unreachable(asked.world, caller),
        },
        refusal,
    )


def download_mails(asked: Asked) -> Download:
    """The same, all of it: ``mails`` that could not be sent, or people who are ``unreachable``, as CSV or JSON."""
    asked_for = asked.params["file"]
    if asked_for.startswith("unreachable."):
        people = bounces.every_unreachable(asked.world, asked.caller())
        return export(
            asked_for,
            "unreachable",
            lambda: unreachable_csv(people),
            lambda: (unreachable_json(*one) for piece in people for one in piece),
        )
    pieces = outbox.every_troubled(asked.world, asked.caller())
    return export(
        asked_for,
        "mails",
        lambda: mails_csv(pieces),
        lambda: (mail_json(one) for piece in pieces for one in piece),
    )


def send_mails(asked: Asked) -> Page | GoTo:
    """Try a mail again, drop it, or send oneself one."""
    do, caller = asked.form.text("do"), asked.caller()
    try:
        if do == "test":
            outbox.send_test_mail(asked.world, caller)
        else:
            decide = asked.form.chosen(_DECISIONS)
            for mail_id in asked.form.numbers("mail"):
                decide(asked.world, caller, mail_id)
    except Refusal as refusal:
        return show_mails(asked, refusal)
    return GoTo(_MAILS)


_DECISIONS: dict[str, Callable[..., None]] = {"again": outbox.try_mail_again, "drop": outbox.drop_mail}
