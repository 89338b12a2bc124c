"""Pages are fetched and read once, within a bound, whoever wants them first."""

import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tests.support.world import OwnProcess, fake_world

from homeport.domain.offer import Offers, PageKind
from homeport.flows.survey.kept_pages import Kept, keeping_pages
from homeport.ports.fetch import Ask, Credential, FetchLimits, Method

LIMITS = FetchLimits(1_000)
URL = "https://site.test/"


class CountsReadings(OwnProcess):
    """Reads pages, and counts how often."""

    def __init__(self) -> None:
        self.read: Counter[str] = Counter()

    def read_offers(
        self, kind: PageKind, page: bytes, asked_url: str, final_url: str, content_type: str
    ) -> Offers:
        """See the port."""
        self.read[asked_url] += 1
        return super().read_offers(kind, page, asked_url, final_url, content_type)


def test_a_page_is_fetched_and_read_once(tmp_path: Path) -> None:
    """The same question gets the same answer, with its body; the same page is read once, other pages for themselves."""
    with fake_world(tmp_path) as fakes:
        fakes.outside.put_page(URL, '<a href="demo-1.0.zip">x</a>')
        isolation = CountsReadings()
        world = keeping_pages(replace(fakes.world, isolation=isolation))
        told = []
        for _ in range(2):
            body = bytearray()
            fetched = world.fetcher.fetch(URL, LIMITS, body.extend)
            offers = world.isolation.read_offers(PageKind.HTML, bytes(body), URL, fetched.url, "text/html")
            told.append((fetched, bytes(body), offers))
        assert told[0] == told[1]
        assert told[0][2].offers
        world.isolation.read_offers(PageKind.HTML, b"other", "https://other.test/", "", "text/html")
        assert fakes.outside.asked == [URL]
        assert isolation.read == {URL: 1, "https://other.test/": 1}
        assert world.isolation.render_description("# Title", "text/markdown").html


def test_what_is_no_page_goes_through(tmp_path: Path) -> None:
    """Heads, and what is asked for with a secret, are asked for each time."""
    with fake_world(tmp_path) as fakes:
        fakes.outside.put_page(URL, "x")
        fetcher = keeping_pages(fakes.world).fetcher
        secret = Credential("https://site.test", "Authorization", "Bearer x")
        for ask in (Ask(Method.HEAD), Ask(credential=secret)) * 2:
            fetcher.fetch(URL, LIMITS, lambda _: None, ask)
        assert len(fakes.outside.asked) == 4


def test_what_is_kept_is_bounded() -> None:
    """Where it becomes too much, what was wanted longest ago is made again when it is wanted."""
    made: Counter[str] = Counter()
    kept = Kept[str](40_000)

    def get(key: str) -> None:
        def make() -> tuple[str, int]:
            made[key] += 1
            return key, 10_000

        assert kept.get(key, make) == key

    for key in ("one", "two", "one", "three", "one", "two"):
        get(key)
    assert made == {"one": 1, "two": 2, "three": 1}


def test_larger_than_everything() -> None:
    """A value that is larger than what is kept is given, and forgotten."""
    kept, made = Kept[int](10), Counter[str]()

    def make() -> tuple[int, int]:
        made["it"] += 1
        return 7, 11

    assert [kept.get("key", make), kept.get("key", make)] == [7, 7]
    assert made["it"] == 2


def test_others_wait_for_who_makes_it() -> None:
    """Several who want the same at once get what one of them made."""
    kept, made, begun = Kept[int](1_000_000), Counter[str](), threading.Event()

    def make() -> tuple[int, int]:
        made["it"] += 1
        begun.wait(5)
        return 7, 1

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(kept.get("key", make))) for _ in range(4)]
    for thread in threads:
        thread.start()
    begun.set()
    for thread in threads:
        thread.join(10)
    assert (found, made["it"]) == ([7] * 4, 1)


def test_forgotten_while_it_was_made() -> None:
    """What was pushed out while it was made is given to who wanted it, and counted for nothing."""
    kept = Kept[int](6_000)

    def slowly() -> tuple[int, int]:
        for number in range(2):
            kept.get(number, lambda: (0, 2_000))
        return 7, 1

    assert kept.get("key", slowly) == 7
