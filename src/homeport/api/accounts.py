"""Calls on accounts: one's own, and, for administrators, everybody's."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.flows import users
from homeport.flows.accounts import PasswordChange, change_email, change_password
from homeport.formats.account_json import account_json, own_account_json
from homeport.ports.identity import Account
from homeport.ports.world import World


def _show_account(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    body.finish()
    if caller.token is not None:
        # A token lies in other people's build logs sooner or later: it tells whose it is, and not their address.
        return {"name": caller.user.name}
    return own_account_json(caller.user)


def _change_email(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    email = body.text("email")
    body.finish()
    return {"email": email, "link_sent": change_email(world, caller, email)}


def _change_password(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    change = PasswordChange(body.text("present"), body.text("password"))
    body.finish()
    change_password(world, caller, change)
    return {"name": caller.user.name}


def _list_users(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    text, after = body.text("q", ""), body.text("after", "")
    body.finish()
    listed = users.list_users(world, caller, text, after=after)
    return {"users": [_told(account) for account in listed.accounts], "after": listed.after}


def _add_user(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    name, email, is_admin = body.text("name"), body.text("email"), body.flag("admin")
    body.finish()
    return _link_json(users.invite_user(world, caller, name, email, is_admin=is_admin))


def _show_user(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return _told(users.show_user(world, caller, path["name"]))


def _make_link(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return _link_json(users.make_link(world, caller, path["name"]))


def _set_disabled(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    is_disabled = body.wanted_flag("disabled")
    body.finish()
    change = users.disable_user if is_disabled else users.enable_user
    change(world, caller, path["name"])
    return _told(users.show_user(world, caller, path["name"]))


def _set_admin(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    is_admin = body.wanted_flag("admin")
    body.finish()
    change = users.promote_user if is_admin else users.demote_user
    change(world, caller, path["name"])
    # Whoever made themselves none may not ask any more.
    return {"name": path["name"], "admin": is_admin}


def _told(account: Account) -> Json:
    return account_json(account.user, account.created_at, account.disabled_at)


def _link_json(link: users.HandedLink) -> Json:
    return {"name": link.user.name, "link": link.url, "until": link.until.strftime("%Y-%m-%dT%H:%M:%SZ")}


ACCOUNT_CALLS: tuple[Call, ...] = (
    Call("GET", "/account", HTTPStatus.OK, _show_account),
    Call("PUT", "/account/email", HTTPStatus.OK, _change_email),
    Call("PUT", "/account/password", HTTPStatus.OK, _change_password),
    Call("GET", "/users", HTTPStatus.OK, _list_users),
    Call("POST", "/users", HTTPStatus.CREATED, _add_user),
    Call("GET", "/users/{name}", HTTPStatus.OK, _show_user),
    Call("POST", "/users/{name}/link", HTTPStatus.CREATED, _make_link),
    Call("PUT", "/users/{name}/disabled", HTTPStatus.OK, _set_disabled),
    Call("PUT", "/users/{name}/admin", HTTPStatus.OK, _set_admin),
)
