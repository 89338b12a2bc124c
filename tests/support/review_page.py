"""A plan with an item of every sort, and what its page shows of it."""

from tests.support.browser import Element, Shown
from tests.support.builders import HOLD, INFO, PLAIN, REJECT, item, unreachable
from tests.support.web_index import WebIndex

from homeport.domain.consent import Consent
from homeport.domain.names import ReleaseVersion
from homeport.domain.rehost import Bytes, Rehost

ITEMS = (
    item(0, "demo-2.0.tar.gz", b"2.0", version=ReleaseVersion.parse("2.0")),
    item(0, "demo-1.9.tar.gz", b"1.9", version=ReleaseVersion.parse("1.9"), findings=(INFO,)),
    item(0, "demo-1.8.tar.gz", b"held", findings=(HOLD,)),
    item(0, "demo-1.7.tar.gz", b"rejected", findings=(REJECT,)),
    item(0, "demo-1.6.tar.gz", b"plain", evidence=PLAIN, url="http://files.example/demo-1.6.tar.gz"),
    unreachable(0, "demo-1.5.tar.gz"),
    item(0, "demo-1.4.tar.gz", bytes=Bytes.REFUSED, problem="It is too large."),
    item(0, "demo-1.3.tar.gz", b"hosted", is_published=True),
)


def page_of(rehost: Rehost) -> str:
    """Where the review is."""
    return f"/manage/rehosts/{rehost.id}"


def box_of(shown: Shown, filename: str) -> Element:
    """The tick box of an item."""
    label = next(one for one in shown.page.all("label") if one.text == filename)
    return shown.page.the("input", id=label.attributes["for"])


def card_of(shown: Shown, filename: str) -> Element:
    """All that is shown of an item."""
    return next(one for one in shown.page.all("article") if filename in one.the("header").text)


def sha256_field(shown: Shown, filename: str) -> str:
    """The name of the field for an item's sha256."""
    return next(
        field.attributes["name"]
        for field in card_of(shown, filename).all("input")
        if field.attributes["name"].startswith("sha256-")
    )


def consent_to(index: WebIndex, rehost: Rehost) -> Consent | None:
    """The consent, if one was given."""
    with index.world.store.read() as tx:
        return tx.rehosts.consent(rehost.id)
