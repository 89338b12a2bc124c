"""What signatures outside say of a file: keys, bundles and identities that somebody named."""

from pathlib import Path

import pysequoia
import pytest
from tests.support.outside import page
from tests.support.story import SITE, WHEEL, Story, wheel
from tests.support.testimony import DIGEST, PLAIN_SITE, codes, level, offer, only_item
from tests.support.world import add_project, run_jobs

from homeport.domain.digests import Sha256
from homeport.domain.evidence import Level
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Verdict
from homeport.domain.rehost import Item
from homeport.domain.signature import Outcome, repository_identity
from homeport.flows.manage_project import add_source
from homeport.flows.origins import origin_story
from homeport.flows.rehost.start import start_plan
from homeport.flows.signing import add_identity, add_key

RECORDED = Path(__file__).parents[3] / "support" / "recorded" / "signatures"


@pytest.fixture(scope="module")
def key() -> pysequoia.Tsk:
    """The maintainer's key."""
    return pysequoia.Tsk.generate("Ada <ada@example.org>")


def signed(key: pysequoia.Tsk, data: bytes) -> bytes:
    """A detached signature."""
    return pysequoia.sign(key.signer(), data, mode=pysequoia.SignatureMode.DETACHED)


def test_a_registered_key_attests(story: Story, key: pysequoia.Tsk) -> None:
    """A signature by a key that was registered before attests, also what came over plain HTTP."""
    add_key(story.world, story.owner, "demo", str(key.extract_certificate()).encode())
    offer(story, {f"{WHEEL}.asc": signed(key, wheel())}, base=PLAIN_SITE)
    item = only_item(story)
    assert (level(item), item.obstacles) == (Level.ATTESTED, ())
    (signature,) = item.signatures
    assert (signature.proves, signature.document_sha256 != "") == (True, True)


def test_a_confirmed_sha256_takes_nothing_away(story: Story, key: pysequoia.Tsk) -> None:
    """What is attested stays so when the maintainer confirms its sha256 as well, and is told so in its record."""
    add_key(story.world, story.owner, "demo", str(key.extract_certificate()).encode())
    offer(story, {f"{WHEEL}.asc": signed(key, wheel())})
    view = story.plan()
    story.accept(view, declared={view.plan.items[0].id: Sha256.of(wheel())})
    run_jobs(story.fakes)
    told = origin_story(story.world, lambda: story.owner, "demo", WHEEL).told
    assert (told["evidence"]["level"], told["declared_sha256"]) == ("attested", DIGEST)


def test_an_unknown_key_is_recorded(story: Story, key: pysequoia.Tsk) -> None:
    """A signature by a key that nobody registered gives no level, and the reason is kept."""
    offer(story, {f"{WHEEL}.asc": signed(key, wheel())})
    item = only_item(story)
    assert (level(item), item.verdict) == (Level.TLS, Verdict.ACCEPT)
    assert [(one.outcome, one.is_named) for one in item.signatures] == [(Outcome.UNVERIFIED, False)]


def test_a_bad_signature_rejects(story: Story, key: pysequoia.Tsk) -> None:
    """A signature by a registered key over other bytes rejects the file."""
    add_key(story.world, story.owner, "demo", str(key.extract_certificate()).encode())
    offer(story, {f"{WHEEL}.asc": signed(key, b"other")})
    item = only_item(story)
    assert (item.verdict, codes(item)) == (Verdict.REJECT, ["signature-bad"])


def test_a_bundle_of_another_file_says_nothing(story: Story) -> None:
    """A bundle that speaks of another file says nothing about this one."""
    document = (RECORDED / "pypi_attestations-0.0.19.tar.gz.provenance").read_bytes()
    offer(story, {f"{WHEEL}.provenance": document})
    item = only_item(story)
    assert (item.verdict, item.signatures[0].outcome) == (Verdict.ACCEPT, Outcome.UNVERIFIED)


def test_a_signature_that_is_not_there(story: Story) -> None:
    """A signature that cannot be fetched is recorded with the reason."""
    offer(story, {f"{WHEEL}.sigstore": b""})
    story.fakes.outside.put(f"{SITE}/{WHEEL}.sigstore", page("gone", status=404))
    item = only_item(story)
    (signature,) = item.signatures
    assert signature.outcome is Outcome.UNVERIFIED
    assert "could not be fetched" in signature.sentence


def test_an_identity_that_was_named_attests(story: Story) -> None:
    """The real attestation of a real release attests its bytes once its repository was named; before, it is only told."""
    name, site = "gitlab_oidc_project-0.0.3.tar.gz", "https://real.test"
    add_project(story.world, story.owner.user, "gitlab-oidc-project", HostingMode.CACHE)
    add_source(story.world, story.owner, "gitlab-oidc-project", "homepage", f"{site}/")
    for beside in (name, f"{name}.publish.attestation"):
        story.fakes.outside.put_file(f"{site}/{beside}", (RECORDED / beside).read_bytes())
    story.fakes.outside.put_page(f"{site}/", f"<a href={name}><a href={name}.publish.attestation>")

    def planned() -> Item:
        rehost = start_plan(story.world, story.owner, "gitlab-oidc-project", None)
        run_jobs(story.fakes)
        (item,) = story.view(rehost.id).plan.items
        return item

    before = planned()
    assert level(before) is Level.TLS
    assert [(one.outcome, one.is_named) for one in before.signatures] == [(Outcome.GOOD, False)]
    identity = repository_identity("facutuesca/gitlab-oidc-project", forge="gitlab")
    assert add_identity(story.world, story.owner, "gitlab-oidc-project", identity)
    item = planned()
    assert level(item) is Level.ATTESTED
    assert item.evidence is not None
    assert "https://gitlab.com/facutuesca/gitlab-oidc-project" in item.evidence.sentence
