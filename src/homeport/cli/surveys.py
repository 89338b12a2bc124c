"""``homeport survey …``: where the files of projects are, and whether they are still to be had."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text
from typer.core import TyperGroup

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import errors, hint, print_json
from homeport.cli.waiting import Lines, tell_it_goes_on
from homeport.domain.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from homeport.domain.account import Caller
    from homeport.domain.survey import Survey
    from homeport.flows.survey.show import SurveyView
    from homeport.ports.clock import Clock
    from homeport.ports.world import World

_RUN = "run"
_POLL_SECONDS = 0.5
_NOBODY_AFTER = 60.0


class _NameOrCommand(TyperGroup):
    """``homeport survey NAME`` and ``--all`` are ``homeport survey run …``; what is no command is a project's name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See click."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [_RUN, *args]
        return super().parse_args(ctx, args)


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    survey = typer.Typer(
        help="Surveys: where the files of projects are. `homeport survey NAME` and `homeport survey --all` begin one.",
        no_args_is_help=True,
        cls=_NameOrCommand,
    )
    survey.command(_RUN)(_begin)
    survey.command("show")(_show)
    survey.command("list")(_list)
    app.add_typer(survey, name="survey")


def _begin(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The project.")] = None,
    of_all: Annotated[bool, typer.Option("--all", help="Every project; for administrators.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Start it and return at once.")] = False,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at where a project's files are, or every project's (--all); one that runs already is watched."""
    from homeport.flows.survey.start import start_survey, start_survey_of_all

    if (name is None) is not of_all:
        raise Invalid("Say which project, or --all for every one.", code="survey-of-what")
    opened = world()
    caller = _administrator(opened, user) if name is None else caller_for(opened, user, name)
    survey = start_survey_of_all(opened, caller) if name is None else start_survey(opened, caller, name)
    if not no_wait:
        try:
            _watch(lambda: _view(opened, caller, survey.id), opened.clock, is_quiet=as_json)
        except KeyboardInterrupt:
            tell_it_goes_on(f"homeport survey show {survey.id}")
            raise
    _print(opened, caller, _view(opened, caller, survey.id), as_json=as_json)


def _show(
    survey_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="The survey's number; default: the newest.")
    ] = None,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a survey saw."""
    opened = world()
    survey = _survey(opened, survey_id)
    caller = _caller(opened, user, survey)
    _print(opened, caller, _view(opened, caller, survey.id), as_json=as_json)


def _list(user: AsOption = None, as_json: JsonOption = False) -> None:
    """List the surveys, newest first."""
    from homeport.cli.survey_table import print_surveys
    from homeport.flows.survey.show import list_surveys
    from homeport.formats.survey_json import survey_json

    opened = world()
    views = list_surveys(opened, _administrator(opened, user))
    if as_json:
        print_json([survey_json(view.survey, view.progress) for view in views])
    elif views:
        print_surveys(views)
    else:
        hint("None yet. Begin one with: homeport survey --all")


def _survey(opened: "World", survey_id: int | None) -> "Survey":
    from homeport.domain.errors import NotFound

    with opened.store.read() as tx:
        if survey_id is not None:
            found = tx.surveys.find(survey_id)
        else:
            found = next(iter(tx.surveys.newest(limit=1)), None)
    if found is None:
        raise NotFound(
            "There is no such survey here. Begin one with: homeport survey --all", code="survey-unknown"
        )
    return found


def _caller(opened: "World", user: str | None, survey: "Survey") -> "Caller":
    if survey.project:
        return caller_for(opened, user, survey.project)
    return _administrator(opened, user)


def _administrator(opened: "World", user: str | None) -> "Caller":
    """The administrator that was named, or the only one there is."""
    from homeport.domain.account import Caller

    if user is not None:
        return caller_for(opened, user)
    with opened.store.read() as tx:
        found = tx.users.administrators()
    if len(found) != 1:
        names = ", ".join(one.name for one in found) or "nobody"
        raise Invalid(
            f"{names} administer this index: say for whom you act (--as USER).", code="user-missing"
        )
    return Caller(found[0])


def _view(opened: "World", caller: "Caller", survey_id: int) -> "SurveyView":
    from homeport.flows.survey.show import show_survey

    return show_survey(opened, caller, survey_id)


def _print(opened: "World", caller: "Caller", view: "SurveyView", *, as_json: bool) -> None:
    from homeport.cli.survey_table import print_survey

    if as_json:
        print_json(_told(opened, caller, view))
    else:
        print_survey(opened, caller, view)
    if view.survey.problem:
        raise Unavailable(view.survey.problem, code="survey-failed")


def _told(opened: "World", caller: "Caller", view: "SurveyView") -> dict[str, Any]:
    from homeport.flows.survey.show import list_links, list_looks
    from homeport.formats.survey_json import link_json, look_json, report_json, survey_json

    told = survey_json(view.survey, view.progress)
    told["report"] = report_json(view.report) if view.report else None
    if view.survey.project:
        looks = list_looks(opened, caller, view.survey.id).looks
        links = list_links(opened, caller, view.survey.id).links
        told["look"] = look_json(looks[0]) if looks else None
        told["links"] = [link_json(one.project, one.link) for one in links]
    return told


def _watch(look: "Callable[[], SurveyView]", clock: "Clock", *, is_quiet: bool) -> None:
    """Return when the survey has ended; ``Unavailable`` when no worker takes it. The work stays in the queue."""
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    task = progress.add_task("projects looked at", total=None)
    words, lines = Text(), Lines()
    is_shown = errors.is_terminal and not is_quiet
    waited = 0.0
    with Live(Group(progress, words) if is_shown else "", console=errors, transient=True):
        while (view := look()).survey.is_running:
            done = view.progress
            progress.update(task, completed=done.looked_at, total=done.projects)
            found = f"links found: {done.links:,}; hosts to be asked for more: {done.waiting_hosts:,}"
            words.plain = f"  {found}"
            if not (is_shown or is_quiet):
                lines(f"projects looked at: {done.looked_at:,} of {done.projects:,}; {found}", waited)
            clock.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
            if waited > _NOBODY_AFTER and not done.looked_at and not done.waiting_hosts:
                raise Unavailable(
                    "No worker took it; it waits in the queue. Start one: homeport serve, or homeport worker.",
                    code="no-worker",
                )
