"""A judge of rendered descriptions that knows by itself what they may hold, and shares no list with the product."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

_TAG_NAMES = (
    "a abbr b blockquote br caption cite code col colgroup dd del details div dl dt em h3 h4 h5 h6 hr i kbd li ol p pre "
    "span strong sub summary sup table tbody td th thead tr tt ul var"
)
_CLASS_NAMES = "admonition admonition-title stern footnote wide picture k s c m f b gd gi"
_TAGS, _CLASSES = frozenset(_TAG_NAMES.split()), frozenset(_CLASS_NAMES.split())
_ATTRIBUTES = frozenset({"align", "class", "colspan", "href", "id", "rel", "rowspan", "start", "title"})
_REL = {"nofollow", "ugc", "noopener", "noreferrer"}


class _Judge(HTMLParser):
    """Objects to every element, attribute and address that a description may not have."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._unless(tag in _TAGS, f"<{tag}>")
        self._unless(given.keys() <= _ATTRIBUTES, f"<{tag} {' '.join(given)}>")
        self._unless(set(given.get("class", "").split()) <= _CLASSES, f"class={given.get('class')}")
        place = given.get("id", "readme-x")
        self._unless(place.startswith("readme-") and place not in self._places, f"id={place}")
        self._places |= {place} if "id" in given else set()
        if tag == "a":
            self._unless(set(given.get("rel", "").split()) == _REL, f"rel={given.get('rel')}")
        href = given.get("href", "https://a.test")
        self._unless(href.startswith("#readme-") or _leads_outside(href), f"href={href}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.found.append(f"<![{data}]>")

    def _unless(self, is_fine: bool, what: str) -> None:
        if not is_fine:
            self.found.append(what)


def _leads_outside(href: str) -> bool:
    parts = urlsplit(href)
    return parts.scheme == "mailto" or (parts.scheme in {"http", "https"} and bool(parts.netloc))


def objections(html: str) -> list[str]:
    """What a rendered description may not hold; nothing when all is well."""
    judge = _Judge()
    judge.feed(html)
    judge.close()
    return judge.found
