"""A page of the simple API in JSON (PEP 691, 700, 740): a project's files, or the list of an index's projects.

1. ``hashes``, ``requires-python``, ``size``, ``upload-time`` and ``yanked`` are what the index says of a file; what is of
   another type than the specification has it is as if it were not there.
2. A ``provenance`` is a neighbour of its file (PEP 740), and so is the metadata no: it comes out of the file itself.
3. The list of projects says which pages there are, by their names in PEP 503 form.
"""

from homeport.domain.offer import Facts, Offer, Offers
from homeport.formats.offers import fields
from homeport.formats.offers.fields import Json

_ONLY_VERSION = "1"


def read_simple_json(page: bytes, final_url: str) -> Offers:
    """The files of a project's page; of a list of projects, the addresses of their pages."""
    value = fields.parse_json(page)
    if not isinstance(value, dict) or not (isinstance(value.get("files"), list) or "projects" in value):
        return Offers(problem="It is no page of the simple API: it has neither files nor projects.")
    version = fields.text(fields.inner(value, "meta").get("api-version"))
    if version.partition(".")[0] != _ONLY_VERSION:
        return Offers(problem=f"It is written in version {version or '?'} of the simple API; 1 is read.")
    if "projects" in value:
        return _projects(value, final_url)
    files = fields.objects(value.get("files"))
    offers = tuple(offer for file in files[: fields.MAX_OFFERS] if (offer := _offer(file, final_url)))
    provenances = (fields.address(final_url, file.get("provenance")) for file in files[: fields.MAX_OFFERS])
    return Offers(
        offers,
        neighbours=tuple(url for url in provenances if url),
        problem=f"It has more than {fields.MAX_OFFERS:,} files: the first were read."
        if len(files) > fields.MAX_OFFERS
        else "",
    )


def _offer(file: Json, base: str) -> Offer | None:
    url = fields.address(base, file.get("url"))
    if not url:
        return None
    yanked = file.get("yanked", False)
    facts = Facts(
        size_bytes=fields.count(file.get("size")),
        uploaded_at=fields.moment(file.get("upload-time")),
        requires_python=fields.text(file.get("requires-python")),
        # PEP 691: true, or the reason; false and an absent key are no yank.
        yanked=(fields.text(yanked) if isinstance(yanked, str) else "") if yanked else None,
    )
    return Offer(url, fields.digests(file.get("hashes")), fields.filename(file.get("filename")), facts)


def _projects(value: Json, base: str) -> Offers:
    names = (fields.text(project.get("name")) for project in fields.objects(value["projects"]))
    pages = [url for name in names if name and (url := fields.address(base, f"{name}/"))]
    return Offers(
        follow=tuple(pages[: fields.MAX_OFFERS]),
        problem=f"It lists more than {fields.MAX_OFFERS:,} projects: the first were read."
        if len(pages) > fields.MAX_OFFERS
        else "",
    )
