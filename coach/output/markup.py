"""HTML that is safe by construction: whatever is not `Html` is text, and text is escaped."""

from collections.abc import Iterable
from html import escape
from typing import Final, TypeAlias

_VOID: Final = frozenset({"img", "br", "meta", "rect", "line", "path", "circle"})
_BARE_IN_HTML: Final = frozenset({"img", "br", "meta"})


class Html(str):
    """Markup that has been built by `tag` or is a constant of this package."""

    __slots__ = ()


Content: TypeAlias = "Html | str | Iterable[Content] | None"


def text(content: Content) -> Html:
    """Content as markup: plain strings are escaped, `None` is nothing, sequences are joined."""
    if content is None:
        return Html("")
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return Html(escape(content))
    return Html("".join(text(part) for part in content))


def tag(name: str, content: Content = None, /, **attributes: str | float | bool | None) -> Html:
    """An element.

    Attribute names lose a trailing underscore (`class_`) and the others become hyphens (`aria_label`);
    None and False leave an attribute out, True writes its bare name.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        parts.append(attribute if value is True else f'{attribute}="{escape(str(value))}"')
    opening = " ".join(parts)
    if name in _VOID:
        return Html(f"<{opening}>" if name in _BARE_IN_HTML else f"<{opening}/>")
    return Html(f"<{opening}>{text(content)}</{name}>")


def table(caption: str, headings: Iterable[str], rows: Iterable[Iterable[Content]]) -> Html:
    """A table with a caption and column headings; the first cell of a row names the row.

    Each cell carries its heading too, for narrow screens, where every row becomes a block of its own.
    """
    headings = list(headings)
    head = tag("thead", tag("tr", [tag("th", heading, scope="col") for heading in headings]))
    body = [tag("tr", [_cell(i, headings[i], cell) for i, cell in enumerate(row)]) for row in rows]
    whole = tag("table", [tag("caption", caption), head, tag("tbody", body)])
    # Wide tables scroll by themselves; the keyboard can reach them because the region takes the focus.
    return tag("div", whole, class_="scroll", tabindex=0, role="region", aria_label=caption)


def _cell(column: int, heading: str, content: Content) -> Html:
    # A grid of heading and content lays out whole children: text beside a tag needs one around both.
    name, scope = ("td", None) if column else ("th", "row")
    return tag(name, tag("span", content), scope=scope, data_heading=heading)
