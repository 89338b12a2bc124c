"""``homeport project``."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.members import add_member_commands
from homeport.cli.output import hint, print_json, say, table
from homeport.cli.policies import tell_waiting
from homeport.domain.errors import Invalid
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.domain.quota import Usage, parse_quota, told_size

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The project's name.")]
QuotaArgument = Annotated[
    str, typer.Argument(metavar="SIZE", help="For example 500MB or 20GiB; default takes it back.")
]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    project = typer.Typer(help="Projects.", no_args_is_help=True)
    project.command("create")(_create)
    project.command("show")(_show)
    add_member_commands(project)
    project.command("status")(_status)
    project.command("visibility")(_visibility)
    project.command("quota")(_quota)
    project.command("origin")(_origin)
    app.add_typer(project, name="project")


def _create(
    name: NameArgument,
    owner: Annotated[str, typer.Option(help="The user who owns it.")],
    mode: Annotated[str, typer.Option(help="pypi-only or pypi-cache; default: what the policy says.")] = "",
    override: Annotated[
        str | None,
        typer.Option(
            metavar="ADMIN",
            help="Create it although its name is reserved, or looks like another's: the administrator who says so.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Create a project. In pypi-cache mode, its files may be brought home from its sources."""
    from homeport.flows.manage_project import create_project
    from homeport.flows.sign_in import find_user

    opened = world()
    overriding = caller_for(opened, override) if override else None
    wanted = HostingMode.parse(mode) if mode else None
    project = create_project(opened, find_user(opened, owner), name, wanted, overriding=overriding)
    if as_json:
        _print(name)
        return
    say(f"Created {project.name}: {project.mode}, owned by {owner}.")
    if project.mode is HostingMode.CACHE:
        hint(f"Next: homeport source add {project.name} homepage URL, then homeport plan {project.name}")


def _status(
    name: NameArgument,
    status: Annotated[
        str, typer.Argument(metavar="STATUS", help="active, archived, deprecated or quarantined.")
    ],
    reason: Annotated[str, typer.Option(help="Why; everybody is shown it.")] = "",
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a project a status marker; a quarantine begins and ends by an administrator (--as)."""
    from homeport.domain.proposal import Act, Deed, Proposal
    from homeport.flows.change_status import change_status
    from homeport.flows.proposals import or_propose

    opened = world()
    wanted, caller = ProjectStatus.parse(status), caller_for(opened, acting, name)
    deed = Deed(Act.END_QUARANTINE, name, wanted)
    do = partial(change_status, opened, caller, name, wanted, reason)
    project = or_propose(opened, caller, deed, reason, do)
    if isinstance(project, Proposal):
        tell_waiting(project, as_json=as_json)
    elif as_json:
        _print(name)
    else:
        say(f"{project.name} is {project.status} now.")


def _visibility(
    name: NameArgument,
    visibility: Annotated[str, typer.Argument(metavar="VISIBILITY", help="public or private.")],
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who may read a project: everybody, or its members only."""
    from homeport.flows.change_status import change_visibility

    if visibility not in {"public", "private"}:
        raise Invalid(
            f"{visibility!r} is not a visibility: use public or private.", code="visibility-unknown"
        )
    opened = world()
    is_private = visibility == "private"
    project = change_visibility(opened, caller_for(opened, acting, name), name, is_private=is_private)
    if as_json:
        _print(name)
        return
    say(f"{project.name} is {visibility} now.")
    if is_private:
        hint(f"Let others read it: homeport project grant {project.name} USER --role reader")


def _quota(
    name: NameArgument,
    size_text: QuotaArgument,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a project have more, or fewer, bytes of files than others; an administrator may (--as)."""
    from homeport.flows.change_quota import change_project_quota

    opened = world()
    usage = change_project_quota(opened, caller_for(opened, acting), name, parse_quota(size_text))
    tell_usage({"project": name}, usage, as_json=as_json)


def _origin(
    name: NameArgument,
    filename: Annotated[str, typer.Argument(metavar="FILE", help="The file's name.")],
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a hosted file came here: its origin record, the very bytes whose sha256 the ledger names."""
    from homeport.flows.origins import origin_story

    opened = world()
    story = origin_story(opened, lambda: caller_for(opened, user, name), name, filename)
    print_json(story.told)
    if not as_json:
        hint(f"sha256 of the record: {story.digest} (ledger: file-published of {filename})")


def tell_usage(of: Mapping[str, str], usage: Usage, *, as_json: bool) -> None:
    """What is there of a project or a user, and the quota of its own."""
    if as_json:
        print_json({**of, "used": usage.used_bytes, "quota": usage.own_quota_bytes})
        return
    own = usage.own_quota_bytes
    quota = "the index's quota holds" if own is None else f"its own quota is {told_size(own)}"
    say(f"{' '.join(of.values())} has {told_size(usage.used_bytes)}; {quota}.")


def _show(name: NameArgument, as_json: JsonOption = False) -> None:
    """Show a project: mode, people, sources, files."""
    from homeport.flows.manage_project import show_project

    if as_json:
        _print(name)
        return
    view = show_project(world(), name)
    people = ", ".join(f"{member.user.name} ({member.role})" for member in view.members)
    visibility = "private   " if view.project.is_private else ""
    say(
        f"{view.project.name}   {view.project.mode}   {view.project.status}   {visibility}serial {view.project.serial}"
    )
    if view.project.status_reason and view.project.status is not ProjectStatus.ACTIVE:
        say(f"because: {view.project.status_reason}")
    if view.exemption:
        until = view.exemption.until or "an administrator decides"
        say(f"exempt until {until}: {view.exemption.public_reason or 'no reason is known'}")
    say(f"maintained by {people or 'nobody'}")
    for source in view.sources:
        say(f"source {source.kind} {source.url}")
    if view.files:
        rows = [
            (
                escape(file.filename),
                file.version.text,
                told_size(file.size_bytes),
                file.origin.value,
                file.digests.sha256.hex[:16] + "…",
                "" if file.yanked is None else escape(f"yanked {file.yanked}".strip()),
            )
            for file in view.files
        ]
        table(("file", "version", "size", "origin", "sha256", ""), rows)
    else:
        hint(
            "No files yet. Upload with twine or uv, or bring them home: homeport plan "
            + view.project.name.display
        )


def _print(name: str) -> None:
    from homeport.flows.manage_project import show_project

    print_json(show_project(world(), name).to_json())
