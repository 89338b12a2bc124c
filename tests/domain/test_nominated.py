"""A release file that is nominated by its URL and hash (PEP 438)."""

import pytest

from homeport.domain.errors import Invalid
from homeport.domain.links import nominated
from homeport.domain.names import ProjectName, ReleaseVersion

DEMO, ONE = ProjectName.parse("De.Mo"), ReleaseVersion.parse("1.0")
SHA256 = "0123456789abcdef" * 4
MD5 = SHA256[:32]


@pytest.mark.parametrize(
    ("url", "claimed"),
    [
        (f"https://x.example/de_mo-1.0-py3-none-any.whl#sha256={SHA256}", (("sha256", SHA256),)),
        (f"http://X.example/De.Mo-1.0.tar.gz#md5={MD5}", (("md5", MD5),)),
        (f"https://x.example/de-mo-1.0.zip#SHA256={SHA256.upper()}", (("sha256", SHA256),)),
        (
            f"https://x.example/de-mo-1.0.tgz?raw#sha256={SHA256}&md5={MD5}",
            (("sha256", SHA256), ("md5", MD5)),
        ),
    ],
)
def test_files_with_a_hash(url: str, claimed: tuple[tuple[str, str], ...]) -> None:
    """A file of the project is taken by the hashes that its fragment claims, in lower case; its URL has none then."""
    for version in (ONE, None):
        taken = nominated(url, DEMO, version)
        assert taken.candidate.claimed == claimed
        assert taken.candidate.url == url.partition("#")[0].replace("X.", "x.")
        assert (taken.parsed.project, taken.parsed.version.text) == ("de-mo", "1.0")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://x.example/de-mo-1.0.zip", "nominated-no-hash"),
        ("https://x.example/de-mo-1.0.zip#egg=de-mo-1.0", "nominated-no-hash"),
        (f"https://x.example/de-mo-1.0.zip#sha256={SHA256[1:]}", "nominated-no-hash"),
        (f"https://x.example/de-mo-1.0.zip#sha256={SHA256}&md5=0", "nominated-no-hash"),
        (f"https://x.example/de-mo-1.0.zip#crc32={MD5}", "nominated-no-hash"),
        (f"https://x.example/#sha256={SHA256}", "nominated-no-file"),
        (f"https://x.example/readme.txt#sha256={SHA256}", "nominated-no-file"),
        (f"https://x.example/other-1.0.zip#sha256={SHA256}", "other-project"),
        (f"https://x.example/de-mo-2.0.zip#sha256={SHA256}", "other-version"),
        (f"https://x.example/De.Mo-1.0-py2.7.egg#sha256={SHA256}", "egg"),
        (f"ftp://x.example/de-mo-1.0.zip#sha256={SHA256}", "url-scheme"),
        (f"https://ada:pw@x.example/de-mo-1.0.zip#sha256={SHA256}", "url-userinfo"),
    ],
)
def test_what_is_not_taken(url: str, code: str) -> None:
    """A URL without a whole hash, of no file, of another release, or of no grammar of ours is refused."""
    with pytest.raises(Invalid) as caught:
        nominated(url, DEMO, ONE)
    assert caught.value.code == code
