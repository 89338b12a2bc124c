"""``homeport campaign rehearse``: a whole campaign on a copy of the database, day by day, before anybody is told."""

import shlex
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from homeport.cli.campaign_table import report_json, say_report
from homeport.cli.context import AsOption, JsonOption, caller_for, settings, world
from homeport.cli.output import console, errors, print_json, say, table
from homeport.domain.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from datetime import date

    from homeport.domain.account import Caller
    from homeport.domain.mail import Message
    from homeport.flows.campaign.rehearse import Outcome, Rehearsal, RehearsedDay
    from homeport.ports.world import World
    from homeport.settings import Settings

_SHOWN = 10
_LAST_PORT = 65_535
_SAFE = frozenset("@.+-_=")
# Bytes of a recipient in a file's name, which has 255 in all.
_LONGEST_RECIPIENT = 200


def rehearse(
    campaign: Annotated[int, typer.Argument(metavar="ID", help="The campaign's number.")],
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the copy there, as it is when the campaign is over."),
    ] = None,
    mails: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Write every mail that would leave there, as text and as HTML page."
        ),
    ] = None,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play a whole campaign on a copy of the database: nobody is told and nothing changes; an administrator may (--as)."""
    from homeport.flows.campaign.rehearse import require_rehearsable
    from homeport.observe.events import keep_troubles

    chosen, opened = settings(), world()
    caller = caller_for(opened, acting)
    require_rehearsable(opened, caller, campaign)
    write = _writer(mails)
    kept = keep.absolute() if keep else None
    with keep_troubles() as troubles, _ends_in_order():
        played = _play(chosen, opened, caller, campaign, kept, write, is_quiet=as_json)
    rehearsal, days, outcome = played
    if as_json:
        copy = {"kept": str(kept), "look": _command(chosen, kept)} if kept else {"kept": None}
        print_json(_json(rehearsal, days, outcome, troubles) | copy)
        return
    _say(rehearsal, days, outcome, troubles)
    if mails is not None:
        count = sum(day.mails for day in days)
        say(f"Mails in {mails}, named by day and recipient: {count}." if count else "No mail would leave.")
    if kept:
        say(
            "The copy is kept; nothing in it can leave. Look at it, in a browser, as it is after the campaign:"
        )
        console.print(escape(_command(chosen, kept)), soft_wrap=True)


def _play(
    chosen: "Settings",
    opened: "World",
    caller: "Caller",
    campaign: int,
    keep: Path | None,
    write: "Callable[[date, Message], None]",
    *,
    is_quiet: bool,
) -> "tuple[Rehearsal, list[RehearsedDay], Outcome]":
    from homeport.flows.campaign.rehearse import begin_rehearsal, outcome_of, play, set_stage
    from homeport.wiring import open_rehearsal

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    is_hidden = is_quiet or not errors.is_terminal
    with Progress(*columns, console=errors, transient=True, disable=is_hidden) as progress:
        task = progress.add_task("copying the database", total=None)

        def copied(pages: int, every: int) -> None:
            progress.update(task, completed=pages, total=every)

        with open_rehearsal(chosen, opened, keep, copied) as copy:
            stage = set_stage(copy)
            rehearsal = begin_rehearsal(stage, caller, campaign)
            ahead = max(1, (rehearsal.campaign.day - rehearsal.begins.date()).days)
            progress.reset(task, description="", total=ahead)
            days = []
            for day in play(stage, rehearsal, write):
                progress.update(task, advance=1, description=f"{day.day}")
                if not day.is_quiet:
                    days.append(day)
            return rehearsal, days, outcome_of(stage, rehearsal)


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """Whoever ends this ends it as Ctrl-C does, so that the copy goes."""
    asked = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, signal.default_int_handler) for one in asked}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _writer(folder: Path | None) -> "Callable[[date, Message], None]":
    """What is done with each mail: nobody else on this machine reads it, nor to whom it would go."""
    counts = Counter[tuple["date", str]]()

    def write(day: "date", message: "Message") -> None:
        if folder is None:
            return
        recipient = _file_name_of(message.recipient)
        counts[day, recipient] += 1
        name = f"{day}-{recipient}-{counts[day, recipient]}"
        try:
            _put(folder / f"{name}.txt", f"{message.subject}\n\n{message.text}\n")
            if message.page:
                _put(folder / f"{name}.html", message.page)
        except OSError as error:
            raise _unwritable(folder, error) from error

    if folder is not None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            is_used = any(folder.iterdir())
            if not is_used:
                folder.chmod(0o700)
        except OSError as error:
            raise _unwritable(folder, error) from error
        if is_used:
            raise Conflict(
                f"There is something in {folder} already: the mails of a rehearsal go into a folder of their own.",
                code="folder-used",
            )
    return write


def _file_name_of(recipient: str) -> str:
    safe = "".join(char if char.isalnum() or char in _SAFE else "_" for char in recipient)
    return safe.encode()[:_LONGEST_RECIPIENT].decode(errors="ignore")


def _put(file: Path, text: str) -> None:
    file.touch(mode=0o600, exist_ok=False)
    file.write_text(text, "utf-8")


def _unwritable(folder: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"The mails cannot be written into {folder} ({error.strerror}).", code="folder-unwritable"
    )


def _command(chosen: "Settings", copy: Path) -> str:
    """An index over the copy, for this machine alone, beside the one that may run."""
    port = chosen.serve.port + 1 if chosen.serve.port < _LAST_PORT else chosen.serve.port - 1
    environment = {
        "HOMEPORT_HOME": str(chosen.store.home),
        "HOMEPORT_DATABASE_URL": f"sqlite:///{copy}",
        "HOMEPORT_HOST": "127.0.0.1",
        "HOMEPORT_PORT": str(port),
        "HOMEPORT_BASE_URL": f"http://127.0.0.1:{port}",
    }
    return " ".join(
        (*(f"{name}={shlex.quote(value)}" for name, value in environment.items()), "homeport web")
    )


def _say(rehearsal: "Rehearsal", days: "list[RehearsedDay]", outcome: "Outcome", troubles: list[str]) -> None:
    from homeport.domain.campaign import Stand

    for sentence in _conditions(rehearsal):
        say(sentence)
    table(
        ("day", "step", "notices", "mails", "moved", "left it"),
        [
            (
                f"{one.day}",
                ", ".join(_steps(one)),
                str(one.notices),
                str(one.mails),
                str(one.settled.get(Stand.MOVED, 0)),
                ", ".join(f"{n} {stand}" for stand, n in one.settled.items() if stand is not Stand.MOVED),
            )
            for one in days
        ],
    )
    say_report(outcome.view)
    _say_some(
        f"No mail reaches {len(outcome.unreached)} of them, counted once for each project: tell them otherwise.",
        ("project", "user", "why"),
        [(one.project, one.user, one.problem) for one in outcome.unreached],
    )
    _say_some(
        f"{outcome.lost_files} files of {len(outcome.lost)} projects stop being listed.",
        ("project", "file", "where it lies"),
        [(lost.project, file.filename, file.url) for lost in outcome.lost for file in lost.files],
    )
    if troubles:
        say("This went wrong, and would then, too:")
        for told in troubles[:_SHOWN]:
            say(f"  {told}")
    if not outcome.is_over:
        say(f"The campaign was not over on {rehearsal.until}, so that its end is not told here.")


def _say_some(sentence: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if not rows:
        return
    say(sentence)
    table(columns, [tuple(escape(cell) for cell in row) for row in rows[:_SHOWN]])
    if len(rows) > _SHOWN:
        say(f"… and {len(rows) - _SHOWN} more: --json has all of them.")


def _conditions(rehearsal: "Rehearsal") -> Iterator[str]:
    """As if what all of this was."""
    from homeport.domain.campaign import CampaignKind
    from homeport.flows.campaign.rehearse import Beginning

    begins = rehearsal.begins.date()
    yield {
        Beginning.ANNOUNCED: f"As if it were announced today, {begins}, and nobody did anything.",
        Beginning.RESUMED: f"It is paused: as if it were resumed today, {begins}, and nobody did anything.",
        Beginning.NOTHING: f"From today, {begins}, on, as if nobody did anything.",
    }[rehearsal.beginning]
    if rehearsal.campaign.kind is CampaignKind.TO_ONLY:
        survey = rehearsal.survey
        yield (
            f"Nothing outside was asked: what lies there is as survey {survey.id} of {survey.started_at.date()} saw it."
            if survey
            else "Nothing outside was asked, and no survey of all projects was finished yet: only links that are listed count."
        )


def _steps(day: "RehearsedDay") -> list[str]:
    names = [*day.steps, *(["reported"] if day.is_reported else [])]
    return names or ["other notices"]


def _json(
    rehearsal: "Rehearsal", days: "list[RehearsedDay]", outcome: "Outcome", troubles: list[str]
) -> dict[str, Any]:
    from homeport.formats.campaign_json import unreached_json

    return report_json(outcome.view) | {
        "rehearsed": {
            "on": rehearsal.begins.date().isoformat(),
            "begun": rehearsal.beginning.value,
            "survey": rehearsal.survey.id if rehearsal.survey else None,
            "surveyed": rehearsal.survey.started_at.date().isoformat() if rehearsal.survey else None,
            "is_over": outcome.is_over,
            "troubles": troubles,
        },
        "days": [
            {
                "day": one.day.isoformat(),
                "steps": dict(one.steps),
                "notices": one.notices,
                "mails": one.mails,
                "settled": {stand.value: count for stand, count in one.settled.items()},
                "reported": one.is_reported,
            }
            for one in days
        ],
        "unreached_people": [unreached_json(one) for one in outcome.unreached],
        "lost_files": [
            {
                "project": lost.project,
                "files": [
                    {"filename": file.filename, "url": file.url, "is_dead": file.is_dead}
                    for file in lost.files
                ],
            }
            for lost in outcome.lost
        ],
    }
