"""What scripts ask of one project: a release with everything beside it, its versions, its people.

Each function is one consistent read. A quarantined project is there for nobody, a private one for its members, and what
is frozen for nobody.
"""

from homeport.domain.errors import Invalid, NotFound
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.release_page import ReleasePage, latest, released_versions
from homeport.flows.reading import Who, require_index_reader, require_reader, require_signed_in
from homeport.ports.store import Transaction
from homeport.ports.world import World


def latest_release(world: World, who: Who, name: str) -> ReleasePage:
    """The release of a project that is meant when no version is named, or ``NotFound``."""
    with world.store.read() as tx:
        return _page(tx, readable_project(world, tx, who, name), None)


def one_release(world: World, who: Who, name: str, version: str) -> ReleasePage:
    """The release of that version, in any spelling of it, or ``NotFound``."""
    with world.store.read() as tx:
        project = readable_project(world, tx, who, name)
        try:
            wanted = ReleaseVersion.parse_legacy(version)
        except Invalid as error:
            raise NotFound(error.sentence, code="release-unknown") from error
        return _page(tx, project, wanted)


def roles_in(world: World, who: Who, name: str) -> tuple[tuple[Role, str], ...]:
    """Everyone who maintains a project, owners first, or ``NotFound``."""
    with world.store.read() as tx:
        return _maintainers(tx, readable_project(world, tx, who, name))


def roles_of(world: World, who: Who, user_name: str) -> tuple[tuple[Role, str], ...]:
    """The listed projects that a user maintains; none for a user who is not there."""
    require_index_reader(world, who)
    with world.store.read() as tx:
        user = tx.users.by_name(user_name)
        if user is None:
            return ()
        listed = [project for project in tx.projects.of_user(user.id) if project.is_listed]
        roles = ((tx.projects.role_of(project.id, user.id), project.name.display) for project in listed)
        return tuple((role, name) for role, name in roles if role is not None)


def readable_project(world: World, tx: Transaction, who: Who, name: str) -> Project:
    """The project of that name in any spelling, if it is there for the one who asks; else ``NotFound``."""
    try:
        project = tx.projects.find(ProjectName.parse(name).normalized)
    except Invalid:
        project = None
    if project is None or project.status is ProjectStatus.QUARANTINED:
        require_signed_in(world, who)
        raise NotFound(f"There is no project {name[:80]} here.", code="project-unknown")
    require_reader(world, tx, who, project, name[:80])
    return project


def _page(tx: Transaction, project: Project, wanted: ReleaseVersion | None) -> ReleasePage:
    files = [file for file in tx.files.of_project(project.id) if not file.is_frozen]
    versions = released_versions(tx.releases.versions(project.id), files, tx.releases.yanks(project.id))
    release = next((one for one in versions if one.key == wanted.key), None) if wanted else latest(versions)
    registered = tx.releases.find(project.id, release.key) if release else None
    if release is None or registered is None:
        raise NotFound(f"{project.name} has no release {wanted or 'yet'}.", code="release-unknown")
    return ReleasePage(project, release, registered.metadata, versions, _maintainers(tx, project))


def _maintainers(tx: Transaction, project: Project) -> tuple[tuple[Role, str], ...]:
    members = tx.projects.members(project.id)
    return tuple((member.role, member.user.name) for member in members if member.role.maintains)
