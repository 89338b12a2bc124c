"""The command tree, and the one place where refusals become words and exit codes."""

import importlib
import sys

import typer

from homeport.cli.errors import Exit, tell_refusal
from homeport.domain.errors import Refusal

app = typer.Typer(
    name="homeport",
    help="A Python package index that brings release files home.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)


# Which module holds which command: only the one that was asked for is imported, so that a command starts at once.
_MODULES = {
    "serve": "serve",
    "web": "serve",
    "worker": "serve",
    "user": "accounts",
    "token": "tokens",
    "project": "projects",
    "organisation": "organisations",
    "source": "sources",
    "release": "releases",
    "mode": "hosting",
    "consent": "consents",
    "exemption": "exemptions",
    "campaign": "campaigns",
    "policy": "policies",
    "proposal": "policies",
    "freeze": "freezes",
    "unfreeze": "freezes",
    "frozen": "freezes",
    "plan": "rehosts",
    "rehost": "rehosts",
    "update-cache": "rehosts",
    "removal": "removals",
    "survey": "surveys",
    "host": "hosts",
    "inspect": "files",
    "fetch": "files",
    "verify": "files",
    "drift": "drift",
    "mail": "mails",
    "dashboard": "dashboard",
    "key": "signing",
    "identity": "signing",
    "webhook": "webhooks",
    "receiver": "webhooks",
    "ledger": "ledger",
    "db": "database",
}


def grow(asked: str) -> None:
    """Hang the asked command into the tree, or all of them when it is not known."""
    wanted = [_MODULES[asked]] if asked in _MODULES else dict.fromkeys(_MODULES.values())
    for name in wanted:
        importlib.import_module(f"homeport.cli.{name}").add_commands(app)


def main() -> None:
    """Run one command; never a traceback for what a person did."""
    try:
        grow(sys.argv[1] if len(sys.argv) > 1 else "")
        app()
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except Refusal as refusal:
        sys.exit(tell_refusal(refusal, as_json="--json" in sys.argv))
    except BrokenPipeError:
        # The reader of our output has gone (… | head): that is no failure of ours.
        sys.stderr.close()
        sys.exit(Exit.OK)
