"""Where the camera goes, as a small drawing from above and from the side: as SVG, or drawn on a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, radians, sin
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.exercise.spec import Body, ExerciseSpec
from coach.output.drawing import INK, WHITE, Line, PlatePainter
from coach.pipeline import Image

SIZE: Final = (300, 170)
"""Width and height of the drawing, in its own units."""

_SCALE: Final = 38.0  # units per metre
_ABOVE: Final = (75.0, 41.0)  # where the person is, seen from above ...
_BESIDE: Final = (190.0, 140.0)  # ... and on the floor, seen from the side
_AZIMUTH_DEG = {"front": 0.0, "three-quarter": 45.0, "side": 90.0, "foot-end-high": 0.0}
_ACROSS: tuple[Body, ...] = ("lying-on-side", "hands-and-knees")
"""Bodies whose long axis lies across the picture when they face the bottom of the drawing."""

_EYE_M: dict[Body, float] = {
    "standing": 0.9,
    "sitting": 0.5,
    "squatting": 0.5,
    "lying-on-side": 0.25,
    "on-back": 0.2,
    "hands-and-knees": 0.45,
}
"""Height of the middle of the body: what the camera is aimed at."""

Point = tuple[float, float]
Path = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Stroke:
    """Lines through points; `filled` makes an area of each."""

    paths: tuple[Path, ...]
    width: float = 3.0
    faint: bool = False
    dashed: bool = False
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle's outline: a head."""

    centre: Point
    radius: float


@dataclass(frozen=True, slots=True)
class Label:
    """Words, centred at the foot of the letters."""

    at: Point
    text: str


Shape = Stroke | Ring | Label

_SIDE_VIEWS: dict[Body, tuple[Path, ...]] = {
    "standing": (((0, 0), (0, -56)), ((0, -50), (10, -42)), ((0, -22), (12, -22), (12, -8))),
    "sitting": (((0, -4), (0, -30)), ((0, -24), (-8, -8)), ((0, -4), (14, -20), (22, 0))),
    "squatting": (((0, -12), (3, -36)), ((2, -30), (16, -26)), ((0, -12), (14, -20), (8, 0))),
    "lying-on-side": (((-16, -6), (10, -6)), ((10, -8), (22, -10), (24, -4))),
    "on-back": (((-24, -4), (4, -4), (14, -20), (22, 0)),),
    "hands-and-knees": (((-14, -20), (10, -20)), ((-14, -20), (-14, 0)), ((10, -20), (10, 0), (22, 0))),
}
_HEADS: dict[Body, Point] = {
    "standing": (0, -62),
    "sitting": (0, -37),
    "squatting": (4, -43),
    "lying-on-side": (-23, -7),
    "on-back": (-31, -5),
    "hands-and-knees": (-22, -24),
}
_CAMERA_REACH, _HALF_LETTER = 14.0, 3.0  # from the camera's middle to words beside it, and half their width
_CAMERA: tuple[Path, ...] = (
    ((-9, -6), (9, -6), (9, 6), (-9, 6)),
    ((-4, -6), (-7, -12), (7, -12), (4, -6)),
)


def compute_placement(spec: ExerciseSpec) -> list[Shape]:
    """The shapes of an exercise's drawing, within `SIZE`."""
    below = float(SIZE[1] - 4)
    return [
        *_see_from_above(spec),
        *_see_from_side(spec),
        Label((_ABOVE[0], below), "from above"),
        Label((225.0, below), "from the side"),
    ]


def draw_placement(spec: ExerciseSpec) -> str:
    """The drawing as SVG; scales without loss.

    Colours follow the text around it (`currentColor`), so it suits a light and a dark page.
    """
    low_m, high_m = spec.camera_distance_m
    label = f"Camera {low_m:g} to {high_m:g} m away, about {spec.camera_height_m:g} m high"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE[0]} {SIZE[1]}" role="img" '
        f'class="placement" aria-label="{label}" width="{SIZE[0]}" height="{SIZE[1]}">'
        '<g fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round" '
        'font-family="system-ui, sans-serif" font-size="10" text-anchor="middle">'
        + "".join(_to_svg(shape) for shape in compute_placement(spec))
        + "</g></svg>"
    )


def paint_placement(spec: ExerciseSpec, scale: float) -> Image:
    """The drawing as a picture, white on dark; `scale` is in pixels per unit of the drawing."""
    size = [round(side * scale) for side in SIZE]
    image: Image = np.full((size[1], size[0], 3), INK, np.uint8)
    painter = PlatePainter()
    for shape in compute_placement(spec):
        if isinstance(shape, Label):
            line = (Line(shape.text, max(10, round(11 * scale))),)
            width, height = painter.size(line, size[0])
            x, y = _to_pixels([shape.at], scale)[0].tolist()
            painter.put(image, line, (round(x - width / 2), round(y - 0.8 * height)), size[0])
        elif isinstance(shape, Ring):
            centre = np.rint(_to_pixels([shape.centre], scale)[0]).astype(int).tolist()
            cv2.circle(image, centre, round(shape.radius * scale), WHITE, _thickness(3, scale), cv2.LINE_AA)
        else:
            _paint_stroke(image, shape, scale)
    return image


def _paint_stroke(image: Image, stroke: Stroke, scale: float) -> None:
    colour = tuple(round(0.5 * (a + b)) for a, b in zip(WHITE, INK, strict=True)) if stroke.faint else WHITE
    thickness = _thickness(stroke.width, scale)
    for path in stroke.paths:
        points = np.rint(_to_pixels(_dashes(path) if stroke.dashed else path, scale)).astype(np.int32)
        if stroke.filled:
            cv2.fillPoly(image, [points], colour, cv2.LINE_AA)
        elif stroke.dashed:
            for dot in points.tolist():
                cv2.circle(image, dot, max(1, thickness // 2), colour, cv2.FILLED)
        else:
            cv2.polylines(image, [points], False, colour, thickness, cv2.LINE_AA)


def _thickness(width: float, scale: float) -> int:
    return max(1, round(width * scale))


def _dashes(path: Path) -> list[Point]:
    """Points every 6 units along a straight line."""
    (x, y), (to_x, to_y) = path
    count = max(1, round(hypot(to_x - x, to_y - y) / 6))
    return [(x + (to_x - x) * i / count, y + (to_y - y) * i / count) for i in range(count + 1)]


def _to_pixels(points: Sequence[Point], scale: float) -> NDArray[np.float64]:
    return np.asarray(points, np.float64) * scale


def _to_svg(shape: Shape) -> str:
    if isinstance(shape, Label):
        x, y = shape.at
        return f'<text x="{x:.0f}" y="{y:.0f}" fill="currentColor" stroke="none">{shape.text}</text>'
    if isinstance(shape, Ring):
        x, y = shape.centre
        return f'<circle cx="{x:g}" cy="{y:g}" r="{shape.radius:g}" stroke-width="3"/>'
    lines = ["L".join(f"{x:.1f} {y:.1f}" for x, y in path) for path in shape.paths]
    close = "Z" if shape.filled else ""
    style = f'stroke-width="{shape.width:g}"'
    style += ' opacity="0.5"' if shape.faint else ""
    style += ' stroke-dasharray="1 6"' if shape.dashed else ""
    style += ' fill="currentColor"' if shape.filled else ""
    return f'<path d="{"".join(f"M{line}{close}" for line in lines)}" {style}/>'


def _see_from_above(spec: ExerciseSpec) -> list[Shape]:
    """The person, facing down (feet down on the back), and the camera where it goes."""
    distance = _SCALE * sum(spec.camera_distance_m) / 2
    # A view from the side is drawn as seen by somebody who puts the camera down.
    azimuth_deg = 0.0 if spec.camera_view == "side" else _AZIMUTH_DEG[spec.camera_view]
    x, y = distance * sin(radians(azimuth_deg)), distance * cos(radians(azimuth_deg))
    words = "{:g}–{:g} m".format(*spec.camera_distance_m)
    beside = x + _CAMERA_REACH + _HALF_LETTER * len(words)
    shapes: list[Shape] = [
        *_draw_body(spec.camera_body),
        Stroke((((0, 0), (x, y)),), 1.5, faint=True, dashed=True),
        Stroke(_turn(_CAMERA, -azimuth_deg, (x, y)), 2, filled=True),
        Label((x - 6, y + 26) if azimuth_deg else (beside, y + 4), words),
    ]
    return [_move(shape, _ABOVE) for shape in shapes]


def _draw_body(body: Body) -> list[Shape]:
    if body in _ACROSS:
        lying = body == "lying-on-side"
        legs: tuple[Path, ...] = (
            (((18, 3), (34, 12)),) if lying else (((18, -5), (34, -5)), ((18, 5), (34, 5)))
        )
        return [Ring((-30, 0), 7), Stroke((((-20, 0), (18, 0)),), 12, faint=True), Stroke(legs)]
    if body == "on-back":
        limbs: tuple[Path, ...] = (
            ((-5, 14), (-9, 32)),
            ((5, 14), (9, 32)),
            ((-6, -14), (-28, -14)),
            ((6, -14), (28, -14)),
        )
        return [Ring((0, -30), 7), Stroke((((0, -20), (0, 12)),), 12, faint=True), Stroke(limbs)]
    feet: tuple[Path, ...] = (((-7, 8), (-10, 20)), ((7, 8), (10, 20)))
    return [Stroke((((-14, 0), (14, 0)),), 12, faint=True), Ring((0, -1), 7), Stroke(feet)]


def _see_from_side(spec: ExerciseSpec) -> list[Shape]:
    """The floor, the person in profile to the left, and the camera at its height, looking left."""
    x, y = 88.0, -_SCALE * spec.camera_height_m
    aim = -_SCALE * _EYE_M[spec.camera_body]
    shapes: list[Shape] = [
        Stroke((((-40, 1), (108, 1)),), 1.5, faint=True),
        Ring(_HEADS[spec.camera_body], 6),
        Stroke(_SIDE_VIEWS[spec.camera_body]),
        Stroke((((x, y), (8, aim)),), 1.5, dashed=True),
        Stroke((((x, y + 6), (x, 0)),), 1.5, faint=True),
        Stroke(_turn(_CAMERA, -90.0, (x, y)), 2, filled=True),
        Label((x, y - 12), f"{spec.camera_height_m:g} m"),
    ]
    return [_move(shape, _BESIDE) for shape in shapes]


def _turn(paths: tuple[Path, ...], angle_deg: float, at: Point) -> tuple[Path, ...]:
    """Turned clockwise (y points down) about the origin, then moved to `at`."""
    c, s = cos(radians(angle_deg)), sin(radians(angle_deg))
    return tuple(tuple((c * x - s * y + at[0], s * x + c * y + at[1]) for x, y in path) for path in paths)


def _move(shape: Shape, by: Point) -> Shape:
    if isinstance(shape, Label):
        return Label((shape.at[0] + by[0], shape.at[1] + by[1]), shape.text)
    if isinstance(shape, Ring):
        return Ring((shape.centre[0] + by[0], shape.centre[1] + by[1]), shape.radius)
    return Stroke(_turn(shape.paths, 0.0, by), shape.width, shape.faint, shape.dashed, shape.filled)
