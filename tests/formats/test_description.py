"""Long descriptions: what is rendered, what is shown as it is, what is told, and what never comes out (T-21, V26)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.readme_judge import objections
from tests.support.xss import VECTORS

from homeport.domain.metadata import Description
from homeport.formats import description
from homeport.formats.description import render_description

MARKDOWN, COMMONMARK, RST = "text/markdown", "text/markdown; charset=UTF-8; variant=CommonMark", "text/x-rst"
# The renderer of reStructuredText takes its time, and knows no HTML: what is written in it, and a few of the others.
RST_VECTORS = [*(vector for vector in VECTORS if ".. " in vector or "`_" in vector), *VECTORS[::40]]
REL = ' rel="nofollow ugc noopener noreferrer"'


def markdown(text: str) -> str:
    """Markdown as a page shows it, without what every link has."""
    return render_description(text, MARKDOWN).html.replace(REL, "")


def rst(text: str) -> str:
    """The same for reStructuredText."""
    return render_description(text, RST).html.replace(REL, "")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*a* ~~b~~ `c`", "<p><em>a</em> <del>b</del> <code>c</code></p>"),
        ("# A & B", '<h3 id="readme-a--b">A &amp; B</h3>'),
        ("###### a", '<h6 id="readme-a">a</h6>'),
        ("[a](#b-c)\n## B c", '<p><a href="#readme-b-c">a</a></p>\n<h4 id="readme-b-c">B c</h4>'),
        ("[a](https://EXAMPLE.org/x?y#z)", '<p><a href="https://example.org/x?y#z">a</a></p>'),
        ("[a](mailto:ada@example.org)", '<p><a href="mailto:ada@example.org">a</a></p>'),
        ("[a](docs/a.md)", "<p><a>a</a></p>"),
        ("[a](/manage/)", "<p><a>a</a></p>"),
        ("[a](?do=accept)", "<p><a>a</a></p>"),
        ("[a](//b.test)", "<p><a>a</a></p>"),
        ("[a](javascript:b)", "<p><a>a</a></p>"),
        ('<a href="#b c">a</a>', "<p><a>a</a></p>"),
        ("![a bird](https://b.test/c.png)", '<p><a class="picture" href="https://b.test/c.png">a bird</a></p>'),
        ("![](https://b.test/c.png?d)", '<p><a class="picture" href="https://b.test/c.png?d">c.png</a></p>'),
        ("![](docs/c.png)", '<p><span class="picture">c.png</span></p>'),
        ("![](https://b.test/)", '<p><a class="picture" href="https://b.test/">picture</a></p>'),
        (
            "[![build](https://b.test/c.svg)](https://ci.test/)",
            '<p><a href="https://ci.test/"><span class="picture">build</span></a></p>',
        ),
        ("- [x] a\n- [ ] b", "<ul>\n<li>☑ a</li>\n<li>☐ b</li>\n</ul>"),
        (
            "| a |\n|--:|",
            '<div class="wide"><table>\n<thead>\n<tr>\n<th align="right">a</th>\n</tr>\n</thead>\n</table></div>',
        ),
        (
            "> [!WARNING]\n> a",
            '<div class="admonition stern">\n<p class="admonition-title">Warning</p>\n<p>a</p>\n</div>',
        ),
        (
            "> [!NOTE]\n> a",
            '<div class="admonition">\n<p class="admonition-title">Note</p>\n<p>a</p>\n</div>',
        ),
        ("```python\nif 1: 'a'\n```", '<pre><span class="k">if</span> <span class="m">1</span><span>:</span> <span class="s">\'a\'</span>\n</pre>'),
        ('<p align="center" style="x">a</p>', '<p align="center">a</p>'),
        ('<p align="justify">a</p>', "<p>a</p>"),
        ('<div class="refusal button wide">a</div>', "<div>a</div>"),
        ('<b id="main">a</b><b id="main">b</b>', '<p><b id="readme-main">a</b><b>b</b></p>'),
        ("<form action=/x><input name=y><button>a</button></form>", "☐a"),
        ("a<script>b</script>", "<p>a&lt;script&gt;b&lt;/script&gt;</p>"),
        ("<details open><summary>a</summary>b</details>", "<details><summary>a</summary>b</details>"),
        ("a :bird: b", "<p>a 🐦 b</p>"),
    ],
)  # fmt: skip
def test_markdown_is_made_fit_for_a_page(text: str, html: str) -> None:
    """Text, headings, links, pictures, tables and code come out in the one form that pages have for them."""
    assert markdown(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("A\n=\n\nb", '<div id="readme-a">\n<h3>A</h3>\n<p>b</p>\n</div>'),
        ("`a <https://b.test/>`_", '<p><a href="https://b.test/">a</a></p>'),
        ("`a <javascript:b>`__", "<p><a>a</a></p>"),
        (".. image:: https://b.test/c.png\n   :alt: a", '<a class="picture" href="https://b.test/c.png">a</a>'),
        (".. danger:: a", '<div class="admonition stern">\n<p class="admonition-title">!DANGER!</p>\n<p>a</p>\n</div>'),
        ("a [1]_\n\n.. [1] b", '<p>a <a href="#readme-1" id="readme-footnote-reference-1"><span>[</span>1<span>]</span></a></p>\n<div>\n<div class="footnote" id="readme-1">\n<span><span>[</span><a href="#readme-footnote-reference-1">1</a><span>]</span></span>\n<p>b</p>\n</div>\n</div>'),
        (".. contents::\n\nA\n=\n", '<div id="readme-contents">\n<p><a>Contents</a></p>\n<ul>\n<li><p><a href="#readme-a" id="readme-toc-entry-1">A</a></p></li>\n</ul>\n</div>\n<div id="readme-a">\n<h3><a href="#readme-toc-entry-1">A</a></h3>\n</div>'),
        (".. code-block:: python\n\n   def f(): pass", '<pre><code><span class="k">def</span><span> </span><span class="f">f</span><span>():</span> <span class="k">pass</span></code></pre>'),
        (":math:`a`", "<p><span>\\(a\\)</span></p>"),
        (".. container:: refusal\n\n   a", "<div>\n<p>a</p>\n</div>"),
    ],
)  # fmt: skip
def test_restructured_text_is_made_fit_for_a_page(text: str, html: str) -> None:
    """The same for what most old releases are described in."""
    assert rst(text) == html


@pytest.mark.parametrize("kind", ["", MARKDOWN, RST, "text/plain", "text/html"])
@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_is_rendered_as_nothing(text: str, kind: str) -> None:
    """A release without a description is not blamed for it."""
    assert render_description(text, kind) == Description()


@pytest.mark.parametrize("kind", ["text/plain", "text/plain; charset=UTF-8", "text/html", "text/markdownish"])
def test_other_text_is_shown_as_it_is(kind: str) -> None:
    """Plain text has no HTML; of what is not known the metadata's own rules speak."""
    assert render_description("*a*", kind) == Description()


def test_what_is_not_declared_is_tried_as_restructured_text() -> None:
    """As on PyPI: it is rendered where it can be, and nobody is told where it cannot."""
    assert render_description("*a*", "").html == "<p><em>a</em></p>"
    assert render_description(".. nonsense::", "") == Description()


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("a\n\n.. nonsense::\n", RST, 'as text/x-rst: line 3, (ERROR/3) Unknown directive type "nonsense".'),
        ("A\n==\n\nB\n--\n\nC\n~~\n\nD\n--\n\nE\n++\n\nF\n~~\n\n`a", RST, "as text/x-rst: line"),
        ("<!-- only a comment -->", MARKDOWN, "as text/markdown: nothing is left of it."),
    ],
)
def test_v26_what_does_not_render_says_why(text: str, kind: str, why: str) -> None:
    """A declared description that cannot be rendered names the line, as far as its renderer does."""
    rendered = render_description(text, kind)
    assert rendered.html == ""
    assert why in rendered.problem


def test_renderers_may_raise_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """An accident in a renderer is a problem of the description."""

    def render(raw: str, **options: object) -> str:
        raise RecursionError

    monkeypatch.setattr("readme_renderer.rst.render", render)
    assert "gave up (RecursionError)" in render_description("a", RST).problem


def test_what_is_rendered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A description that grows past the bound is not kept, before or after it was made fit."""
    monkeypatch.setattr(description, "MAX_HTML", 200)
    assert "makes more than" in render_description("*a*" * 100, MARKDOWN).problem
    assert "makes more than" in render_description("[a](https://b.test)" * 4, MARKDOWN).problem
    assert render_description("[a](https://b.test)", MARKDOWN).html


@pytest.mark.parametrize("kind", [MARKDOWN, COMMONMARK, RST])
def test_no_vector_becomes_active(kind: str) -> None:
    """Of more than a thousand known ways to a script none leaves an element, attribute or address that acts (G-28)."""
    vectors = {MARKDOWN: VECTORS, COMMONMARK: VECTORS[::4], RST: RST_VECTORS}[kind]
    for vector in vectors:
        html = render_description(vector, kind).html
        assert not objections(html), vector


def test_vectors_together_stay_text() -> None:
    """What one vector leaves open, the next cannot use."""
    for start in range(0, len(VECTORS), 40):
        assert not objections(render_description("\n\n".join(VECTORS[start : start + 40]), MARKDOWN).html)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([vector for vector in VECTORS if len(vector) < 200])
        | st.text(max_size=12)
        | st.sampled_from(
            ["\n\n", "<", ">", '"', "'", "`", "```", "](", "    ", "<p>", "</p>", "<!--", "<table>"]
        ),
        max_size=8,
    ),
    st.sampled_from([MARKDOWN, COMMONMARK, RST]),
)
def test_no_mixture_becomes_active(parts: list[str], kind: str) -> None:
    """Vectors cut, mixed and surrounded by anything stay text."""
    assert not objections(render_description("".join(parts), kind).html)
