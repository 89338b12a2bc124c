"""``homeport plan``, ``homeport rehost …`` and ``homeport update-cache``: files come home."""

from typing import Annotated

import typer

from homeport.cli import reviews
from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import hint, print_json, say
from homeport.cli.plan_table import print_plan
from homeport.cli.projects import NameArgument
from homeport.cli.waiting import tell_it_goes_on, wait_while
from homeport.domain.account import Caller
from homeport.domain.canonical import canonical_bytes
from homeport.domain.consent import Basis, Hosted
from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, Unavailable
from homeport.domain.rehost import Rehost, State
from homeport.domain.source import matches
from homeport.flows.rehost.registration import TRY_AGAIN
from homeport.flows.rehost.review import Choice, RehostView
from homeport.ports.world import World

IdArgument = Annotated[int, typer.Argument(metavar="ID", help="The rehost's number.")]
VersionOption = Annotated[str | None, typer.Option(help="Only this version.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every file of a large plan, not only the counts.")]
NoWaitOption = Annotated[bool, typer.Option("--no-wait", help="Start it and return at once.")]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    app.command("plan")(_plan)
    app.command("update-cache")(_update_cache)
    rehost = typer.Typer(help="Rehosts: look at a plan, and decide.", no_args_is_help=True)
    rehost.command("show")(_show)
    rehost.command("list")(_list)
    rehost.command("watch")(_watch)
    rehost.command("fetch")(_fetch)
    rehost.command("accept")(_accept)
    rehost.command("refuse")(_refuse)
    rehost.command("retry")(_retry)
    rehost.command("withdraw")(_withdraw)
    rehost.command("consent")(_consent)
    reviews.add_commands(rehost)
    app.add_typer(rehost, name="rehost")


def _plan(
    name: NameArgument,
    version: VersionOption = None,
    no_wait: NoWaitOption = False,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for a project's files outside, fetch and inspect them, and show what was found."""
    from homeport.flows.rehost.start import start_plan

    opened = world()
    caller = caller_for(opened, user, name)
    rehost = start_plan(opened, caller, name, version)
    view = _follow(opened, caller, rehost, no_wait=no_wait, as_json=as_json)
    _require_success(view)
    if (
        view.rehost.state is State.PLANNED
        and not view.plan.items
        and any(v.problem for v in view.plan.visits)
    ):
        raise Unavailable(
            "Nothing was found, and not every page could be read; the reasons stand above.",
            code="site-unreachable",
        )


def _update_cache(
    name: NameArgument,
    version: VersionOption = None,
    no_wait: NoWaitOption = False,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look again for files of a pypi-cache project and host what its standing consent covers."""
    from homeport.flows.rehost.start import start_update_cache

    opened = world()
    caller = caller_for(opened, user, name)
    rehost = start_update_cache(opened, caller, name, version)
    view = _follow(opened, caller, rehost, no_wait=no_wait, as_json=as_json)
    _require_success(view)


def _show(
    rehost_id: IdArgument, show_all: AllOption = False, user: AsOption = None, as_json: JsonOption = False
) -> None:
    """Show a rehost: every file, where it was found, what is known of it, and what was not taken."""
    opened = world()
    view = _view(opened, _caller(opened, user, rehost_id), rehost_id)
    _print(view, as_json=as_json, show_all=show_all)


def _watch(rehost_id: IdArgument, user: AsOption = None, as_json: JsonOption = False) -> None:
    """Watch a running rehost, host by host, until no worker is at it; with --json, tell once how it stands."""
    from homeport.flows.rehost.watch import watch_rehost
    from homeport.formats.progress_json import progress_json

    opened = world()
    caller = _caller(opened, user, rehost_id)
    if as_json:
        watched = watch_rehost(opened, caller, rehost_id)
        print_json(progress_json(watched.rehost, watched.progress))
        return
    if _view(opened, caller, rehost_id).cooled_at is None:
        wait_while(lambda: watch_rehost(opened, caller, rehost_id), opened.clock, is_quiet=False)
    rehost = watch_rehost(opened, caller, rehost_id).rehost
    say(f"Rehost {rehost.id} of {rehost.project} is {rehost.state}.")


def _fetch(
    rehost_id: IdArgument,
    only: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Files of such names, like '*cp312*'; repeat.")
    ] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option("--except", metavar="PATTERN", help="None of such names; repeat.")
    ] = None,
    version: VersionOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Every file that is only listed.")] = False,
    no_wait: NoWaitOption = False,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch files that a large plan only lists, or could not reach, so that they can be accepted."""
    from homeport.domain.fetching import Wish
    from homeport.flows.rehost.review import fetch

    opened = world()
    caller = _caller(opened, user, rehost_id)
    wish = Wish(tuple(only or ()), tuple(leave_out or ()), version or "", everything)
    rehost = fetch(opened, caller, rehost_id, wish)
    _require_success(_follow(opened, caller, rehost, no_wait=no_wait, as_json=as_json))


def _list(name: NameArgument, user: AsOption = None, as_json: JsonOption = False) -> None:
    """List a project's rehosts, newest first."""
    from homeport.flows.rehost.review import list_rehosts
    from homeport.formats.management_json import rehost_json

    opened = world()
    found = list_rehosts(opened, caller_for(opened, user, name), name)
    if as_json:
        print_json([rehost_json(rehost) for rehost in found])
        return
    for rehost in found:
        say(
            f"{rehost.id:>6}  {rehost.state:<16}  {rehost.purpose:<12}  {rehost.version or 'all versions'}  {rehost.problem}"
        )
    if not found:
        hint(f"None yet. Start one with: homeport plan {name}")


def _accept(
    rehost_id: IdArgument,
    basis: Annotated[
        str, typer.Option(help="Why you may agree: author, licence, written-permission, other.")
    ],
    text: Annotated[str, typer.Option(help="For written-permission and other: who permitted what.")] = "",
    evidence: Annotated[
        str, typer.Option(metavar="URL", help="Where the permission can be read, or its words.")
    ] = "",
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Accept only this file, or all that match the pattern; repeat."),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(
            "--except", metavar="FILE", help="Leave this file out, or all that match the pattern; repeat."
        ),
    ] = None,
    sha256: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE=HEX", help="Supply or confirm the sha256 of a file; repeat."),
    ] = None,
    plan: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="The plan you looked at, by its digest.")
    ] = None,
    draft: Annotated[
        int | None,
        typer.Option(metavar="REVISION", help="The saved review you looked at, by its revision."),
    ] = None,
    no_wait: NoWaitOption = False,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Agree to exactly the files of the plan; they are published at once."""
    from homeport.flows.rehost.draft import show_review
    from homeport.flows.rehost.review import accept

    opened = world()
    caller = _caller(opened, user, rehost_id)
    review = show_review(opened, caller, rehost_id)
    declared = _declared(review.view, sha256 or [])
    chosen = _chosen(review.view, only or [], leave_out or [], review.ticked | declared.keys())
    choice = Choice(
        shown_digest=Sha256.parse(plan) if plan else review.view.digest,
        basis=Basis.parse(basis),
        text=text,
        accept=chosen,
        declared={**review.declared(chosen or frozenset()), **declared},
        evidence=evidence,
        draft_revision=review.draft.revision if draft is None else draft,
    )
    rehost = accept(opened, caller, rehost_id, choice)
    view = _follow(opened, caller, rehost, no_wait=no_wait, as_json=as_json)
    _require_success(view)


def _require_success(view: RehostView) -> None:
    rehost = view.rehost
    if rehost.state is State.FAILED:
        kind = Unavailable if rehost.problem_code in TRY_AGAIN else Invalid
        raise kind(rehost.problem, code=rehost.problem_code)


def _refuse(
    rehost_id: IdArgument,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Want none of it."""
    from homeport.flows.rehost.review import refuse

    opened = world()
    _tell(refuse(opened, _caller(opened, user, rehost_id), rehost_id, reason), as_json=as_json)


def _retry(
    rehost_id: IdArgument,
    file: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Only this file that could not be reached; repeat."),
    ] = None,
    no_wait: NoWaitOption = False,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try again, at once, what could not be reached."""
    from homeport.flows.rehost.retry import retry

    opened = world()
    caller = _caller(opened, user, rehost_id)
    again = retry(opened, caller, rehost_id, file or ())
    _follow(opened, caller, again, no_wait=no_wait, as_json=as_json)


def _withdraw(
    rehost_id: IdArgument,
    files: Annotated[
        str, typer.Option(help="What becomes of the files that are hosted: keep, yank, ask-removal.")
    ] = "keep",
    reason: Annotated[str, typer.Option(help="Why; needed for yank and ask-removal.")] = "",
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take consent back: nothing more is published, and what is published becomes what you choose."""
    from homeport.flows.rehost.withdraw import withdraw

    opened, hosted = world(), Hosted.parse(files)
    caller = _caller(opened, user, rehost_id)
    _tell(withdraw(opened, caller, rehost_id, hosted, reason), as_json=as_json)


def _consent(
    rehost_id: IdArgument,
    user: AsOption = None,
    as_json: JsonOption = False,  # noqa: ARG001 - it is JSON either way, and scripts may say so
) -> None:
    """Print the record of the consent, as canonical JSON: who agreed to what, and where the ledger says so."""
    from homeport.flows.rehost.consents import consent_record

    opened = world()
    record = consent_record(opened, _caller(opened, user, rehost_id), rehost_id)
    print(canonical_bytes(record).decode())


def _caller(opened: World, user: str | None, rehost_id: int) -> Caller:
    from homeport.flows.rehost.start import find_rehost

    with opened.store.read() as tx:
        project = find_rehost(tx, rehost_id).project
    return caller_for(opened, user, project)


def _view(opened: World, caller: Caller, rehost_id: int) -> RehostView:
    from homeport.flows.rehost.review import show_rehost

    return show_rehost(opened, caller, rehost_id)


def _follow(opened: World, caller: Caller, rehost: Rehost, *, no_wait: bool, as_json: bool) -> RehostView:
    from homeport.flows.rehost.watch import watch_rehost

    # What cools is published in hours, and nobody waits for that.
    if not no_wait and _view(opened, caller, rehost.id).cooled_at is None:
        try:
            wait_while(lambda: watch_rehost(opened, caller, rehost.id), opened.clock, is_quiet=as_json)
        except KeyboardInterrupt:
            tell_it_goes_on(f"homeport rehost watch {rehost.id}")
            raise
    view = _view(opened, caller, rehost.id)
    _print(view, as_json=as_json)
    return view


def _print(view: RehostView, *, as_json: bool, show_all: bool = False) -> None:
    from homeport.formats.management_json import plan_json

    if as_json:
        print_json(plan_json(view.rehost, view.plan, view.digest, view.consent))
    else:
        print_plan(view, show_all=show_all)


def _tell(rehost: Rehost, *, as_json: bool) -> None:
    from homeport.formats.management_json import rehost_json

    if as_json:
        print_json(rehost_json(rehost))
    else:
        say(f"Rehost {rehost.id} of {rehost.project} is {rehost.state}.")


def _declared(view: RehostView, pairs: list[str]) -> dict[int, Sha256]:
    declared: dict[int, Sha256] = {}
    for pair in pairs:
        filename, separator, digest = pair.rpartition("=")
        if not separator:
            raise Invalid(f"{pair!r} must read FILE=HEX.", code="sha256-option")
        for item_id in _items_named(view, filename):
            declared[item_id] = Sha256.parse(digest)
    return declared


def _chosen(
    view: RehostView, only: list[str], leave_out: list[str], ticked: frozenset[int]
) -> frozenset[int] | None:
    if only:
        return frozenset(item_id for pattern in only for item_id in _items_like(view, pattern))
    if leave_out:
        unwanted = {item_id for pattern in leave_out for item_id in _items_like(view, pattern)}
        return ticked - unwanted
    return None


def _items_like(view: RehostView, pattern: str) -> list[int]:
    """What a pattern means is what can be accepted of it; a name means the file itself, with what speaks against it."""
    if not set(pattern) & set("*?["):
        return _items_named(view, pattern)
    found = [item.id for item in view.plan.items if matches((pattern,), item.filename) and not item.obstacles]
    if not found:
        raise Invalid(f"No file that can be accepted matches {pattern!r}.", code="item-unknown")
    return found


def _items_named(view: RehostView, filename: str) -> list[int]:
    found = [item.id for item in view.plan.items if item.filename == filename]
    if not found:
        raise Invalid(f"The plan has no file {filename!r}.", code="item-unknown")
    return found
