"""How pages are written: one template environment, and the header fields every page has.

1. Everything a template shows is escaped by it, and was made fit to be shown before (``shown_text``): both happen
   here, for every expression of every template, so that no page can forget it (T-21).
2. A page runs no script and takes no style but our two files, stands in no frame, and sends forms to us only.
3. Pages show who is signed in: nobody keeps them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from homeport.domain.index_page import file_url
from homeport.domain.quota import told_size
from homeport.formats.shown_text import outside_link, plain
from homeport.web import words
from homeport.web.places import Place
from homeport.web.static_files import StaticFiles

PAGE_HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}

# A page that is not ours to trust: only its own inline styles count.
SANDBOX_HEADERS: Mapping[str, str] = {
    **PAGE_HEADERS,
    "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'",
}


class Look:
    """The templates, with the words they use; of a copy that was ``rehearsed_until`` then, every page says so."""

    def __init__(
        self,
        base_url: str,
        files: StaticFiles,
        admin_places: Sequence[Place] = (),
        rehearsed_until: datetime | None = None,
    ) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_fit_to_be_shown,
        )
        self._templates.filters |= {
            "count": words.count,
            "file_url": file_url,
            "moment": words.moment,
            "of_pages": words.without_options,
            "outside_link": outside_link,
            "size": told_size,
            "tone": words.tone,
        }
        self._templates.globals |= {
            "admin_places": admin_places,
            "base_url": base_url,
            "rehearsed_until": rehearsed_until,
            "static": files.url,
            "words": words,
        }

    def render(self, template: str, values: Mapping[str, object]) -> str:
        """The page as HTML."""
        return self._templates.get_template(template).render(values)


def _fit_to_be_shown(value: object) -> object:
    # Markup is what templates made themselves.
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
