"""`overview.html`: one self-contained page over all videos of a batch, in the style of each one's report."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final
from urllib.parse import quote

from coach import __version__
from coach.batch.places import VIDEOS
from coach.batch.results import Result
from coach.output.html_page import page_header, render_page, section
from coach.output.markup import Content, Html, table, tag
from coach.output.wording import BAND, count_text, degrees_text, length_text, plain_name
from coach.rotation.rotation import REFERENCE_DEG

_MOST_ROWS: Final = 500
_BIN_DEG: Final = 5
_LOW_DEG, _HIGH_DEG = -10, 80
_STYLE: Final = """
.histogram svg { width: 100%; height: auto; display: block; }
.histogram .bar { fill: var(--left); } .histogram .band { fill: var(--band); }
.histogram .base { stroke: var(--soft); }
.histogram text { fill: var(--soft); font-size: 11px; text-anchor: middle; }
"""


@dataclass(slots=True)
class _Group:
    """One exercise, added up."""

    videos: int = 0
    seconds: float = 0.0
    reps: int = 0
    partial: int = 0
    holds: int = 0
    largest_deg: list[float] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)


class Overview:
    """`add` takes one video after the other, `render` gives the page."""

    def __init__(self) -> None:
        self._status: Counter[str] = Counter()
        self._groups: dict[str, _Group] = {}
        self._problems: list[list[Content]] = []
        self._rows: list[list[Content]] = []

    def add(self, result: Result) -> None:
        """Count one video in."""
        outcome = result.outcome
        self._status[outcome.status] += 1
        if outcome.status != "done" and len(self._problems) < _MOST_ROWS:
            self._problems.append([outcome.key, plain_name(outcome.status), outcome.reason])
        if result.summary is None:
            return
        _add_to(self._groups.setdefault(outcome.exercise, _Group()), result.summary)
        if len(self._rows) < _MOST_ROWS:
            self._rows.append(_video_row(result, result.summary))

    def render(self) -> str:
        """The page as text."""
        sections = [self._glance(), self._exercises(), self._rotation(), self._failures(), self._videos()]
        about = (
            f"{BAND} of internal rotation is a common reference, not a pass mark. "
            f"Left and right are the person's own. Written by coach {__version__}."
        )
        return render_page("Overview of the videos", self._header(), sections, about, _STYLE)

    def _header(self) -> Html:
        seconds = sum(group.seconds for group in self._groups.values())
        length = f"{seconds / 3600:.1f} hours" if seconds >= 3600 else length_text(seconds)
        return page_header("Overview", count_text(self._status.total(), "video"), [f"{length} of footage"])

    def _glance(self) -> Html:
        groups = self._groups.values()
        counts = [
            (self._status["done"], "analysed"),
            (self._status["not-measurable"], "not measurable"),
            (self._status["failed"], "failed"),
            (sum(group.reps for group in groups), "reps counted"),
        ]
        cards = [
            tag("p", [tag("b", str(number)), tag("span", words, class_="soft")], class_="count")
            for number, words in counts
        ]
        row = tag("section", tag("div", cards, class_="row"), class_="card left")
        return section("At a glance", tag("div", row, class_="cards"))

    def _exercises(self) -> Html | None:
        if not self._groups:
            return None
        headings = ("Exercise", "Videos", "Minutes", "Reps", "Holds", "Median rotation", "Commonest fault")
        rows = [_group_row(name, group) for name, group in sorted(self._groups.items())]
        return section("By exercise", table("What was done, over all videos", headings, rows))

    def _rotation(self) -> Html | None:
        values = [value for group in self._groups.values() for value in group.largest_deg]
        if not values:
            return None
        verdicts: Counter[str] = sum((group.verdicts for group in self._groups.values()), Counter())
        words = ", ".join(f"{count} {plain_name(name)}" for name, count in sorted(verdicts.items()))
        caption = (
            f"Largest internal rotation of each leg that worked ({len(values)} in all), in degrees; "
            f"the shaded band is {BAND}."
        )
        figure = tag("figure", [tag("figcaption", caption), _histogram(values)], class_="panel histogram")
        return section("Rotation reached", [figure, tag("p", f"Against the {BAND} reference: {words}.")])

    def _failures(self) -> Html | None:
        missing = self._status["failed"] + self._status["not-measurable"]
        if not missing:
            return None
        shown = _limited(len(self._problems), missing, "failures.csv")
        rows = table("Videos without a measurement, and why", ("Video", "Result", "Reason"), self._problems)
        return section("What could not be done", [rows, shown])

    def _videos(self) -> Html | None:
        if not self._rows:
            return None
        total = sum(group.videos for group in self._groups.values())
        headings = ("Video", "Exercise", "Reps left", "Reps right", "Rotation left", "Rotation right")
        rows = table("Each video, with a link to its report", headings, self._rows)
        return section("Videos", [rows, _limited(len(self._rows), total, "videos.parquet")])


def _add_to(group: _Group, summary: dict[str, Any]) -> None:
    group.videos += 1
    group.seconds += summary["source"]["duration_s"] or 0.0
    group.faults.update({fault["id"] for fault in summary["faults"]})
    for side in summary["sides"].values():
        valid = sum(rep["valid"] for rep in side["reps"])
        group.reps += valid
        group.partial += len(side["reps"]) - valid
        group.holds += len(side["holds"])
        rotation = side["internal_rotation_deg"]
        if "max" in rotation and (side["reps"] or side["holds"]):
            group.largest_deg.append(rotation["max"])
            group.verdicts[rotation["verdict"]] += 1


def _group_row(name: str, group: _Group) -> list[Content]:
    partial = f" · {group.partial} not counted" if group.partial else ""
    fault = group.faults.most_common(1)
    return [
        plain_name(name).capitalize(),
        str(group.videos),
        f"{group.seconds / 60:.1f}",
        f"{group.reps}{partial}",
        str(group.holds),
        f"{median(group.largest_deg):.0f}° ({len(group.largest_deg)})" if group.largest_deg else "–",
        f"{plain_name(fault[0][0])}, in {count_text(fault[0][1], 'video')}" if fault else "none",
    ]


def _video_row(result: Result, summary: dict[str, Any]) -> list[Content]:
    key, sides = result.outcome.key, summary["sides"]
    link = tag("a", key, href=f"{VIDEOS}/{quote(key)}/report.html")
    return [
        link,
        plain_name(summary["exercise"]),
        *(str(sum(rep["valid"] for rep in sides[side]["reps"])) for side in ("left", "right")),
        *(_reached(sides[side]["internal_rotation_deg"]) for side in ("left", "right")),
    ]


def _reached(rotation: dict[str, Any]) -> str:
    return degrees_text(rotation["max"], rotation["sd"]) if "max" in rotation else "–"


def _histogram(values: Iterable[float]) -> Html:
    """Bars of five degrees; whatever lies beyond the ends is in the outermost ones."""
    count = (_HIGH_DEG - _LOW_DEG) // _BIN_DEG
    bins = Counter(min(count - 1, max(0, int((value - _LOW_DEG) // _BIN_DEG))) for value in values)
    tallest, width, height = max(bins.values()), 40, 180

    def x(degrees: float) -> float:
        return (degrees - _LOW_DEG) / _BIN_DEG * width

    low, high = REFERENCE_DEG
    parts = [tag("rect", x=x(low), y=16, width=x(high) - x(low), height=height, class_="band")]
    for number, amount in sorted(bins.items()):
        tall = amount / tallest * height
        place = {"x": number * width + 3, "width": width - 6, "y": 16 + height - tall, "height": tall}
        parts.append(tag("rect", class_="bar", **place))
        parts.append(tag("text", str(amount), x=(number + 0.5) * width, y=12 + height - tall))
    parts.append(tag("line", x1=0, x2=count * width, y1=16 + height, y2=16 + height, class_="base"))
    parts += [
        tag("text", f"{degrees}°", x=x(degrees), y=32 + height)
        for degrees in range(_LOW_DEG + 10, _HIGH_DEG, 10)
    ]
    label = f"Histogram of the largest internal rotation, {sum(bins.values())} values"
    return tag("svg", parts, viewBox=f"0 0 {count * width} {height + 40}", role="img", aria_label=label)


def _limited(shown: int, total: int, name: str) -> Html | None:
    if shown >= total:
        return None
    return tag("p", f"The first {shown} of {total}; all are in {name}.", class_="soft")
