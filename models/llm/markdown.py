"""Markdown as models write it, rendered to HTML that may be put into the page."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

from models.llm.plain import plain

BLOCKS = frozenset({"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"})
TABLES = frozenset({"table", "tbody", "td", "th", "thead", "tr"})
SPANS = frozenset({"a", "br", "code", "em", "s", "strong"})
SCHEMES = frozenset({"http", "https", "mailto"})
ATTRIBUTES = {"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}}
LANGUAGE = "language-"
"""What the one class begins with that is let through: it names the language of a block of code."""

MOST_CHARACTERS = 200_000
"""Of HTML. A link's address may be said once and meant thousands of times, each of which is written out; and
a page takes no message over 256 KB."""


class Markdown:
    """Renders. Threads may share one."""

    def __init__(self) -> None:
        options = {"html": False, "linkify": False, "breaks": True}
        # Pictures are not read as such at all: each would be a request that tells others of the conversation.
        self._parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"]).disable("image")

    def html(self, text: str) -> str:
        """HTML of a text: no pictures, scripts or styles; links open elsewhere and say nothing of where they were.
        A text of which too much would become is shown as it is written."""
        rendered = self._parser.render(text)
        if len(rendered) <= MOST_CHARACTERS and len(html := _cleaned(rendered)) <= MOST_CHARACTERS:
            return html
        return _cleaned(plain(text))


def _cleaned(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(BLOCKS | TABLES | SPANS),
        attributes=ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    ).strip()


def _kept(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":  # an address of this server would be none that the model can know
        return value if value.partition(":")[0].lower() in SCHEMES else None
    if attribute == "class":
        return value if value.startswith(LANGUAGE) and " " not in value else None
    return value
