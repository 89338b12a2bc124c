"""What fuzzing begins with: good inputs of every kind, and the lies that archives, names and pages are known to tell."""

from tests.support.archives import (
    STORED,
    TarPart,
    ZipPart,
    gnu_long,
    make_gzip,
    make_sdist,
    make_tar,
    make_wheel,
    make_zip,
    metadata_bytes,
    pax_records,
    sdist_parts,
    wheel_parts,
)
from tests.support.forms import BOUNDARY, FilePart, multipart, upload_fields
from tests.support.xss import README_SEEDS

_LINES = (
    "Summary: A demonstration",
    "Author-email: Ada <ada@example.org>",
    "Requires-Dist: other[x]>=1; python_version < '3.13' and extra == 'loud'",
    "Requires-Python: >=3.8,!=3.9.*",
    "Provides-Extra: loud",
    "License-Expression: MIT OR (Apache-2.0 WITH LLVM-exception)",
    "License-File: LICENSE",
    "Classifier: Programming Language :: Python :: 3",
    "Project-URL: Homepage, https://example.org/",
    "Dynamic: Requires-Dist",
    "Import-Name: demo; private",
    "Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM",
)
METADATA = (
    "\n".join(["Metadata-Version: 2.5", "Name: demo", "Version: 1.0", *_LINES, "", "# Demo\n"]).encode(),
    metadata_bytes("demo", "1.0", metadata_version="1.1"),
    b"Metadata-Version: 1.0\nName: demo\nVersion: 1\nDescription: one\n        two\n       |three\nPlatform: UNKNOWN\n",
)

_STORED = [ZipPart(part.name, part.data, method=STORED) for part in wheel_parts(metadata=METADATA[0])]
WHEELS = (
    make_wheel(),
    make_zip(_STORED),
    make_zip([*_STORED, ZipPart("../evil.py", b"x", method=STORED)]),
    make_zip(_STORED, prefix=b"MZ", comment=b"comment", suffix=b"tail"),
)

_LONG = "demo-1.0/" + "a" * 120
TARS = (
    make_tar(sdist_parts()),
    make_tar([*sdist_parts(), TarPart("demo-1.0/link", kind=b"2", link="demo.py")]),
    make_tar(
        [*sdist_parts(), TarPart("demo-1.0/a", b"x", records=pax_records(("path", _LONG), ("size", "1")))]
    ),
    make_tar([*sdist_parts(), TarPart("demo-1.0/b", b"x", records=gnu_long(_LONG.encode() + b"\0"))]),
)
GZIPS = (make_sdist(), make_gzip(b"") + make_gzip(b"x"))

RECORDS = (
    b"demo/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\ndemo-1.0.dist-info/RECORD,,\n",
    b'"demo/a,""b"".py",sha384=AAAA,12\r\ndemo/c.py,md5=AAAA,1\n',
)

NAMES = tuple(
    name.encode()
    for name in (
        "demo-1.0-py3-none-any.whl",
        "demo-1.0-1build-cp311.cp312-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "demo-1.0.tar.gz",
        "Demo.Pkg-2004d-r1.zip",
        "demo-1!2.0rc1.post2.dev3+local.1.tar.bz2",
        "demo-1.0.win32-py2.7.exe",
        "demo-1.0-py2.7.egg",
        "dëmo\u202e-1.0.tgz",
    )
)

_FIELDS = upload_fields(NAMES[0].decode(), b"bytes", description="# Demo", classifiers="Topic :: Demo")
FORMS = (
    multipart(_FIELDS, [FilePart(NAMES[0].decode(), b"bytes")]),
    multipart(_FIELDS, [FilePart("x", b"bytes"), FilePart("y", b"sig", name="gpg_signature")], newline=b"\n"),
    b"preamble\r\n--" + BOUNDARY.encode() + b'\r\nContent-Disposition: form-data; name="a"\r\n\r\nb',
)

ACCEPTS = (
    b"application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.1, text/html;q=0.01",
    b"*/*;q=0.8, text/*;level=1;q=0, \tapplication/vnd.pypi.simple.latest+json",
    b"application/vnd.pypi.simple.v1+json\nformat=application/vnd.pypi.simple.v1%2Bhtml&format=x",
)

PAGES = (
    b'<a href="demo-1.0.tar.gz#sha256=aa">demo</a> <a rel="homepage download" href=//b.test/>home</a>',
    b'<base href="/x"><!-- <a href="demo-2.0.zip"> --> <a HREF = \'http://[::1]/?a&amp;b&#x41;\'>',
    b'<th>Home Page</th><td><a href="https://a.test/">\r\n<a data-href=x rel = "nofollow, download">',
)

_CALL = (
    "<?xml version='1.0'?><methodCall><methodName>{}</methodName><params><param><value>{}</value></param><param>"
    "<value>{}</value></param></params></methodCall>"
)
CALLS = (
    _CALL.format("changelog", "<int>1</int>", "<boolean>1</boolean>").encode(),
    _CALL.format("release_data", "demo", "<array><data><value/></data></array>").encode(),
)

URLS = (
    b"https://b\xc3\xbccher.example:8443/a/../b%2f?q=1#sha256=aa",
    b"http://[2001:db8::1]/\nhttp://127.1/\nhttp://user:password@a.test\\@b.test/",
)

CHECKSUMS = (
    b"%s  demo-1.0.tar.gz\n%s *demo-1.0-py3-none-any.whl\n" % (b"a" * 64, b"b" * 64),
    b"SHA512 (demo-1.0.tar.gz) = %s\n# a comment\n" % (b"c" * 128),
    b"%s\n" % (b"d" * 64),
)

ROBOTS = (
    b"User-agent: *\nDisallow: /a/*.zip$\nAllow: /a/demo\nCrawl-delay: 2.5\n\nUser-agent: Homeport\nDisallow: /b\n",
    b"\xef\xbb\xbfUSER-AGENT: homeport/1.0\r\nDISALLOW: /%7ejoe/\r\nCrawl-delay: 1e400\r\nSitemap: x\r\n",
)

RDAP = (
    b'{"version": "1.0", "services": [[["org", "net"], ["https://rdap.example.org/"]]]}',
    b'{"objectClassName": "domain", "events": [{"eventAction": "registration", "eventDate": "2001-02-03T04:05:06Z"}]}',
)

RANGES = (b"bytes=0-99", b"bytes=-1", b"bytes=100-", b"BYTES= 5-4\t", b"bytes=0-1,2-3")

LEDGER = (b'{"actor":"ada","at":"2026-03-04T05:06:07.000000Z","seq":1}', b"")

README = tuple(text.encode() for text in README_SEEDS)
