"""``homeport dashboard``: the whole index at a glance, for whoever runs it."""

from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from homeport.cli.context import JsonOption, world
from homeport.cli.output import coloured, console, hint, print_json, say, table

if TYPE_CHECKING:
    from homeport.domain.dashboard import Dashboard


def add_commands(app: typer.Typer) -> None:
    """Hang the command into the tree."""
    app.command("dashboard")(_show)
    # A single command without this would be the whole program, and its name an argument too many.
    app.callback()(_homeport)


def _homeport() -> None:
    return


def _show(as_json: JsonOption = False) -> None:
    """Show how projects are hosted, which hosts they depend on, and what may need somebody."""
    from homeport.flows.dashboard import show_dashboard
    from homeport.formats.dashboard_json import dashboard_json

    opened = world()
    dashboard = show_dashboard(opened, None)
    if as_json:
        print_json(dashboard_json(dashboard))
        return
    _print(dashboard)
    hint(f"More: {opened.base_url}/admin/, and homeport dashboard --json")


def _print(dashboard: "Dashboard") -> None:
    now = dashboard.now
    modes = ", ".join(f"{count:,} in {mode}" for mode, count in now.projects.items())
    projects = "1 project" if now.total == 1 else f"{now.total:,} projects"
    console.print(f"[bold]{projects}[/bold]: {escape(modes)}", soft_wrap=True)
    _print_external(dashboard)
    counts = dashboard.exemptions
    standing = ", ".join(f"{count:,} {standing}" for standing, count in counts.standing.items())
    say(f"Exemptions: {standing}; {counts.ending_soon:,} end by {dashboard.soon}")
    for one in dashboard.lingering:
        reach = f"{one.reachable_owners} of {one.owners} owners reachable"
        until = f"exempt until {one.until}" if one.until else f"exemption: {one.exempt}"
        say(f"  in pypi-ext: {one.project}, {until}, {reach}")
    states = ", ".join(f"{count:,} {state.replace('-', ' ')}" for state, count in dashboard.rehosts.items())
    say(f"Rehosts: {states or 'none is open'}")
    table(
        ("queue", "running", "waiting", "for later"),
        [(one.queue, f"{one.running:,}", f"{one.waiting:,}", f"{one.later:,}") for one in dashboard.queues],
    )
    hosts = ", ".join(f"{count:,} {state}" for state, count in dashboard.hosts.items())
    mails = dashboard.mails
    told = f"{mails.waiting:,} on the way, {mails.troubled:,} not sent" if mails.are_sent else "none are sent"
    say(f"Hosts: {hosts}; mails: {told}")
    signs = ", ".join(
        f"{count:,} {sign.replace('-', ' ')}" for sign, count in dashboard.alarms_by_sign.items()
    )
    say(f"Drift in 30 days: {signs or 'nothing'}")


def _print_external(dashboard: "Dashboard") -> None:
    external = dashboard.external
    if external is None:
        say("External links: nobody has looked yet (homeport survey --all)")
        return
    report = external.report
    say(
        f"External links: {report.links:,} of {report.external_projects:,} projects on {report.hosts:,} {'host' if report.hosts == 1 else 'hosts'}, "
        f"{report.dead_links:,} dead (survey {external.survey.id})"
    )
    if external.hosts:
        table(
            ("host", "projects", "dead links", "now", "alarms"),
            [
                (
                    escape(one.host),
                    f"{one.projects:,}",
                    f"{one.dead:,} of {one.links:,}",
                    coloured(one.state.value),
                    f"{one.alarms:,}",
                )
                for one in external.hosts
            ],
        )
