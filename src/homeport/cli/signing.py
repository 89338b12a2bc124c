"""``homeport key`` and ``homeport identity``: who may sign a project's files."""

import sys
from typing import Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import hint, print_json, say, table
from homeport.domain.errors import Invalid
from homeport.domain.signature import SigningIdentity, person_identity, repository_identity
from homeport.formats.signing_json import identity_json, key_json

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The project's name.")]
RepositoryOption = Annotated[
    str, typer.Option(metavar="OWNER/REPO", help="Whose workflows sign: the repository at its forge.")
]
WorkflowOption = Annotated[
    str, typer.Option(metavar="FILE", help="The workflow's file, like release.yml; without it any.")
]
ForgeOption = Annotated[str, typer.Option(help="github or gitlab.")]
SubjectOption = Annotated[str, typer.Option(help="Who signs, where it is no repository: a mail address.")]
IssuerOption = Annotated[str, typer.Option(metavar="URL", help="Who vouches for the subject.")]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    key = typer.Typer(help="OpenPGP keys that sign a project's files.", no_args_is_help=True)
    key.command("add")(_add_key)
    key.command("list")(_list)
    key.command("remove")(_remove_key)
    identity = typer.Typer(help="Sigstore identities that sign a project's files.", no_args_is_help=True)
    identity.command("add")(_add_identity)
    identity.command("list")(_list)
    identity.command("remove")(_remove_identity)
    app.add_typer(key, name="key")
    app.add_typer(identity, name="identity")


def _add_key(name: NameArgument, acting: AsOption = None, as_json: JsonOption = False) -> None:
    """Register the OpenPGP certificate on standard input: homeport key add NAME < key.asc."""
    from homeport.flows.signing import MAX_KEY_BYTES, add_key

    if sys.stdin.isatty():
        raise Invalid("Give the certificate on standard input: < key.asc.", code="key-missing")
    document = sys.stdin.buffer.read(MAX_KEY_BYTES + 1)
    opened = world()
    key = add_key(opened, caller_for(opened, acting, name), name, document)
    if as_json:
        print_json(key_json(key))
        return
    say(f"Registered {key.fingerprint.upper()} for {name}: {', '.join(key.user_ids) or 'no user id'}.")
    hint("Signatures (.asc, .sig) beside its files count from the next plan on.")


def _remove_key(
    name: NameArgument,
    fingerprint: Annotated[str, typer.Argument(metavar="FINGERPRINT", help="See homeport key list.")],
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget a key; what it signed stays as it was judged."""
    from homeport.flows.signing import remove_key

    opened = world()
    removed = remove_key(opened, caller_for(opened, acting, name), name, fingerprint)
    if as_json:
        print_json({"removed": removed})
    else:
        say(f"{removed.upper()} signs for {name} no longer.")


def _add_identity(
    name: NameArgument,
    repository: RepositoryOption = "",
    workflow: WorkflowOption = "",
    forge: ForgeOption = "github",
    subject: SubjectOption = "",
    issuer: IssuerOption = "",
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name who signs with Sigstore: a repository's workflows, or a subject and its issuer."""
    from homeport.flows.signing import add_identity

    identity = _identity(repository, workflow, forge, subject, issuer)
    opened = world()
    is_new = add_identity(opened, caller_for(opened, acting, name), name, identity)
    if as_json:
        print_json({"added": is_new, "identity": str(identity)})
        return
    say(f"Named {identity} for {name}." if is_new else f"{name} names {identity} already.")
    hint("Bundles and attestations beside its files count from the next plan on.")


def _remove_identity(
    name: NameArgument,
    repository: RepositoryOption = "",
    workflow: WorkflowOption = "",
    forge: ForgeOption = "github",
    subject: SubjectOption = "",
    issuer: IssuerOption = "",
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget an identity; what it signed stays as it was judged."""
    from homeport.flows.signing import remove_identity

    identity = _identity(repository, workflow, forge, subject, issuer)
    opened = world()
    remove_identity(opened, caller_for(opened, acting, name), name, identity)
    if as_json:
        print_json({"removed": str(identity)})
    else:
        say(f"{identity} signs for {name} no longer.")


def _identity(repository: str, workflow: str, forge: str, subject: str, issuer: str) -> SigningIdentity:
    if repository:
        return repository_identity(repository, workflow, forge)
    return person_identity(subject, issuer)


def _list(name: NameArgument, acting: AsOption = None, as_json: JsonOption = False) -> None:
    """Show who may sign a project's files."""
    from homeport.flows.signing import show_signers

    opened = world()
    signers = show_signers(opened, caller_for(opened, acting, name), name)
    if as_json:
        print_json(
            {
                "keys": [key_json(key) for key in signers.keys],
                "identities": [identity_json(identity) for identity in signers.identities],
            }
        )
        return
    rows = [
        ("OpenPGP", f"{key.fingerprint.upper()} {escape(', '.join(key.user_ids))}", key.by)
        for key in signers.keys
    ]
    rows += [("Sigstore", escape(str(identity)), identity.by) for identity in signers.identities]
    if rows:
        table(("kind", "who", "named by"), rows)
    else:
        hint(
            f"Nobody yet. Name somebody: homeport identity add {name} --repository OWNER/REPO, or homeport key add {name} < key.asc"
        )
