"""What is drawn over the picture: the body with its protractor, count, phase, gauge, hold clock and cue.

Sizes follow the shorter edge of the picture, so that the count and the cue can be read from three metres.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, isfinite, pi, sin
from typing import Final

import numpy as np

from coach.body.landmarks import INDEX, SIDES, Side, other_side
from coach.exercise.spec import ExerciseSpec
from coach.output.drawing import (
    GREEN,
    INK,
    MUTED,
    SIDE_COLOURS,
    TARGET,
    WHITE,
    YELLOW,
    Box,
    Line,
    PlatePainter,
    arc_points,
    draw_dot,
    draw_paths,
    fill_box,
)
from coach.output.figure import Canvas, Shank, draw_arc, draw_skeleton, find_shank, wrap
from coach.output.wording import describe_rotation
from coach.pipeline import Image, SideTick, Tick

_START_PHASE: Final = "ready"
_NEAR_PLACES: Final = 6  # beside the protractor, nearer and further, on both sides, and below the foot
_RING_TRACK: Final = (90, 86, 82)


@dataclass(frozen=True, slots=True)
class Protractor:
    """The arc at one knee, from where the shank pointed in the start pose to where it points now."""

    side: Side
    shank: Shank
    reference_rad: float


class Overlay:
    """Draws ticks; remembers the shank's direction in the start pose, from which the protractor opens.

    That direction is kept relative to the trunk, because the image-plane measurement is: when the whole
    body tips, the reference tips with it.  The arc is therefore the change since the start pose as this
    view shows it; the number beside it is the measured rotation, or a dash where that was withheld.
    """

    def __init__(self, spec: ExerciseSpec | None = None) -> None:
        self._spec = spec
        self._painter = PlatePainter()
        self._start_rad: dict[Side, float] = {}
        self._place: dict[Side, int] = {}  # of those in `_find_places`

    def update(self, tick: Tick) -> None:
        """Learn the start pose; for those who draw only some of the ticks.  `draw` does it as well."""
        near = 0.1 * self._spec.target_deg[0] if self._spec else 3.0
        for side, state in tick.sides.items():
            if state.phase != _START_PHASE or not abs(state.measure_deg) <= near:
                continue
            shank = find_shank(tick.pose, side)
            if shank is None:
                continue
            seen = wrap(shank.angle_rad - shank.trunk_rad)
            known = self._start_rad.setdefault(side, seen)
            self._start_rad[side] = wrap(known + 0.1 * wrap(seen - known))

    def find_protractors(self, tick: Tick) -> list[Protractor]:
        """The protractors that `draw` would draw, for those who draw them elsewhere."""
        self.update(tick)
        return [
            Protractor(side, shank, shank.trunk_rad + self._start_rad[side])
            for side in tick.working
            if side in self._start_rad and (shank := find_shank(tick.pose, side)) is not None
        ]

    def draw(
        self,
        image: Image,
        tick: Tick,
        *,
        scale: float = 1.0,
        mirrored: bool = False,
        panels: bool = True,
        covered: Sequence[Box] = (),
    ) -> None:
        """Draw on `image`, in place.

        scale     size of `image` over the size of the picture that the pose was found in
        mirrored  whether `image` was flipped for display; the writing is not
        panels    False draws the body and the protractor with its value only
        covered   what will be put over `image` afterwards: no value goes there, if it can be helped
        """
        self.update(tick)
        canvas = Canvas(image, scale, mirrored)
        shanks = [
            (side, shank)
            for side in tick.working
            if side in tick.sides and (shank := find_shank(tick.pose, side)) is not None
        ]
        if tick.pose.seen:
            draw_skeleton(canvas, tick)
        for side, shank in shanks:
            if side in self._start_rad:
                reference = shank.trunk_rad + self._start_rad[side]
                draw_arc(canvas, shank, _radius(canvas, shank), reference, side)
        taken = [*covered, *(self._draw_panels(canvas, tick) if panels else [])]
        if self._spec is None or self._spec.reading.absolute:
            for side, shank in shanks:
                taken.append(self._draw_value(canvas, shank, tick, side, taken))

    def _draw_value(self, canvas: Canvas, shank: Shank, tick: Tick, side: Side, taken: list[Box]) -> Box:
        """The rotation on a plate beside the protractor: across from the other leg, if that is free.

        By the leg, it stays where it was as long as that is free, so that it does not jump to and fro.
        """
        value, name = describe_rotation(tick.sides[side].rotation)
        lines = (
            Line(value, canvas.text(6.5), SIDE_COLOURS[side], bold=True),
            Line(name, canvas.text(3.6), MUTED),
        )
        room = int(46 * canvas.unit)
        boxes = self._find_places(canvas, shank, tick, side, self._painter.size(lines, room))
        last = self._place.get(side, 0)
        order = sorted(range(len(boxes)), key=lambda i: i != last or i >= _NEAR_PLACES)
        covered = [sum(boxes[i].overlap(box) for box in taken) for i in order]
        chosen = order[covered.index(min(covered))]
        self._place[side] = chosen
        return self._painter.put(canvas.image, lines, (boxes[chosen].x, boxes[chosen].y), room)

    def _find_places(
        self, canvas: Canvas, shank: Shank, tick: Tick, side: Side, size: tuple[int, int]
    ) -> list[Box]:
        """Where the plate may go, best first: `_NEAR_PLACES` by the leg, then at the picture's edges."""
        width, height = size
        start = self._start_rad.get(side)
        turned = wrap(shank.angle_rad - shank.trunk_rad - start) if start is not None else 0.0
        middle, radius = shank.angle_rad - 0.5 * turned, 0.75 * _radius(canvas, shank)
        ray = np.array([cos(middle), sin(middle)])
        anchor = shank.knee + radius * ray
        other_knee = tick.pose.image_px[INDEX[f"{other_side(side)}_knee"]]
        across = np.array([-ray[1], ray[0]])
        if float(across @ (other_knee - shank.knee)) > 0:
            across = -across
        half = 0.5 * (abs(across[0]) * width + abs(across[1]) * height)
        away = radius * sin(0.5 * abs(turned)) + (6 * canvas.unit + half) / canvas.scale
        own, other = (
            [canvas.place(anchor + (away + further * half / canvas.scale) * way) for further in (0.0, 1.0)]
            for way in (across, -across)
        )
        foot = canvas.place(shank.knee + 1.3 * shank.length_px * ray)
        inwards = np.sign(other[0] - own[0]) * (0.6 * width, 0.0)
        below = [foot + (0.0, 0.5 * height) + share * inwards for share in (0.0, 1.0)]
        near_leg = [*own, *below, *other]
        height_px, width_px = canvas.image.shape[:2]
        x, y = own[0].tolist()
        near, far = (0.0, float(width_px)) if x < 0.5 * width_px else (float(width_px), 0.0)
        edges = [np.array([x, y + step * height]) for x in (near, far) for step in (0.0, 1.2, -1.2)]
        corners = [np.array([x, float(height_px)]) for x in (near, far)]
        return [
            Box(round(x - width / 2), round(y - height / 2), width, height).moved_into(canvas.image)
            for x, y in (place.tolist() for place in (*near_leg, *edges, *corners))
        ]

    def _draw_panels(self, canvas: Canvas, tick: Tick) -> list[Box]:
        """Draws the panels and the cue, and returns what they cover."""
        gap = canvas.thickness(2.5)
        taken = self._draw_counts(canvas, tick, gap)
        if self._spec and tick.working:
            below = max((box.y + box.height for box in taken), default=0) + gap
            taken += self._draw_gauge(canvas, tick, self._spec, (gap, below))
        holding = [side for side in tick.working if side in tick.sides and tick.sides[side].held_s > 0]
        if holding:
            taken.append(self._draw_hold_ring(canvas, holding[0], tick.sides[holding[0]].held_s, gap))
        if tick.cue:
            taken.append(self._draw_cue(canvas, tick.cue))
        return taken

    def _draw_counts(self, canvas: Canvas, tick: Tick, gap: int) -> list[Box]:
        room, y = int(60 * canvas.unit), gap
        # Two legs share the place of one: the body and the gauge stay in sight.
        count, phase = (19.0, 5.0) if len(tick.working) < 2 else (11.0, 4.2)
        taken: list[Box] = []
        for side in tick.working or SIDES[:1]:
            state = tick.sides.get(side)
            if state is None:
                continue
            lines: tuple[Line, ...] = (Line(state.phase, canvas.text(6.0), bold=True),)
            if tick.working:
                name = Line(f"{side} · {state.phase}", canvas.text(phase), SIDE_COLOURS[side], bold=True)
                lines = (Line(str(state.rep_count), canvas.text(count), bold=True), name)
            taken.append(self._painter.put(canvas.image, lines, (gap, y), room))
            y += taken[-1].height + gap
        return taken

    def _draw_hold_ring(self, canvas: Canvas, side: Side, held_s: float, gap: int) -> Box:
        """A clock in the upper right: the ring closes when the target is reached."""
        target_s = self._spec.hold_target_s if self._spec else None
        share = min(held_s / target_s, 1.0) if target_s else 1.0
        radius = 11 * canvas.unit
        centre = np.array([canvas.image.shape[1] - gap - radius - canvas.unit, gap + radius + canvas.unit])
        draw_dot(canvas.image, centre, radius + canvas.unit, INK, 0)
        for end, colour in ((1.0, _RING_TRACK), (share, GREEN if share >= 1.0 else SIDE_COLOURS[side])):
            ring = arc_points(centre, radius - canvas.unit, -pi / 2, -pi / 2 + end * 2 * pi)
            draw_paths(canvas.image, [ring], colour, canvas.thickness(2.2))
        lines: tuple[Line, ...] = (Line(f"{int(held_s)}", canvas.text(7.5), bold=True),)
        if target_s:
            lines += (Line(f"of {target_s:.0f} s", canvas.text(3.2), MUTED),)
        room = int(2 * radius)
        width, height = self._painter.size(lines, room)
        corner = (round(centre[0] - width / 2), round(centre[1] - height / 2))
        self._painter.put(canvas.image, lines, corner, room)
        reach = radius + canvas.unit
        return Box(round(centre[0] - reach), round(centre[1] - reach), round(2 * reach), round(2 * reach))

    def _draw_gauge(
        self, canvas: Canvas, tick: Tick, spec: ExerciseSpec, corner: tuple[int, int]
    ) -> list[Box]:
        """How far the leg has gone since the start pose, and the stretch that a good rep reaches.

        Upright at the left edge: the legs are mostly in the middle and at the bottom, and stay in sight.
        """
        low, high = spec.target_deg
        full = 1.2 * high
        x, y = corner
        width = canvas.thickness(4.5)
        height = min(canvas.thickness(40), canvas.image.shape[0] - y - canvas.thickness(18))
        if height < 3 * width:
            return []
        for side in tick.working:
            state = tick.sides.get(side)
            if state is not None:
                box = Box(x, y, width, height)
                _draw_bar(canvas, box, (low / full, high / full), _reached(state, full), side)
                x += round(1.4 * width)
        parts = spec.measure_label.split(", ")
        label = tuple(Line(part, canvas.text(3.4), MUTED) for part in parts)
        below = (corner[0], y + height + canvas.thickness(1.5))
        named = self._painter.put(canvas.image, label, below, int(40 * canvas.unit))
        return [Box(corner[0], y, x - corner[0], height), named]

    def _draw_cue(self, canvas: Canvas, cue: str) -> Box:
        lines = (Line(cue, canvas.text(7.5), INK, bold=True),)
        height, width = canvas.image.shape[:2]
        room = int(0.94 * width)
        size = self._painter.size(lines, room, YELLOW)
        corner = ((width - size[0]) // 2, height - canvas.thickness(2.5) - size[1])
        return self._painter.put(canvas.image, lines, corner, room, YELLOW)


def _radius(canvas: Canvas, shank: Shank) -> float:
    """The protractor's radius in pixels of the pose: most of the shank, but not too small to read."""
    return min(max(0.62 * shank.length_px, 8 * canvas.unit / canvas.scale), 0.9 * shank.length_px)


def _reached(state: SideTick, full: float) -> float:
    share = abs(state.measure_deg) / full
    return min(share, 1.0) if isfinite(share) else 0.0


def _draw_bar(canvas: Canvas, box: Box, target: tuple[float, float], share: float, side: Side) -> None:
    x, y, width, height = box
    edge = canvas.thickness(0.4)
    image, bottom = canvas.image, y + height
    fill_box(image, (x - edge, y - edge), (x + width + edge, bottom + edge), INK)
    high, low = (bottom - round(level * height) for level in reversed(target))
    fill_box(image, (x, high), (x + width, low), TARGET)
    inset, reached = width // 4, bottom - round(share * height)
    fill_box(image, (x + inset, reached), (x + width - inset, bottom), SIDE_COLOURS[side])
    fill_box(image, (x, reached - edge), (x + width, reached + edge), WHITE)
