"""Rotation as people with known hip rotation teach it: a Gaussian process over what a pose shows of the legs.

Where `coach.rotation.posture` reasons from geometry, this compares.  A pose that looks like those of people
who were turned in by 20 degrees is read as about 20 degrees, after a linear trend; and the less it looks like
anybody's, the wider the error bar (Rasmussen & Williams 2006, chapter 2; with few inducing points,
Quinonero-Candela & Rasmussen 2005, "deterministic training conditional").  The people are rendered
ones; `benchmarks/learn_rotation.py` makes the weights, and needs none of those who are reported on.
"""

from dataclasses import dataclass
from math import hypot, isnan, sqrt

import numpy as np

from coach.body.pose import Float
from coach.rotation.leg_features import describe_legs
from coach.rotation.rotation import MAX_SD_DEG, Rotation

LINEAR_DEG2, SIMILAR_DEG2 = 300.0, 300.0
"""How much rotation varies, before anything is seen: with a linear trend, and with how alike poses are."""

REACH = 1.3
"""How unlike two poses may be to still tell of each other: in standard deviations of each feature."""

CONTRADICTIONS = frozenset(
    {
        "nobody_seen",
        "landmark_missing",
        "chirality_error",
        "knee_extended",
        "pelvis_turned_along",
        "too_uncertain",
    }
)
"""Reasons of the geometric reading that hold for every reading."""

GEOMETRY_SHARE = 0.25
"""Both readings use the same landmarks, and geometry's error bar knows nothing of how people differ: so much
is its weight reduced.  People left out are read hardly better for it, so it does not narrow the bar.  A pose
that nobody had has geometry's bar and all that they are apart: geometry alone was off by 7.6 degrees there
and covered in 83 %, both are by 6.0 and in 93 % ..."""

DISAGREEMENT_SHARE = 0.1
"""... but so much of their squared difference is added to the variance of what they say together."""


ROWS_AT_ONCE = 10
"""Of more, the matrix library would spread the products over threads, which cost far more than they save."""


def compute_kernel(a: Float, b: Float) -> Float:
    """Covariance of the rotation between standardised features (N, F) and (M, F), degrees squared, (N, M)."""
    count = a.shape[1]
    along = a @ b.T
    apart = np.sum(a * a, axis=1)[:, None] + np.sum(b * b, axis=1) - 2.0 * along
    kernel: Float = LINEAR_DEG2 / count * along + SIMILAR_DEG2 * np.exp(apart / (-2.0 * count * REACH**2))
    return kernel


@dataclass(frozen=True)
class LearnedReading:
    """What was learnt of one exercise.

    centre, scale         mean and standard deviation of the features, (F,)
    inducing              the inducing points, standardised features that stand for all poses, (M, F)
    weights               of each of them, for internal rotation and adduction, (M, 2)
    means_deg             of internal rotation and adduction, (2,)
    spread                (M, M): what they take off the variance, degrees squared
    usual_variance_deg2   how much of it is left for people who were left out
    sd_deg                how far such people were off: one standard deviation
    max_abduction_deg     beyond it the thigh lies so near the pelvis' own axis that flexion and rotation look
                          alike; infinite where no thigh comes there
    """

    centre: Float
    scale: Float
    inducing: Float
    weights: Float
    means_deg: Float
    spread: Float
    usual_variance_deg2: float
    sd_deg: float
    max_abduction_deg: float

    def predict(self, features: Float) -> tuple[Float, Float]:
        """Of features (N, F): rotation and adduction, (N, 2), and the rotation's variance beyond the usual.

        Degrees, and degrees squared; NaN where a feature is.
        """
        few = [features[i : i + ROWS_AT_ONCE] for i in range(0, len(features), ROWS_AT_ONCE)]
        found, excess_deg2 = zip(*map(self._predict, few), strict=True)
        return np.concatenate(found), np.concatenate(excess_deg2)

    def _predict(self, features: Float) -> tuple[Float, Float]:
        at = (features - self.centre) / self.scale
        near = compute_kernel(at, self.inducing)
        prior = LINEAR_DEG2 / at.shape[1] * np.sum(at * at, axis=1) + SIMILAR_DEG2
        variance = prior - np.sum((near @ self.spread) * near, axis=1)
        return near @ self.weights + self.means_deg, np.maximum(0.0, variance - self.usual_variance_deg2)

    def read(self, world_m: Float, image_px: Float) -> list[list[Rotation]]:
        """The rotation of (left, right) in each of T poses, (T, 33, 3) and (T, 33, 2), however uncertain."""
        features = describe_legs(world_m, image_px)
        found, excess_deg2 = self.predict(features.reshape(-1, features.shape[2]))
        # The last digits of a matrix product depend on how many poses come at once: no number may.
        rows = zip(found.round(6).tolist(), excess_deg2.round(6).tolist(), strict=True)
        rotations = [self._judge(rotation, adduction, extra) for (rotation, adduction), extra in rows]
        return [rotations[i : i + 2] for i in range(0, len(rotations), 2)]

    def _judge(self, rotation_deg: float, adduction_deg: float, excess_deg2: float) -> Rotation:
        if isnan(rotation_deg):
            return Rotation.withheld("landmark_missing")
        if adduction_deg < -self.max_abduction_deg:
            return Rotation.withheld("feet_too_wide")
        return Rotation(rotation_deg, sqrt(self.sd_deg**2 + excess_deg2), "learned")


def combine(geometric: Rotation, learned: Rotation) -> Rotation:
    """Both readings of one leg as one: the mean by precision, or the only one there is, or why none is.

    What was learnt may be too uncertain to stand alone and still have its say beside the other.
    """
    if geometric.reason in CONTRADICTIONS or learned.reason == "feet_too_wide":
        return geometric if geometric.reason else learned
    if learned.reason is not None:
        return geometric
    if geometric.reason is not None:
        return learned if learned.sd_deg <= MAX_SD_DEG else geometric
    trust_geometry = GEOMETRY_SHARE / geometric.sd_deg**2
    trust = trust_geometry + 1.0 / learned.sd_deg**2
    apart_deg = geometric.value_deg - learned.value_deg
    value_deg = learned.value_deg + apart_deg * trust_geometry / trust
    if learned.sd_deg > MAX_SD_DEG:
        return Rotation(value_deg, min(MAX_SD_DEG, hypot(geometric.sd_deg, apart_deg)), "combined")
    sd_deg = hypot(learned.sd_deg, sqrt(DISAGREEMENT_SHARE) * apart_deg)
    if sd_deg > MAX_SD_DEG:
        return Rotation.withheld("too_uncertain")
    return Rotation(value_deg, sd_deg, "combined")
