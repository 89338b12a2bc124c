"""``homeport policy`` and ``homeport proposal``: what administrators decide for the whole index, alone or in twos."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import hint, print_json, say, table
from homeport.domain.errors import Invalid

if TYPE_CHECKING:
    from homeport.domain.proposal import Proposal

ChangeArgument = Annotated[
    list[str],
    typer.Argument(metavar="FIELD=VALUE…", help="What changes; homeport policy show has the fields."),
]
NumberArgument = Annotated[int, typer.Argument(metavar="ID", help="The proposal's number.")]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    policy = typer.Typer(help="What administrators decide for the whole index.", no_args_is_help=True)
    policy.command("show")(_show)
    policy.command("set")(_set)
    app.add_typer(policy, name="policy")
    proposal = typer.Typer(help="What waits for a second administrator.", no_args_is_help=True)
    proposal.command("list")(_list)
    proposal.command("agree")(_agree)
    proposal.command("refuse")(_refuse)
    proposal.command("withdraw")(_withdraw)
    app.add_typer(proposal, name="proposal")


def _show(as_json: JsonOption = False) -> None:
    """Show the policy that holds."""
    from homeport.flows.policies import show_policy
    from homeport.formats.policy_json import decided_json

    decided = show_policy(world()).now
    if as_json:
        print_json(decided_json(decided))
        return
    texts = decided.policy.to_texts()
    width = max(map(len, texts))
    for name, text in texts.items():
        say(f"{name:{width}}  {text or 'none'}")
    if decided.at:
        hint(f"Revision {decided.revision}, by {decided.by} on {decided.at:%Y-%m-%d}: {decided.reason}")
    else:
        hint("Nobody decided anything yet: these are the defaults.")


def _set(
    changes: ChangeArgument,
    reason: Annotated[str, typer.Option(help="Why; the ledger keeps it.")] = "",
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change the policy; an administrator may (--as)."""
    from homeport.domain.proposal import Act, Deed, Proposal
    from homeport.flows.policies import change_policy
    from homeport.flows.proposals import or_propose
    from homeport.formats.policy_json import decided_json

    read = dict(_change(text) for text in changes)
    opened = world()
    caller, deed = caller_for(opened, acting), Deed(Act.CHANGE_POLICY, changes=read)
    done = or_propose(opened, caller, deed, reason, partial(change_policy, opened, caller, read, reason))
    if isinstance(done, Proposal):
        tell_waiting(done, as_json=as_json)
    elif as_json:
        print_json(decided_json(done))
    else:
        say(f"The policy holds, revision {done.revision}:")
        for name in read:
            say(f"  {name} is {done.policy.to_texts()[name] or 'none'}")


def _change(text: str) -> tuple[str, str]:
    name, is_sign, value = text.partition("=")
    if not is_sign:
        raise Invalid(f"{text[:80]!r} is no change: write FIELD=VALUE.", code="usage")
    return name, value


def tell_waiting(proposal: "Proposal", *, as_json: bool) -> None:
    """Say that another administrator has to agree first."""
    from homeport.domain.proposal import ProposalState
    from homeport.formats.policy_json import proposal_json

    if as_json:
        print_json({"proposal": proposal_json(proposal, ProposalState.OPEN)})
        return
    say(f"Nothing is done yet: proposal {proposal.id} waits for another administrator, seven days at most.")
    hint(f"Another one agrees with: homeport proposal agree {proposal.id} --as NAME")


def _list(as_json: JsonOption = False) -> None:
    """List proposals, newest first, and how they stand."""
    from homeport.flows.proposals import list_proposals
    from homeport.formats.policy_json import proposal_json

    found = list_proposals(world(), None).proposals
    if as_json:
        print_json([proposal_json(*one) for one in found])
    elif found:
        columns = ("id", "state", "what", "why", "by", "until")
        table(
            columns,
            [
                (
                    str(one.id),
                    state.value,
                    escape(one.deed.sentence),
                    escape(one.reason),
                    escape(one.asked_by),
                    f"{one.expires_at:%Y-%m-%d}",
                )
                for one, state in found
            ],
        )
    else:
        say("Nothing waits for a second administrator.")


def _agree(number: NumberArgument, acting: AsOption = None, as_json: JsonOption = False) -> None:
    """Agree to what another administrator proposed: it is done at once."""
    from homeport.flows.proposals import agree

    opened = world()
    _tell_ended(agree(opened, caller_for(opened, acting), number), as_json=as_json)


def _refuse(
    number: NumberArgument,
    reason: Annotated[str, typer.Option(help="Why; other administrators are told.")] = "",
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Refuse what another administrator proposed."""
    from homeport.flows.proposals import refuse

    opened = world()
    _tell_ended(refuse(opened, caller_for(opened, acting), number, reason), as_json=as_json)


def _withdraw(number: NumberArgument, acting: AsOption = None, as_json: JsonOption = False) -> None:
    """Take back what you proposed."""
    from homeport.flows.proposals import withdraw

    opened = world()
    _tell_ended(withdraw(opened, caller_for(opened, acting), number), as_json=as_json)


def _tell_ended(proposal: "Proposal", *, as_json: bool) -> None:
    from homeport.domain.proposal import ProposalState
    from homeport.formats.policy_json import proposal_json

    state = proposal.end or ProposalState.OPEN
    if as_json:
        print_json(proposal_json(proposal, state))
    else:
        say(f"Proposal {proposal.id} is {state}: {proposal.deed.sentence}.")
