"""The canvas of the live window with its places: a panel for numbers, the scene for the picture.

Sizes are in units of 1 % of the shorter edge, so that any window and full screen look alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import cv2
import numpy as np

from coach.exercise.spec import ExerciseSpec
from coach.output.drawing import GREEN, INK, MUTED, WHITE, YELLOW, Box, Colour, Line, PlatePainter
from coach.output.live_parts import PANEL, Sheet, draw_ring
from coach.output.overlay import Overlay
from coach.pipeline import Image, Tick

_PANEL_SHARE: Final = 0.25  # of the width; upright windows have it at the top, with this much of the height:
_UPRIGHT_SHARE: Final = 0.4
_UPRIGHT: Final = 1.1
_SMALLEST: Final = 10  # px
_DIM: Final = 0.35
_PROMPT_UNITS: Final = 8.2
_SMALL_PROMPT_UNITS: Final = 6.5  # before a prompt gets this small it is broken into more lines
_PROMPT_LINES: Final = 4
_PROMPT_ROOM_UNITS: Final = 25  # two lines, and the footer
_SLACKS: Final = (1.0, 1.1, 1.2, 1.35, 1.5, 2.0)  # widths of a line to try, in even parts of the whole


@dataclass(frozen=True, slots=True)
class Prompt:
    """The words at the bottom of the picture; a warning stands on yellow."""

    text: str
    note: str = ""
    warning: bool = False

    @property
    def ink(self) -> Colour:
        """The colour of the large letters."""
        return INK if self.warning else WHITE

    @property
    def background(self) -> Colour:
        """The colour of the plate."""
        return YELLOW if self.warning else INK


class Screen:
    """What a window shows, its memory reused: `start` begins anew with the camera's picture."""

    def __init__(self, spec: ExerciseSpec | None = None) -> None:
        self._overlay = Overlay(spec)
        self._painter = PlatePainter()
        self._image: Image = np.empty((0, 0, 3), np.uint8)

    def start(
        self,
        size: tuple[int, int],
        picture: Image | None = None,
        *,
        mirrored: bool = False,
        dimmed: bool = False,
    ) -> "Page":
        """A page of `size` (width, height), valid until the next call."""
        width, height = max(320, size[0]), max(240, size[1])
        if self._image.shape[:2] != (height, width):
            self._image = np.empty((height, width, 3), np.uint8)
        self._image[:] = PANEL
        page = Page(self._image, self._painter)
        if picture is not None:
            page.put_picture(picture, mirrored=mirrored, dimmed=dimmed)
        return page

    def draw_body(self, page: "Page", tick: Tick, covered: Sequence[Box]) -> None:
        """The body in the picture, unless that is dimmed; its values keep clear of what will be `covered`."""
        shown = page.shown
        if shown is None or shown.dimmed:
            return
        inside = [box._replace(x=box.x - shown.box.x, y=box.y - shown.box.y) for box in covered]
        self._overlay.draw(
            shown.box.cut_from(page.canvas), tick, scale=shown.scale, mirrored=shown.mirrored, panels=False,
            covered=inside,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """The camera's picture on a page: where, and its size there over its own."""

    box: Box
    scale: float
    mirrored: bool
    dimmed: bool


class Page:
    """Places text, rings and pictures on a canvas."""

    def __init__(self, canvas: Image, painter: PlatePainter) -> None:
        self.canvas = canvas
        self.shown: Shown | None = None
        self.sheet = Sheet(canvas, painter)
        self._painter = painter
        self.height, self.width = canvas.shape[:2]
        self.unit: float = min(self.height, self.width) / 100
        self.margin = round(2 * self.unit)
        self.upright = self.height > _UPRIGHT * self.width
        left = 0 if self.upright else round(_PANEL_SHARE * self.width)
        top = round(_UPRIGHT_SHARE * self.height) if self.upright else 0
        self.scene = Box(left, top, self.width - left, self.height - top)
        inner = (self.width if self.upright else left) - 2 * self.margin
        self._panel_height = (top if self.upright else self.height) - self.margin
        self._column = (inner - self.margin) // 2 if self.upright else inner

    @property
    def column(self) -> Box:
        """The panel, or in an upright window its left half."""
        return Box(self.margin, self.margin, self._column, self._panel_height - self.margin)

    def rest_of_panel(self, y: int) -> Box:
        """What is free in the panel below `y`, or in an upright window its right half."""
        if self.upright:
            return self.column._replace(x=self._column + 2 * self.margin)
        return Box(self.margin, y, self._column, self._panel_height - y - round(4 * self.unit))

    @property
    def centre(self) -> tuple[int, int]:
        """The middle of the scene, above the prompt."""
        x, y, width, height = self.scene
        return x + width // 2, y + round(0.45 * height)

    def put_picture(self, picture: Image, *, mirrored: bool, dimmed: bool) -> None:
        """Put the camera's picture into the scene."""
        height, width = picture.shape[:2]
        box = self._fit_picture(width / height)
        self.shown = Shown(box, box.width / width, mirrored, dimmed)
        area = box.cut_from(self.canvas)
        cv2.resize(picture, (area.shape[1], area.shape[0]), dst=area, interpolation=cv2.INTER_LINEAR)
        if mirrored:
            cv2.flip(area, 1, dst=area)
        if dimmed:
            np.multiply(area, _DIM, out=area, casting="unsafe")

    def text(self, text: str, corner: tuple[int, int], units: float, colour: Colour, room: int) -> int:
        """One line; returns how far down it reaches."""
        line = (Line(text, self._px(units), colour, bold=True),)
        self._painter.put(self.canvas, line, corner, room, PANEL)
        return corner[1] + self._painter.size(line, room, PANEL)[1]

    def centred(self, text: str, y: int, units: float, colour: Colour, box: Box) -> int:
        """The same in the middle of a box's width."""
        line = (Line(text, self._px(units), colour, bold=True),)
        width, height = self._painter.size(line, box[2], PANEL)
        self._painter.put(self.canvas, line, (box[0] + (box[2] - width) // 2, y), box[2], PANEL)
        return y + height

    def paragraph(self, text: str, box: Box, units: float, colour: Colour, *, bold: bool = False) -> int:
        """Several lines, broken at spaces, as many as fit; returns how far down they reach."""
        x, y, room, height = box
        size = self._px(units)
        for line in self._wrap(text, size, _inside(room, size), bold=bold):
            if y + size > box[1] + height:
                break
            self._painter.put(self.canvas, (Line(line, size, colour, bold=bold),), (x, y), room, PANEL)
            y += round(1.35 * size)
        return y

    def prompt(self, words: Prompt) -> None:
        """The words at the bottom of the scene, as large as they fit, with a smaller line under them."""
        lines = self._prompt_lines(words)
        if lines:
            x, y, _, _ = self.prompt_box(words)
            self._painter.put(self.canvas, lines, (x, y), self._prompt_room, words.background)

    def prompt_box(self, words: Prompt) -> Box:
        """What `prompt` covers, of no size without words."""
        lines = self._prompt_lines(words)
        if not lines:
            return Box(0, 0, 0, 0)
        width, height = self._painter.size(lines, self._prompt_room, words.background)
        left, _, scene_width, _ = self.scene
        bottom = self.height - round(5.5 * self.unit)
        return Box(left + (scene_width - width) // 2, bottom - height, width, height)

    def banner(self, lines: tuple[Line, ...], colour: Colour) -> None:
        """A few words across the middle of the picture."""
        room = self.scene[2] - 2 * self.margin
        width, height = self._painter.size(lines, room, colour)
        corner = (self.centre[0] - width // 2, self.centre[1] - height // 2)
        self._painter.put(self.canvas, lines, corner, room, colour)

    def ring_corner(self, share: float, lines: tuple[Line, ...], colour: Colour = GREEN) -> None:
        """A ring in the upper right of the scene."""
        x, y, width, _ = self.ring_box
        radius = width // 2
        draw_ring(self.sheet, (x + radius, y + radius), radius, share, lines, colour=colour)

    @property
    def ring_box(self) -> Box:
        """What `ring_corner` covers."""
        width = 2 * round(20 * self.unit)
        return Box(self.width - width - 2 * self.margin, self.scene.y + 2 * self.margin, width, width)

    def table(self, rows: tuple[tuple[str, str], ...]) -> None:
        """Keys and what they do, over the picture."""
        left, top, width, height = self.scene
        size = max(_SMALLEST, min(self._px(5.0), round(0.76 * height / (1.6 * len(rows)))))
        x, y = left + self.margin, top + round(3 * self.unit)
        meaning_x = x + max(round(0.18 * width), 4 * size)
        for key, meaning in rows:
            self._painter.put(self.canvas, (Line(key, size, YELLOW, bold=True),), (x, y), meaning_x - x)
            room = self.width - meaning_x - self.margin
            self._painter.put(self.canvas, (Line(meaning, size),), (meaning_x, y), room)
            y += round(1.6 * size)

    def footer(self, text: str) -> None:
        """Small print in the lower left corner."""
        line = (Line(text, self._px(2.8), MUTED),)
        height = self._painter.size(line, self.width, PANEL)[1]
        self._painter.put(self.canvas, line, (self.margin // 2, self.height - height), self.width, PANEL)

    def notice(self, heading: str, sentences: tuple[str, ...], question: str) -> None:
        """A whole page of text: as large as it fits."""
        box = (2 * self.margin, 2 * self.margin, self.width - 4 * self.margin, self.height)
        for units in (6.0, 5.5, 5.0, 4.5, 4.0, 3.5, 3.0):
            size, gap = self._px(units), 0.8
            room = _inside(box[2], size)
            lines = sum(len(self._wrap(text, size, room)) for text in (*sentences, question))
            if 1.35 * size * lines + gap * size * len(sentences) + 15 * self.unit < 0.94 * self.height:
                break
        y = self.text(heading, (2 * self.margin, self.margin), 9, YELLOW, box[2]) + self.margin
        for text in (*sentences, question):
            bold, colour = text == question, YELLOW if text == question else WHITE
            y = self.paragraph(text, Box(box[0], y, box[2], self.height - y), units, colour, bold=bold)
            y += round(gap * size)

    def _fit_picture(self, ratio: float) -> Box:
        """Where a picture of this width : height goes: in the middle, but above a prompt if there is room."""
        left, top, room_w, room_h = self.scene
        width = min(room_w, round(room_h * ratio))
        height = min(room_h, round(width / ratio))
        free = room_h - height
        above = max(0, min(free // 2, free - round(_PROMPT_ROOM_UNITS * self.unit)))
        return Box(left + (room_w - width) // 2, top + above, width, height)

    def _px(self, units: float) -> int:
        return max(_SMALLEST, round(units * self.unit))

    @property
    def _prompt_room(self) -> int:
        return int(self.scene.width - 2 * self.margin)

    def _prompt_lines(self, words: Prompt) -> tuple[Line, ...]:
        large = [
            Line(part, size, words.ink, bold=True) for part, size in self._fit(words.text, self._prompt_room)
        ]
        note_ink = INK if words.warning else MUTED
        return (*large, *([Line(words.note, self._px(4), note_ink)] if words.note else []))

    def _fit(self, text: str, room: int) -> list[tuple[str, int]]:
        """Lines and their size: as few lines as stay large, then as large as they fit."""
        if not text:
            return []
        size = self._px(_PROMPT_UNITS)
        for count in range(1, _PROMPT_LINES + 1):
            lines = self._balance(text, size, count)
            widest = max(self._painter.width(Line(part, size, bold=True)) for part in lines)
            units = min(_PROMPT_UNITS, _PROMPT_UNITS * _inside(room, size) / widest)
            if units >= _SMALL_PROMPT_UNITS:
                break
        return [(part, self._px(units)) for part in lines]

    def _balance(self, text: str, size: int, count: int) -> list[str]:
        """Text in at most so many bold lines, as even as possible."""
        whole = self._painter.width(Line(text, size, bold=True))
        for slack in _SLACKS:
            lines = self._wrap(text, size, ceil(slack * whole / count), bold=True)
            if len(lines) <= count:
                return lines
        return [text]

    def _wrap(self, text: str, size: int, room: int, *, bold: bool = False) -> list[str]:
        """Text broken at spaces so that each line is at most `room` wide, where its words allow."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self._painter.width(Line(longer, size, bold=bold)) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines


def _inside(room: int, size: int) -> int:
    """The width left between the edges of a plate."""
    return room - size // 2 - 6
