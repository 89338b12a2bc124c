"""Who may sign a project's files: OpenPGP keys that maintainers register, Sigstore identities that owners name.

A good signature by one of them is the strongest evidence there is (design §4). What is named now counts for bytes that are
looked at from now on; a plan that was made before stays as it was shown.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Invalid, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.project import Project
from homeport.domain.rights import require_admitted, require_role
from homeport.domain.signature import SigningIdentity, SigningKey, is_person
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell_members, write_notice
from homeport.ports.store import Transaction
from homeport.ports.world import World

MAX_KEY_BYTES = 64 * 1024
MAX_SIGNERS = 50


@dataclass(frozen=True, slots=True)
class Signers:
    """Everybody whose signatures count for a project."""

    keys: tuple[SigningKey, ...] = ()
    identities: tuple[SigningIdentity, ...] = ()


def show_signers(world: World, caller: Caller, name: str) -> Signers:
    """Who may sign, for those who maintain the project."""
    with world.store.read() as tx:
        project = find_project(tx, name)
        require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        return Signers(tuple(tx.proofs.keys(project.id)), tuple(tx.proofs.identities(project.id)))


def add_key(world: World, caller: Caller, name: str, document: bytes) -> SigningKey:
    """Register the OpenPGP certificate in ``document``; a newer copy takes the place of the one before.

    Raises ``Invalid`` for what is none, holds secrets, or is revoked.
    """
    now = world.clock.now()
    with world.store.read() as tx:
        # Rights come before all: whoever may not is told that, and nothing is read for them.
        _maintained(world, tx, caller, name, now)
    if len(document) > MAX_KEY_BYTES:
        raise Invalid(f"A certificate has at most {MAX_KEY_BYTES >> 10} KiB.", code="key-invalid")
    facts = world.isolation.read_key(document)
    if facts.problem:
        raise Invalid(facts.problem, code="key-invalid")
    key = SigningKey(facts.fingerprint, facts.armoured, caller.user.name, now, facts.user_ids)
    with world.store.write() as tx:
        project = _maintained(world, tx, caller, name, now)
        known = {one.fingerprint for one in tx.proofs.keys(project.id)}
        if len(known | {key.fingerprint}) > MAX_SIGNERS:
            raise Conflict(
                f"A project has at most {MAX_SIGNERS} keys: remove one first.", code="too-many-keys"
            )
        tx.proofs.put_key(project.id, key)
        told = f"the OpenPGP key {key.fingerprint.upper()}"
        _record(tx, caller, project, Kind.SIGNING_KEY_ADDED, {"fingerprint": key.fingerprint}, told, now)
    return key


def remove_key(world: World, caller: Caller, name: str, fingerprint: str) -> str:
    """Forget a key by its fingerprint, in either case and with spaces; what it signed stays as it was judged."""
    now, wanted = world.clock.now(), "".join(fingerprint.split()).lower()
    with world.store.write() as tx:
        project = _maintained(world, tx, caller, name, now)
        if not tx.proofs.remove_key(project.id, wanted):
            raise NotFound(
                f"{project.name} has no key with the fingerprint {fingerprint[:80]}.", code="key-unknown"
            )
        told = f"the OpenPGP key {wanted.upper()}"
        _record(tx, caller, project, Kind.SIGNING_KEY_REMOVED, {"fingerprint": wanted}, told, now)
    return wanted


def add_identity(world: World, caller: Caller, name: str, identity: SigningIdentity) -> bool:
    """Name an identity whose signatures count; false when it is named already."""
    now = world.clock.now()
    with world.store.write() as tx:
        project = _maintained(world, tx, caller, name, now, owner=True)
        if len(tx.proofs.identities(project.id)) >= MAX_SIGNERS:
            raise Conflict(
                f"A project has at most {MAX_SIGNERS} identities: remove one first.",
                code="too-many-identities",
            )
        is_new = tx.proofs.add_identity(project.id, replace(identity, by=caller.user.name, at=now))
        if is_new:
            _record(tx, caller, project, Kind.SIGNING_IDENTITY_ADDED, _details(identity), str(identity), now)
    return is_new


def remove_identity(world: World, caller: Caller, name: str, identity: SigningIdentity) -> None:
    """Forget an identity; what it signed stays as it was judged."""
    now = world.clock.now()
    with world.store.write() as tx:
        project = _maintained(world, tx, caller, name, now, owner=True)
        if not tx.proofs.remove_identity(project.id, identity):
            raise NotFound(f"{project.name} does not name {identity}.", code="identity-unknown")
        _record(tx, caller, project, Kind.SIGNING_IDENTITY_REMOVED, _details(identity), str(identity), now)


def _maintained(
    world: World, tx: Transaction, caller: Caller, name: str, now: datetime, *, owner: bool = False
) -> Project:
    require_admitted(caller, world.accounts)
    require_live(tx, caller, now)
    project = find_project(tx, name)
    role = tx.projects.role_of(project.id, caller.user.id)
    require_role(caller, Scope.MANAGE, project, role, owner=owner)
    return project


def _details(identity: SigningIdentity) -> dict[str, str]:
    issuer, repository, workflow, subject = identity.key
    # The ledger is public.
    shown = "a person" if is_person(subject) else subject
    return {"issuer": issuer, "repository": repository, "workflow": workflow, "subject": shown}


def _record(
    tx: Transaction,
    caller: Caller,
    project: Project,
    kind: Kind,
    details: dict[str, str],
    told: str,
    now: datetime,
) -> None:
    tx.ledger.append(kind, at=now, actor=caller.user.name, project=project.name.normalized, details=details)
    is_added = kind in {Kind.SIGNING_KEY_ADDED, Kind.SIGNING_IDENTITY_ADDED}
    facts = {
        "project": project.name.display,
        "by": caller.user.name,
        "signer": told,
        "is_added": is_added,
    }
    path = f"/manage/projects/{project.name.normalized}/"
    tell_members(tx, project, write_notice("signers-changed", facts, path=path, at=now))
