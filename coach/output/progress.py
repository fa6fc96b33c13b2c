"""Progress of hip rotation over weeks, against what this tool can tell apart at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Final

from coach.body.landmarks import SIDES, Side
from coach.output.history import SessionRow
from coach.output.wording import BAND, degrees_text

_WIDTH: Final = 41
_LOW_DEG, _HIGH_DEG = 0.0, 60.0
_ASSUMED_SD_DEG: Final = 6.0


@dataclass(frozen=True, slots=True)
class Point:
    """One session: the median peak of its valid reps, as an amount in the exercise's direction."""

    at: datetime
    value_deg: float
    sd_deg: float


@dataclass(frozen=True, slots=True)
class Series:
    """One hip in one exercise over time; `inwards` is the direction that the exercise trains."""

    exercise: str
    side: Side
    inwards: bool
    points: tuple[Point, ...]

    @property
    def change_deg(self) -> float:
        """Last session minus the first."""
        return self.points[-1].value_deg - self.points[0].value_deg

    @property
    def detectable_deg(self) -> float:
        """The minimal detectable change: 1.96 x the standard deviation of a difference of two sessions.

        The error of a single rep is taken in full, because most of it (the camera's place, the offset of the
        landmarks) is the same in all reps of a session and does not average out.
        """
        first, last = self.points[0], self.points[-1]
        return 1.96 * sqrt(first.sd_deg**2 + last.sd_deg**2)


def collect_series(sessions: Sequence[SessionRow]) -> list[Series]:
    """All hips with at least one measured session; sessions in order of time."""
    found: dict[tuple[str, Side], list[tuple[datetime, float, float]]] = {}
    for row in sessions:
        for side in SIDES:
            if side in row.best_deg:
                value, sd = row.best_deg[side]
                found.setdefault((row.exercise, side), []).append((row.started_at, value, sd))
    series = []
    for (exercise, side), values in sorted(found.items()):
        inwards = sum(value >= 0 for _, value, _ in values) * 2 >= len(values)
        sign = 1.0 if inwards else -1.0
        points = tuple(Point(at, sign * value, sd or _ASSUMED_SD_DEG) for at, value, sd in values)
        series.append(Series(exercise, side, inwards, points))
    return series


def describe_series(series: Series) -> list[str]:
    """A few lines of text: a row per session with its error bar, and what the change amounts to."""
    direction = "inwards" if series.inwards else "outwards"
    lines = [f"{series.exercise}, {series.side} hip, {direction} (| is the {BAND} reference band's edge)"]
    for point in series.points:
        value = degrees_text(point.value_deg, point.sd_deg)
        lines.append(f"  {point.at:%Y-%m-%d}  {_draw(point, series)}  {value}")
    lines.append(f"  {describe_change(series)}")
    return lines


def describe_change(series: Series) -> str:
    """The change from the first session to the last, called real only beyond the detectable one."""
    if len(series.points) < 2:
        return "One session so far: nothing to compare with yet."
    change, detectable = series.change_deg, series.detectable_deg
    amount = f"{change:+.0f}° since {series.points[0].at:%Y-%m-%d}".replace("-0°", "+0°")
    if abs(change) <= detectable:
        return f"{amount}: no real change yet (changes below {detectable:.0f}° cannot be told from error)."
    return f"{amount}: a real change (more than the {detectable:.0f}° that error alone could make)."


def _draw(point: Point, series: Series) -> str:
    """A line from 0 to 60 degrees: the detectable range around the first session, the value, the band."""
    cells = [" "] * _WIDTH
    first = series.points[0].value_deg
    for i in range(_column(first - series.detectable_deg), _column(first + series.detectable_deg) + 1):
        cells[i] = "."
    for edge in (40.0, 45.0):
        cells[_column(edge)] = "|"
    cells[_column(point.value_deg)] = "o"
    return "".join(cells)


def _column(value_deg: float) -> int:
    share = (value_deg - _LOW_DEG) / (_HIGH_DEG - _LOW_DEG)
    return min(_WIDTH - 1, max(0, round(share * (_WIDTH - 1))))
