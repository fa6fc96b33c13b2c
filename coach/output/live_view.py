"""Draws a live session: picture, body, count, gauge, ring, one line of words.  Made to be read from afar.

The picture fills the right of the canvas, the numbers stand in a panel at its left; sizes follow the
canvas, so that any window and full screen look alike.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

import cv2
import numpy as np

from coach.body.landmarks import SIDES, Side
from coach.exercise.spec import ExerciseSpec
from coach.live.state import LiveState
from coach.output.drawing import GREEN, INK, MUTED, SIDE_COLOURS, WHITE, YELLOW, Colour, Line, PlatePainter
from coach.output.live_parts import PANEL, Sheet, draw_checks, draw_gauge, draw_ring
from coach.output.overlay import Overlay
from coach.output.placement import SIZE, paint_placement
from coach.output.safety import SAFETY
from coach.pipeline import Image

_PANEL_SHARE: Final = 0.25
_PLACEMENT_UNITS: Final = 56
_DIM: Final = 0.35
_LONG_PROMPT: Final = 34

HELP: Final = (
    ("space", "pause, go on (or raise a hand)"),
    ("r", "start this set again"),
    ("enter", "skip the rest, the explanation"),
    ("n  p", "next, previous exercise"),
    ("m", "mirror the picture"),
    ("v", "voice on, off"),
    ("f", "full screen"),
    ("s", "snapshot"),
    ("h", "this help"),
    ("q", "quit"),
)


@dataclass(slots=True)
class ViewSettings:
    """What the person has chosen, and what has to be shown besides the state."""

    mirrored: bool = True
    help: bool = False
    voice: bool = True
    camera_lost: bool = False
    message: str = ""
    set_up_report: str = ""


class LiveView:
    """`draw` makes the picture for one instant; the canvas is reused."""

    def __init__(self, spec: ExerciseSpec) -> None:
        self._spec = spec
        self._overlay = Overlay(spec)
        self._painter = PlatePainter()
        self._canvas: Image = np.empty((0, 0, 3), np.uint8)
        self._placement: Image | None = None
        self._outwards = any(phase.direction == "decrease" for phase in spec.phases)

    def draw(
        self, picture: Image | None, state: LiveState | None, settings: ViewSettings, size: tuple[int, int]
    ) -> Image:
        """The canvas of `size` (width, height); valid until the next call."""
        width, height = max(320, size[0]), max(240, size[1])
        if self._canvas.shape[:2] != (height, width):
            self._canvas = np.empty((height, width, 3), np.uint8)
        self._canvas[:] = PANEL
        page = _Page(self._canvas, self._painter)
        dimmed = settings.camera_lost or settings.help or (state is not None and state.stage in _DIMMED)
        if picture is not None:
            self._draw_picture(page, picture, state, settings, dimmed)
        if state is not None:
            self._draw_state(page, state)
        if settings.camera_lost:
            page.banner("Camera lost. Trying again …", YELLOW)
        if settings.help:
            page.table(HELP)
        self._draw_footer(page, settings)
        return self._canvas

    def draw_safety(self, size: tuple[int, int]) -> Image:
        """The first-run screen."""
        canvas: Image = np.empty((max(240, size[1]), max(320, size[0]), 3), np.uint8)
        canvas[:] = PANEL
        unit, room = min(canvas.shape[:2]) / 100, round(0.94 * canvas.shape[1])
        y = round(6 * unit)
        for i, text in enumerate((*SAFETY, "Press space when you have read this.  q: quit")):
            heading = i in (0, len(SAFETY))
            line = Line(
                text, round((9 if i == 0 else 4.7) * unit), YELLOW if heading else WHITE, bold=heading
            )
            self._painter.put(canvas, (line,), (round(0.03 * canvas.shape[1]), y), room, PANEL)
            y += round((14 if i == 0 else 10.5) * unit)
        return canvas

    def _draw_picture(
        self, page: "_Page", picture: Image, state: LiveState | None, settings: ViewSettings, dimmed: bool
    ) -> None:
        height, width = picture.shape[:2]
        area = page.picture_area(width / height)
        cv2.resize(picture, (area.shape[1], area.shape[0]), dst=area, interpolation=cv2.INTER_LINEAR)
        if settings.mirrored:
            cv2.flip(area, 1, dst=area)
        if dimmed:
            np.multiply(area, _DIM, out=area, casting="unsafe")
        if state is not None and not dimmed:
            self._overlay.draw(
                area, state.tick, scale=area.shape[1] / width, mirrored=settings.mirrored, panels=False
            )

    def _draw_state(self, page: "_Page", state: LiveState) -> None:
        if state.checks:
            self._draw_set_up_panel(page, state)
        else:
            self._draw_working_panel(page, state)
        centre, radius = page.centre, round(24 * page.unit)
        if state.countdown_s is not None:
            number = Line(str(state.countdown_s), round(30 * page.unit), bold=True)
            draw_ring(page.sheet, centre, radius, 1.0, (number,))
        elif state.rest_left_s is not None:
            lines = (
                Line(str(ceil(state.rest_left_s)), round(26 * page.unit), bold=True),
                Line("rest", round(7 * page.unit), MUTED),
            )
            draw_ring(page.sheet, centre, radius, 1.0, lines, colour=MUTED)
        elif state.stage == "hold-still":
            page.ring_corner(state.still_share, (Line("still", round(7 * page.unit), bold=True),), GREEN)
        elif state.hold is not None:
            self._draw_hold(page, state.hold)
        if state.stage in ("paused", "finished"):
            page.banner("Paused" if state.stage == "paused" else "Done", YELLOW)
        colour = YELLOW if state.is_cue or (state.checks and state.stage == "framing") else WHITE
        page.prompt(state.prompt, state.note, colour)

    def _draw_hold(self, page: "_Page", hold: tuple[float, float]) -> None:
        held_s, target_s = hold
        left = max(0, ceil(target_s - held_s))
        lines = (
            Line(str(left) if left else "ok", round(15 * page.unit), bold=True),
            Line("hold" if left else "release", round(5 * page.unit), MUTED),
        )
        page.ring_corner(held_s / target_s, lines, GREEN)

    def _draw_set_up_panel(self, page: "_Page", state: LiveState) -> None:
        unit, x, room = page.unit, page.margin, page.panel_room
        y = page.text(self._spec.name, (x, page.margin), 6.5, WHITE, room)
        y = page.text(self._turn_words(state), (x, y), 5.5, _side_colour(state.progress.side), room)
        draw_checks(
            page.sheet,
            (x, y + page.margin),
            round(5.2 * unit),
            room,
            state.checks,
        )
        y += page.margin + round(len(state.checks) * 1.75 * 5.2 * unit) + page.margin
        page.paragraph(self._spec.camera_place, (x, y), 3.4, MUTED, room)
        if state.stage == "framing":
            self._draw_placement(page)

    def _draw_placement(self, page: "_Page") -> None:
        """Where the camera goes, in the upper right corner."""
        scale = _PLACEMENT_UNITS * page.unit / SIZE[0]
        if self._placement is None or self._placement.shape[1] != round(SIZE[0] * scale):
            self._placement = paint_placement(self._spec, scale)
        height, width = self._placement.shape[:2]
        page.canvas[page.margin : page.margin + height, -page.margin - width : -page.margin] = self._placement

    def _draw_working_panel(self, page: "_Page", state: LiveState) -> None:
        unit, x, room = page.unit, page.margin, page.panel_room
        progress = state.progress
        y = page.text(self._turn_words(state), (x, page.margin), 6.0, _side_colour(progress.side), room)
        y = page.text(str(progress.rep_count), (x, y), 30, WHITE, room)
        y = page.text(f"of {progress.rep_target}", (x, y), 7, MUTED, room)
        sides = state.tick.working or ((progress.side,) if progress.side else SIDES[:1])
        shown: list[Side] = [side for side in sides if side in state.tick.sides]
        if not shown:
            return
        side = progress.side if progress.side in shown else shown[0]
        top = y + round(5 * unit)
        height = page.height - top - round(8 * unit)
        if height > 12 * unit:
            box = (x + round(2 * unit), top, round(0.42 * room), height)
            rotation, best = state.tick.sides[side].rotation, dict(state.best_deg).get(side)
            draw_gauge(page.sheet, box, side, rotation, best_deg=best, outwards=self._outwards)

    def _turn_words(self, state: LiveState) -> str:
        progress = state.progress
        leg = f"{progress.side} leg" if progress.side else ""
        set_words = f"set {progress.set_number} of {progress.sets}" if progress.sets > 1 else ""
        return " · ".join(part for part in (leg, set_words) if part).capitalize() or " "

    def _draw_footer(self, page: "_Page", settings: ViewSettings) -> None:
        parts = [settings.message or "h: help   q: quit"]
        if not settings.voice:
            parts.append("voice off")
        if settings.set_up_report:
            parts.append(settings.set_up_report)
        page.footer("   ".join(parts))


_DIMMED: Final = ("paused", "rest", "finished")


def _side_colour(side: Side | None) -> Colour:
    return SIDE_COLOURS[side] if side else WHITE


class _Page:
    """The canvas with its places; sizes in units of 1 % of the shorter edge."""

    def __init__(self, canvas: Image, painter: PlatePainter) -> None:
        self.canvas = canvas
        self.sheet = Sheet(canvas, painter)
        self._painter = painter
        self.height, self.width = canvas.shape[:2]
        self.unit = min(self.height, self.width) / 100
        self.margin = round(2 * self.unit)
        self._left = round(_PANEL_SHARE * self.width)
        self.panel_room = self._left - 2 * self.margin
        self._text_room = self.width - self._left - 2 * self.margin

    @property
    def centre(self) -> tuple[int, int]:
        """The middle of the picture's side."""
        return (self._left + self.width) // 2, round(0.45 * self.height)

    def picture_area(self, ratio: float) -> Image:
        """The part of the canvas for a picture of this width : height."""
        room_w, room_h = self.width - self._left, self.height
        width = min(room_w, round(room_h * ratio))
        height = min(room_h, round(width / ratio))
        x, y = self._left + (room_w - width) // 2, (room_h - height) // 2
        return self.canvas[y : y + height, x : x + width]

    def text(self, text: str, corner: tuple[int, int], units: float, colour: Colour, room: int) -> int:
        """One line; returns how far down it reaches."""
        line = (Line(text, max(10, round(units * self.unit)), colour, bold=True),)
        self._painter.put(self.canvas, line, corner, room, PANEL)
        return corner[1] + self._painter.size(line, room, PANEL)[1]

    def paragraph(self, text: str, corner: tuple[int, int], units: float, colour: Colour, room: int) -> None:
        """Several lines, broken at spaces."""
        size = max(10, round(units * self.unit))
        letters = max(8, int(room / (0.52 * size)))
        x, y = corner
        for line in _wrap_words(text, letters):
            if y + size > self.height - 4 * self.unit:
                return
            self._painter.put(self.canvas, (Line(line, size, colour),), (x, y), room, PANEL)
            y += round(1.35 * size)

    def prompt(self, text: str, note: str, colour: Colour) -> None:
        """The words at the bottom of the picture, with a smaller line under them."""
        dark = INK if colour == YELLOW else None
        lines = [Line(part, round(8.2 * self.unit), dark or colour, bold=True) for part in _sentences(text)]
        if note:
            lines.append(Line(note, round(4 * self.unit), dark or MUTED))
        if not lines:
            return
        background = YELLOW if colour == YELLOW else INK
        width, height = self._painter.size(tuple(lines), self._text_room, background)
        x = self._left + (self.width - self._left - width) // 2
        corner = (x, self.height - height - round(5.5 * self.unit))
        self._painter.put(self.canvas, tuple(lines), corner, self._text_room, background)

    def banner(self, text: str, colour: Colour) -> None:
        """A few words across the middle of the picture."""
        line = (Line(text, round(13 * self.unit), INK, bold=True),)
        width, height = self._painter.size(line, self._text_room, colour)
        corner = (self.centre[0] - width // 2, self.centre[1] - height // 2)
        self._painter.put(self.canvas, line, corner, self._text_room, colour)

    def ring_corner(self, share: float, lines: tuple[Line, ...], colour: Colour) -> None:
        """A ring in the upper right."""
        radius = round(17 * self.unit)
        centre = (self.width - radius - 2 * self.margin, radius + 2 * self.margin)
        draw_ring(self.sheet, centre, radius, share, lines, colour=colour)

    def table(self, rows: tuple[tuple[str, str], ...]) -> None:
        """Keys and what they do, over the picture."""
        size = round(min(5.0, 76 / (1.5 * len(rows))) * self.unit)
        x, y = self._left + self.margin, round(3 * self.unit)
        for key, meaning in rows:
            line = Line(key, size, YELLOW, bold=True)
            self._painter.put(self.canvas, (line,), (x, y), round(0.25 * self._text_room))
            meaning_x = x + round(0.18 * self._text_room)
            room = round(0.8 * self._text_room)
            self._painter.put(self.canvas, (Line(meaning, size),), (meaning_x, y), room)
            y += round(1.6 * size)

    def footer(self, text: str) -> None:
        """Small print in the lower left corner."""
        size = max(10, round(2.8 * self.unit))
        line = (Line(text, size, MUTED),)
        height = self._painter.size(line, self.width, PANEL)[1]
        self._painter.put(self.canvas, line, (self.margin // 2, self.height - height), self.width, PANEL)


def _wrap_words(text: str, letters: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > letters and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _sentences(text: str) -> list[str]:
    """A long text broken after its first sentence, so that both parts can be large."""
    first, stop, rest = text.partition(". ")
    return [first + stop.strip(), rest] if stop and len(text) > _LONG_PROMPT else [text] if text else []
