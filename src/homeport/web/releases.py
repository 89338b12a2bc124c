"""A project's releases, its status and its readers, for who keeps it: yanks, removals, markers, and who may read."""

from collections.abc import Callable

from homeport.domain.errors import Invalid, Refusal
from homeport.domain.project import ProjectStatus, Role
from homeport.flows.browse import Keeping, show_keeping
from homeport.flows.change_status import change_status, change_visibility
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
        asked.form.chosen(_ACTIONS)(asked)
    except Refusal as refusal:
        return show_releases(asked, refusal)
    return GoTo(asked.path)


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


def _remove_release(asked: Asked) -> None:
    _require_unticked(asked, "doomed")
    _remove(asked, ())


def _remove_files(asked: Asked) -> None:
    _remove(asked, _ticked(asked, "doomed"))


def _remove(asked: Asked, filenames: tuple[str, ...]) -> None:
    form = asked.form
    version, typed = form.text("version"), form.text("confirm")
    if typed != version:
        raise Invalid(
            f"To remove from {version[:128]}, type {version[:128]}: it says that you mean this version.",
            code="confirmation-wrong",
        )
    name, reason = asked.params["name"], form.text("cause")
    remove(asked.world, asked.fresh_caller(), name, version, reason=reason, filenames=filenames)


def _set_status(asked: Asked) -> None:
    status, reason = ProjectStatus.parse(asked.form.text("status")), asked.form.text("reason")
    change_status(asked.world, asked.fresh_caller(), asked.params["name"], status, reason)


def _make_private(asked: Asked) -> None:
    change_visibility(asked.world, asked.caller(), asked.params["name"], is_private=True)


def _make_public(asked: Asked) -> None:
    # What was for members only is for everybody at once, and stays with those who saw it.
    change_visibility(asked.world, asked.fresh_caller(), asked.params["name"], is_private=False)


_ACTIONS: dict[str, Callable[[Asked], None]] = {
    "yank": _yank,
    "unyank": _unyank,
    "yank-files": _yank_files,
    "unyank-files": _unyank_files,
    "remove-release": _remove_release,
    "remove-files": _remove_files,
    "set-status": _set_status,
    "make-private": _make_private,
    "make-public": _make_public,
}
