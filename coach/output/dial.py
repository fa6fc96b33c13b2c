"""The report's dial: a protractor that hangs like the shank, with the range of rotation gone through."""

from math import cos, radians, sin
from typing import Final

from coach.body.landmarks import Side
from coach.exercise.session import RotationRange
from coach.output.markup import Html, tag
from coach.output.wording import BAND, degrees_text, went_outwards
from coach.rotation.rotation import REFERENCE_DEG

_LIMIT_DEG: Final = 75
_RADIUS: Final = 100.0
_CENTRE: Final = (120.0, 14.0)


def draw_dial(rotation: RotationRange, side: Side, *, band: bool = True) -> Html:
    """The range as a sector, the 95 % interval of its far end as an arc outside; with `band` 40-45° shaded.

    Drawn as seen from the front: internal rotation swings the foot outwards, to the right of the picture
    for the left leg.
    """
    towards = 1.0 if side == "left" else -1.0
    margin = 1.96 * rotation.sd_deg
    reach = _sector(rotation.min_deg, rotation.max_deg, _RADIUS * 0.86, towards)
    furthest = rotation.min_deg if went_outwards(rotation) else rotation.max_deg
    error = _arc(furthest - margin, furthest + margin, _RADIUS * 0.93, towards)
    name = (
        f"Protractor of the {side} hip: from {degrees_text(rotation.min_deg, float('nan'))} to "
        f"{degrees_text(rotation.max_deg, rotation.sd_deg)}"
        f"{f', reference band {BAND}' if band else ''}."
    )
    return tag(
        "svg",
        [
            tag("path", class_="band", d=_sector(*REFERENCE_DEG, _RADIUS, towards)) if band else None,
            tag("path", class_="rim", d=_arc(-_LIMIT_DEG, _LIMIT_DEG, _RADIUS, towards)),
            *_scale(towards),
            tag("path", class_="reach", d=reach),
            tag("path", class_="error", d=error),
            tag("line", class_="start", **_ends(0.0, 0.0, _RADIUS, towards)),
            tag("circle", cx=_CENTRE[0], cy=_CENTRE[1], r=5),
        ],
        viewBox="0 0 240 132",
        role="img",
        aria_label=name,
    )


def _scale(towards: float) -> list[Html]:
    marks = []
    for angle in range(-_LIMIT_DEG, _LIMIT_DEG + 1, 15):
        inner = _RADIUS - (6 if angle % 30 == 0 else 3)
        marks.append(tag("line", class_="rim", **_ends(angle, inner, _RADIUS, towards)))
        if angle % 30 == 0:
            x, y = _point(angle, _RADIUS + 11, towards)
            marks.append(tag("text", f"{abs(angle)}°", x=f"{x:.1f}", y=f"{y + 3:.1f}"))
    return marks


def _point(angle_deg: float, radius: float, towards: float) -> tuple[float, float]:
    angle = radians(min(max(angle_deg, -_LIMIT_DEG), _LIMIT_DEG))
    return _CENTRE[0] + towards * radius * sin(angle), _CENTRE[1] + radius * cos(angle)


def _ends(angle_deg: float, inner: float, outer: float, towards: float) -> dict[str, str]:
    (x1, y1), (x2, y2) = (_point(angle_deg, radius, towards) for radius in (inner, outer))
    return {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}


def _arc(start_deg: float, end_deg: float, radius: float, towards: float) -> str:
    (x1, y1), (x2, y2) = (_point(angle, radius, towards) for angle in (start_deg, end_deg))
    sweep = 0 if towards > 0 else 1
    return f"M{x1:.1f} {y1:.1f}A{radius:.1f} {radius:.1f} 0 0 {sweep} {x2:.1f} {y2:.1f}"


def _sector(start_deg: float, end_deg: float, radius: float, towards: float) -> str:
    return f"{_arc(start_deg, end_deg, radius, towards)}L{_CENTRE[0]} {_CENTRE[1]}Z"
