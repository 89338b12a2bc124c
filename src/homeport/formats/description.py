"""A long description, rendered once: Markdown and reStructuredText as the field renders them, and made fit for a page.

1. What cannot be rendered says why, where somebody has declared what it is. Without a declaration it is tried as
   reStructuredText, as PyPI does, and nobody is blamed.
2. Plain text needs no HTML: a page shows the text itself.
3. What the renderers ask of time and memory is for the caller to bound; what they give is bounded here.
"""

import re
from io import StringIO

from readme_renderer import markdown, rst

from homeport.domain.metadata import Description
from homeport.formats.readme_html import fit_for_page

MAX_HTML = 1024 * 1024

_COMMONMARK = re.compile(r";\s*variant\s*=\s*\"?CommonMark\b", re.IGNORECASE)
_RST_PLACE = re.compile(r"<string>:(\d+): ")


def render_description(text: str, content_type: str) -> Description:
    """``text`` as HTML that may stand in a page; neither HTML nor problem for what is shown as it is."""
    kind = content_type.partition(";")[0].strip().lower()
    if not text.strip() or kind not in {"", "text/markdown", "text/x-rst"}:
        return Description()
    try:
        html, why = _markdown(text, content_type) if kind == "text/markdown" else _rst(text)
        if len(html) <= MAX_HTML:
            html = fit_for_page(html).strip()
    except Exception as error:  # noqa: BLE001 - renderers are large, and whatever hostile text makes them raise is told
        html, why = "", f"its renderer gave up ({type(error).__name__})"
    if len(html) > MAX_HTML:
        html, why = "", f"it makes more than {MAX_HTML >> 20} MiB of HTML"
    if html or not kind:
        return Description(html)
    return Description(problem=f"The description cannot be shown as {kind}: {why}.")


def _markdown(text: str, content_type: str) -> tuple[str, str]:
    variant = "CommonMark" if _COMMONMARK.search(content_type) else "GFM"
    return markdown.render(text, variant=variant) or "", "nothing is left of it"


def _rst(text: str) -> tuple[str, str]:
    told = StringIO()
    html = rst.render(text, stream=told) or ""
    return html, _RST_PLACE.sub(r"line \1, ", told.getvalue().strip().partition("\n")[0])[:300].rstrip(".")
