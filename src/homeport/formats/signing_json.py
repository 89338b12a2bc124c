"""Who may sign a project's files, as scripts are told it."""

from typing import Any

from homeport.domain.signature import SigningIdentity, SigningKey


def key_json(key: SigningKey) -> dict[str, Any]:
    """A registered key."""
    return {
        "fingerprint": key.fingerprint,
        "user_ids": list(key.user_ids),
        "added_by": key.by,
        "added_at": key.at.isoformat(),
        "armoured": key.armoured,
    }


def identity_json(identity: SigningIdentity) -> dict[str, Any]:
    """A named identity."""
    return {
        "issuer": identity.issuer,
        "repository": identity.repository or None,
        "workflow": identity.workflow or None,
        "subject": identity.subject or None,
        "added_by": identity.by,
        "added_at": identity.at.isoformat() if identity.at else None,
    }
