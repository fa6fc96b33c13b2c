"""Parts of the live picture: rotation gauge, ring, check marks.  All colours differ in shape or place too."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, pi
from typing import Final

import numpy as np

from coach.body.landmarks import Side
from coach.live.state import SetUpCheck
from coach.output.drawing import (
    GREEN,
    INK,
    MUTED,
    SIDE_COLOURS,
    WHITE,
    YELLOW,
    Box,
    Colour,
    Line,
    PlatePainter,
    Points,
    arc_points,
    draw_dot,
    draw_paths,
    fill_box,
)
from coach.pipeline import Image
from coach.rotation.rotation import REFERENCE_DEG, Rotation

PANEL: Final[Colour] = (28, 24, 20)
_TRACK: Final[Colour] = (74, 68, 62)
_BAND: Final[Colour] = (150, 160, 70)
_WAITING: Final[Colour] = (150, 145, 140)
_LIMIT_DEG: Final = 60.0
_CHECK_LINE: Final = 1.6  # from one check to the next, in heights of its letters
_SMALLEST: Final = 10  # px


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture to draw on, and the painter for its words."""

    image: Image
    painter: PlatePainter


def draw_gauge(
    sheet: Sheet,
    box: Box,
    side: Side,
    rotation: Rotation,
    *,
    best_deg: float | None,
    inwards: bool,
    outwards: bool,
) -> None:
    """Internal rotation now, with its error bar; the 40-45 degree band; the best of today as a line.

    box       x, y, width, height of the bar's whole field
    inwards   whether the exercise turns inwards, which the band is about
    outwards  whether it turns outwards, so that the scale needs room below zero
    """
    image = sheet.image
    x, y, width, height = box
    low_deg = -_LIMIT_DEG if outwards else -15.0
    text, bar = _gauge_text(box), round(0.6 * width)

    def level(deg: float) -> int:
        share = (min(max(deg, low_deg), _LIMIT_DEG) - low_deg) / (_LIMIT_DEG - low_deg)
        return y + height - round(share * height)

    fill_box(image, (x, y), (x + bar, y + height), _TRACK)
    named = [level(0.0)]
    if inwards:
        named.append(level(0.5 * sum(REFERENCE_DEG)))
        fill_box(image, (x, level(REFERENCE_DEG[1])), (x + bar, level(REFERENCE_DEG[0])), _BAND)
        _label(sheet, f"{REFERENCE_DEG[0]:.0f}–{REFERENCE_DEG[1]:.0f}°", (x + bar, named[1]), text, _BAND)
    fill_box(image, (x, level(0.0)), (x + bar, level(0.0) + 2), MUTED)
    _label(sheet, "0°", (x + bar, level(0.0)), text, MUTED)
    if isfinite(rotation.value_deg):
        at, zero = level(rotation.value_deg), level(0.0)
        fill_box(
            image, (x + bar // 4, min(at, zero)), (x + bar - bar // 4, max(at, zero)), SIDE_COLOURS[side]
        )
        top, bottom = (level(rotation.value_deg + k * rotation.sd_deg) for k in (1.0, -1.0))
        fill_box(image, (x + bar // 2 - 1, top), (x + bar // 2 + 2, bottom), WHITE)
        fill_box(image, (x - bar // 6, at - 2), (x + bar + bar // 6, at + 3), WHITE)
    if best_deg is not None:
        words = f"best {best_deg:.0f}°".replace("-", "−")
        _draw_best(sheet, (x, level(best_deg), bar), words, text, named)


def draw_target_gauge(sheet: Sheet, box: Box, side: Side, share: float, target: tuple[float, float]) -> None:
    """How far the leg has gone since the start pose, for exercises in which no rotation can be read.

    share   0..1 of the bar, NaN where it is not seen
    target  the stretch, in the same shares, that a good rep reaches
    """
    x, y, width, height = box
    bar, text = round(0.6 * width), _gauge_text(box)
    fill_box(sheet.image, (x, y), (x + bar, y + height), _TRACK)
    low, high = (y + height - round(level * height) for level in target)
    fill_box(sheet.image, (x, high), (x + bar, low), _BAND)
    _label(sheet, "goal", (x + bar, (low + high) // 2), text, _BAND)
    if isfinite(share):
        at = y + height - round(min(1.0, max(0.0, share)) * height)
        fill_box(sheet.image, (x + bar // 4, at), (x + bar - bar // 4, y + height), SIDE_COLOURS[side])
        fill_box(sheet.image, (x - bar // 6, at - 2), (x + bar + bar // 6, at + 3), WHITE)


def _gauge_text(box: Box) -> int:
    """Height of the writing beside a gauge, pixels: so that three labels fit between 0 and the band."""
    return max(12, min(round(0.13 * box[3]), round(0.27 * box[2])))


def _draw_best(sheet: Sheet, place: tuple[int, int, int], words: str, text: int, taken: list[int]) -> None:
    """A dashed line across the bar at `place` (x, y, width), its words clear of the heights `taken`."""
    x, y, width = place
    fifth = width / 5
    dashes = [np.array([[x + i * fifth, y], [x + (i + 0.6) * fifth, y]]) for i in range(5)]
    draw_paths(sheet.image, dashes, YELLOW, 3)
    for fixed in taken:
        if abs(y - fixed) < 1.3 * text:
            y = fixed + round(1.3 * text) * (1 if y >= fixed else -1)
    _label(sheet, words, (x + width, y), text, YELLOW)


def _label(sheet: Sheet, text: str, place: tuple[int, int], size: int, colour: Colour) -> None:
    lines = (Line(text, size, colour, bold=True),)
    height = sheet.painter.size(lines, 10 * size, PANEL)[1]
    sheet.painter.put(sheet.image, lines, (place[0] + size // 4, place[1] - height // 2), 10 * size, PANEL)


def draw_ring(
    sheet: Sheet,
    centre: tuple[int, int],
    radius: int,
    share: float,
    lines: Sequence[Line],
    *,
    colour: Colour = GREEN,
) -> None:
    """A ring that closes clockwise from the top as `share` goes to 1, with words inside."""
    image, painter = sheet.image, sheet.painter
    middle = np.array(centre, dtype=float)
    draw_dot(image, middle, radius, INK, 0)
    room = int(1.7 * radius)
    width, height = painter.size(tuple(lines), room)
    painter.put(image, tuple(lines), (centre[0] - width // 2, centre[1] - height // 2), room)
    thick = max(3, radius // 7)
    for end, tint in ((1.0, _TRACK), (min(1.0, max(0.0, share)), colour)):
        if end > 0.0:
            ring = arc_points(middle, radius - thick, -pi / 2, -pi / 2 + end * 2 * pi)
            draw_paths(image, [ring], tint, thick)


def fit_size(painter: PlatePainter, texts: Sequence[str], size: int, room: int) -> int:
    """The height, at most `size`, at which each of these bold words is on a plate no wider than `room`."""
    while size > _SMALLEST and any(
        painter.size((Line(text, size, bold=True),), 10 * room, PANEL)[0] > room for text in texts
    ):
        size -= 1
    return size


def draw_checks(sheet: Sheet, box: Box, size: int, checks: Sequence[SetUpCheck]) -> int:
    """A line for each check, at most `size` pixels high and all alike; returns how far down they reach.

    A tick in a disc, a cross in a square for the first that fails, and a faint square for those that wait
    for it: one thing at a time.
    """
    x, y, room, height = box
    size = min(size, int(height / (_CHECK_LINE * len(checks))))
    size = fit_size(sheet.painter, [check.name for check in checks], size, room - round(1.25 * size))
    first = next((check for check in checks if not check.ok), None)
    for check in checks:
        middle = np.array([x + 0.55 * size, y + 0.75 * size])
        _draw_mark(sheet.image, middle, size, ok=check.ok, now=check is first)
        colour = WHITE if check.ok else YELLOW if check is first else _WAITING
        lines = (Line(check.name, size, colour, bold=check is first),)
        sheet.painter.put(sheet.image, lines, (x + round(1.25 * size), y), room - round(1.25 * size), PANEL)
        y += round(_CHECK_LINE * size)
    return y


def _draw_mark(image: Image, middle: Points, size: int, *, ok: bool, now: bool) -> None:
    if ok:
        draw_dot(image, middle, 0.55 * size, GREEN, 0)
        tick = np.array([[-0.26, 0.02], [-0.06, 0.22], [0.28, -0.2]]) * size + middle
        draw_paths(image, [tick], INK, max(2, size // 7))
        return
    a, b = (middle - 0.5 * size).astype(int), (middle + 0.5 * size).astype(int)
    fill_box(image, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), YELLOW if now else _TRACK)
    if now:
        cross = [np.array([[-0.25, s * -0.25], [0.25, s * 0.25]]) * size + middle for s in (1, -1)]
        draw_paths(image, cross, INK, max(2, size // 7))
