"""The leg as the camera sees it: which rotation explains the shank's direction in the picture.

The picture shows the shank at an angle to the trunk (or the hip line).  Where the camera looks along the
thigh that angle is the rotation itself; elsewhere flexion, adduction and the camera's place bend it.  Those
are roughly known, from the exercise's start pose and from `coach.rotation.view`: so the leg is projected
for a trial rotation, and the rotation is moved until projection and picture agree.  Perspective is left out.

The pelvis frame is that of `coach.body.angles`: x forward, y up along the trunk, z to the person's right.
"""

from bisect import bisect
from dataclasses import dataclass, replace
from functools import lru_cache
from math import acos, atan2, cos, degrees, hypot, isnan, nan, radians, sin, sqrt
from typing import Literal

from coach.body.angles import wrap_deg
from coach.body.landmarks import Side
from coach.rotation.view import View

Reference = Literal["trunk", "hips"]
REFERENCES: tuple[Reference, ...] = ("trunk", "hips")

MIN_GAIN = 0.35
"""Where the picture moves less than this per degree of rotation, it shows nothing of it."""

_MAX_ROTATION_DEG = 80
_STEP_DEG = 4


@dataclass(frozen=True, slots=True)
class Posture:
    """How the leg is held, in degrees, while the hip is in neutral rotation.

    `adduction_per_rotation` is how far a planted foot makes the thigh adduct per degree of rotation.
    """

    hip_flexion_deg: float = 90.0
    hip_adduction_deg: float = 0.0
    knee_flexion_deg: float = 90.0
    adduction_per_rotation: float = 0.0


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """One standard deviation of each input of the reading, in degrees.

    Starting values from rendered people: the image angle, the camera's place as measured from the pose, and
    how much people differ from the posture that the exercise asks for.
    """

    image: float = 4.0
    azimuth: float = 6.0
    elevation: float = 8.0
    flexion: float = 6.0
    adduction: float = 3.0
    knee: float = 6.0


def project_shank(
    rotation_deg: float, posture: Posture, view: View, side: Side, reference: Reference = "trunk"
) -> float:
    """The angle that `coach.rotation.image_plane` would read for this rotation, degrees in (-180, 180]."""
    sign = 1.0 if side == "right" else -1.0
    shank = _shank(rotation_deg, posture, sign)
    camera = _camera_direction(view)
    # Down and right span the picture, as the person's own.
    if reference == "trunk":
        down = _off(camera, (0.0, -1.0, 0.0))
        right = _cross(down, camera)
    else:
        right = _off(camera, (0.0, 0.0, 1.0))
        down = _cross(camera, right)
    return degrees(atan2(sign * _dot(shank, right), _dot(shank, down)))


def read_rotation(
    shank_deg: float, posture: Posture, view: View, side: Side, reference: Reference = "trunk"
) -> tuple[float, float]:
    """The rotation that explains the image angle `shank_deg`, and its standard deviation, degrees.

    Both NaN where no rotation within +-80 degrees does, or where the picture moves less than `MIN_GAIN`.
    The view is taken to the whole degree, which costs less than 0.3 degrees of rotation.
    """
    if isnan(shank_deg) or isnan(view.azimuth_deg):
        return nan, nan
    snapped = View(float(round(view.azimuth_deg)), float(round(view.elevation_deg)))
    table = _tabulate(posture, snapped, side, reference)
    at = bisect(table.shank_deg, shank_deg)
    if at == 0 or at == len(table.shank_deg):
        return nan, nan
    low, high = table.shank_deg[at - 1], table.shank_deg[at]
    share = (shank_deg - low) / (high - low)
    return (
        table.rotation_deg[at - 1] + share * (table.rotation_deg[at] - table.rotation_deg[at - 1]),
        table.sd_deg[at - 1] + share * (table.sd_deg[at] - table.sd_deg[at - 1]),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """Image angle, rotation and standard deviation along the stretch where the picture shows rotation."""

    shank_deg: tuple[float, ...]
    rotation_deg: tuple[float, ...]
    sd_deg: tuple[float, ...]


@lru_cache(maxsize=256)
def _tabulate(posture: Posture, view: View, side: Side, reference: Reference) -> _Table:
    """The projection over the whole range of rotation: a camera that stands still needs it once."""
    rows: list[tuple[float, float, float]] = []
    previous = nan
    for rotation in range(-_MAX_ROTATION_DEG, _MAX_ROTATION_DEG + 1, _STEP_DEG):
        here = project_shank(rotation, posture, view, side, reference)
        gain = wrap_deg(project_shank(rotation + 1.0, posture, view, side, reference) - here)
        if gain < MIN_GAIN:
            if rotation > 0:
                break
            rows, previous = [], nan
            continue
        here = here if isnan(previous) else previous + wrap_deg(here - previous)
        previous = here
        sd = propagate_sd(rotation, gain, posture, view, side, reference=reference)
        rows.append((here, float(rotation), sd))
    shank, rotations, sds = zip(*rows, strict=True) if rows else ((), (), ())
    return _Table(shank, rotations, sds)


def propagate_sd(
    rotation_deg: float,
    gain: float,
    posture: Posture,
    view: View,
    side: Side,
    *,
    reference: Reference = "trunk",
    sd: Uncertainty | None = None,
) -> float:
    """Standard deviation of a rotation that was read, degrees: each input's uncertainty through the model.

    `gain` is how many degrees the picture moves per degree of rotation there.
    """
    sd = sd or Uncertainty()
    here = project_shank(rotation_deg, posture, view, side, reference)
    moved = (
        (posture, replace(view, azimuth_deg=view.azimuth_deg + sd.azimuth)),
        (posture, replace(view, elevation_deg=view.elevation_deg + sd.elevation)),
        (replace(posture, hip_flexion_deg=posture.hip_flexion_deg + sd.flexion), view),
        (replace(posture, hip_adduction_deg=posture.hip_adduction_deg + sd.adduction), view),
        (replace(posture, knee_flexion_deg=posture.knee_flexion_deg + sd.knee), view),
    )
    variance = sd.image**2 + sum(
        wrap_deg(project_shank(rotation_deg, p, v, side, reference) - here) ** 2 for p, v in moved
    )
    return sqrt(variance) / gain


def compute_femur_to_camera(posture: Posture, view: View, side: Side) -> float:
    """Angle between the thigh (hip to knee) and the direction to the camera, degrees: 0 looks along it."""
    flexion, adduction = radians(posture.hip_flexion_deg), radians(posture.hip_adduction_deg)
    sign = 1.0 if side == "right" else -1.0
    femur = (cos(adduction) * sin(flexion), -cos(adduction) * cos(flexion), -sign * sin(adduction))
    return degrees(acos(max(-1.0, min(1.0, _dot(femur, _camera_direction(view))))))


_Vector = tuple[float, float, float]


def _camera_direction(view: View) -> _Vector:
    """From the pelvis to the camera, in the pelvis frame."""
    azimuth, elevation = radians(view.azimuth_deg), radians(view.elevation_deg)
    return cos(elevation) * cos(azimuth), sin(elevation), -cos(elevation) * sin(azimuth)


def _shank(rotation_deg: float, posture: Posture, sign: float) -> _Vector:
    """Direction of the shank in the pelvis frame: flexion, adduction, rotation, then the knee's hinge."""
    flexion, knee = radians(posture.hip_flexion_deg), radians(posture.knee_flexion_deg)
    adduction_deg = posture.hip_adduction_deg + posture.adduction_per_rotation * rotation_deg
    adduction, rotation = sign * radians(adduction_deg), sign * radians(rotation_deg)
    x, y, z = -sin(knee) * cos(rotation), -cos(knee), sin(knee) * sin(rotation)
    y, z = y * cos(adduction) - z * sin(adduction), y * sin(adduction) + z * cos(adduction)
    return x * cos(flexion) - y * sin(flexion), x * sin(flexion) + y * cos(flexion), z


def _off(camera: _Vector, v: _Vector) -> _Vector:
    """Direction of `v` as seen in the picture plane, square to the line of sight."""
    along = _dot(camera, v)
    x, y, z = v[0] - along * camera[0], v[1] - along * camera[1], v[2] - along * camera[2]
    length = hypot(x, y, z) or nan
    return x / length, y / length, z / length


def _dot(a: _Vector, b: _Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: _Vector, b: _Vector) -> _Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
