"""A page of an S3-style bucket's listing (ListObjectsV2, and ListObjects of older servers).

1. The XML is read without entities, DTDs or anything outside of it; namespaces do not matter, servers differ.
2. An ``ETag`` is no hash of the file: for parts and encryption it is something else.
3. Keys are asked for with ``encoding-type=url``, and decoded when the answer says that it did so.
"""

from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from homeport.domain.offer import Facts, Offer, Offers
from homeport.formats.offers import fields


def read_bucket(page: bytes, asked_url: str, final_url: str) -> Offers:
    """Every key of the page as the URL of its object, and where the listing goes on."""
    try:
        root, base = fromstring(page, forbid_dtd=True), _folder(final_url)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        return Offers(problem="It is no listing of a bucket: its XML cannot be read.")
    if _name(root) != "ListBucketResult":
        told = _text(root, "Code") or _name(root)
        return Offers(problem=f"It is no listing of a bucket, but {told[:80]!r}.")
    is_encoded = _text(root, "EncodingType") == "url"
    offers = tuple(
        offer
        for entry in root
        if _name(entry) == "Contents" and (offer := _offer(entry, base, is_encoded=is_encoded))
    )
    return Offers(offers[: fields.MAX_OFFERS], next_page=_next_page(root, asked_url))


def _offer(entry: Element, base: str, *, is_encoded: bool) -> Offer | None:
    key = _text(entry, "Key")
    key = unquote_plus(key) if is_encoded else key
    url = fields.address(base, f"{base}{quote(key)}") if key.isprintable() else ""
    if not key or key.endswith("/") or not url:
        return None
    size = _text(entry, "Size")
    facts = Facts(
        size_bytes=fields.count(int(size)) if size.isascii() and size.isdigit() and len(size) < 20 else None,  # noqa: PLR2004 - more digits than any size has
        uploaded_at=fields.moment(_text(entry, "LastModified")),
    )
    return Offer(url, facts=facts)


def _next_page(root: Element, asked_url: str) -> str:
    if _text(root, "IsTruncated") != "true":
        return ""
    if token := _text(root, "NextContinuationToken"):
        return fields.with_query(asked_url, **{"continuation-token": token})
    keys = [_text(entry, "Key") for entry in root if _name(entry) == "Contents"]
    marker = _text(root, "NextMarker") or (keys[-1] if keys else "")
    return fields.with_query(asked_url, marker=marker) if marker else ""


def _folder(url: str) -> str:
    """The address that keys are appended to."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/", "", ""))


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Element, name: str) -> str:
    """The text of the first child of that name."""
    return next((child.text or "" for child in element if _name(child) == name), "")
