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

MAX_ABDUCTION_DEG = 60.0
"""A thigh further out to the side than this lies so near the pelvis' own axis that its flexion and its
rotation look alike.  On the way there the error bar grows by half."""

_MAX_ROTATION_DEG = 80
_STEP_DEG = 4


@dataclass(frozen=True, slots=True)
class Posture:
    """How the leg is held, in degrees, while the hip is in neutral rotation.

    Flexion counts from the trunk's line, so a bent back adds to it.  `adduction_per_rotation` is how far a
    planted foot makes the thigh adduct per degree of rotation.  `drawn_inwards_deg` is how much further in
    the pose model draws the leg than it is; for one, it tilts the trunk's line, against which the leg is
    read, of somebody who lies on the side.  `differs` is how many times more than usual people differ in
    their angles.
    """

    hip_flexion_deg: float = 90.0
    hip_adduction_deg: float = 0.0
    knee_flexion_deg: float = 90.0
    adduction_per_rotation: float = 0.0
    drawn_inwards_deg: float = 0.0
    differs: float = 1.0


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """One standard deviation of each input of the reading but the image angle, in degrees.

    From rendered people: the camera's place as measured from the pose, which is the less certain the further
    to the side it stands, and how much people differ from the posture that the exercise asks for, the more
    so where a planted foot moves the thigh (per unit of `Posture.adduction_per_rotation`).
    """

    azimuth: float = 4.0
    azimuth_per_degree: float = 0.12
    elevation: float = 5.0
    flexion: float = 4.0
    adduction: float = 2.5
    adduction_per_coupling: float = 3.0
    knee: float = 4.0


@dataclass(frozen=True, slots=True)
class Solution:
    """A rotation that explains the picture, degrees; NaN throughout where none does.

    posture_sd_deg   its standard deviation for the camera's place and the posture alone
    gain             how many degrees the picture moves per degree of rotation there
    thigh            the thigh as the picture should then show it, (to the person's right, down the trunk),
                     as a share of its own length
    """

    rotation_deg: float
    posture_sd_deg: float
    gain: float
    thigh: tuple[float, float]


NO_SOLUTION = Solution(nan, nan, nan, (nan, nan))


SHANK_PER_TRUNK = 0.92
"""Length of a shank that lies in the picture plane over that of the trunk's line, middle of people."""


def project_shank(
    rotation_deg: float, posture: Posture, view: View, side: Side, reference: Reference = "trunk"
) -> float:
    """The angle that `coach.rotation.image_plane` would read for this rotation, degrees in (-180, 180]."""
    return _Picture(posture, view, side, reference).project_shank(rotation_deg)


class _Picture:
    """The picture of one leg that is held in a posture: where it is projected to, whatever its rotation."""

    def __init__(self, posture: Posture, view: View, side: Side, reference: Reference) -> None:
        self._posture = posture
        self._sign = 1.0 if side == "right" else -1.0
        camera = _camera_direction(view)
        # Down and right span the picture, as the person's own.
        if reference == "trunk":
            self._down = _off(camera, _DOWN)
            self._right = _cross(self._down, camera)
        else:
            self._right = _off(camera, (0.0, 0.0, 1.0))
            self._down = _cross(camera, self._right)

    def project_shank(self, rotation_deg: float) -> float:
        """See the function of this name."""
        shank = _shank(rotation_deg, self._posture, self._sign)
        angle_deg = degrees(atan2(self._sign * _dot(shank, self._right), _dot(shank, self._down)))
        return wrap_deg(angle_deg + self._posture.drawn_inwards_deg)


def project_thigh(rotation_deg: float, posture: Posture, view: View, side: Side) -> tuple[float, float]:
    """The thigh in the picture, (to the person's right, down the trunk), as a share of its own length."""
    thigh = _femur(rotation_deg, posture, 1.0 if side == "right" else -1.0)
    camera = _camera_direction(view)
    down = _off(camera, _DOWN)
    return _dot(thigh, _cross(down, camera)), _dot(thigh, down)


def read_rotation(
    shank_deg: float, posture: Posture, view: View, side: Side, reference: Reference = "trunk"
) -> Solution:
    """The rotation that explains the image angle `shank_deg`.

    None where no rotation within +-80 degrees does, or where the picture moves less than `MIN_GAIN`.
    The view is taken to the whole degree, which costs less than 0.3 degrees of rotation.
    """
    if isnan(shank_deg) or isnan(view.azimuth_deg):
        return NO_SOLUTION
    snapped = View(float(round(view.azimuth_deg)), float(round(view.elevation_deg)))
    table = _tabulate(posture, snapped, side, reference)
    at = bisect(table.shank_deg, shank_deg)
    if at == 0 or at == len(table.shank_deg):
        return NO_SOLUTION
    low, high = table.shank_deg[at - 1], table.shank_deg[at]
    share = (shank_deg - low) / (high - low)
    near, far = table.solve(at - 1), table.solve(at)
    return Solution(
        near.rotation_deg + share * (far.rotation_deg - near.rotation_deg),
        near.posture_sd_deg + share * (far.posture_sd_deg - near.posture_sd_deg),
        near.gain + share * (far.gain - near.gain),
        near.thigh if share < 0.5 else far.thigh,
    )


class _Table:
    """Image angles and what explains them, along the stretch where the picture shows rotation."""

    def __init__(self, posture: Posture, view: View, side: Side, reference: Reference) -> None:
        self._how = posture, view, side, reference
        self.shank_deg: list[float] = []
        self._rotations: list[tuple[int, float]] = []  # degrees, and the gain there
        self._solutions: dict[int, Solution] = {}
        picture = _Picture(posture, view, side, reference)
        for rotation in range(-_MAX_ROTATION_DEG, _MAX_ROTATION_DEG + 1, _STEP_DEG):
            here = picture.project_shank(rotation)
            gain = wrap_deg(picture.project_shank(rotation + 1.0) - here)
            adduction_deg = posture.hip_adduction_deg + posture.adduction_per_rotation * rotation
            if gain >= MIN_GAIN and adduction_deg >= -MAX_ABDUCTION_DEG:
                before = self.shank_deg[-1] if self.shank_deg else here
                self.shank_deg.append(before + wrap_deg(here - before))
                self._rotations.append((rotation, gain))
            elif rotation > 0:
                break
            else:
                self.shank_deg, self._rotations = [], []

    def solve(self, index: int) -> Solution:
        """All that explains one of the image angles, worked out when it is first asked for."""
        if index not in self._solutions:
            rotation, gain = self._rotations[index]
            posture, view, side, reference = self._how
            sd_deg = propagate_sd(rotation, gain, posture, view, side, reference=reference)
            thigh = project_thigh(rotation, posture, view, side)
            self._solutions[index] = Solution(float(rotation), sd_deg, gain, thigh)
        return self._solutions[index]


_tabulate = lru_cache(maxsize=256)(_Table)
"""The projection over the whole range of rotation: a camera that stands still needs it once."""


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
    """Standard deviation of a rotation that was read, degrees, for the camera's place and the posture:
    each one's uncertainty through the model.

    `gain` is how many degrees the picture moves per degree of rotation there.
    """
    sd = sd or Uncertainty()
    here = project_shank(rotation_deg, posture, view, side, reference)
    azimuth_sd_deg = sd.azimuth + sd.azimuth_per_degree * abs(view.azimuth_deg)
    coupled_sd_deg = sd.adduction_per_coupling * abs(posture.adduction_per_rotation)
    adduction_sd_deg = posture.differs * sd.adduction + coupled_sd_deg
    moved = (
        (posture, replace(view, azimuth_deg=view.azimuth_deg + azimuth_sd_deg)),
        (posture, replace(view, elevation_deg=view.elevation_deg + sd.elevation)),
        (replace(posture, hip_flexion_deg=posture.hip_flexion_deg + posture.differs * sd.flexion), view),
        (replace(posture, hip_adduction_deg=posture.hip_adduction_deg + adduction_sd_deg), view),
        (replace(posture, knee_flexion_deg=posture.knee_flexion_deg + posture.differs * sd.knee), view),
    )
    variance = sum(wrap_deg(project_shank(rotation_deg, p, v, side, reference) - here) ** 2 for p, v in moved)
    return sqrt(variance) / gain


def compute_femur_to_camera(posture: Posture, view: View, side: Side) -> float:
    """Angle between the thigh (hip to knee) and the direction to the camera, degrees: 0 looks along it."""
    femur = _femur(0.0, posture, 1.0 if side == "right" else -1.0)
    return degrees(acos(max(-1.0, min(1.0, _dot(femur, _camera_direction(view))))))


_Vector = tuple[float, float, float]
_DOWN: _Vector = (0.0, -1.0, 0.0)


def _femur(rotation_deg: float, posture: Posture, sign: float) -> _Vector:
    """Direction of the thigh, hip to knee, in the pelvis frame."""
    flexion = radians(posture.hip_flexion_deg)
    adduction = radians(posture.hip_adduction_deg + posture.adduction_per_rotation * rotation_deg)
    return cos(adduction) * sin(flexion), -cos(adduction) * cos(flexion), -sign * sin(adduction)


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
