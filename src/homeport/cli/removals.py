"""``homeport removal``: files that maintainers ask administrators to remove."""

from typing import TYPE_CHECKING, Annotated

import typer

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import hint, print_json, say
from homeport.cli.policies import tell_waiting

if TYPE_CHECKING:
    from homeport.domain.removal_request import RemovalRequest


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    removal = typer.Typer(help="Files that maintainers ask administrators to remove.", no_args_is_help=True)
    removal.command("list")(_list)
    removal.command("answer")(_answer)
    app.add_typer(removal, name="removal")


def _list(as_json: JsonOption = False) -> None:
    """List the requests that wait for an answer, longest first."""
    from homeport.flows.removal_requests import waiting_requests
    from homeport.formats.removal_json import removal_json

    waiting = waiting_requests(world(), None)
    if as_json:
        print_json([removal_json(request) for request in waiting])
        return
    for request in waiting:
        _show(request)
    if not waiting:
        say("Nobody asks for files to be removed.")


def _show(request: "RemovalRequest") -> None:
    count = len(request.filenames)
    say(
        f"{request.id:>6}  {request.project}: {count} {'file' if count == 1 else 'files'}, "
        f"asked by {request.asked_by} on {request.asked_at:%Y-%m-%d}: {request.reason}"
    )
    for filename in request.filenames:
        hint(f"        {filename}")


def _answer(
    request_id: Annotated[int, typer.Argument(metavar="ID", help="The request's number.")],
    answer: Annotated[str, typer.Argument(metavar="ANSWER", help="removed, or declined.")],
    reason: Annotated[str, typer.Option(help="Why; the maintainers are told.")] = "",
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove the files, or decline; an administrator may (--as) who is not the one that asked. It may take two."""
    from homeport.domain.proposal import Proposal
    from homeport.domain.removal_request import Answer
    from homeport.flows.proposals import answer_removal
    from homeport.formats.removal_json import removal_json

    opened = world()
    request = answer_removal(opened, caller_for(opened, user), request_id, Answer.parse(answer), reason)
    if isinstance(request, Proposal):
        tell_waiting(request, as_json=as_json)
    elif as_json:
        print_json(removal_json(request))
    else:
        say(f"Request {request.id} about {request.project}: {request.answer}.")
