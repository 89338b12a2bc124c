"""Origin records: what they say, of whom, and that they are one spelling for ever."""

import json
from dataclasses import replace

import pytest
from tests.support.builders import HOLD, NOW, consent, item

from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.digests import Sha256
from homeport.domain.evidence import Evidence, Level
from homeport.domain.fetch_facts import FetchFacts
from homeport.domain.inspection import Verdict
from homeport.domain.neighbour import NeighbourKind
from homeport.domain.origin_record import (
    Journey,
    OriginRecord,
    journey_of_item,
    journey_of_upload,
    record_of,
)
from homeport.domain.signature import Outcome, Signature, Signer

BY = {"project": "demo", "filename": "demo-1.0.tar.gz", "version": "1.0"}
MAIL = "ada@example.org"
FETCHED = FetchFacts(
    "https://cdn.test/f", "2026-03-04T05:06:07Z", "2026-03-04T05:06:08Z", 200, etag='"x"', is_tls=True
)


def record(journey: Journey, origin: str = "rehost") -> OriginRecord:
    """The record of a file of the project demo."""
    return record_of(journey, **BY, sha256=Sha256.of(b"bytes"), size_bytes=5, origin=origin, by="ada", at=NOW)


def test_a_file_that_came_home() -> None:
    """The record of a rehost has page, chain, claims, signatures, evidence, inspection, rehost and consent."""
    told = item(
        hops=(("https://a.test/f", "192.0.2.1", 302), ("https://cdn.test/f", "192.0.2.2", 200)),
        fetched=FETCHED,
        claims=(Claim(ClaimKind.LINK, "sha256", "ab", "https://a.test/", is_tls=True, holds=True),),
        signatures=(
            Signature(
                NeighbourKind.SIGSTORE,
                "https://a.test/s",
                Outcome.GOOD,
                "Signed by x.",
                Signer("x", "i", "r", "w"),
            ),
            Signature(NeighbourKind.OPENPGP, "https://a.test/t", Outcome.UNVERIFIED, "Not verified."),
        ),
        findings=(HOLD,),
    )
    agreed = consent(told, text="I, ada@example.org, may.")
    made = record(journey_of_item("https://index.test", "homeport 1", told, agreed))
    said = json.loads(made.body)
    assert {name: said[name] for name in ("format", "index", "sha256", "size", "origin", "rehost")} == {
        "format": "homeport-origin-1",
        "index": "https://index.test",
        "sha256": Sha256.of(b"bytes").hex,
        "size": 5,
        "origin": "rehost",
        "rehost": 1,
    }
    assert said["page"] == {"url": told.found_on, "source": "download", "tls": True}
    assert said["fetch"] == {
        "asked_url": told.url,
        "source": "download",
        "hops": [{"url": url, "address": address, "status": status} for url, address, status in told.hops],
        **FETCHED.to_json(),
    }
    assert said["claims"] == [told.claims[0].to_json()]
    assert [one["signer"] for one in said["signatures"]] == [
        {"subject": "x", "issuer": "i", "repository": "r", "workflow": "w"},
        None,
    ]
    assert said["evidence"] == {"level": "tls", "sentence": "Fetched over verified TLS."}
    assert said["inspection"]["verdict"] == "hold"
    assert said["inspection"]["findings"] == [{"code": "held", "severity": "hold", "message": HOLD.message}]
    assert said["consent"] == {
        "id": 1,
        "by": "alice",
        "basis": "author",
        "statement": "2",
        "plan": agreed.plan_digest.hex,
        "at": "2026-03-04T05:06:07Z",
    }
    assert said["published"] == {"by": "ada", "at": "2026-03-04T05:06:07Z"}
    assert MAIL not in made.body.decode()


@pytest.mark.parametrize("mail", [MAIL, "ada/home@example.org"])
def test_people_are_not_told_of_by_mail_address(mail: str) -> None:
    """A signer who is a person is not named by a mail address, wherever it stands."""
    signed = Signature(
        NeighbourKind.SIGSTORE,
        "https://a.test/s",
        Outcome.GOOD,
        f"Signed by {mail} (https://i.test).",
        Signer(mail, "https://i.test"),
    )
    told = item(signatures=(signed,), evidence=Evidence(Level.ATTESTED, f"Signed by {mail}."))
    made = record(journey_of_item("", "", told, consent(told)))
    said = json.loads(made.body)
    assert mail not in made.body.decode()
    assert said["signatures"][0]["signer"]["subject"] == "a person"
    assert said["evidence"]["sentence"] == "Signed by a person."


def test_what_is_not_known_is_null() -> None:
    """A source that is the file has no page; what was not weighed or inspected has no evidence and is held."""
    bare = replace(item(), found_on="", evidence=None, verdict=None)
    said = json.loads(record(journey_of_item("", "", bare, consent(item()))).body)
    assert (said["page"], said["evidence"], said["inspection"]["verdict"]) == (None, None, "hold")


def test_an_upload() -> None:
    """The record of an upload says who sent it and what inspection found; the rest is null."""
    said = json.loads(
        record(journey_of_upload("https://index.test", "homeport 1", Verdict.ACCEPT, ()), "upload").body
    )
    assert (said["origin"], said["published"]["by"]) == ("upload", "ada")
    assert said["inspection"] == {"inspector": "homeport 1", "verdict": "accept", "findings": []}
    assert (said["page"], said["fetch"], said["consent"], said["claims"]) == (None, None, None, [])


def test_a_record_is_one_spelling() -> None:
    """The bytes are canonical JSON: their sha256 is the record's name."""
    made = record(Journey("https://index.test"))
    assert (
        made.body
        == json.dumps(
            json.loads(made.body), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
    )
    assert made.digest == Sha256.of(made.body)
