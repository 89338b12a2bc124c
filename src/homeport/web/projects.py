"""A project's page: what it is, how to install it, and where every file came from."""

from http import HTTPStatus

from markupsafe import Markup

from homeport.domain.errors import Invalid, NotFound
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName
from homeport.domain.project import ProjectStatus
from homeport.flows.browse import project_story
from homeport.formats.shown_text import plain
from homeport.web.page import Asked, GoTo, Page

_LONGEST_DESCRIPTION = 100_000


def show_project(asked: Asked) -> Page | GoTo:
    """The page of a project; every other spelling of its name leads there."""
    name = asked.params["name"]
    try:
        parsed = ProjectName.parse(name)
    except Invalid as refusal:
        raise NotFound(refusal.sentence, code="project-unknown") from None
    if name != parsed.normalized:
        return GoTo(f"/project/{parsed.normalized}/", HTTPStatus.MOVED_PERMANENTLY)
    story = project_story(asked.world, asked.caller, name)
    user = asked.user
    maintainers = [member for member in story.members if member.role.maintains]
    return Page(
        "project.html",
        {
            "story": story,
            "newest": story.newest.text if story.newest else "",
            "is_offered": story.project.status is not ProjectStatus.QUARANTINED,
            "links": _links(story.metadata) if story.metadata else (),
            "readme": _readme(story.description_html),
            "description": story.metadata.description[:_LONGEST_DESCRIPTION] if story.metadata else "",
            "maintainers": maintainers,
            "is_mine": user is not None and any(member.user.id == user.id for member in maintainers),
            "is_moderated": user is not None and user.is_admin,
            "needs_token": story.project.is_private or asked.world.policy.must_sign_in,
        },
    )


def _readme(html: str) -> Markup:
    # The only HTML of others that is shown as HTML: it passed the allow-list of formats.readme_html, which has the
    # last word. What plain() puts in the place of characters nobody sees means nothing in HTML.
    return Markup(plain(html))  # noqa: S704


def _links(metadata: CoreMetadata) -> tuple[tuple[str, str], ...]:
    """What the metadata links to, each place once."""
    labels: dict[str, str] = {}
    for label, url in (
        ("Home page", metadata.home_page),
        ("Download", metadata.download_url),
        *metadata.project_urls,
    ):
        if url and url != "UNKNOWN":
            labels.setdefault(url, label)
    return tuple((label, url) for url, label in labels.items())
