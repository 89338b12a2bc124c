"""``homeport campaign``: many projects are moved on an announced day, and who maintains them is told in time."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.campaign_table import report_json, say_counting, say_report, say_totals, totals_json
from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import print_json, say, table
from homeport.cli.rehearse import rehearse
from homeport.domain.errors import Invalid, NotFound

if TYPE_CHECKING:
    from homeport.domain.campaign import Campaign

IdArgument = Annotated[int, typer.Argument(metavar="ID", help="The campaign's number.")]
WhyOption = Annotated[
    str, typer.Option(help="Why, which must be said; the ledger keeps it, and who was told may read it.")
]
RevisionOption = Annotated[
    str | None,
    typer.Option(metavar="WORD", help="Only if the campaign is still as this word says (show prints it)."),
]
ReasonOption = Annotated[str, typer.Option(help="Why; the ledger keeps it.")]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    campaign = typer.Typer(help="Announced changes of many projects' hosting modes.", no_args_is_help=True)
    for name, command in (
        ("new", _new),
        ("list", _list),
        ("show", _show),
        ("preview", _preview),
        ("rehearse", rehearse),
        ("announce", _announce),
        ("pause", _pause),
        ("resume", _resume),
        ("cancel", _cancel),
        ("report", _report),
    ):
        campaign.command(name)(command)
    app.add_typer(campaign, name="campaign")


def _new(
    kind: Annotated[
        str, typer.Argument(help="to-only: pypi-ext becomes pypi-only; phase-out: pypi-cache does.")
    ],
    title: Annotated[str, typer.Option(help="What it is called; people read it in their mails.")] = "",
    reason: Annotated[str, typer.Option(help="Why; everybody may read it.")] = "",
    day: Annotated[str, typer.Option(metavar="DATE", help="The day, like 2027-03-31.")] = "",
    terms: Annotated[
        str, typer.Option(metavar="URL", help="Where the terms for files that are hosted here can be read.")
    ] = "",
    notices: Annotated[
        str, typer.Option(metavar="DAYS", help="How many days before the day people are told, like 90,30,7.")
    ] = "",
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft a campaign, of which nobody is told yet; an administrator may (--as)."""
    from homeport.domain.campaign import too_soon
    from homeport.flows.campaign.manage import draft_campaign, typed_draft

    opened = world()
    draft = typed_draft(title, reason, day, terms, notices)
    made = draft_campaign(opened, caller_for(opened, acting), kind, draft)
    sentence = f"Drafted campaign {made.id}. Look at it: homeport campaign preview {made.id}{_for(acting)}"
    late = too_soon(made, opened.clock.now().date())
    _told(
        made,
        f"{sentence}\nIt cannot be announced for that day. {late}" if late else sentence,
        as_json=as_json,
    )


def _list(as_json: JsonOption = False) -> None:
    """List campaigns, newest first."""
    from homeport.flows.campaign.show import list_campaigns
    from homeport.formats.campaign_json import campaign_json

    found = list_campaigns(world(), None)
    if as_json:
        print_json([campaign_json(one) for one in found])
    elif found:
        rows = [
            (str(one.id), one.kind.value, one.state.value, f"{one.day}", escape(one.title)) for one in found
        ]
        table(("id", "kind", "state", "day", "title"), rows)
    else:
        say("There is no campaign. Draft one: homeport campaign new to-only --help")


def _show(
    campaign: IdArgument,
    project: Annotated[str, typer.Option(metavar="NAME", help="Only this project.")] = "",
    stand: Annotated[
        str, typer.Option(help="Only projects that are waiting, moved, acted, exempt or released.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show every project of a campaign: how it stands, what was told when, and why."""
    from homeport.domain.campaign import Stand
    from homeport.domain.names import ProjectName
    from homeport.flows.campaign.history import campaign_history
    from homeport.flows.campaign.show import every_entrant, show_campaign
    from homeport.formats.campaign_json import entrant_json, history_json
    from homeport.ports.campaigns import EntrantFilter

    if stand and stand not in set(Stand):
        raise Invalid(f"{stand[:40]!r} is none of {', '.join(Stand)}.", code="stand-unknown")
    opened = world()
    view = show_campaign(opened, None, campaign)
    name = ProjectName.parse(project).normalized if project else ""
    wanted = EntrantFilter(name, Stand(stand) if stand else None)
    pieces = every_entrant(opened, None, campaign, wanted)
    rows = [entrant_json(view.campaign, one) for piece in pieces for one in piece]
    if name and not rows:
        like = f" that is {stand}" if stand else ""
        raise NotFound(f"There is no project {name!r}{like} in campaign {campaign}.", code="not-in-campaign")
    if as_json:
        history = history_json(campaign_history(opened, None, view.campaign))
        print_json(report_json(view) | {"history": history, "entrants": rows})
        return
    say_report(view)
    if rows:
        table(
            ("project", "group", "stand", "external", "told", "day", "why"),
            [
                (
                    escape(row["project"]),
                    row["group"],
                    row["stand"],
                    str(row["external_files"]),
                    ", ".join(row["told"]),
                    row["day"] or "",
                    escape(row["why"] or ""),
                )
                for row in rows
            ],
        )


def _preview(
    campaign: IdArgument,
    project: Annotated[
        str, typer.Option(metavar="NAME", help="Show the mails that the people of this project would get.")
    ] = "",
    mails: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write those mails there, as text and as HTML pages."),
    ] = None,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """See what a campaign would do, telling nobody; what lies outside is surveyed anew; an administrator may (--as)."""
    from homeport.flows.campaign.manage import preview_campaign
    from homeport.flows.campaign.show import preview_mails, preview_totals, show_campaign
    from homeport.formats.campaign_json import campaign_json

    opened = world()
    if project:
        sample = preview_mails(opened, None, campaign, project)
        written = [
            {"day": f"{day}", "subject": mail.subject, "text": mail.text, "html": mail.html}
            for day, mail in sample.mails
        ]
        if mails is not None:
            _write_mails(mails, written)
        if as_json:
            print_json({"project": sample.candidate.project, "mails": written})
            return
        for mail in written:
            say(f"On {mail['day']}: {mail['subject']}\n\n{mail['text']}\n\n{'-' * 40}")
        if not written:
            say(f"Nobody would be told: {sample.candidate.why}")
        return
    if show_campaign(opened, None, campaign).campaign.announced_at is None:
        preview_campaign(opened, caller_for(opened, acting), campaign)
    view, totals = show_campaign(opened, None, campaign), preview_totals(opened, None, campaign)
    if as_json:
        print_json(
            campaign_json(view.campaign) | {"revision": view.revision, "preview": totals_json(view, totals)}
        )
        return
    say_counting(view)
    say_totals(view, totals)
    say(f"The mails: homeport campaign preview {campaign} --project NAME{_for(acting)}")
    say(f"The whole campaign, day by day, on a copy: homeport campaign rehearse {campaign}{_for(acting)}")
    say(f"Its revision is {view.revision}.")


def _write_mails(folder: Path, mails: list[dict[str, str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, mail in enumerate(mails, start=1):
        (folder / f"{number}-{mail['day']}.txt").write_text(f"{mail['subject']}\n\n{mail['text']}\n", "utf-8")
        (folder / f"{number}-{mail['day']}.html").write_text(mail["html"], "utf-8")


def _announce(
    campaign: IdArgument,
    revision: RevisionOption = None,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin: the clock tells everybody from now on; an administrator may (--as), after a preview."""
    from homeport.flows.campaign.manage import announce_campaign

    opened = world()
    made = announce_campaign(opened, caller_for(opened, acting), campaign, revision=revision)
    notices = ", ".join(map(str, made.notices))
    sentence = (
        f"Announced campaign {made.id}, “{made.title}”: the day is {made.day}, {made.kind.source} becomes pypi-only, and people "
        f"are told {notices} days before.\nStop it: homeport campaign pause {made.id} --reason WHY{_for(acting)}"
    )
    _told(made, sentence, as_json=as_json)


def _pause(
    campaign: IdArgument,
    reason: WhyOption = "",
    revision: RevisionOption = None,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop the clock: nobody is told anything, and nothing is moved; an administrator may (--as)."""
    from homeport.flows.campaign.manage import pause_campaign

    opened = world()
    made = pause_campaign(opened, caller_for(opened, acting), campaign, reason, revision=revision)
    _told(made, f"Paused. Go on: homeport campaign resume {made.id}{_for(acting)}", as_json=as_json)


def _resume(
    campaign: IdArgument,
    day: Annotated[str, typer.Option(metavar="DATE", help="A later day, like 2027-03-31.")] = "",
    reason: ReasonOption = "",
    revision: RevisionOption = None,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go on, on the announced day or a later one; an administrator may (--as)."""
    from homeport.domain.exemption import parse_day
    from homeport.flows.campaign.manage import resume_campaign

    opened = world()
    until = parse_day(day) if day else None
    made = resume_campaign(opened, caller_for(opened, acting), campaign, until, reason, revision=revision)
    _told(made, f"Going on: the day is {made.day}.", as_json=as_json)


def _cancel(
    campaign: IdArgument,
    reason: WhyOption = "",
    revision: RevisionOption = None,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give it up: what was moved stays, and who was told is told that nothing happens; an administrator may (--as)."""
    from homeport.flows.campaign.manage import cancel_campaign

    opened = world()
    made = cancel_campaign(opened, caller_for(opened, acting), campaign, reason, revision=revision)
    _told(made, f"Campaign {made.id} is cancelled.", as_json=as_json)


def _report(campaign: IdArgument, as_json: JsonOption = False) -> None:
    """Say what became of all projects so far, and whom no mail reaches."""
    from homeport.flows.campaign.show import list_unreached, show_campaign
    from homeport.formats.campaign_json import unreached_json

    opened = world()
    view = show_campaign(opened, None, campaign)
    unreached = [unreached_json(one) for one in list_unreached(opened, None, campaign)]
    if as_json:
        print_json(report_json(view) | {"unreached_people": unreached})
        return
    say_report(view)
    if unreached:
        say("No mail reaches these people: tell them otherwise.")
        table(
            ("project", "user", "why"),
            [(escape(one["project"]), escape(one["user"]), escape(one["problem"])) for one in unreached],
        )


def _for(acting: str | None) -> str:
    """How the next command says for whom it acts, where this one did."""
    return f" --as {shlex.quote(acting)}" if acting else ""


def _told(campaign: "Campaign", sentence: str, *, as_json: bool) -> None:
    from homeport.formats.campaign_json import campaign_json

    if as_json:
        print_json(campaign_json(campaign))
    else:
        say(sentence)
