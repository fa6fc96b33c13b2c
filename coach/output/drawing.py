"""Colours, text and plates for pictures: small OpenCV pieces that the overlay is made of.

OpenCV 5 carries a TrueType font and draws UTF-8; older versions only have stroke fonts for ASCII, for which
the few other signs are spelled out.  Text is rendered once and kept as a small picture, because rendering
costs a hundred times more than copying.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.body.landmarks import Side
from coach.output.wording import fold_to_ascii

Colour = tuple[int, int, int]
Points = NDArray[np.float64]
Picture = NDArray[np.uint8]

# BGR.  Blue and orange (Okabe and Ito) stay apart in every common kind of colour blindness.
SIDE_COLOURS: Final[dict[Side, Colour]] = {"left": (233, 180, 86), "right": (0, 159, 240)}
WHITE: Final[Colour] = (255, 255, 255)
MUTED: Final[Colour] = (205, 205, 205)
INK: Final[Colour] = (28, 24, 20)
YELLOW: Final[Colour] = (66, 228, 240)
GREEN: Final[Colour] = (150, 200, 60)
TARGET: Final[Colour] = (96, 110, 52)

_SHIFT: Final = 3  # fractional bits: without them thin lines tremble from pixel to pixel
_SMALLEST_TEXT: Final = 10
_REGULAR: Final = 420
_BOLD: Final = 700
_CACHED_PLATES: Final = 32
_CACHED_WIDTHS: Final = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, `size` pixels high."""

    text: str
    size: int
    colour: Colour = WHITE
    bold: bool = False


class Box(NamedTuple):
    """A rectangle of the picture, in pixels."""

    x: int
    y: int
    width: int
    height: int

    def overlap(self, other: "Box") -> int:
        """Area that both cover, in pixels."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return max(0, across) * max(0, down)

    def cut_from(self, image: Picture) -> Picture:
        """The part of the picture that it covers."""
        return image[self.y : self.y + self.height, self.x : self.x + self.width]

    def moved_into(self, image: Picture) -> "Box":
        """The same, moved (and cut, where it is larger) so that it lies inside the picture."""
        rows, columns = image.shape[:2]
        width, height = min(self.width, columns), min(self.height, rows)
        x, y = max(0, min(self.x, columns - width)), max(0, min(self.y, rows - height))
        return Box(x, y, width, height)


class _TrueType:
    """The font inside OpenCV 5."""

    def __init__(self) -> None:
        self._font = cv2.FontFace("sans")

    def width(self, line: Line) -> int:
        weight = _BOLD if line.bold else _REGULAR
        left, _, width, _ = cv2.getTextSize((0, 0), line.text, (0, 0), self._font, line.size, weight)
        return int(left + width)

    def draw(self, image: Picture, line: Line, x: int, baseline: int) -> None:
        weight = _BOLD if line.bold else _REGULAR
        cv2.putText(image, line.text, (x, baseline), line.colour, self._font, line.size, weight)


class _Strokes:
    """The stroke font of older versions; ASCII only."""

    def width(self, line: Line) -> int:
        text, scale, thickness = self._style(line)
        return int(cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)[0][0])

    def draw(self, image: Picture, line: Line, x: int, baseline: int) -> None:
        text, scale, thickness = self._style(line)
        cv2.putText(
            image,
            text,
            (x, baseline),
            cv2.FONT_HERSHEY_SIMPLEX,
            scale,
            line.colour,
            thickness,
            cv2.LINE_AA,
        )

    def _style(self, line: Line) -> tuple[str, float, int]:
        return fold_to_ascii(line.text), line.size / 32, max(1, line.size // (9 if line.bold else 14))


class PlatePainter:
    """Draws rounded plates with lines of text, keeping the latest ones rendered."""

    def __init__(self) -> None:
        self._font: _TrueType | _Strokes = _TrueType() if hasattr(cv2, "FontFace") else _Strokes()
        self._widths: dict[Line, int] = {}
        self._plates: dict[object, tuple[Picture, Picture]] = {}

    def width(self, line: Line) -> int:
        """How wide a line is, pixels, without the plate."""
        if len(self._widths) > _CACHED_WIDTHS:
            self._widths.clear()
        if line not in self._widths:
            self._widths[line] = self._font.width(line)
        return self._widths[line]

    def size(self, lines: tuple[Line, ...], max_width: int, background: Colour = INK) -> tuple[int, int]:
        """Width and height that `put` will cover."""
        height, width = self._plate(lines, max_width, background)[1].shape
        return width, height

    def put(
        self,
        image: Picture,
        lines: tuple[Line, ...],
        corner: tuple[int, int],
        max_width: int,
        background: Colour = INK,
    ) -> Box:
        """Put a plate with its upper left corner at `corner`, moved inwards where it would stick out.

        Returns what it covers.
        """
        plate, mask = self._plate(lines, max_width, background)
        rows, columns = mask.shape
        box = Box(*corner, columns, rows).moved_into(image)
        region = box.cut_from(image)
        cv2.copyTo(plate[: box.height, : box.width], mask[: box.height, : box.width], region)
        return box

    def _plate(self, lines: tuple[Line, ...], max_width: int, background: Colour) -> tuple[Picture, Picture]:
        key = (lines, max_width, background)
        found = self._plates.pop(key, None) or self._render(lines, max_width, background)
        self._plates[key] = found  # now the latest
        if len(self._plates) > _CACHED_PLATES:
            del self._plates[next(iter(self._plates))]
        return found

    def _render(self, lines: tuple[Line, ...], max_width: int, background: Colour) -> tuple[Picture, Picture]:
        padding = max(3, max(line.size for line in lines) // 4)
        fitted = [self._fit(line, max_width - 2 * padding) for line in lines]
        width = max(self._font.width(line) for line in fitted) + 2 * padding
        height = sum(round(1.05 * line.size) for line in fitted) + round(1.2 * padding)
        plate: Picture = np.full((height, width, 3), background, np.uint8)
        baseline = padding // 2
        for line in fitted:
            baseline += round(1.05 * line.size)
            x = (width - self._font.width(line)) // 2
            self._font.draw(plate, line, x, baseline - round(0.18 * line.size))
        return plate, _rounded(width, height, min(padding, height // 2))

    def _fit(self, line: Line, room: int) -> Line:
        """Smaller where it is too wide; below the smallest legible size, cut with an ellipsis."""
        width = self._font.width(line)
        if width <= room:
            return line
        size = max(_SMALLEST_TEXT, int(line.size * room / width))
        line = replace(line, size=size)
        while line.size > _SMALLEST_TEXT and self._font.width(line) > room:
            line = replace(line, size=line.size - 1)  # the font does not scale evenly
        text = line.text
        while len(text) > 1 and self._font.width(line) > room:
            text = text[:-1]
            line = replace(line, text=text.rstrip() + "…")
        return line


def _rounded(width: int, height: int, radius: int) -> Picture:
    mask: Picture = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (radius, 0), (width - 1 - radius, height - 1), 255, cv2.FILLED)
    cv2.rectangle(mask, (0, radius), (width - 1, height - 1 - radius), 255, cv2.FILLED)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(mask, (x, y), radius, 255, cv2.FILLED)
    return mask


def draw_paths(
    image: Picture, paths: Sequence[Points], colour: Colour, thickness: int, halo: int = 0
) -> None:
    """Smooth lines, each through points (n, 2), pixels; `halo` pixels of dark edge keep them legible."""
    fixed = [np.rint(points * (1 << _SHIFT)).astype(np.int32) for points in paths]
    if halo:
        # Not anti-aliased: the bright line on top hides the steps, and the halo costs half.
        cv2.polylines(image, fixed, False, INK, thickness + 2 * halo, cv2.LINE_8, _SHIFT)
    cv2.polylines(image, fixed, False, colour, thickness, cv2.LINE_AA, _SHIFT)


def draw_dot(image: Picture, centre: Points, radius: float, colour: Colour, edge: int) -> None:
    """A filled dot with a dark edge."""
    at = (round(centre[0] * (1 << _SHIFT)), round(centre[1] * (1 << _SHIFT)))
    fixed = round(radius * (1 << _SHIFT))
    cv2.circle(image, at, fixed + (edge << _SHIFT), INK, cv2.FILLED, cv2.LINE_AA, _SHIFT)
    cv2.circle(image, at, fixed, colour, cv2.FILLED, cv2.LINE_AA, _SHIFT)


def fill_box(image: Picture, corner: tuple[int, int], end: tuple[int, int], colour: Colour) -> None:
    """A filled rectangle from `corner` up to, not including, `end`."""
    if corner[0] < end[0] and corner[1] < end[1]:
        cv2.rectangle(image, corner, (end[0] - 1, end[1] - 1), colour, cv2.FILLED)


def tint_polygon(image: Picture, points: Points, colour: Colour, strength: float) -> None:
    """Mix `colour` into a polygon; only its bounding box is touched."""
    low = np.maximum(np.floor(points.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(points.max(axis=0)).astype(int) + 1, (image.shape[1], image.shape[0]))
    if np.any(high - low < 2):
        return
    region = image[low[1] : high[1], low[0] : high[0]]
    filled = region.copy()
    cv2.fillPoly(filled, [np.rint(points - low).astype(np.int32)], colour)
    cv2.addWeighted(filled, strength, region, 1.0 - strength, 0.0, dst=region)


def arc_points(centre: Points, radius: float, start_rad: float, end_rad: float) -> Points:
    """Points along an arc, about every 4 degrees; angles from the x axis towards the y axis (downwards)."""
    steps = max(2, int(abs(end_rad - start_rad) / 0.07) + 2)
    angles = np.linspace(start_rad, end_rad, steps)
    return np.asarray(centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1))
