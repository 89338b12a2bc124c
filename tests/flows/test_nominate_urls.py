"""URLs that maintainers nominate: where they are listed, where they wait, and where they are refused."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.outside import Answer, Mood
from tests.support.outside import page as outside_page
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, sdist, wheel
from tests.support.token_callers import by_token
from tests.support.world import add_person, grant, run_jobs

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from homeport.domain.evidence import Level
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Verdict
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.project import ProjectStatus
from homeport.domain.source import Source, SourceKind
from homeport.flows.change_status import change_status
from homeport.flows.manage_project import add_source
from homeport.flows.nominate_urls import MOST_URLS, nominate_urls, read_nomination
from homeport.flows.rehost.registration import Registered, begin_registration
from homeport.flows.rehost.start import start_update_cache
from homeport.formats.accept import Form

BODY = wheel()
SHA256, MD5 = hashlib.sha256(BODY).hexdigest(), hashlib.md5(BODY, usedforsecurity=False).hexdigest()
URL = f"{SITE}/{WHEEL}"


@pytest.fixture
def ext(tmp_path: Path) -> Iterator[Story]:
    """A project that lists external links, with release 1.0; its site has the wheel."""
    with begin_story(tmp_path, HostingMode.EXT) as story:
        story.fakes.outside.put_file(URL, BODY)
        register(story)
        yield story


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Story]:
    """A project that brings files home, with release 1.0 of which a file is hosted; its home page links to nothing."""
    with begin_story(tmp_path) as story:
        story.offer({})
        story.fakes.outside.put_file(URL, BODY)
        story.upload(SDIST, sdist())
        yield story


def register(story: Story) -> Registered | int:
    """Register release 1.0."""
    return begin_registration(story.world, story.owner, CoreMetadata("2.1", "demo", "1.0"))


def nominate(story: Story, *urls: str, caller: Caller | None = None, version: str = "1.0") -> tuple[str, ...]:
    """Nominate as the owner, unless somebody else is named."""
    return nominate_urls(story.world, caller or story.owner, read_nomination("demo", version, urls))


def page(story: Story, form: Form = "html") -> str:
    """The project's page."""
    return story.fakes.store.committed.pages["demo", form].bodies["identity"].decode()


def sources(story: Story) -> list[Source]:
    """The project's sources beside its home page."""
    with story.world.store.read() as tx:
        return [source for source in tx.outside.sources(story.project.id) if source.kind == "urls"]


def test_a_link_with_its_sha256_is_listed_at_once(ext: Story) -> None:
    """In pypi-ext mode installers are given the link with its hash; the ledger and the other maintainers are told."""
    bob = grant(ext.world, ext.project, add_person(ext.world, "bob"))
    assert nominate(ext, f"{URL}#sha256={SHA256}") == (f"{WHEEL} is listed.",)
    assert f'<a href="{URL}#sha256={SHA256}">{WHEEL}</a>' in page(ext)
    assert sources(ext) == [Source(SourceKind.URLS, f"{URL}#sha256={SHA256}")]
    listed = entries(ext.fakes.store, Kind.LINKS_LISTED)[-1]
    assert (listed["actor"], listed["details"]["links"]) == ("ada", [URL])
    with ext.world.store.read() as tx:
        notice = tx.notices.of_user(bob.user.id, limit=1)[0]
    assert (notice.kind, notice.text) == ("urls-nominated", f"- {URL}")


def test_a_link_with_another_hash_is_listed_when_it_was_read(ext: Story) -> None:
    """Without a sha256 the link waits until a plan has read the file; then it is listed with size and sha256, in JSON too."""
    (told,) = nominate(ext, f"{URL}#md5={MD5}")
    assert (
        told
        == f"{WHEEL} is listed when its sha256 is known: have it read (“Look for files” on the project's page, or homeport plan demo)."
    )
    assert URL not in page(ext)
    ext.plan()
    assert f"{URL}#sha256={SHA256}" in page(ext)
    assert f'"url":"{URL}"' in page(ext, "json").replace('": "', '":"')


def test_a_plan_reads_what_was_nominated(ext: Story) -> None:
    """A file that turns out to have other bytes than its maintainer said is listed no longer."""
    nominate(ext, f"{URL}#sha256={'0' * 64}")
    assert URL in page(ext)
    view = ext.plan()
    assert [item.source for item in view.plan.items] == ["urls"]
    assert URL not in page(ext)


def test_again_and_otherwise(ext: Story) -> None:
    """The same again changes nothing; another sha256 for a file that was read is refused."""
    nominate(ext, f"{URL}#sha256={SHA256}")
    before = ext.fakes.store.committed.snapshot()
    assert nominate(ext, f"{URL}#sha256={SHA256}") == (f"{WHEEL} was nominated before.",)
    assert ext.fakes.store.committed == before
    with pytest.raises(Conflict, match="files never change") as refused:
        nominate(ext, f"{URL}#sha256={'0' * 64}")
    assert refused.value.code == "link-differs"
    assert ext.fakes.store.committed == before


def test_a_sha256_that_comes_later_lists_the_link(ext: Story) -> None:
    """A link that was recorded without a sha256 gets the one that its maintainer says."""
    ext.fakes.outside.put_file(f"{SITE}/{SDIST}", sdist())
    nominate(ext, f"{URL}#md5={MD5}", f"{SITE}/{SDIST}#md5={'0' * 32}")
    assert nominate(ext, f"{URL}#sha256={SHA256}") == (f"{WHEEL} is listed.",)
    assert URL in page(ext)
    assert SDIST not in page(ext)


def test_in_cache_mode_it_waits_for_a_registration(cache: Story) -> None:
    """In pypi-cache mode nothing is listed; registering the release brings the file home, by the owner's own hash."""
    (told,) = nominate(cache, f"{URL}#sha256={SHA256}")
    assert told.startswith(f"{WHEEL} is hosted when its release is registered")
    assert WHEEL not in page(cache)
    assert isinstance(register(cache), int)
    run_jobs(cache.fakes)
    assert cache.files()[WHEEL].digests.sha256.hex == SHA256


def claims(story: Story) -> dict[str, list[tuple[str, str, bool | None]]]:
    """What is claimed of each file of a new plan, by its URL: by whom, which sha256, and whether the bytes have it."""
    return {
        item.url: [(claim.sentence, claim.value, claim.holds) for claim in item.claims]
        for item in story.plan().plan.items
    }


@pytest.mark.parametrize("digest", [SHA256.upper(), "0" * 64], ids=["right", "wrong"])
def test_its_hash_is_a_claim_that_is_compared(cache: Story, digest: str) -> None:
    """A plan shows the sha256 of a nominated file as its source's claim: it corroborates the bytes, or rejects them."""
    add_source(cache.world, cache.owner, "demo", "urls", f"{URL}#sha256={digest}")
    (item,) = cache.plan().plan.items
    is_right = digest != "0" * 64
    assert item.evidence is not None
    assert (item.evidence.level, item.verdict) == (
        (Level.CORROBORATED, Verdict.ACCEPT) if is_right else (Level.TLS, Verdict.REJECT)
    )
    assert claims(cache) == {URL: [("The source's own URL claims", digest.lower(), is_right)]}


@pytest.mark.parametrize("is_right", [True, False])
def test_its_hash_is_about_its_name_elsewhere(cache: Story, *, is_right: bool) -> None:
    """Another place that offers a file of that name must have the same bytes, also while the nominated one is away."""
    other = f"{SITE}/mirror/{WHEEL}"
    cache.fakes.outside.put(f"{SITE}/", outside_page(f'<a href="{other}">'))
    cache.fakes.outside.put_file(other, BODY if is_right else wheel(content=b"other = 1\n"))
    cache.fakes.outside.put(URL, Answer(mood=Mood.SILENT))
    nominate(cache, f"{URL}#sha256={SHA256}")
    assert claims(cache) == {
        other: [(f"The source {URL} claims", SHA256, is_right)],
        URL: [("The source's own URL claims", SHA256, None)],
    }
    start_update_cache(cache.world, cache.owner, "demo")
    run_jobs(cache.fakes)
    assert (WHEEL in cache.files()) is is_right


def test_a_pypi_only_project_has_no_outside(tmp_path: Path) -> None:
    """Without an outside a nomination is refused with the reason, and nothing is remembered."""
    with begin_story(tmp_path, HostingMode.ONLY) as story:
        register(story)
        with pytest.raises(Conflict, match="is pypi-only") as refused:
            nominate(story, f"{URL}#sha256={SHA256}")
        assert refused.value.code == "external-refused"
        assert sources(story) == []


@pytest.mark.parametrize("status", [ProjectStatus.ARCHIVED, ProjectStatus.QUARANTINED])
def test_a_closed_project_takes_none(tmp_path: Path, status: ProjectStatus) -> None:
    """An archived or quarantined project gets no new links."""
    with begin_story(tmp_path) as story:
        root = Caller(add_person(story.world, "root", is_admin=True))
        caller = root if status is ProjectStatus.QUARANTINED else story.owner
        change_status(story.world, caller, "demo", status, "It is over.")
        with pytest.raises(Conflict) as refused:
            nominate(story, f"{URL}#sha256={SHA256}")
    assert refused.value.code == "project-takes-no-files"


def test_only_maintainers_nominate(ext: Story) -> None:
    """A stranger may not, nor a token that is not for managing, nor anybody for a project that is not there."""
    good = f"{URL}#sha256={SHA256}"
    eve, uploader = Caller(add_person(ext.world, "eve")), by_token(ext.world, ext.owner, Scope.UPLOAD)
    for caller, code in ((eve, "role-missing"), (uploader, "token-scope")):
        with pytest.raises(Forbidden) as refused:
            nominate(ext, good, caller=caller)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        nominate_urls(ext.world, ext.owner, read_nomination("nobody", "1.0", [good]))


def test_every_problem_at_once(ext: Story) -> None:
    """All that is wrong with a nomination is told at once, and none of it is remembered."""
    good = f"{URL}#sha256={SHA256}"
    with pytest.raises(Invalid) as refused:
        nominate(ext, good, URL, f"{SITE}/#md5={MD5}", version="2.0")
    assert refused.value.code == "nomination-invalid"
    assert len(refused.value.problems) == 4
    assert sources(ext) == []


@pytest.mark.parametrize(
    ("name", "version", "urls", "code"),
    [
        ("demo", "1.0", [], "nomination-empty"),
        ("demo", "1.0", [""], "nomination-empty"),
        ("demo", "1.0", [URL] * (MOST_URLS + 1), "nomination-too-large"),
        ("-", "1.0", [URL], "name-invalid"),
        ("demo", "", [URL], "version-invalid"),
    ],
)
def test_no_nomination(name: str, version: str, urls: list[str], code: str) -> None:
    """A form without a URL, or a release, nominates nothing."""
    with pytest.raises(Refusal) as refused:
        read_nomination(name, version, urls)
    assert refused.value.code == code


def test_the_kind_may_be_named_beforehand(ext: Story) -> None:
    """``homeport source add NAME urls URL`` nominates as well, of any version, with a hash."""
    assert add_source(ext.world, ext.owner, "demo", "urls", f"{URL}#sha256={SHA256}")
    assert not add_source(ext.world, ext.owner, "demo", "urls", f"{URL}#sha256={SHA256}")
    assert URL in page(ext)
    with pytest.raises(Invalid, match="must end with the hash"):
        add_source(ext.world, ext.owner, "demo", "urls", URL)


def test_a_page_is_remembered_once(ext: Story) -> None:
    """A page that is named again changes nothing; a kind that nobody knows is refused with those there are."""
    before = ext.fakes.store.committed.snapshot()
    assert not add_source(ext.world, ext.owner, "demo", "homepage", f"{SITE}/")
    with pytest.raises(Invalid, match=r"homepage, download, links, .*, urls"):
        add_source(ext.world, ext.owner, "demo", "ftp", f"{SITE}/")
    assert ext.fakes.store.committed == before
