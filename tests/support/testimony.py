"""What is said outside of one wheel, and what a plan makes of it."""

from tests.support.outside import page
from tests.support.story import SITE, WHEEL, Story, wheel

from homeport.domain.digests import Sha256
from homeport.domain.evidence import Level
from homeport.domain.rehost import Item

PLAIN_SITE = SITE.replace("https:", "http:")
DIGEST = Sha256.of(wheel()).hex


def offer(story: Story, neighbours: dict[str, bytes], body: bytes | None = None, base: str = SITE) -> None:
    """Let the site's page, at ``base``, name the wheel and these neighbours."""
    story.fakes.outside.put_file(f"{base}/{WHEEL}", wheel() if body is None else body)
    for name, content in neighbours.items():
        story.fakes.outside.put_file(f"{base}/{name}", content)
    links = "".join(f'<a href="{base}/{name}">' for name in (WHEEL, *neighbours))
    story.fakes.outside.put(f"{SITE}/", page(links))


def only_item(story: Story) -> Item:
    """The one item of a fresh plan."""
    (item,) = story.plan().plan.items
    assert item.evidence is not None
    return item


def level(item: Item) -> Level:
    """How well its bytes are known."""
    assert item.evidence is not None
    return item.evidence.level


def codes(item: Item) -> list[str]:
    """What was found about it."""
    return [finding.code for finding in item.findings]
