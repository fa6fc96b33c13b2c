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
    Colour,
    Line,
    PlatePainter,
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
_LIMIT_DEG: Final = 60.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture to draw on, and the painter for its words."""

    image: Image
    painter: PlatePainter


def draw_gauge(
    sheet: Sheet,
    box: tuple[int, int, int, int],
    side: Side,
    rotation: Rotation,
    *,
    best_deg: float | None,
    outwards: bool,
) -> None:
    """Internal rotation now, with its error bar; the 40-45 degree band; the best of today as a line.

    box       x, y, width, height of the bar's whole field
    outwards  whether the exercise turns outwards too, so that the scale needs room below zero
    """
    image = sheet.image
    x, y, width, height = box
    low_deg = -_LIMIT_DEG if outwards else -15.0
    text = max(12, round(0.11 * height))
    bar = round(0.6 * width)

    def level(deg: float) -> int:
        share = (min(max(deg, low_deg), _LIMIT_DEG) - low_deg) / (_LIMIT_DEG - low_deg)
        return y + height - round(share * height)

    fill_box(image, (x, y), (x + bar, y + height), _TRACK)
    fill_box(image, (x, level(REFERENCE_DEG[1])), (x + bar, level(REFERENCE_DEG[0])), _BAND)
    band = level(0.5 * sum(REFERENCE_DEG))
    _label(sheet, f"{REFERENCE_DEG[0]:.0f}–{REFERENCE_DEG[1]:.0f}°", (x + bar, band), text, _BAND)
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
        _draw_best(sheet, (x, level(best_deg), bar), words, text, (band, level(0.0)))


def _draw_best(
    sheet: Sheet, place: tuple[int, int, int], words: str, text: int, taken: tuple[int, int]
) -> None:
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


def draw_checks(
    sheet: Sheet,
    corner: tuple[int, int],
    size: int,
    room: int,
    checks: Sequence[SetUpCheck],
) -> None:
    """A line for each check: a tick in a disc, or a cross in a square."""
    image, painter = sheet.image, sheet.painter
    x, y = corner
    for check in checks:
        middle = np.array([x + 0.55 * size, y + 0.75 * size])
        if check.ok:
            draw_dot(image, middle, 0.55 * size, GREEN, 0)
            tick = np.array([[-0.26, 0.02], [-0.06, 0.22], [0.28, -0.2]]) * size + middle
            draw_paths(image, [tick], INK, max(2, size // 7))
        else:
            a, b = (middle - 0.5 * size).astype(int), (middle + 0.5 * size).astype(int)
            fill_box(image, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), YELLOW)
            cross = [np.array([[-0.25, s * -0.25], [0.25, s * 0.25]]) * size + middle for s in (1, -1)]
            draw_paths(image, cross, INK, max(2, size // 7))
        lines = (Line(check.name, size, WHITE if check.ok else YELLOW, bold=not check.ok),)
        painter.put(image, lines, (x + round(1.25 * size), y), room - round(1.25 * size), PANEL)
        y += round(1.75 * size)
