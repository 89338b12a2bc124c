"""A security key in software: makes keys and signs challenges as a browser sends it (WebAuthn level 2)."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _MADE = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    """Base64url without padding, as everything in WebAuthn's JSON."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of such a text."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SecurityKey:
    """One key; ``count`` is what it says of its signatures, ``origin`` what the browser says of the page."""

    origin: str = "https://index.test"
    rp_id: str = ""
    count: int = 0
    flags: int = _PRESENT | _VERIFIED
    credential_id: bytes = b"credential of a test"
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: str, *, attestation: str = "none") -> str:
        """What the browser sends after ``navigator.credentials.create``."""
        asked = json.loads(options)
        self.rp_id = self.rp_id or asked["rp"]["id"]
        length = len(self.credential_id).to_bytes(2, "big")
        data = self._head(_MADE) + bytes(16) + length + self.credential_id + cbor2.dumps(self._public())
        made = cbor2.dumps({"fmt": attestation, "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", asked["challenge"])
        return self._answer({"clientDataJSON": b64(said), "attestationObject": b64(made)})

    def sign(self, options: str) -> str:
        """What the browser sends after ``navigator.credentials.get``."""
        asked = json.loads(options)
        self.count += 1 if self.count else 0
        data, said = self._head(), self._said("webauthn.get", asked["challenge"])
        signature = self.private.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {"clientDataJSON": b64(said), "authenticatorData": b64(data), "signature": b64(signature)}
        )

    def _head(self, more_flags: int = 0) -> bytes:
        rp_hash = hashlib.sha256(self.rp_id.encode()).digest()
        return rp_hash + bytes([self.flags | more_flags]) + self.count.to_bytes(4, "big")

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        id_ = b64(self.credential_id)
        return json.dumps({"id": id_, "rawId": id_, "type": "public-key", "response": response})

    def _public(self) -> dict[int, Any]:
        point = self.private.public_key().public_numbers()
        # COSE (RFC 9053 §7.1): kty EC2, alg ES256, curve P-256, x, y.
        return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
