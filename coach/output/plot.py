"""The report's picture of rotation over time: reads `frames.csv` as a stream and draws inline SVG.

Lines stretch with the page, so writing and marks are HTML on top of the SVG: they keep their size.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, floor, isfinite, nan
from pathlib import Path
from typing import Final

from coach.body.landmarks import SIDES, Side
from coach.errors import InputError
from coach.exercise.events import Fault, Rep
from coach.output.markup import Html, tag
from coach.output.wording import BAND, clock, degrees_text, plain_name
from coach.rotation.rotation import REFERENCE_DEG

_MOST_BINS: Final = 700
_WIDTH: Final = 1000.0
_HEIGHT: Final = 300.0
_X_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_MOST_X_LABELS: Final = 8
_MOST_NARROW_X_LABELS: Final = 5  # of more, every other one is hidden on narrow screens
_MOST_NUMBERED_REPS: Final = 25


@dataclass(frozen=True, slots=True)
class Point:
    """Rotation and its standard deviation at one time."""

    time_s: float
    value_deg: float
    sd_deg: float


@dataclass(slots=True)
class Series:
    """One side's rotation over time: unbroken runs, at most two points per bin (its lowest and highest)."""

    start_s: float
    end_s: float
    runs: list[list[Point]] = field(default_factory=list)

    @property
    def points(self) -> Iterator[Point]:
        """All points, in order."""
        return (point for run in self.runs for point in run)


def read_series(path: Path, most_bins: int = _MOST_BINS) -> dict[Side, Series]:
    """Both sides' rotation from a `frames.csv`, thinned out while reading: memory does not grow with it."""
    try:
        times = [float(row[0]) for row in _ends(_rows(path, ("time_s",)))]
        start_s, end_s = (times[0], times[-1]) if times else (0.0, 0.0)
        return {side: _read_side(path, side, (start_s, end_s), most_bins) for side in SIDES}
    except (KeyError, ValueError, csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"Expected a table of frames in {path}, got something else: {error}.") from error
    except OSError as error:
        raise InputError(f"Could not read {path}: {error.strerror}.") from error


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        heading = next(reader, [])
        at = [heading.index(column) for column in columns]
        for row in reader:
            yield [row[i] for i in at]


def _ends(rows: Iterator[list[str]]) -> list[list[str]]:
    first = last = next(rows, None)
    for row in rows:
        last = row
    return [row for row in (first, last) if row is not None]


def _read_side(path: Path, side: Side, span_s: tuple[float, float], most_bins: int) -> Series:
    thinner = _Thinner()
    width_s = (span_s[1] - span_s[0]) / most_bins or 1.0
    name = f"{side}_hip_internal_rotation"
    for time, value, sd in _rows(path, ("time_s", f"{name}_deg", f"{name}_sd_deg")):
        point = Point(float(time), float(value), float(sd) if sd else nan) if value else None
        thinner.add(int((float(time) - span_s[0]) / width_s), point)
    return Series(*span_s, thinner.finish())


class _Thinner:
    """Keeps the lowest and the highest point of each bin; a bin of nothing but gaps breaks the line."""

    def __init__(self) -> None:
        self._runs: list[list[Point]] = [[]]
        self._bin = -1
        self._low: Point | None = None
        self._high: Point | None = None

    def add(self, number: int, point: Point | None) -> None:
        """Take the next instant, which falls into bin `number`; None where the value was withheld."""
        if number != self._bin:
            self._close()
            self._bin = number
        if point is None:
            return
        if self._low is None or point.value_deg < self._low.value_deg:
            self._low = point
        if self._high is None or point.value_deg >= self._high.value_deg:
            self._high = point

    def finish(self) -> list[list[Point]]:
        """The unbroken runs of points."""
        self._close()
        return [run for run in self._runs if run]

    def _close(self) -> None:
        if self._low is None or self._high is None:
            self._runs.append([])
        elif self._low is self._high:
            self._runs[-1].append(self._low)
        else:
            self._runs[-1] += sorted((self._low, self._high), key=lambda point: point.time_s)
        self._low = self._high = None


@dataclass(frozen=True, slots=True)
class _Axes:
    """From seconds and degrees to the plot's own units, and to percent for the HTML on top."""

    start_s: float
    end_s: float
    low_deg: float
    high_deg: float

    def x(self, time_s: float) -> float:
        share = (time_s - self.start_s) / ((self.end_s - self.start_s) or 1.0)
        return _WIDTH * min(max(share, 0.0), 1.0)

    def y(self, value_deg: float) -> float:
        share = (self.high_deg - value_deg) / (self.high_deg - self.low_deg)
        return _HEIGHT * min(max(share, 0.0), 1.0)

    def place(self, time_s: float, value_deg: float) -> str:
        return f"left:{self.x(time_s) / _WIDTH:.2%};top:{self.y(value_deg) / _HEIGHT:.2%}"


def draw_plot(
    series: Series, side: Side, reps: tuple[Rep, ...], faults: tuple[Fault, ...], *, band: bool = True
) -> Html:
    """One side's rotation over time, with the reps, the faults and, if wanted, the reference band."""
    axes = _choose_axes(series, reps, REFERENCE_DEG[1] + 5.0 if band else 0.0)
    step = 15 if axes.high_deg - axes.low_deg <= 120 else 30
    levels = range(ceil(axes.low_deg / step) * step, floor(axes.high_deg) + 1, step)
    layers = [*_rep_spans(axes, reps), *_grid(axes, levels), *_curves(axes, series)]
    if band:
        layers.insert(0, _band(axes))
    picture = tag(
        "svg",
        layers,
        viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}",
        preserveAspectRatio="none",
        role="img",
        aria_label=_describe(series, side, reps),
    )
    marks = [_rep_mark(axes, rep, number, len(reps)) for number, rep in enumerate(reps, 1)]
    band_name = tag("span", f"{BAND} reference", class_="band-name", style=_top(axes, REFERENCE_DEG[1]))
    area = tag("div", [picture, band_name if band else None, *marks], class_="area")
    y_labels = [tag("span", f"{level}°".replace("-", "−"), style=_top(axes, level)) for level in levels]
    x_labels = [
        tag("span", _axis_clock(time), style=f"left:{axes.x(time) / _WIDTH:.2%}") for time in _x_ticks(axes)
    ]
    density = "x-labels dense" if len(x_labels) > _MOST_NARROW_X_LABELS else "x-labels"
    return tag(
        "div",
        [
            tag("div", y_labels, class_="y-labels", aria_hidden="true"),
            area,
            _fault_lane(axes, faults),
            tag("div", x_labels, class_=density, aria_hidden="true"),
        ],
        class_=f"plot {side}",
    )


def _choose_axes(series: Series, reps: tuple[Rep, ...], least_high_deg: float) -> _Axes:
    values = [rep.peak_deg for rep in reps if isfinite(rep.peak_deg)]
    for point in series.points:
        spread = point.sd_deg if isfinite(point.sd_deg) else 0.0
        values += (point.value_deg - spread, point.value_deg + spread)
    low = min([0.0, *values]) - 4.0
    high = max([least_high_deg, *values]) + 4.0
    return _Axes(series.start_s, series.end_s, max(low, -95.0), min(high, 95.0))


def _describe(series: Series, side: Side, reps: tuple[Rep, ...]) -> str:
    values = [point.value_deg for point in series.points]
    if not values:
        return f"Internal rotation of the {side} hip over time: no values."
    span = f"between {degrees_text(min(values), nan)} and {degrees_text(max(values), nan)}"
    return f"Internal rotation of the {side} hip over time, {span}; {len(reps)} reps are marked."


def _band(axes: _Axes) -> Html:
    top, bottom = axes.y(REFERENCE_DEG[1]), axes.y(REFERENCE_DEG[0])
    return tag(
        "rect", class_="band", x=0, y=f"{top:.1f}", width=f"{_WIDTH:.0f}", height=f"{bottom - top:.1f}"
    )


def _rep_spans(axes: _Axes, reps: tuple[Rep, ...]) -> list[Html]:
    spans = ((axes.x(rep.start_s), axes.x(rep.end_s)) for rep in reps)
    return [
        tag("rect", class_="span", x=f"{a:.1f}", y=0, width=f"{b - a:.1f}", height=f"{_HEIGHT:.0f}")
        for a, b in spans
    ]


def _grid(axes: _Axes, levels: range) -> list[Html]:
    return [
        tag(
            "line",
            class_="zero" if level == 0 else "grid",
            x1=0,
            x2=f"{_WIDTH:.0f}",
            y1=f"{axes.y(level):.1f}",
            y2=f"{axes.y(level):.1f}",
        )
        for level in levels
    ]


def _curves(axes: _Axes, series: Series) -> list[Html]:
    spreads, lines = [], []
    for run in series.runs:
        upper = [(p.time_s, p.value_deg + p.sd_deg) for p in run if isfinite(p.sd_deg)]
        lower = [(p.time_s, p.value_deg - p.sd_deg) for p in reversed(run) if isfinite(p.sd_deg)]
        if len(upper) > 1:
            spreads.append(tag("path", class_="spread", d=_path(axes, upper + lower) + "Z"))
        # A line of one point is invisible; doubled, its round cap shows.
        points = [(p.time_s, p.value_deg) for p in run]
        lines.append(tag("path", class_="curve", d=_path(axes, points if len(points) > 1 else points * 2)))
    return spreads + lines


def _path(axes: _Axes, points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{axes.x(time):.1f} {axes.y(value):.1f}" for time, value in points)


def _rep_mark(axes: _Axes, rep: Rep, number: int, count: int) -> Html:
    known = isfinite(rep.peak_deg)
    words = "counted" if rep.valid else "not counted"
    title = f"Rep {number} ({words}), {clock(rep.peak_s)}: {degrees_text(rep.peak_deg, rep.peak_sd_deg)}"
    return tag(
        "span",
        str(number) if count <= _MOST_NUMBERED_REPS else None,
        class_=f"mark {'valid' if rep.valid else 'partial'}",
        style=axes.place(rep.peak_s, rep.peak_deg if known else axes.low_deg + 4.0),
        title=title,
    )


def _fault_lane(axes: _Axes, faults: tuple[Fault, ...]) -> Html | None:
    if not faults:
        return None
    bars = [
        tag(
            "span",
            class_=fault.severity,
            style=(
                f"left:{axes.x(fault.start_s) / _WIDTH:.2%};"
                f"width:{(axes.x(fault.end_s) - axes.x(fault.start_s)) / _WIDTH:.2%}"
            ),
            title=f"{plain_name(fault.id)}, {clock(fault.start_s)} to {clock(fault.end_s)}",
        )
        for fault in faults
    ]
    return tag("div", bars, class_="lane", aria_hidden="true")


def _top(axes: _Axes, value_deg: float) -> str:
    return f"top:{axes.y(value_deg) / _HEIGHT:.2%}"


def _x_ticks(axes: _Axes) -> list[float]:
    length = axes.end_s - axes.start_s
    step = next((step for step in _X_STEPS_S if length / step <= _MOST_X_LABELS), length / _MOST_X_LABELS)
    if length <= 0:
        return [axes.start_s]
    first = ceil(axes.start_s / step - 1e-9)
    return [step * i for i in range(first, floor(axes.end_s / step + 1e-9) + 1)]


def _axis_clock(time_s: float) -> str:
    return clock(time_s).removesuffix(".0")
