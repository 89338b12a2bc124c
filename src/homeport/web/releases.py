"""A project's releases, its status and its readers, for who keeps it: yanks, removals, markers, and who may read."""

from collections.abc import Callable
from functools import partial

from homeport.domain.errors import Invalid, Refusal
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.proposal import Act, Deed, Proposal
from homeport.flows.browse import Keeping, show_keeping
from homeport.flows.change_status import change_status, change_visibility
from homeport.flows.freeze import freeze, unfreeze
from homeport.flows.proposals import PATH as PROPOSALS
from homeport.flows.proposals import or_propose
from homeport.flows.remove import remove
from homeport.flows.yank import unyank, yank
from homeport.web.page import Asked, GoTo, Page


def show_releases(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Every release with its files, and the forms that change what people are told of them."""
    caller = asked.caller()
    keeping = show_keeping(asked.world, caller, asked.params["name"])
    return Page(
        "releases.html",
        {
            "keeping": keeping,
            "readers": [member.user.name for member in keeping.members if not member.role.maintains],
            "may_decide": keeping.role is Role.OWNER or caller.user.is_admin,
            "statuses": _statuses(keeping, is_admin=caller.user.is_admin),
            "must_sign_in": asked.world.policy.must_sign_in,
            "is_admin": caller.user.is_admin,
            "form": asked.form,
        },
        refusal,
    )


def _statuses(keeping: Keeping, *, is_admin: bool) -> tuple[ProjectStatus, ...]:
    """What the caller may choose from."""
    if is_admin:
        return tuple(ProjectStatus)
    if keeping.role is not Role.OWNER or keeping.project.status is ProjectStatus.QUARANTINED:
        return ()
    return tuple(status for status in ProjectStatus if status is not ProjectStatus.QUARANTINED)


def send_releases(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again, with the reason on top."""
    asked.caller()
    try:
        is_waiting = asked.form.chosen(_ACTIONS)(asked)
    except Refusal as refusal:
        return show_releases(asked, refusal)
    return GoTo(PROPOSALS if is_waiting else asked.path)


def _yank(asked: Asked) -> None:
    form = asked.form
    _require_unticked(asked, "file")
    yank(asked.world, asked.caller(), asked.params["name"], form.text("version"), reason=form.text("reason"))


def _unyank(asked: Asked) -> None:
    _require_unticked(asked, "file")
    unyank(asked.world, asked.caller(), asked.params["name"], asked.form.text("version"))


def _yank_files(asked: Asked) -> None:
    form, filenames = asked.form, _ticked(asked, "file")
    yank(
        asked.world,
        asked.caller(),
        asked.params["name"],
        form.text("version"),
        filenames=filenames,
        reason=form.text("reason"),
    )


def _unyank_files(asked: Asked) -> None:
    version, filenames = asked.form.text("version"), _ticked(asked, "file")
    unyank(asked.world, asked.caller(), asked.params["name"], version, filenames=filenames)


def _ticked(asked: Asked, boxes: str) -> tuple[str, ...]:
    # No file named would mean the whole release.
    filenames = asked.form.texts(boxes)
    if not filenames:
        raise Invalid("No file is ticked: tick those that are meant.", code="file-missing")
    return filenames


def _require_unticked(asked: Asked, boxes: str) -> None:
    # Whoever ticks some files and presses the button of the whole release means one of both, and only they know which.
    if asked.form.texts(boxes):
        raise Invalid(
            "Single files are ticked, and this button means the whole release: press the one of the ticked files, "
            "or untick them.",
            code="files-ticked",
        )


def _remove_release(asked: Asked) -> bool:
    _require_unticked(asked, "doomed")
    return _remove(asked, ())


def _remove_files(asked: Asked) -> bool:
    return _remove(asked, _ticked(asked, "doomed"))


def _remove(asked: Asked, filenames: tuple[str, ...]) -> bool:
    form = asked.form
    version, typed = form.text("version"), form.text("confirm")
    if typed != version:
        raise Invalid(
            f"To remove from {version[:128]}, type {version[:128]}: it says that you mean this version.",
            code="confirmation-wrong",
        )
    name, reason = asked.params["name"], form.text("cause")
    caller = asked.fresh_caller()
    do = partial(remove, asked.world, caller, name, version, reason=reason, filenames=filenames)
    return _waits(asked, Deed(Act.DELETE, name, version, filenames), reason, do)


def _set_status(asked: Asked) -> bool:
    status, reason = ProjectStatus.parse(asked.form.text("status")), asked.form.text("reason")
    name, caller = asked.params["name"], asked.fresh_caller()
    # The form carries the serial of what its page showed: whoever decided meanwhile is not overruled unread.
    serial = asked.form.number("serial")
    do = partial(change_status, asked.world, caller, name, status, reason, serial=serial)
    return _waits(asked, Deed(Act.END_QUARANTINE, name, status, serial=serial), reason, do)


def _freeze(asked: Asked) -> None:
    form, name, caller = asked.form, asked.params["name"], asked.fresh_caller()
    version, filename = form.text("version"), form.text("filename")
    freeze(asked.world, caller, name, version, filename=filename, reason=form.text("why"))


def _unfreeze(asked: Asked) -> bool:
    form, name, caller = asked.form, asked.params["name"], asked.fresh_caller()
    version, filename, reason = form.text("version"), form.text("filename"), form.text("why")
    do = partial(unfreeze, asked.world, caller, name, version, filename=filename, reason=reason)
    return _waits(asked, Deed(Act.UNFREEZE, name, version, (filename,) if filename else ()), reason, do)


def _waits(asked: Asked, deed: Deed, reason: str, do: Callable[[], object]) -> bool:
    """Do it, or propose it; True when it waits for a second administrator."""
    return isinstance(or_propose(asked.world, asked.fresh_caller(), deed, reason, do), Proposal)


def _make_private(asked: Asked) -> None:
    change_visibility(asked.world, asked.caller(), asked.params["name"], is_private=True)


def _make_public(asked: Asked) -> None:
    # What was for members only is for everybody at once, and stays with those who saw it.
    change_visibility(asked.world, asked.fresh_caller(), asked.params["name"], is_private=False)


# Each says whether what it does waits for a second administrator.
_ACTIONS: dict[str, Callable[[Asked], bool | None]] = {
    "yank": _yank,
    "unyank": _unyank,
    "yank-files": _yank_files,
    "unyank-files": _unyank_files,
    "remove-release": _remove_release,
    "remove-files": _remove_files,
    "set-status": _set_status,
    "freeze": _freeze,
    "unfreeze": _unfreeze,
    "make-private": _make_private,
    "make-public": _make_public,
}
