"""A survey in a terminal: its figures, the hosts that most depend on, and for one project every link."""

from collections.abc import Sequence

from rich.markup import escape

from homeport.cli.output import console, hint, say, table
from homeport.domain.account import Caller
from homeport.domain.quota import told_size
from homeport.domain.survey import Letter, Link, Survey
from homeport.domain.survey_report import HostFigures, Report
from homeport.flows.survey.show import SurveyView, list_links, list_looks
from homeport.ports.world import World

_TOP = 10
_COLOURS = {"found": "green", "gone": "red", "silent": "red", "unasked": "yellow"}


def print_surveys(views: Sequence[SurveyView]) -> None:
    """Show the surveys, a line for each."""
    rows = [
        (
            str(view.survey.id),
            escape(view.survey.project or "all projects"),
            f"{view.survey.started_at:%Y-%m-%d %H:%M}",
            escape(_state(view)),
            f"{view.progress.links:,}",
            escape(view.survey.asked_by),
        )
        for view in views
    ]
    table(("#", "of", "began", "state", "links", "asked by"), rows)


def _state(view: SurveyView) -> str:
    if view.survey.problem:
        return "ended early"
    if view.survey.is_running:
        return f"{view.progress.looked_at:,} of {view.progress.projects:,}"
    return "finished"


def print_survey(world: World, caller: Caller, view: SurveyView) -> None:
    """Show what a survey saw, or how far it is."""
    survey, report = view.survey, view.report
    console.print(
        f"[bold]Survey {survey.id}[/bold] of {escape(survey.project or 'all projects')} · {escape(_state(view))}"
    )
    if survey.project:
        _print_project(world, caller, survey)
    elif report is not None:
        _print_report(report)
        hint(
            f"More: homeport survey show {survey.id} --json, and {world.base_url}/admin/surveys/{survey.id}/"
        )
    elif survey.is_running:
        hint(f"It goes on: homeport survey show {survey.id}")


def _print_project(world: World, caller: Caller, survey: Survey) -> None:
    for look in list_looks(world, caller, survey.id).looks:
        if look.letter is not None:
            say(f"Class {look.letter}: {_MEANINGS[look.letter]}")
        say(
            f"{look.hosted_files:,} files hosted here, {look.external_files:,} elsewhere, {look.dead_files:,} of these dead."
        )
        if look.problem:
            say(look.problem)
    page = list_links(world, caller, survey.id)
    if page.links:
        table(
            ("file", "host", "found", "reach", "size", "claims"), [_link_row(one.link) for one in page.links]
        )
    if page.after:
        hint("More of them: --json over the API, or the page.")


_MEANINGS = {
    Letter.A: "every file is hosted here.",
    Letter.B: "files elsewhere, each named directly by metadata.",
    Letter.C: "files elsewhere, some only found on pages that must be crawled.",
}


def _link_row(link: Link) -> tuple[str, ...]:
    reach = link.check.reach.value
    size = link.check.size_bytes
    return (
        escape(link.filename),
        escape(link.host),
        escape(f"on {link.found_on}" if link.found_on else f"directly ({link.source})"),
        f"[{_COLOURS[reach]}]{reach}[/]" + (f" {link.check.status}" if link.check.status else ""),
        told_size(size) if size is not None else "",
        escape(", ".join(name for name, _ in link.claimed)),
    )


def _print_report(report: Report) -> None:
    letters = report.letters
    table(
        ("", "", ""),
        [
            ("projects", f"{report.projects:,}", ""),
            ("  A: all files hosted here", *_share(letters[Letter.A], report.projects)),
            ("  B: external files, directly linked", *_share(letters[Letter.B], report.projects)),
            ("  C: external files, through crawled pages", *_share(letters[Letter.C], report.projects)),
            ("  not looked at", *_share(report.skipped_projects, report.projects)),
            ("  with pages that could not be read", *_share(report.unread_projects, report.projects)),
            ("  whose external files are all gone", *_share(report.lost_projects, report.projects)),
            ("external files", f"{report.external_files:,}", ""),
            ("  with a hash", *_share(report.hashed_files, report.external_files)),
            ("  dead", *_share(report.dead_files, report.external_files)),
            (
                "external links",
                f"{report.links:,}",
                f"on {report.hosts:,} {'host' if report.hosts == 1 else 'hosts'}",
            ),
            ("  dead", *_share(report.dead_links, report.links)),
            ("  plain HTTP", *_share(report.plain_http_links, report.links)),
            ("  without a hash", *_share(report.unhashed_links, report.links)),
        ],
    )
    if report.hosts_by_projects:
        say("")
        table(
            ("host", "projects", "links", "dead", "plain HTTP", "no hash"),
            [_host_row(host) for host in report.hosts_by_projects[:_TOP]],
            title="Who most depend on",
        )


def _host_row(host: HostFigures) -> tuple[str, ...]:
    numbers = (host.projects, host.links, host.dead, host.plain_http, host.unhashed)
    return (escape(host.host), *(f"{number:,}" for number in numbers))


def _share(part: int, whole: int) -> tuple[str, str]:
    return f"{part:,}", f"{part / whole:.1%}" if whole else ""
