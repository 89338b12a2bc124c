"""Validators and cache rules of the hot paths.

1. A page is always revalidated (``no-cache``): pip 26.2 and newer believe ``max-age``, and would miss an upload.
2. A file never changes under its URL, so it is kept for a year and never asked for again.
3. ETags are strong and name one representation: other type or coding, other tag (RFC 9110 §8.8.3).
"""

PAGE_CACHE_CONTROL = b"no-cache"
FILE_CACHE_CONTROL = b"public, max-age=31536000, immutable"
PAGE_VARY = b"Accept, Accept-Encoding"


def is_known_to_client(if_none_match: bytes, etag: bytes) -> bool:
    """True when ``If-None-Match`` names ``etag``; weakly, as RFC 9110 §13.1.2 has it."""
    if if_none_match == etag:
        return True
    # Our tags hold no comma, so a tag that does is torn into pieces that cannot equal one of ours.
    tags = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return etag in tags or tags == [b"*"]


def may_resume(if_range: bytes, etag: bytes, last_modified: bytes) -> bool:
    """True when a range may be answered: no ``If-Range``, or one that names exactly these bytes."""
    return not if_range or if_range.strip() in {etag, last_modified}
