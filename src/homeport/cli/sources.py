"""``homeport source``."""

import sys
from typing import Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.errors import Exit
from homeport.cli.output import hint, print_json, say, table
from homeport.cli.source_table import files_table, left_out_table, told_filters
from homeport.domain.source import Filters, SourceKind

_KINDS = ", ".join(SourceKind)
_OF_ONE_PROJECT = {SourceKind.LINKS, SourceKind.INDEX}
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The project's name.")]
KindArgument = Annotated[str, typer.Argument(metavar="KIND", help=f"One of {_KINDS}.")]
UrlArgument = Annotated[
    str,
    typer.Argument(metavar="[URL]", help="Its address; for urls with #sha256=… behind it, for links none."),
]
VersionsOption = Annotated[str, typer.Option(metavar="SPEC", help="Only these versions: '>=2,<3'.")]
PlatformOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN", help="Only wheels for it: '*manylinux*', any, or sdist; repeat for more."
    ),
]
FileOption = Annotated[
    list[str] | None, typer.Option("--file", metavar="PATTERN", help="Only such file names; repeat for more.")
]
TagOption = Annotated[
    list[str] | None, typer.Option(metavar="PATTERN", help="Only releases with such tags; repeat for more.")
]
NewestOption = Annotated[int, typer.Option(metavar="N", min=0, help="Only the N newest versions.")]
PrereleasesOption = Annotated[
    bool, typer.Option("--prereleases", help="Also what a forge calls a pre-release.")
]
TokenOption = Annotated[
    bool, typer.Option("--token-stdin", help="Read a token for this place from standard input.")
]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    source = typer.Typer(help="Where to look for a project's files.", no_args_is_help=True)
    source.command("add")(_add)
    source.command("list")(_list)
    source.command("remove")(_remove)
    source.command("try")(_try)
    app.add_typer(source, name="source")


def _add(
    name: NameArgument,
    kind: KindArgument,
    url: UrlArgument = "",
    versions: VersionsOption = "",
    platform: PlatformOption = None,
    file: FileOption = None,
    tag: TagOption = None,
    newest: NewestOption = 0,
    prereleases: PrereleasesOption = False,
    token_stdin: TokenOption = False,
    no_token: Annotated[bool, typer.Option("--no-token", help="Forget the token that it has.")] = False,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name a place where files of the project may be found, or give a known one other filters or another token."""
    from homeport.flows.manage_project import add_source

    opened = world()
    filters = _filters(versions, platform, file, tag, newest, prereleases)
    token = _token() if token_stdin else "" if no_token else None
    is_new = add_source(opened, caller_for(opened, user, name), name, kind, url, filters, token)
    if as_json:
        print_json({"added": is_new})
    else:
        say(f"Added {kind} {url}".rstrip() + "." if is_new else f"{name} has this source already.")
        hint(f"Next: homeport plan {name}")


def _list(name: NameArgument, user: AsOption = None, as_json: JsonOption = False) -> None:
    """List a project's sources with their filters; tokens are never shown."""
    from homeport.flows.manage_project import list_sources
    from homeport.formats.management_json import source_json

    opened = world()
    sources = list_sources(opened, caller_for(opened, user, name), name)
    if as_json:
        print_json([source_json(source) for source in sources])
    elif sources:
        rows = [
            (
                source.kind.value,
                escape(source.url),
                escape(told_filters(source.filters)),
                "yes" if source.has_token else "",
            )
            for source in sources
        ]
        table(("kind", "URL", "filters", "token"), rows)
    else:
        hint(f"No source yet: homeport source add {name} KIND URL")


def _remove(
    name: NameArgument,
    url: UrlArgument = "",
    kind: Annotated[str, typer.Option(help="Which, where a URL is a source of several kinds.")] = "",
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look there no more; its token is forgotten, and standing consent loses a host that nothing else names.

    A nominated file that nothing else gives is listed no longer; what was found on a page is, until the next plan.
    """
    from homeport.flows.manage_project import remove_source
    from homeport.formats.management_json import source_json

    opened = world()
    removed = remove_source(opened, caller_for(opened, user, name), name, url, kind)
    source = removed.source
    if as_json:
        print_json(
            {
                "removed": source_json(source),
                "delisted": list(removed.delisted),
                "stays_listed": removed.stays_listed,
            }
        )
        return
    say(f"Removed {source.kind} {source.url}".rstrip() + f". {removed.sentence}".rstrip())
    if removed.stays_listed:
        hint(f"Next: homeport plan {name}")


def _try(
    kind: KindArgument,
    url: UrlArgument = "",
    project: Annotated[str, typer.Option(help="Whose files; default: those of every project.")] = "",
    versions: VersionsOption = "",
    platform: PlatformOption = None,
    file: FileOption = None,
    tag: TagOption = None,
    newest: NewestOption = 0,
    prereleases: PrereleasesOption = False,
    token_stdin: TokenOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a source would offer, before it is saved: few pages are read, and no file is fetched.

    Exit status: 0 when there are files, 1 when there are none, 3 when the place does not answer.
    """
    from homeport.flows.crawl.try_source import try_anywhere

    filters = _filters(versions, platform, file, tag, newest, prereleases)
    trial = try_anywhere(world(), kind, url, project, filters, _token() if token_stdin else "")
    if as_json:
        print_json(trial.to_json())
    else:
        files_table(trial.files)
        left_out_table(trial.discovery.left_out)
        for visit in trial.visits:
            if visit.problem:
                say(f"{visit.url}: {visit.problem}")
        if not trial.files:
            hint("Nothing that can be hosted was found there.")
        if not trial.files and not project and SourceKind(kind) in _OF_ONE_PROJECT:
            hint(f"{kind} is asked for the files of one project: say of which (--project NAME).")
    if trial.is_unreachable:
        raise typer.Exit(Exit.UNAVAILABLE)
    if not trial.files:
        raise typer.Exit(Exit.REFUSED)


def _filters(
    versions: str,
    platforms: list[str] | None,
    files: list[str] | None,
    tags: list[str] | None,
    newest: int,
    prereleases: bool,
) -> Filters:
    return Filters.from_json(
        {
            "versions": versions,
            "platforms": platforms or [],
            "files": files or [],
            "tags": tags or [],
            "newest": newest,
            "prereleases": prereleases,
        }
    )


def _token() -> str:
    return sys.stdin.readline().strip()
