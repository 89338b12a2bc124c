"""What is said to browsers, and read from them, when a security key or passkey is made or asked (WebAuthn level 2).

1. A key is made for this index's host name and answers pages of this index only: the browser keeps strangers out,
   and what it says of the page's origin is checked again here.
2. Every answer signs a challenge that was asked once, of one session.
3. Who made the key is not asked (attestation ``none``). A key that counts its signatures must count upwards: a copy
   is told by its smaller number.
4. What a browser sends is hostile until a signature says otherwise: it is bounded, and whatever is wrong with it is
   one refusal.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from homeport.domain.errors import Invalid
from homeport.domain.second_factor import SecondFactor

CHALLENGE_BYTES = 32
_LONGEST_ANSWER = 32 * 1024
_PATIENCE_MS = 120_000
_DEFAULT_PORTS = {"http": 80, "https": 443}


class RelyingParty(NamedTuple):
    """For whom a key is made: a host name, and the origin of its pages."""

    id: str
    origin: str


class NewKey(NamedTuple):
    """What is kept of a key that was just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def relying_party(base_url: str) -> RelyingParty | None:
    """This index as keys know it; ``None`` where browsers know no keys: without TLS, or at an address."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    is_name = host == "localhost" or ("." in host and not host.rpartition(".")[2].isdecimal())
    if not is_name or (parts.scheme != "https" and host != "localhost"):
        return None
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return RelyingParty(host, f"{parts.scheme}://{host}{port}")


def creation_options(
    party: RelyingParty, user_id: int, user_name: str, challenge: bytes, known: Sequence[SecondFactor]
) -> str:
    """What ``navigator.credentials.create`` is called with, as JSON; ``known`` keys are not made again."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name="Homeport",
        user_name=user_name,
        user_id=b"homeport user %d" % user_id,
        challenge=challenge,
        timeout=_PATIENCE_MS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.DISCOURAGED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=id_) for id_ in _ids(known)],
    )
    return webauthn.options_to_json(options)


def request_options(party: RelyingParty, challenge: bytes, known: Sequence[SecondFactor]) -> str:
    """What ``navigator.credentials.get`` is called with, as JSON; one of the ``known`` keys shall answer."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=_PATIENCE_MS,
        allow_credentials=[structs.PublicKeyCredentialDescriptor(id=id_) for id_ in _ids(known)],
    )
    return webauthn.options_to_json(options)


def read_new_key(party: RelyingParty, challenge: bytes, answer: str) -> NewKey:
    """The key that ``answer`` says was made, or ``Invalid``."""
    import webauthn

    credential = _read_object(answer)
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
    except Exception as error:
        # The library's parsers raise what they like (rule 4).
        raise _refused(error) from error
    return NewKey(made.credential_id, made.credential_public_key, made.sign_count)


def read_signature(
    party: RelyingParty, challenge: bytes, known: Sequence[SecondFactor], answer: str
) -> tuple[SecondFactor, int]:
    """Which of the ``known`` keys signed ``challenge``, and its new count; else ``Invalid``."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes

    credential = _read_object(answer)
    try:
        credential_id = base64url_to_bytes(str(credential["rawId"]))
        key = next(factor for factor in known if factor.credential_id == credential_id)
        signed = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=key.secret,
            credential_current_sign_count=key.counter,
        )
    except Exception as error:
        # The library's parsers raise what they like (rule 4).
        raise _refused(error) from error
    return key, signed.new_sign_count


def _read_object(answer: str) -> dict[str, object]:
    try:
        read = json.loads(answer) if len(answer) <= _LONGEST_ANSWER else None
    except (ValueError, RecursionError) as error:
        raise _refused(error) from error
    if not isinstance(read, dict):
        raise _refused(None)
    return read


def _refused(error: Exception | None) -> Invalid:
    # The library's own sentences tell what a key, or an attacker, did wrong; no secret is in them.
    why = f" ({' '.join(str(error).split())[:120]})" if error and str(error) else ""
    return Invalid(f"The key's answer does not count{why}. Try again.", code="key-refused")


def _ids(known: Sequence[SecondFactor]) -> list[bytes]:
    return [factor.credential_id for factor in known if factor.credential_id is not None]
