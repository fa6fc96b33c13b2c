"""The frame of every self-contained page: head with the style inside, header, sections, footer.

No script, no request to anywhere: such a page can be mailed and printed.
"""

from collections.abc import Iterable
from importlib.resources import files

from coach.body.pose import SourceFacts
from coach.output.markup import Content, Html, tag
from coach.output.wording import DISCLAIMER, length_text


def render_page(title: str, header: Html, sections: Iterable[Content], about: str, css: str = "") -> str:
    """The page as text; `about` closes it below the disclaimer, `css` adds to the common style."""
    style = files("coach.output").joinpath("report.css").read_text(encoding="utf-8") + css
    head = tag(
        "head",
        [
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("title", title),
            tag("style", Html(style)),
        ],
    )
    footer = tag("footer", [tag("p", DISCLAIMER), tag("p", about)])
    body = tag("body", [header, tag("main", sections), footer])
    return f"<!DOCTYPE html>\n{tag('html', [head, body], lang='en')}\n"


def page_header(kind: str, title: str, facts: Iterable[str], notices: Iterable[str | None] = ()) -> Html:
    """What the page is, its title, a line of facts, and whatever has to be said first."""
    return tag(
        "header",
        [
            tag("p", kind, class_="eyebrow"),
            tag("h1", title),
            tag("p", " · ".join(facts), class_="facts"),
            *(tag("p", notice, class_="notice") for notice in notices if notice),
        ],
    )


def source_facts(source: SourceFacts) -> list[str]:
    """Name, length (where known) and size of the footage."""
    length = [] if source.duration_s is None else [length_text(source.duration_s)]
    return [source.name, *length, f"{source.width_px} × {source.height_px} px"]


def section(heading: str, content: Content) -> Html:
    """One section of a page."""
    return tag("section", [tag("h2", heading), content])
