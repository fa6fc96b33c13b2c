"""Draws a range-of-motion test in front of a camera: picture, body, what to do now, which trials are done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.body.landmarks import SIDES, Side
from coach.exercise.rom.protocol import Protocol
from coach.exercise.rom.session import TRIALS
from coach.exercise.rom.trial import DIRECTIONS, PLATEAU_S, Direction
from coach.output.drawing import GREEN, INK, MUTED, SIDE_COLOURS, WHITE, YELLOW, Box, Line, draw_dot
from coach.output.live_page import Page, Prompt, Screen
from coach.output.live_parts import draw_gauge, fit_size
from coach.output.live_view import ViewSettings
from coach.pipeline import Image, Tick

WAYS: Final[dict[Direction, str]] = {"internal": "in", "external": "out"}
HELP: Final = (
    ("raise a hand", "end, and see the result"),
    ("m", "mirror the picture"),
    ("v", "voice on, off"),
    ("f", "full screen"),
    ("s", "snapshot"),
    ("h", "this help"),
    ("q", "end"),
)
_EMPTY: Final = (74, 68, 62)
_DISC_SHARE: Final = 0.05  # radius of a trial's disc, of the column's width at most
_DISC_PITCH: Final = 2.5  # radii from one to the next


@dataclass(frozen=True, slots=True)
class RomShown:
    """What there is to show of one instant.

    counts    trials that count, per leg and direction
    upcoming  the leg and direction to do next
    held_s    how long the end of the range has been held
    results   lines for the end, empty before it
    """

    tick: Tick
    prompt: str
    counts: Mapping[tuple[Side, Direction], int]
    upcoming: tuple[Side, Direction] | None
    held_s: float
    results: tuple[str, ...] = ()


class RomView:
    """`draw` makes the picture for one instant; the canvas is reused."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._screen = Screen()

    def draw(
        self, picture: Image | None, shown: RomShown | None, settings: ViewSettings, size: tuple[int, int]
    ) -> Image:
        """The canvas of `size` (width, height); valid until the next call."""
        dimmed = settings.camera_lost or settings.help or (shown is not None and bool(shown.results))
        page = self._screen.start(size, picture, mirrored=settings.mirrored, dimmed=dimmed)
        if shown is None:
            page.prompt(Prompt(settings.message))
        else:
            self._draw_shown(page, shown)
        if settings.camera_lost:
            page.banner((Line("Camera lost. Trying again …", round(9 * page.unit), INK, bold=True),), YELLOW)
        if settings.help:
            page.table(HELP)
        page.footer(settings.message if shown is not None and settings.message else "h: help   q: end")
        return page.canvas

    def _draw_shown(self, page: Page, shown: RomShown) -> None:
        self._screen.draw_body(page, shown.tick, (page.prompt_box(Prompt(shown.prompt)), page.ring_box))
        y = self._draw_trials(page, shown)
        if shown.upcoming is not None:
            x, top, width, height = page.rest_of_panel(y + page.margin)
            box = Box(x + round(2 * page.unit), top, round(0.38 * width), height)
            side = shown.tick.working[0] if len(shown.tick.working) == 1 else shown.upcoming[0]
            rotation = shown.tick.sides[side].rotation
            draw_gauge(page.sheet, box, side, rotation, best_deg=None, inwards=True, outwards=True)
        if shown.results:
            page.banner(
                (
                    Line("Done", round(11 * page.unit), INK, bold=True),
                    *(Line(text, round(6.5 * page.unit), INK, bold=True) for text in shown.results),
                ),
                YELLOW,
            )
            return
        if shown.held_s > 0:
            share = min(1.0, shown.held_s / PLATEAU_S)
            words = "hold" if share < 1.0 else "back"
            page.ring_corner(share, (Line(words, round(9 * page.unit), bold=True),))
        page.prompt(Prompt(shown.prompt))

    def _draw_trials(self, page: Page, shown: RomShown) -> int:
        """A row for each leg and direction with a disc for each trial; returns how far down they reach."""
        x, y, room, _ = page.column
        y = page.text(self._protocol.name, (x, y), 6.0, WHITE, room) + page.margin
        names = {(side, way): f"{side.capitalize()} {WAYS[way]}" for side in SIDES for way in DIRECTIONS}
        radius = min(1.9 * page.unit, _DISC_SHARE * room)
        free = room - round(_DISC_PITCH * TRIALS * radius)
        widest = fit_size(page.sheet.painter, list(names.values()), round(6.5 * page.unit), free) / page.unit
        for trial, name in names.items():
            now = trial == shown.upcoming
            colour, units = (SIDE_COLOURS[trial[0]], widest) if now else (MUTED, min(5.0, widest))
            below = page.text(name, (x, y), units, colour, free)
            self._draw_discs(page, (x + room, (y + below) // 2), radius, shown.counts.get(trial, 0))
            y = below
        return y

    def _draw_discs(self, page: Page, end: tuple[int, int], radius: float, count: int) -> None:
        for i in range(TRIALS):
            middle = np.array([end[0] - (TRIALS - i - 0.5) * _DISC_PITCH * radius, float(end[1])])
            draw_dot(page.canvas, middle, radius, GREEN if i < count else _EMPTY, 0)
