"""Who keeps a project, and who may read it: members, invitations, and the answer of who is invited."""

import re
from collections.abc import Callable

from homeport.domain.errors import Invalid, NotFound, Refusal
from homeport.domain.names import ProjectName
from homeport.domain.project import Role
from homeport.flows import membership
from homeport.flows.browse import project_story
from homeport.web.page import Asked, GoTo, Page

_ID = re.compile(r"[0-9]{1,18}")


def show_members(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Everybody with a role, everybody who is invited, and the forms to change that."""
    caller = asked.caller()
    shown = membership.show_members(asked.world, caller, asked.params["name"])
    own = [one for one in shown.members if not one.through]
    return Page(
        "members.html",
        {
            "shown": shown,
            "roles": list(Role),
            "may_leave": any(one.user.id == caller.user.id for one in own),
            "is_last_owner": [one.user.id for one in shown.members if one.role is Role.OWNER]
            == [caller.user.id],
            "form": asked.form,
        },
        refusal,
    )


def send_members(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again, with the reason on top."""
    asked.caller()
    try:
        asked.fresh_caller()
        return GoTo(asked.form.chosen(_ACTIONS)(asked))
    except Refusal as refusal:
        return show_members(asked, refusal)


def _invite(asked: Asked) -> str:
    role = Role.parse(asked.form.text("role"))
    membership.invite(asked.world, asked.caller(), asked.params["name"], asked.form.text("who"), role)
    return asked.path


def _hand_over(asked: Asked) -> str:
    membership.invite(asked.world, asked.caller(), asked.params["name"], asked.form.text("heir"), Role.OWNER)
    return asked.path


def _take_back(asked: Asked) -> str:
    for invitation_id in asked.form.numbers("invitation"):
        membership.take_back(asked.world, asked.caller(), invitation_id)
    return asked.path


def _change(asked: Asked) -> str:
    form = asked.form
    role = Role.parse(form.text("role"))
    membership.change_role(asked.world, asked.caller(), asked.params["name"], form.text("user"), role)
    return asked.path


def _remove(asked: Asked) -> str:
    membership.revoke_role(asked.world, asked.caller(), asked.params["name"], asked.form.text("user"))
    return asked.path


def _leave(asked: Asked) -> str:
    caller = asked.caller()
    membership.revoke_role(asked.world, caller, asked.params["name"], caller.user.name)
    return membership.INBOX


_ACTIONS: dict[str, Callable[[Asked], str]] = {
    "invite": _invite,
    "hand-over": _hand_over,
    "take-back": _take_back,
    "change": _change,
    "remove": _remove,
    "leave": _leave,
}


def show_invitation(asked: Asked, refusal: Refusal | None = None) -> Page:
    """What somebody is asked to be, and what that means; or what became of it."""
    caller, invitation_id = asked.caller(), _invitation_id(asked)
    try:
        invitation = membership.show_invitation(asked.world, caller, invitation_id)
    except NotFound:
        ended = membership.show_ended_invitation(asked.world, caller, invitation_id)
        return Page("ended_invitation.html", {"ended": ended}, refusal)
    return Page("invitation.html", {"invitation": invitation}, refusal)


def send_invitation(asked: Asked) -> Page | GoTo:
    """Accept or decline."""
    caller, invitation_id = asked.caller(), _invitation_id(asked)
    try:
        wanted = asked.form.text("do")
        if wanted not in {"accept", "decline"}:
            raise Invalid(f"{wanted[:40]!r} is nothing that this page does.", code="action-unknown")
        if wanted == "decline":
            membership.decline(asked.world, caller, invitation_id)
            return GoTo(membership.INBOX)
        taken = membership.accept(asked.world, caller, invitation_id)
    except NotFound as refusal:
        # Who presses Accept twice has what was offered.
        role = _role_in(asked, asked.form.text("project"))
        if wanted != "accept" or role is None:
            return show_invitation(asked, refusal)
        return GoTo(_begin(role, ProjectName.parse(asked.form.text("project")).normalized))
    except Refusal as refusal:
        return show_invitation(asked, refusal)
    return GoTo(_begin(taken.role, taken.project.normalized))


def _role_in(asked: Asked, name: str) -> Role | None:
    try:
        story = project_story(asked.world, asked.caller, name)
    except Refusal:
        return None
    user = asked.caller().user
    return next((member.role for member in story.members if member.user.id == user.id), None)


def _begin(role: Role, normalized: str) -> str:
    return f"{'/manage/projects/' if role.maintains else '/project/'}{normalized}/"


def _invitation_id(asked: Asked) -> int:
    if not _ID.fullmatch(asked.params["id"]):
        raise NotFound("There is no such invitation for you.", code="invitation-unknown")
    return int(asked.params["id"])
