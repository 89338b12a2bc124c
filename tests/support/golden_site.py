"""The sites that easy_install's crawl is compared on: pages as data, to be put into an ``Outside``.

``{base}`` in a body or a redirect stands for the address that the site is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tests.support.outside import Answer, Outside, redirect

from homeport.domain.contents import Contents
from homeport.domain.digests import Sha256
from homeport.domain.inspection import Expectation, Inspection
from homeport.domain.metadata import Description
from homeport.domain.neighbour import NeighbourKind
from homeport.domain.offer import Offers, PageKind
from homeport.domain.signature import KeyFacts, Verified
from homeport.formats.offers.reader import read_offers


def _html(text: str | bytes, status: int = 200, content_type: str = "text/html") -> Answer:
    return Answer(status, text.encode() if isinstance(text, str) else text, content_type)


# Standards D.5, "Golden fixture". Every page is text/html.
GOLDEN: dict[str, Answer] = {
    "/ei/foo/": _html(
        """<html><body>
<a rel="internal" href="/files/foo-1.0.tar.gz#md5=0123456789abcdef0123456789abcdef">foo-1.0.tar.gz</a>
<a href="../../home/" rel="homepage">1.0 home_page</a>
<a href="{base}/dl/page.html" rel='download'>1.0 download_url</a>
<a href="{base}/exthome/" rel="ext-homepage">x</a>
<a rel="nofollow" href="{base}/nofollow/foo-1.6.zip">desc link</a>
</body></html>"""
    ),
    "/home/": _html(
        """<a href=foo-1.1.tar.gz>  <a href='sub/foo_1-1.2.zip'>  <A HREF="foo-1.3.tgz#md5=deadbeef">
<link href="foo-1.4.tar.bz2">  <a href="other-9.tar.gz">  <a href="trunk/#egg=foo-dev">
<a href="foo.py#egg=foo-1.7">  <a href="nested.html" rel="download">
<!-- <a href="foo-1.8.zip">commented</a> -->  <a href="foo-1.9.tar.xz">
<a href="foo-2.0.win32-py2.7.exe">  <a href="foo-2.1-py2.7.egg">
<a href="foo-2.2.macosx-10.6-intel.zip">  <a href="foo-2.3-py2.7.tar.gz">
<a href="foo-2.4.tar.gz/download">  <a href="?file=foo-2.5.tar.gz">  <a href="foo-bar-2.6.tar.gz">"""
    ),
    "/dl/page.html": _html(
        '<base href="{base}/basehref/"><a href="foo-3.0.tar.gz"><a href="{base}/cross/Foo-3.1.zip?download">'
    ),
    "/nested.html": _html("<a href='foo-4.0.zip'>"),
    "/exthome/": _html("<a href='foo-5.0.zip'>"),
}

# Standards D.5, the result table: version and URL of every distribution of `foo`, before platforms count.
GOLDEN_FOUND = {
    ("1.0", "/files/foo-1.0.tar.gz#md5=0123456789abcdef0123456789abcdef"),
    ("1.1", "/home/foo-1.1.tar.gz"),
    ("1.3", "/home/foo-1.3.tgz#md5=deadbeef"),
    ("1.4", "/home/foo-1.4.tar.bz2"),
    ("1.6", "/nofollow/foo-1.6.zip"),
    ("1.7", "/home/foo.py#egg=foo-1.7"),
    ("1.8", "/home/foo-1.8.zip"),
    ("dev", "/home/trunk/#egg=foo-dev"),
    ("2.0", "/home/foo-2.0.win32-py2.7.exe"),
    ("2.1", "/home/foo-2.1-py2.7.egg"),
    ("2.2.macosx-10.6-intel", "/home/foo-2.2.macosx-10.6-intel.zip"),
    ("3.0", "/dl/foo-3.0.tar.gz"),
    ("3.1", "/cross/Foo-3.1.zip?download"),
    ("bar-2.6", "/home/foo-bar-2.6.tar.gz"),
}
GOLDEN_PAGES = ["/ei/foo/", "/home/", "/dl/page.html"]


def _files(number: int) -> str:
    return (
        f'<a href="foo-{number}.0.zip"> <a href={number}/foo-{number}.1.tar.gz>'
        f" <a href='/top/foo-{number}.2.tgz'>"
    )


_NAMES = """
foo.zip
foo-.zip
foo--1.zip
foo-1-.zip
FOO-60.0.ZIP
foo-60.1.zip.zip
foo-60.2.tar.gz.zip
foo-60.3.tar.xz
foo-60.4.tbz
foo-60.5.egg
foo-60.6.egg.zip
foo_bar-60.7-py3.8.egg
foo.egg
foo-60.8-py3.egg
foo-60.9-py2.7-linux-x86_64.egg
foo-bar-61.0.egg
foo-61.1.EGG
foo-61.2.win32.exe
foo-61.3.WIN32.exe
foo-61.4.win-amd64.exe
foo-61.5.win-amd64-py3.4.exe
foo-61.6.win32-py3.11.exe
foo-61.7.exe
foo-61.8-py2.7.win32.exe
foo-61.9-py2.7.win32-py2.7.exe
foo-62.0-1-py3-none-any.whl
foo-62.1-py2.py3-none-any.whl
foo_bar-62.2-py3-none-any.whl
foo-bar-62.3-cp39-cp39-linux_x86_64.whl
foo-62.4.linux-x86_64.tar.gz
foo-62.5.win32.zip
foo-62.6-py3.9.zip
foo-py3.9-62.7.zip
foo-62.8-py3.10.zip
foo-62.9-py33.zip
foo-63.0+local.zip
foo-1!63.1.zip
foo-63.2-r123.tar.gz
foo-63.3dev-20130101.tar.gz
foo-2004d.zip
foo-63.4.final.zip
foo.bar-63.5.zip
foo__bar-63.6.zip
foo-v63.7.zip
foo-latest.zip
x.py#egg=foo-63.8
x#egg=foo_bar-63.9&sha1=00
x#egg=foo-bar-64.0
x#sha1=00&egg=foo-64.1
x#egg=foo
x#egg=
x#egg=foo-64.2-py3.4
#egg=foo-64.3
foo-64.4.zip#egg=foo-64.5
foo-64.6.zip#md5=0A
foo-64.7.zip#sha256=ab&md5=cd
.zip-1.zip
foo 64.8.zip
"""

# Everything easy_install's expressions and its fetching do that a parser of HTML would not.
TRICKY: dict[str, Answer] = {
    "/ei/foo/": _html(
        """
<A REL=Download HREF={base}/p/1/>upper case, unquoted</A>
<a rel='homepage,nofollow' href='/p/2/'>  <a rel="nofollow, HomePage " href="/p/3/">
<a  rel
 =
 "download" class=x
 href = "/p/4/?a=1&amp;b=2">  <a rel="home&#112;age" href="/p/5/">  <!-- <a rel="download" href="/p/6/"> -->
<a rel="download homepage" href="/p/7/">  <a data-rel="download" href="/p/8/">
<a title="x rel=download" href="/p/9/">  <a rel="download" rel="nofollow" href="/p/10/">
<a rel="nofollow" rel="download" href="/p/11/">  <a rel=download href="/p/12/" data-href='/p/13/'>
< rel=download href=p/14/>  <b <i rel=download href="/p/15/"></b>  <a rel="" rel= "" rel=download href=/p/16/>
<a href="/p/17/" rel=download/>  <a rel="download
" href="/p/18/">  <a rel=download href=/p/19/foo-19.9.zip>  <a rel=download href="/p/20/page.html#frag">
<a rel=download href="/p/error-404/">  <a rel=download href="/p/error-500/">  <a rel=download href="/p/gone/">
<a rel=download href="/p/plain/">  <a rel=download href="/p/xhtml/">  <a rel=download href="/p/no-type/">
<a rel=download href="/p/redirect/">  <a rel=download href="/p/loop/">  <a rel=download href="/p/redirect-to-1/">
<a rel=download href="/p/latin-1/">  <a rel=download href="/p/utf-8/">  <a rel=download href="/p/broken-utf-8/">
<a rel=download href="/p/euc-jp/">  <a rel=download href="/p/error-utf-8/">  <a rel=download href="/p/odd/">
<a rel=download href="/p/names/">  <a rel=download href="mailto:foo@example.org">
<th>home page</th><td><a href="/p/21/"></td>
<th>Home Page</th><td class=href><a href="/p/22/"></td>  <th>Home Page</th><td><a href="/p/23/"></td>
<th>Download URL:</th><td>none</td> <b href=/p/24/>
<a rel=download href="/p/unfinished/" <a rel=homepage href="/p/unfinished-too/"
"""
    ),
    **{f"/p/{number}/": _html(_files(number)) for number in range(1, 25) if number != 20},
    "/ei/foo/p/14/": _html(_files(14)),
    "/p/4/?a=1&b=2": _html(_files(40)),
    "/p/20/page.html": _html(_files(20)),
    "/p/error-404/": _html(_files(404) + '<a rel=download href="/p/7/">', 404),
    "/p/error-500/": _html(_files(500), 500, "text/html; charset=utf-8"),
    "/p/plain/": _html(_files(31), content_type="text/plain"),
    "/p/xhtml/": _html(_files(32), content_type="application/XHTML+xml"),
    "/p/no-type/": _html(_files(33), content_type=""),
    "/p/redirect/": redirect("/elsewhere/deep/page.html"),
    "/elsewhere/deep/page.html": _html(_files(34) + '<a href="../up/foo-34.3.zip">'),
    "/p/loop/": _html(
        '<a href="/p/loop/"> <a href="./"> <a href="?again"> <a href="#top"> <a href="foo-35.0.zip">'
    ),
    "/p/redirect-to-1/": redirect("{base}/p/1/", status=301),
    "/p/latin-1/": _html("<a href='foo-36.0é.zip'> <a href='é/foo-36.1.zip'>".encode("latin-1")),
    "/p/utf-8/": _html("<a href='foo-37.0é.zip'>", content_type='text/html; Charset="UTF-8"'),
    "/p/broken-utf-8/": _html(b"<a href='foo-38.\xff0.zip'>", content_type="text/html;charset=utf-8"),
    "/p/euc-jp/": _html(
        "<a href='日本/foo-39.0.zip'>".encode("euc-jp"), content_type="text/html; charset=EUC-JP"
    ),
    "/p/error-utf-8/": _html("<a href='é/foo-41.0.zip'>", 403, "text/html; charset=utf-8"),
    "/p/odd/": _html(
        """
<a href="foo-50.0.zip?a=1&amp;b=2"> <a href="foo-50&#46;1.zip"> <a href="foo-50&#x2e;2.zip"> <a href="foo-50&#X2e;3.zip">
<a href="foo-50.4.zip&quot"> <a href="&num;foo-50.5.zip"> <a href="foo&lowbar;x-50.6.zip"> <a href="foo-50.7.zip&unknown;">
<a href="%66oo-50.8.zip"> <a href="foo-50.9%2Ezip"> <a href="a%2Ffoo-51.0.zip"> <a href="foo-51.1.zip%23egg=foo-51.2">
<a href="foo-51.3
.zip"> <a href="	foo-51.4.zip"> <a href=" foo-51.5.zip"> <a href=
"foo-51.6.zip"> <a href='foo-51.7.zip?x='y'> <a href="foo-51.8.zip;v=1"> <a href="foo-51.9.zip;v=1/foo-52.0.zip">
<a href="//example.org/foo-52.1.zip"> <a href="///foo-52.2.zip"> <a href="http:foo-52.3.zip"> <a href="HTTP://EXAMPLE.org/foo-52.4.zip">
<a href="../../../../../foo-52.5.zip"> <a href="./foo-52.6.zip"> <a href="..;/foo-52.7.zip"> <a href="?foo-52.8.zip">
<a href="ftp://example.org/foo-52.9.zip"> <a href="git+https://example.org/foo.git#egg=foo-53.0">
<a href="svn://example.org/trunk#egg=foo-dev"> <a href="http://user:pass@example.org/foo-53.1.zip">
<a href="http://sourceforge.net/projects/foo/foo-53.2.zip/download"> <a href="http://SourceForge.net/foo-53.3.zip/download">
<a href="http://sourceforge.net:80/foo-53.4.zip/download"> <a href="http://sourceforge.net/download#egg=foo-53.5">
<a xhref="foo-53.6.zip"> <a data-href = foo-53.7.zip> <param value="href=foo-53.8.zip"> href=foo-53.9.zip
<script>location.href='foo-54.0.zip'; a.href = "foo-54.1.zip"</script> <a HrEf="foo-54.2.zip"> <a href="foo-54.3.zip>
<a href=foo-54.4.zip/> <a href="foo-54.5.zip" href="foo-54.6.zip"> <a href=""> <a href> <a href="foo-54.7.zip
"""
    ),
    "/p/names/": _html("\n".join(f'<a href="{name}">' for name in _NAMES.strip().split("\n"))),
    # The index page itself moved: file links follow it, rel links do not.
    "/ei/moved/": redirect("/new/place/moved/"),
    "/new/place/moved/": _html('<a href="../files/moved-1.0.zip"> <a rel=homepage href="home/">'),
    "/ei/moved/home/": _html('<a href="moved-2.0.zip">'),
    "/new/place/moved/home/": _html('<a href="moved-3.0.zip">'),
    # An index page that is an error: its rel links count unless it is a 404.
    "/ei/lost/": _html('<a href="lost-1.0.zip"> <a rel=homepage href="/p/lost/">', 404),
    "/ei/broken/": _html('<a href="broken-1.0.zip"> <a rel=homepage href="/p/broken/">', 503),
    "/p/lost/": _html('<a href="lost-2.0.zip">'),
    "/p/broken/": _html('<a href="broken-2.0.zip">'),
}
TRICKY_PROJECTS = ("foo", "moved", "lost", "broken")


def put_site(outside: Outside, pages: Mapping[str, Answer], base: str) -> None:
    """Let ``pages`` answer at ``base`` (scheme, host and port, without a final slash)."""
    for path, answer in pages.items():
        headers = tuple((name, value.replace("{base}", base)) for name, value in answer.headers)
        body = answer.body.replace(b"{base}", base.encode())
        outside.put(base + path, replace(answer, body=body, headers=headers))


class InProcess:
    """An Isolation that isolates nothing: for pages that a test wrote itself."""

    def inspect(self, file: Path, expectation: Expectation) -> Inspection:
        """Nothing is inspected by a crawl."""
        raise AssertionError(f"{file} was to be inspected as {expectation.filename}")

    def list_contents(self, file: Path, filename: str) -> Contents:
        """Nothing is listed by a crawl."""
        raise AssertionError(f"{file} was to be listed as {filename}")

    def read_offers(
        self, kind: PageKind, page: bytes, asked_url: str, final_url: str, content_type: str
    ) -> Offers:
        """What the page offers, read right here."""
        return read_offers(kind, page, asked_url, final_url, content_type)

    def verify_signature(
        self,
        document: bytes,
        kind: NeighbourKind,
        file: Path,
        filename: str,
        sha256: Sha256,
        keys: Sequence[str],
    ) -> tuple[Verified, ...]:
        """Nothing is verified by a crawl."""
        raise AssertionError(f"{filename} was to be verified")

    def read_key(self, document: bytes) -> KeyFacts:
        """No key is registered by a crawl."""
        raise AssertionError("a key was to be read")

    def render_description(self, text: str, content_type: str) -> Description:
        """Nothing is rendered by a crawl."""
        raise AssertionError(f"{content_type} was to be rendered: {text[:80]}")
