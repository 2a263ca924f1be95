from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.llm.markdown import MOST_CHARACTERS, Markdown

MARKDOWN = Markdown()
REL = 'rel="noopener noreferrer nofollow"'
TRICKS = ("<script>", "</script>", "<img src=x onerror=y>", "![a](http://x/y.png)", "[a](javascript:b)")
TRICKS += (
    '<a id="c">',
    "`",
    "```html\n",
    "\n",
    "**",
    "<svg onload=z>",
    '"',
    "[r]: data:text/html,x",
    "[r]",
    "| a |",
)
PIECES = st.lists(
    st.sampled_from(TRICKS) | st.text(max_size=8),
    max_size=12,
).map("".join)
ALLOWED = re.compile(
    r'/?[a-z][a-z0-9]*|a( (href|title|target|rel)="[^"<]*")*|code class="language-[^" ]*"|ol start="\d+"'
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**b** *i* ~~s~~ `c`", "<p><strong>b</strong> <em>i</em> <s>s</s> <code>c</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("```py\nx < 1\n```", '<pre><code class="language-py">x &lt; 1\n</code></pre>'),
        ("3. c", '<ol start="3">\n<li>c</li>\n</ol>'),
        ("a <b> & c", "<p>a &lt;b&gt; &amp; c</p>"),
        ("http://plain.org", "<p>http://plain.org</p>"),
    ],
)
def test_what_models_write_is_rendered(text, html):
    assert MARKDOWN.html(text) == html


def test_tables_are_rendered_without_styles():
    html = MARKDOWN.html("| a |\n|:-:|\n| 1 |")
    assert "<th>a</th>" in html and "<td>1</td>" in html and "style" not in html


@pytest.mark.parametrize("address", ["https://a.org/b?c=d", "http://a.org", "mailto:a@b.org"])
def test_links_open_elsewhere_and_say_nothing_of_here(address):
    html = MARKDOWN.html(f"[x]({address})")
    assert f'href="{address}"' in html and REL in html and 'target="_blank"' in html


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "/videos", "//a.org", "ftp://a.org", "vbscript:x"]
)
def test_other_addresses_are_no_links(address):
    assert "href=" not in MARKDOWN.html(f"[x]({address})")


def test_pictures_are_not_loaded():
    assert "<img" not in MARKDOWN.html("![x](https://a.org/spy.png) <img src='https://a.org/spy.png'>")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        f"[a]: http://{'&' * 16_000}\n\n{'[a] ' * 3990}",
        f"[a]: https://{'b' * 300}\n\n{'[a] ' * 3990}",
        f"[a]: http:b\n\n{'[a] ' * 7990}",
        "|" + "a|" * 5300 + "\n|" + "-|" * 5300 + "\n" + "x\n" * 5300,
    ],
)
def test_little_text_does_not_become_much_html(text):
    html = MARKDOWN.html(text)
    assert len(html) <= MOST_CHARACTERS and text[:3] in html


@given(PIECES)
def test_only_tags_and_attributes_that_are_allowed_come_out(text):
    html = MARKDOWN.html(text)
    for tag in re.findall(r"<([^>]*)>", html):
        assert ALLOWED.fullmatch(tag), tag
    assert not re.search(r'href="(?!https?:|mailto:)', html)
