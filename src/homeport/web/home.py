"""The front page, the search, and what the crawler is."""

from homeport import __version__
from homeport.flows.browse import newest_projects, newest_with_files, search_projects
from homeport.web.page import Asked, Page

_NEWEST = 12
_LONGEST_QUERY = 200


def show_home(asked: Asked) -> Page:
    """What this index is, and what came last."""
    listed = newest_projects(asked.world, asked.caller, limit=_NEWEST)
    example = newest_with_files(asked.world, asked.caller, limit=_NEWEST)
    return Page(
        "home.html",
        {
            "listed": listed,
            "example": example.name.display if example else "NAME",
            "must_sign_in": asked.world.policy.must_sign_in,
            "may_sign_up": asked.user is None and asked.world.accounts.sign_up_is_open,
        },
    )


def search(asked: Asked) -> Page:
    """Projects by a part of their name."""
    text = asked.query.get("q", "")[:_LONGEST_QUERY]
    return Page("search.html", {"query": text, "listed": search_projects(asked.world, asked.caller, text)})


def about_crawler(asked: Asked) -> Page:
    """What the operator of a visited site wants to know."""
    return Page("crawler.html", {"politeness": asked.world.politeness, "version": __version__})
