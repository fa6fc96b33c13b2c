"""The plots of docs/accuracy.md as small SVG files, drawn by hand: points, axes, labels."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from benchmarks.rom_score import TrialScore
from benchmarks.rotation_score import RotationScore

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 320, 56, 44, 28, 12
_COLOURS = ("#1b6ca8", "#c0504d", "#5a8f3c", "#8064a2", "#d08a1d", "#3b8f8f")

Point = tuple[float, float]


class Plot:
    """A pair of axes; collects SVG elements."""

    def __init__(self, title: str, x_label: str, y_label: str, x: Point, y: Point) -> None:
        self._x, self._y = x, y
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>',
            _text(LEFT, 16, title, weight="bold"),
            _text((LEFT + WIDTH) / 2, HEIGHT - 8, x_label, anchor="middle"),
            f'<text transform="translate(13 {(HEIGHT - BOTTOM + TOP) / 2}) rotate(-90)" '
            f'text-anchor="middle">{y_label}</text>',
        ]

    def at(self, x: float, y: float) -> Point:
        """Where a point is drawn."""
        across = (x - self._x[0]) / (self._x[1] - self._x[0])
        up = (min(max(y, self._y[0]), self._y[1]) - self._y[0]) / (self._y[1] - self._y[0])
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - TOP)

    def grid(self, xs: Iterable[float], ys: Iterable[float]) -> None:
        """Lines and their values."""
        for value in ys:
            x, y = self.at(self._x[0], value)
            self._parts.append(f'<path d="M{x:.0f} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
            self._parts.append(_text(x - 5, y + 4, f"{value:g}", anchor="end"))
        for value in xs:
            x, y = self.at(value, self._y[0])
            self._parts.append(_text(x, y + 15, f"{value:g}", anchor="middle"))

    def line(self, y: float, colour: str, words: str) -> None:
        """A level across the plot with its name."""
        x0, y0 = self.at(self._x[0], y)
        self._parts.append(
            f'<path d="M{x0:.0f} {y0:.1f}H{WIDTH - RIGHT}" stroke="{colour}" stroke-dasharray="5 3"/>'
        )
        self._parts.append(_text(WIDTH - RIGHT - 4, y0 - 3, words, anchor="end"))

    def dots(self, points: Iterable[Point], colour: str, *, radius: float = 3.0) -> None:
        """Points."""
        for point in points:
            x, y = self.at(*point)
            self._parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}" fill-opacity="0.6"/>'
            )

    def bar(self, x: float, y: float, colour: str, words: str) -> None:
        """A bar from the bottom with its name below."""
        (left, top), (_, bottom) = self.at(x - 0.35, y), self.at(x, self._y[0])
        right, _ = self.at(x + 0.35, y)
        self._parts.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{bottom - top:.1f}" fill="{colour}"/>'
        )
        self._parts.append(_text((left + right) / 2, bottom + 15, words, anchor="middle"))
        self._parts.append(_text((left + right) / 2, top - 3, f"{y:.0f}", anchor="middle"))

    def legend(self, names: Iterable[str]) -> None:
        """What the colours mean."""
        for i, name in enumerate(names):
            x, y = WIDTH - 170, TOP + 12 + 15 * i
            colour = _COLOURS[i % len(_COLOURS)]
            self._parts.append(
                f'<circle cx="{x}" cy="{y - 4}" r="4" fill="{colour}"/>{_text(x + 9, y, name)}'
            )

    def svg(self) -> str:
        """The whole file."""
        return "\n".join([*self._parts, "</svg>", ""])


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{words}</text>'


def plot_views(scores: list[RotationScore]) -> str:
    """One point per clip: mean error of the numbers given, by view, against the raw formula's error."""
    plot = Plot(
        "Error by view, a point per clip",
        "raw 3-D formula, mean error °",
        "given, mean error °",
        (0, 60),
        (0, 40),
    )
    plot.grid(range(0, 61, 10), range(0, 41, 10))
    kinds = ("recommended view", "another view")
    for colour, wanted in zip(_COLOURS, (True, False), strict=False):
        points = [
            (min(60.0, float(np.nanmean(np.abs(s.baselines["raw 3-D"])))), float(np.nanmean(np.abs(s.error))))
            for s in scores
            if s.clip.recommended == wanted
            and np.isfinite(s.error).any()
            and np.isfinite(s.baselines["raw 3-D"]).any()
        ]
        plot.dots(points, colour, radius=4)
    plot.legend(kinds)
    return plot.svg()


def plot_coverage(scores: list[RotationScore]) -> str:
    """A bar per exercise: share of the frames with a number whose 95 % interval holds the truth."""
    covered: dict[str, list[np.ndarray]] = defaultdict(list)
    for score in scores:
        seen = np.isfinite(score.error)
        if seen.any():
            inside = np.abs(score.error[seen]) <= 1.96 * score.sd[seen]
            covered[score.clip.exercise].append(inside)
    names = sorted(covered)
    plot = Plot(
        "Truth within the 95 % interval, % of frames with a number",
        "",
        "%",
        (-0.5, max(len(names), 1) - 0.5),
        (0, 110),
    )
    plot.grid([], range(0, 101, 25))
    for i, name in enumerate(names):
        plot.bar(
            i, 100 * float(np.mean(np.concatenate(covered[name]))), _COLOURS[0], name.replace("-rotation", "")
        )
    plot.line(95, _COLOURS[1], "95 %")
    return plot.svg()


def plot_bland_altman(trials: list[TrialScore]) -> str:
    """Difference against mean of estimate and truth, a point per trial, with the limits of agreement."""
    plot = Plot(
        "Seated test: estimate minus truth, per trial",
        "mean of estimate and truth °",
        "difference °",
        (10, 60),
        (-12, 12),
    )
    plot.grid(range(10, 61, 10), range(-12, 13, 4))
    seen = [t for t in trials if np.isfinite(t.change_deg)]
    for colour, direction in zip(_COLOURS, ("internal", "external"), strict=False):
        points = [
            (0.5 * (t.change_deg + t.true_change_deg), t.change_deg - t.true_change_deg)
            for t in seen
            if t.direction == direction
        ]
        plot.dots(points, colour, radius=4)
    plot.legend(("internal", "external"))
    if len(seen) > 1:
        differences = np.array([t.change_deg - t.true_change_deg for t in seen])
        centre, spread = float(differences.mean()), 1.96 * float(differences.std(ddof=1))
        for y, words in ((centre, "mean"), (centre - spread, "-1.96 SD"), (centre + spread, "+1.96 SD")):
            plot.line(y, "#555", f"{words} {y:.1f}°")
    return plot.svg()
