"""Projects come into being, gain and lose sources, and are looked up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeport.domain.account import Caller, Scope, User
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from homeport.domain.exemption import Exemption
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.ledger import Kind
from homeport.domain.links import nominated, require_hash
from homeport.domain.name_policy import new_name_refusal
from homeport.domain.names import ProjectName
from homeport.domain.project import Project, Role
from homeport.domain.release import HostedFile
from homeport.domain.release_api import asked_address
from homeport.domain.rights import (
    project_unknown,
    require_admin,
    require_admitted,
    require_maintainer,
    require_role,
    require_scope,
)
from homeport.domain.source import NO_FILTERS, Filters, Source, SourceKind
from homeport.domain.strike_out import without_secrets
from homeport.domain.urls import Url
from homeport.flows.live_caller import require_live
from homeport.flows.render_pages import render_project
from homeport.flows.source_tokens import seal_token
from homeport.flows.sources import Removed, forget, remember_nominated, remember_page
from homeport.flows.standing_consent import give_standing
from homeport.formats.exemption_json import live_json
from homeport.formats.management_json import project_json
from homeport.ports.catalogue import Membership
from homeport.ports.store import Transaction
from homeport.ports.world import World

# So many sources are listed for who names one that is none, and so much of each address.
_MOST_LISTED: Final = 10
_LONGEST_TOLD: Final = 300


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project and everything a person asks about it first."""

    project: Project
    members: tuple[Membership, ...]
    files: tuple[HostedFile, ...]
    sources: tuple[Source, ...]
    versions: tuple[str, ...]
    exemption: Exemption | None = None

    def to_json(self) -> dict[str, Any]:
        """The project as it is told to programs."""
        return project_json(
            self.project,
            [(member.user.name, member.role) for member in self.members],
            self.files,
            self.sources,
            self.versions,
        ) | {"exemption": live_json(self.exemption)}


def find_project(tx: Transaction, name: str) -> Project:
    """The project of that name in any spelling, or ``NotFound``."""
    wanted = ProjectName.parse(name)
    project = tx.projects.find(wanted.normalized)
    if project is None:
        raise project_unknown(wanted)
    return project


def project_for_files(tx: Transaction, caller: Caller, name: ProjectName) -> Project | None:
    """The project that the caller may add files or releases to, ``None`` when the name is free for the caller.

    Raises ``Forbidden`` without the right, and ``Conflict`` when the project takes no new files.
    """
    project = tx.projects.find(name.normalized)
    if project is None:
        require_scope(caller, Scope.UPLOAD, name)
        return None
    require_maintainer(caller, Scope.UPLOAD, project, tx.projects.role_of(project.id, caller.user.id))
    if not project.status.takes_files:
        raise Conflict(
            f"{project.name} is {project.status}: it takes no new files.", code="project-takes-no-files"
        )
    return project


def new_name_objection(tx: Transaction, name: ProjectName, policy: Policy) -> Refusal | None:
    """Why a name that is free is not given to everybody, or ``None``."""
    other = tx.projects.look_alike(name)
    return new_name_refusal(
        name,
        policy.reserved_names,
        other.name if other else None,
        may_name_other=other is not None and other.is_listed,
    )


def held_by_other(tx: Transaction, name: ProjectName, user: User, now: datetime) -> Forbidden | None:
    """Why a name that no project has is not for ``user``: somebody else has a publishing session for its first release."""
    if all(stage.user_id == user.id for stage in tx.stages.live(name.normalized, now)):
        return None
    return Forbidden(
        f"The name {name} is kept for somebody who is about to publish its first release: choose another.",
        code="name-held",
    )


def add_project(
    tx: Transaction,
    name: ProjectName,
    owner: User,
    mode: HostingMode | None,
    *,
    policy: Policy,
    actor: str,
    at: datetime,
    overrides: bool = False,
) -> Project:
    """A new project with its owner, its page, and its place in the list.

    Where nobody chose a ``mode`` it has the policy's default, and no standing consent comes with that. ``overrides`` is
    an administrator's: it creates the project also when its name is not for everybody; the ledger says what was overridden.
    """
    hosting = tx.policies.current()
    is_chosen, mode = mode is not None, mode or hosting.default_mode
    if mode is HostingMode.EXT:
        raise Invalid(
            "A new project is pypi-only or pypi-cache; pypi-ext needs an administrator's exemption.",
            code="mode-for-new",
        )
    if is_chosen and (wrong := hosting.mode_refusal(mode, at.date(), by_admin=overrides)):
        raise wrong
    is_free = tx.projects.find(name.normalized) is None
    refusal = new_name_objection(tx, name, policy) if is_free else None
    if refusal is not None and not overrides:
        raise refusal
    if is_free and not overrides and (held := held_by_other(tx, name, owner, at)):
        raise held
    project = tx.projects.add(name, mode, at)
    tx.projects.grant(project.id, owner.id, Role.OWNER)
    normalized = name.normalized
    tx.ledger.append(
        Kind.PROJECT_CREATED,
        at=at,
        actor=actor,
        project=normalized,
        details={"name": name.display, "mode": mode.value} | ({"overrode": refusal.code} if refusal else {}),
    )
    serial = tx.ledger.append(
        Kind.ROLE_GRANTED,
        at=at,
        actor=actor,
        project=normalized,
        details={"user": owner.name, "role": Role.OWNER.value},
    )
    if is_chosen and mode.takes_crawled_files:
        serial = give_standing(tx, project, by=owner.name, at=at)
    render_project(tx, project, serial, comes_or_goes=True)
    return project


def create_project(
    world: World, owner: User, name: str, mode: HostingMode | None = None, *, overriding: Caller | None = None
) -> Project:
    """A project that its owner asks for before there is any file; without a ``mode`` it has the policy's default.

    ``overriding`` is an administrator who says that it shall be there whatever its name looks like (T-16).
    """
    parsed, now = ProjectName.parse(name), world.clock.now()
    if overriding is not None:
        require_admin(overriding)
    else:
        require_admitted(Caller(owner), world.accounts)
    actor = overriding.user.name if overriding else owner.name
    with world.store.write() as tx:
        require_live(tx, Caller(owner), now)
        if overriding is not None:
            require_admin(require_live(tx, overriding, now))
        return add_project(
            tx,
            parsed,
            owner,
            mode,
            policy=world.policy,
            actor=actor,
            at=now,
            overrides=overriding is not None,
        )


def show_project(world: World, name: str) -> ProjectView:
    """What ``homeport project show`` and the project's page tell."""
    with world.store.read() as tx:
        project = find_project(tx, name)
        return ProjectView(
            project=project,
            members=tuple(tx.projects.members(project.id)),
            files=tuple(tx.files.of_project(project.id)),
            sources=tuple(tx.outside.sources(project.id)),
            versions=tuple(release.version.text for release in tx.releases.of_project(project.id)),
            exemption=tx.exemptions.live(project.id),
        )


def add_source(
    world: World,
    caller: Caller,
    name: str,
    kind: str,
    url: str,
    filters: Filters = NO_FILTERS,
    token: str | None = None,
) -> bool:
    """Remember where to look for files; False when it was known just so. In ``pypi-cache`` mode, standing consent learns its host.

    A known source gets these filters. ``token`` is its read token; ``""`` takes away the one it has, ``None`` leaves it.
    """
    source, now, actor = read_source(kind, url, filters), world.clock.now(), caller.user.name
    _require_open(source)
    sealed = seal_token(world, source, token) if token else None
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = find_project(tx, name)
        require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        if source.kind is SourceKind.URLS:
            return remember_nominated(tx, project, nominated(source.url, project.name), by=actor, at=now)
        return remember_page(
            tx, project, source, sealed_token=sealed, keeps_token=token is None, by=actor, at=now
        )


def read_source(kind: str, url: str, filters: Filters = NO_FILTERS) -> Source:
    """The source that a person wrote, or ``Invalid``."""
    chosen = SourceKind.parse(kind)
    filters.require_fit(chosen)
    if chosen is SourceKind.LINKS:
        if url:
            raise Invalid(
                "links reads the releases' own descriptions and Project-URLs: give it no address.",
                code="source-without-url",
            )
        return Source(chosen, "", filters)
    source = Source(chosen, str(Url.parse(url)), filters)
    if chosen is SourceKind.URLS:
        require_hash(source.url)
    asked_address(source)
    return source


def _require_open(source: Source) -> None:
    """``Invalid`` when the address opens a place by a secret: sources are shown to everybody (T05)."""
    told = without_secrets(source.url)
    if told != source.url:
        instead = (
            "a file that only a secret opens cannot be nominated, upload it instead."
            if source.kind is SourceKind.URLS
            else "name the place without it, and give the secret by itself (--token), where it is kept sealed."
        )
        raise Invalid(
            f"{told} holds a secret, and everybody may read where files are sought: {instead}",
            code="source-secret",
        )


def remove_source(world: World, caller: Caller, name: str, url: str, kind: str = "") -> Removed:
    """Look there no more, and forget its token; ``kind`` is needed where a URL is several kinds of source.

    A nominated file is named by its whole address, or by the URL alone where one source has it.
    """
    chosen, now, actor = SourceKind.parse(kind) if kind else None, world.clock.now(), caller.user.name
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = find_project(tx, name)
        require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        there = tx.outside.sources(project.id)
        source = _meant(project, there, url, chosen)
        return forget(tx, project, source, by=actor, at=now)


def _meant(project: Project, there: Sequence[Source], url: str, kind: SourceKind | None) -> Source:
    """The one of the sources that somebody means, or a refusal that lists those that may be meant."""
    spelled = _spellings(url)
    of_kind = [source for source in there if kind in {None, source.kind}]
    found = [source for source in of_kind if source.url in spelled]
    found = found or [source for source in of_kind if source.place in spelled]
    if not found:
        raise NotFound(
            f"{project.name} has no such source: {url[:200]!r}. {_listed(there)}", code="source-unknown"
        )
    if len({source.kind for source in found}) > 1:
        kinds = ", ".join(source.kind for source in found)
        raise Invalid(f"That URL is a source of several kinds: say which of {kinds}.", code="source-kind")
    if len(found) > 1:
        raise Invalid(
            f"That file was nominated with several hashes: say which. {_listed(found)}", code="source-unclear"
        )
    return found[0]


def _listed(sources: Sequence[Source]) -> str:
    """The first sources, in a sentence."""
    if not sources:
        return "It has none."
    told = [
        f"{source.kind} {without_secrets(source.url)[:_LONGEST_TOLD]}".rstrip()
        for source in sources[:_MOST_LISTED]
    ]
    more = f", and {len(sources) - _MOST_LISTED:,} more" if len(sources) > _MOST_LISTED else ""
    return f"There {'is' if len(sources) == 1 else 'are'}: {', '.join(told)}{more}."


def list_sources(world: World, caller: Caller, name: str) -> tuple[Source, ...]:
    """The sources that were added by hand, for who maintains the project."""
    with world.store.read() as tx:
        project = find_project(tx, name)
        require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        return tuple(tx.outside.sources(project.id))


def _spellings(url: str) -> set[str]:
    """A URL as it was typed, and as it is stored."""
    try:
        return {url, str(Url.parse(url))}
    except Invalid:
        return {url}
