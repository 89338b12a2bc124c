"""Pages of notices: what waits, what is mailed, where a topic ends, and previews."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support.mail import Post, mail_index
from tests.support.web_index import WebIndex

from homeport.domain.account import Caller
from homeport.domain.notice import Topic
from homeport.flows.notice_folders import notice_folders
from homeport.flows.notify import tell, write_notice
from homeport.flows.sign_in import add_user

PASSWORD = "correct horse battery stable"
CHOICES, PREVIEWS = "/account/notices/", "/admin/mails/previews/"


@pytest.fixture
def posted(tmp_path: Path) -> Iterator[tuple[WebIndex, Post]]:
    """An index that sends mail; ada has a verified address, root administers."""
    with mail_index(tmp_path) as (index, post):
        for name in ("ada", "root"):
            user = add_user(index.world, name, f"{name}@example.org", PASSWORD, is_admin=name == "root")
            with index.world.store.write() as tx:
                tx.users.put_email(user.id, user.email, verified_at=index.world.clock.now())
        yield index, post


@pytest.fixture
def index(posted: tuple[WebIndex, Post]) -> WebIndex:
    """That index."""
    return posted[0]


@pytest.fixture
def post(posted: tuple[WebIndex, Post]) -> Post:
    """Its mail."""
    return posted[1]


def unmailed(index: WebIndex) -> frozenset[Topic]:
    """What ada wants no mail of."""
    with index.world.store.read() as tx:
        return tx.notices.unmailed(index.user("ada").id)


def unsubscribing(index: WebIndex, post: Post) -> str:
    """Where ada's mails about drift end, from a mail that she got."""
    facts = notice_folders().examples["drift"]
    notice = write_notice("drift", facts, path="/manage/", at=index.world.clock.now())
    with index.world.store.write() as tx:
        tell(tx, [index.user("ada")], notice)
    post.send()
    return urlsplit(post.mailer.sent[-1].unsubscribe).path


def test_topics_are_chosen_on_a_page(index: WebIndex) -> None:
    """Ticked boxes are mailed; those that nobody can switch off cannot be pressed, and stay."""
    browser = index.signed_in("ada")
    shown = browser.get(CHOICES)
    boxes = shown.page.all("input", name="topic")
    assert {box.attributes["value"] for box in boxes} == set(Topic)
    fixed = {box.attributes["value"] for box in boxes if "disabled" in box.attributes}
    assert fixed == {topic for topic in Topic if topic.must_be_mailed}
    assert all("checked" in box.attributes for box in boxes)
    done = browser.submit(shown, topic=["files", "people"])
    assert "Kept." in done.page.the("p", role="status").text
    assert unmailed(index) == {Topic.HOSTING, Topic.PLANS, Topic.DRIFT, Topic.INDEX}
    assert browser.submit(browser.get(CHOICES), topic="weather").status == 400


def test_a_mail_program_ends_a_topic_with_one_post(index: WebIndex, post: Post) -> None:
    """It has no session, comes from nowhere, and sends what RFC 8058 says; no page is needed."""
    path = unsubscribing(index, post)
    program = index.browser()
    answer = program.post_bytes(
        path, b"List-Unsubscribe=One-Click", **{"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status == 200
    assert unmailed(index) == {Topic.DRIFT}
    assert program.post_bytes(path, b"").status == 200


def test_looking_at_the_address_changes_nothing(index: WebIndex, post: Post) -> None:
    """Scanners look at every link; the page's button ends the topic, and says what is so."""
    path, browser = unsubscribing(index, post), index.browser()
    for _ in range(3):
        shown = browser.get(path)
        assert "gets mail of it" in shown.page.the("main").text
    assert unmailed(index) == frozenset()
    done = browser.submit(shown)
    assert "gets no mail of it" in done.page.the("main").text
    assert unmailed(index) == {Topic.DRIFT}


@pytest.mark.parametrize("sealed", ["x", "%00", "%ED%A0%80", "..%2F..%2Fetc", "x" * 5_000])
def test_no_other_address_ends_anything(index: WebIndex, sealed: str) -> None:
    """What was not sealed here is nowhere."""
    path = f"/unsubscribe/{sealed}"
    assert index.browser().get(path).status == 404
    assert index.browser().post_bytes(path, b"").status == 404
    assert unmailed(index) == frozenset()


def test_only_that_address_takes_forms_from_anywhere(index: WebIndex) -> None:
    """The page of choices wants its own form, whoever is signed in."""
    browser = index.signed_in("ada")
    sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site"}
    assert browser.post_bytes(CHOICES, b"topic=files", **sent).status == 403
    assert unmailed(index) == frozenset()


def test_every_kind_is_previewed(index: WebIndex) -> None:
    """In a list, as text, and as a page in which nothing runs; to administrators."""
    root, ada = index.signed_in("root"), index.signed_in("ada")
    listed = root.get(PREVIEWS).page.the("main")
    for kind in notice_folders().kinds:
        path = f"{PREVIEWS}{kind}/"
        assert len(listed.all("a", href=path)) == 1
        shown = root.get(path).page.the("main")
        assert "Which notices come by mail" in shown.the("pre").text
        assert len(shown.all("a", href=f"{path}page")) == 1
    page = root.get(f"{PREVIEWS}drift/page")
    policy = page.headers["content-security-policy"]
    assert re.match(r"sandbox; default-src 'none'", policy)
    assert "allow-" not in policy
    assert page.html.startswith("<!doctype html>")
    assert root.get(f"{PREVIEWS}nothing/").status == 404
    for path in (PREVIEWS, f"{PREVIEWS}drift/", f"{PREVIEWS}drift/page"):
        assert ada.get(path).status == 403
        assert index.browser().get(path).goes_to.startswith("/sign-in/")


def test_an_address_that_takes_no_mail_is_seen(index: WebIndex) -> None:
    """By its owner in the inbox and on the account's page, by an administrator beside the mails."""
    ada, root = index.signed_in("ada"), index.signed_in("root")
    assert "None that is known" in root.get("/admin/mails/").page.the("main").text
    assert "Nothing." in ada.get("/manage/").page.the("main").text
    with index.world.store.write() as tx:
        tx.users.put_mail_problem(index.user("ada").id, "550 <b>No</b> such mailbox", index.world.clock.now())
    inbox = ada.get("/manage/").page.the("main")
    assert "550 <b>No</b> such mailbox" in inbox.text
    assert len(inbox.all("a", href="/account/")) == 1
    assert "comes back" in ada.get("/account/").page.the("main").text
    assert "comes back" in ada.get(CHOICES).page.the("main").text
    mails = root.get("/admin/mails/").page.the("main")
    assert len(mails.all("a", href="/admin/users/ada/")) == 1
    assert "550 <b>No</b> such mailbox" in mails.text


def test_an_index_without_mail_says_so(index: WebIndex) -> None:
    """What is chosen counts once it sends some."""
    from dataclasses import replace

    from starlette.applications import Starlette

    from homeport.web.app import web_routes

    world = replace(index.world, mailer=None)
    quiet = WebIndex(world, Starlette(routes=web_routes(world)))
    assert "sends no mail" in quiet.signed_in("ada").get(CHOICES).page.the("main").text
    assert Caller(quiet.user("ada")).user.name == "ada"
