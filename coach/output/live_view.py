"""Draws a live session: picture, body, count, gauge, ring, one line of words.  Made to be read from afar.

The picture fills the right of the canvas, the numbers stand in a panel at its left; sizes follow the
canvas, so that any window and full screen look alike.
"""

from dataclasses import dataclass
from math import ceil, isfinite
from typing import Final

from coach.body.landmarks import SIDES, Side
from coach.exercise.spec import ExerciseSpec
from coach.live.state import LiveState, Result
from coach.output.drawing import INK, MUTED, SIDE_COLOURS, WHITE, YELLOW, Box, Colour, Line
from coach.output.live_page import Page, Prompt, Screen
from coach.output.live_parts import draw_checks, draw_gauge, draw_ring, draw_target_gauge
from coach.output.placement import SIZE, paint_placement
from coach.output.safety import SAFETY
from coach.output.wording import degrees_text
from coach.pipeline import Image

_PLACEMENT_UNITS: Final = 56
_PLACEMENT_SHARE: Final = 0.42  # of the scene's width, at most
_SMALLEST_PLACEMENT: Final = 100  # px across
_LINE_HEIGHT: Final = 1.35  # of the letters' size
_TUCKED_UNITS: Final = 7.0  # "of 10" comes closer to the count by this much

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
        self._screen = Screen(spec)
        self._placement: Image | None = None

    def draw(
        self, picture: Image | None, state: LiveState | None, settings: ViewSettings, size: tuple[int, int]
    ) -> Image:
        """The canvas of `size` (width, height); valid until the next call."""
        dimmed = settings.camera_lost or settings.help or (state is not None and state.stage in _DIMMED)
        page = self._screen.start(size, picture, mirrored=settings.mirrored, dimmed=dimmed)
        if state is not None:
            self._draw_state(page, state)
        elif settings.message:
            page.prompt(Prompt(settings.message))
        if settings.camera_lost:
            page.banner(_big(page, "Camera lost. Trying again …", units=9), YELLOW)
        if settings.help:
            page.table(HELP)
        self._draw_footer(page, settings, message=settings.message if state is not None else "")
        return page.canvas

    def _draw_state(self, page: Page, state: LiveState) -> None:
        wrong = state.stage == "framing" and any(not check.ok for check in state.checks)
        words = Prompt(state.prompt, state.note, warning=state.is_cue or wrong)
        rings = (page.ring_box,) if self._spec.hold else ()
        self._screen.draw_body(page, state.tick, (page.prompt_box(words), *rings))
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
            page.ring_corner(state.still_share, (Line("still", round(8 * page.unit), bold=True),))
        elif state.hold is not None:
            page.ring_corner(state.hold[0] / state.hold[1], _hold_lines(page, *state.hold))
        if state.stage == "paused":
            page.banner(_big(page, "Paused"), YELLOW)
        elif state.stage == "finished":
            page.banner(_big(page, "Done", *(_describe(result) for result in state.results)), YELLOW)
        page.prompt(words)

    def _draw_set_up_panel(self, page: Page, state: LiveState) -> None:
        x, top, room, height = page.column
        y = page.text(self._spec.name, (x, top), 6.5, WHITE, room)
        y = page.text(self._turn_words(state), (x, y), 5.5, _side_colour(state.progress.side), room)
        y += page.margin
        box = Box(x, y, room, top + height - y)
        y = draw_checks(page.sheet, box, round(5.2 * page.unit), state.checks) + page.margin
        free = page.rest_of_panel(y)
        below = page.paragraph(self._spec.camera_place, free, 3.8, MUTED) + page.margin
        if state.stage == "framing":
            self._draw_placement(page, free._replace(y=below, height=free.y + free.height - below))

    def _draw_placement(self, page: Page, free: Box) -> None:
        """Where the camera goes: in the upper right corner, in upright windows where the panel is free."""
        scale = min(_PLACEMENT_UNITS * page.unit, _PLACEMENT_SHARE * page.scene.width) / SIZE[0]
        if page.upright:
            scale = min(free.width / SIZE[0], free.height / SIZE[1])
        if scale * SIZE[0] < _SMALLEST_PLACEMENT:
            return
        if self._placement is None or self._placement.shape[1] != round(SIZE[0] * scale):
            self._placement = paint_placement(self._spec, scale)
        height, width = self._placement.shape[:2]
        corner = (page.width - page.margin - width, page.scene.y + page.margin)
        x, y = (free.x, free.y) if page.upright else corner
        Box(x, y, width, height).cut_from(page.canvas)[:] = self._placement

    def _draw_working_panel(self, page: Page, state: LiveState) -> None:
        progress, column = state.progress, page.column
        leg, number = self._turn_parts(state)
        lines = [
            (leg, 8.0, _side_colour(progress.side)),
            (number, 5.5, MUTED if leg else WHITE),
            (str(progress.rep_count), 30.0, WHITE),
            (f"of {progress.rep_target}", 8.0, MUTED),
        ]
        needed = _LINE_HEIGHT * sum(units for text, units, _ in lines if text) - _TUCKED_UNITS
        scale = min(1.0, column.height / (needed * page.unit))
        y = column.y
        for text, units, colour in lines:
            if text.startswith("of "):
                y -= round(scale * _TUCKED_UNITS * page.unit)
            if text:
                y = page.centred(text, y, scale * units, colour, column)
        sides = state.tick.working or ((progress.side,) if progress.side else SIDES[:1])
        shown: list[Side] = [side for side in sides if side in state.tick.sides]
        if shown:
            side = progress.side if progress.side in shown else shown[0]
            self._draw_gauge(page, state, side, page.rest_of_panel(y + page.margin))

    def _draw_gauge(self, page: Page, state: LiveState, side: Side, room: Box) -> None:
        x, y, width, height = room
        if height < 12 * page.unit:
            return
        box = Box(x + round(2 * page.unit), y, round(0.38 * width), height)
        leg = state.tick.sides[side]
        if self._spec.reading.absolute:
            best = dict(state.best_deg).get(side)
            outwards = any(phase.direction == "decrease" for phase in self._spec.phases)
            draw_gauge(
                page.sheet, box, side, leg.rotation, best_deg=best,
                inwards=self._spec.turns_inwards, outwards=outwards,
            )  # fmt: skip
            return
        low, high = self._spec.target_deg
        full = 1.2 * high
        draw_target_gauge(page.sheet, box, side, abs(leg.measure_deg) / full, (low / full, high / full))

    def _turn_parts(self, state: LiveState) -> tuple[str, str]:
        progress = state.progress
        leg = f"{progress.side.capitalize()} leg" if progress.side else ""
        return leg, f"Set {progress.set_number} of {progress.sets}" if progress.sets > 1 else ""

    def _turn_words(self, state: LiveState) -> str:
        return " · ".join(part for part in self._turn_parts(state) if part) or " "

    def _draw_footer(self, page: Page, settings: ViewSettings, message: str) -> None:
        parts = [message or "h: help   q: quit"]
        if not settings.voice:
            parts.append("voice off")
        if settings.set_up_report:
            parts.append(settings.set_up_report)
        page.footer("   ".join(parts))


def draw_safety(size: tuple[int, int]) -> Image:
    """The first-run screen, of `size` (width, height)."""
    page = Screen().start(size)
    page.notice(SAFETY[0], SAFETY[1:], "Press space when you have read this.  q: quit")
    return page.canvas


_DIMMED: Final = ("paused", "rest", "finished")


def _side_colour(side: Side | None) -> Colour:
    return SIDE_COLOURS[side] if side else WHITE


def _hold_lines(page: Page, held_s: float, target_s: float) -> tuple[Line, ...]:
    left = max(0, ceil(target_s - held_s))
    return (
        Line(str(left) if left else "ok", round(19 * page.unit), bold=True),
        Line("hold" if left else "release", round(6 * page.unit), MUTED),
    )


def _big(page: Page, heading: str, *more: str, units: float = 13) -> tuple[Line, ...]:
    """Words for the middle of the picture."""
    return (
        Line(heading, round(units * page.unit), INK, bold=True),
        *(Line(text, round(7.5 * page.unit), INK, bold=True) for text in more),
    )


def _describe(result: Result) -> str:
    peak = f", best {degrees_text(result.peak_deg, result.peak_sd_deg)}" if isfinite(result.peak_deg) else ""
    reps = "1 rep" if result.rep_count == 1 else f"{result.rep_count} reps"
    return f"{result.side.capitalize()} leg: {reps}{peak}"
