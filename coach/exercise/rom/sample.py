"""What a range-of-motion test sees at one instant: a leg's turn since the neutral pose, and the pelvis."""

from dataclasses import dataclass

from coach.body.angles import wrap_deg
from coach.exercise.series import median_seen
from coach.rotation.rotation import Rotation


@dataclass(frozen=True, slots=True)
class Pelvis:
    """Where pelvis and trunk are in the picture, degrees: see `rom.session.observe_pelvis`."""

    tilt_deg: float
    shoulder_deg: float
    lean_deg: float
    turn_deg: float

    def minus(self, neutral: "Pelvis") -> "Pelvis":
        """The change since another instant."""
        return Pelvis(
            wrap_deg(self.tilt_deg - neutral.tilt_deg),
            wrap_deg(self.shoulder_deg - neutral.shoulder_deg),
            wrap_deg(self.lean_deg - neutral.lean_deg),
            wrap_deg(self.turn_deg - neutral.turn_deg),
        )


@dataclass(frozen=True, slots=True)
class LegSample:
    """One leg at one instant.

    change_deg    turn of the shank since the neutral pose, internal positive; NaN when not seen
    other_deg     the same of the other leg
    rotation      the rotation since the neutral pose, or why it is withheld
    neutral_deg   the hip's rotation in the neutral pose: half of what was measured, half the protocol's none
    pelvis        change since the neutral pose
    """

    time_s: float
    change_deg: float
    other_deg: float
    rotation: Rotation
    neutral_deg: float
    pelvis: Pelvis


def median_pelvis(poses: list[Pelvis]) -> Pelvis:
    """The median of each."""
    return Pelvis(
        median_seen([p.tilt_deg for p in poses]),
        median_seen([p.shoulder_deg for p in poses]),
        median_seen([p.lean_deg for p in poses]),
        median_seen([p.turn_deg for p in poses]),
    )
