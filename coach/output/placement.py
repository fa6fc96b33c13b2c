"""Where the camera goes, as a small drawing: from above and from the side, as SVG text."""

from math import cos, radians, sin

from coach.exercise.spec import Body, ExerciseSpec

_SCALE_PX = 38.0  # per metre
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

_SIDE_VIEWS: dict[Body, str] = {
    "standing": "M0 0V-36M0 -36V-56M0 -50L10 -42M0 -22L12 -22L12 -8",
    "sitting": "M0 -4V-30M0 -24L-8 -8M0 -4L14 -20L22 0",
    "squatting": "M0 -12L3 -36M2 -30L16 -26M0 -12L14 -20L8 0",
    "lying-on-side": "M-16 -6H10M10 -8L22 -10L24 -4",
    "on-back": "M-24 -4H4L14 -20L22 0",
    "hands-and-knees": "M-14 -20H10M-14 -20V0M10 -20V0L22 0",
}
_HEADS: dict[Body, tuple[float, float]] = {
    "standing": (0, -62),
    "sitting": (0, -37),
    "squatting": (4, -43),
    "lying-on-side": (-23, -7),
    "on-back": (-31, -5),
    "hands-and-knees": (-22, -24),
}


def draw_placement(spec: ExerciseSpec) -> str:
    """The drawing of an exercise's camera place, 300 x 170 user units; scales without loss.

    Colours follow the text around it (`currentColor`), so it suits a light and a dark page.
    """
    low_m, high_m = spec.camera_distance_m
    label = f"Camera {low_m:g} to {high_m:g} m away, about {spec.camera_height_m:g} m high"
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 170" role="img" class="placement" '
        f'aria-label="{label}" width="300" height="170">',
        '<g fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" '
        'stroke-linejoin="round" font-family="system-ui, sans-serif" font-size="10">',
        f'<g transform="translate(75 45)">{_draw_from_above(spec)}</g>',
        f'<g transform="translate(190 140)">{_draw_from_side(spec)}</g>',
        _text(75, 166, "from above"),
        _text(225, 166, "from the side"),
        "</g></svg>",
    ]
    return "".join(parts)


def _draw_from_above(spec: ExerciseSpec) -> str:
    """The person at the origin, facing down (feet down on the back), and the camera where it goes."""
    distance = _SCALE_PX * sum(spec.camera_distance_m) / 2
    angle = radians(_AZIMUTH_DEG[spec.camera_view])
    x, y = distance * sin(angle), distance * cos(angle)
    if spec.camera_view == "side":
        x, y = 0.0, distance  # drawn as seen by somebody who puts the camera down
    return (
        _draw_body(spec.camera_body)
        + f'<path d="M0 0L{x:.0f} {y:.0f}" stroke-dasharray="2 6" stroke-width="1.5" opacity="0.6"/>'
        + _draw_camera(x, y, 90.0 - _degrees_to(x, y))
        + _text(x + (36 if x < 40 else -6), y + (4 if x < 40 else 26), _metres(spec.camera_distance_m))
    )


def _draw_body(body: Body) -> str:
    if body in _ACROSS:
        legs = "M18 3L34 12" if body == "lying-on-side" else "M18 -5H34M18 5H34"
        return (
            '<circle cx="-30" cy="0" r="7"/><path d="M-20 0H18" stroke-width="12" opacity="0.5"/>'
            f'<path d="{legs}"/>'
        )
    if body == "on-back":
        return (
            '<circle cx="0" cy="-30" r="7"/><path d="M0 -20V12" stroke-width="12" opacity="0.5"/>'
            '<path d="M-5 14L-9 32M5 14L9 32M-6 -14H-28M6 -14H28"/>'
        )
    return (
        '<path d="M-14 0H14" stroke-width="12" opacity="0.5"/><circle cx="0" cy="-1" r="7"/>'
        '<path d="M-7 8L-10 20M7 8L10 20"/>'
    )


def _draw_from_side(spec: ExerciseSpec) -> str:
    """The floor, the person in profile to the left, and the camera at its height."""
    height = _SCALE_PX * spec.camera_height_m
    x, head = 88.0, _HEADS[spec.camera_body]
    aim = -_SCALE_PX * _EYE_M[spec.camera_body]
    return (
        '<path d="M-40 1H108" stroke-width="1.5" opacity="0.6"/>'
        f'<circle cx="{head[0]:g}" cy="{head[1]:g}" r="6"/><path d="{_SIDE_VIEWS[spec.camera_body]}"/>'
        f'<path d="M{x:g} {-height:.0f}L8 {aim:.0f}" stroke-dasharray="2 6" stroke-width="1.5"/>'
        f'<path d="M{x:g} {-height + 6:.0f}V0" stroke-width="1.5" opacity="0.6"/>'
        + _draw_camera(x, -height, 90.0)
        + _text(x, -height - 12, f"{spec.camera_height_m:g} m")
    )


def _draw_camera(x: float, y: float, turn_deg: float) -> str:
    """A camera whose lens points back at the person; unturned it looks up."""
    return (
        f'<g transform="translate({x:.0f} {y:.0f}) rotate({-turn_deg:.0f})" stroke-width="2">'
        '<rect x="-9" y="-6" width="18" height="12" rx="2" fill="currentColor"/>'
        '<path d="M-4 -6L-7 -12H7L4 -6Z" fill="currentColor"/></g>'
    )


def _degrees_to(x: float, y: float) -> float:
    """Turn that makes a camera at (x, y) look at the origin: 90 from straight below, less to the right."""
    return 90.0 - (0.0 if x == 0.0 else 45.0 if y > 0.0 else 90.0)


def _metres(span_m: tuple[float, float]) -> str:
    return f"{span_m[0]:g}–{span_m[1]:g} m"


def _text(x: float, y: float, text: str) -> str:
    place = f'x="{x:.0f}" y="{y:.0f}" text-anchor="middle"'
    return f'<text {place} fill="currentColor" stroke="none">{text}</text>'
