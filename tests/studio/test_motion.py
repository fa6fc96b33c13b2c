"""Every exercise, without a mesh: feet stay planted, legs keep apart, nothing is under the floor."""

import numpy as np
import pytest

from studio.errors import RecipeError
from studio.kinematics import SIDES, hip_angles
from studio.motion import MOTIONS
from studio.motion.base import Instant
from studio.pose import Measures, StickBody, all_leg_joints
from studio.timeline import Sway

PRODUCT_EXERCISES = {
    "side-lying-rotation",
    "seated-rotation",
    "windshield-wipers",
    "posterior-capsule-stretch",
    "ninety-ninety-lift",
    "banded-clamshell",
    "squat-rotation",
    "standing-dissociation",
}
BODIES = [
    Measures(),
    Measures(1.50, 0.078, 0.36, 0.34, 0.07, 0.41, 0.44),
    Measures(1.92, 0.10, 0.48, 0.46, 0.09),
]
PLANTED = {
    "seated-rotation": "both",
    "windshield-wipers": "both",
    "standing-dissociation": "working",
    "rom-supine": "other",
}
every_exercise = pytest.mark.parametrize("exercise", sorted(MOTIONS))
every_side = pytest.mark.parametrize("side", SIDES)


def shares(motion):
    low = -1.0 if -1 in motion.directions else 0.0
    return np.linspace(low, 1.0, 13)


def joints_over(exercise, side, measures=None, sway=0.0):
    motion = MOTIONS[exercise](StickBody(measures or Measures()), side)
    unrest = Sway(4, sway)
    return [
        all_leg_joints(motion.pose_at(Instant(share, lambda c, t=float(i): unrest(c, t))), motion.measures)
        for i, share in enumerate(shares(motion))
    ]


def test_the_exercises_carry_the_products_names():
    assert set(MOTIONS) == PRODUCT_EXERCISES | {"rom-seated", "rom-prone", "rom-supine"}


@every_exercise
@every_side
def test_mirrored_sides_have_the_same_angles(exercise, side):
    motions = {s: MOTIONS[exercise](StickBody(), s) for s in SIDES}
    for share in shares(motions["left"]):
        angles = []
        for s, motion in motions.items():
            pose = motion.pose_at(Instant(share))
            angles.append([*hip_angles(pose.pelvis, pose.legs[s].thigh, s), pose.legs[s].knee_flexion_deg])
        np.testing.assert_allclose(angles[0], angles[1], atol=1e-6)


@pytest.mark.parametrize(
    ("exercise", "direction"),
    [
        ("side-lying-rotation", 1),
        ("seated-rotation", 1),
        ("windshield-wipers", 1),
        ("ninety-ninety-lift", 1),
        ("banded-clamshell", -1),
        ("squat-rotation", 1),
        ("standing-dissociation", 1),
        ("rom-seated", 1),
        ("rom-prone", 1),
        ("rom-supine", 1),
    ],
)
@every_side
def test_the_peak_turns_the_working_hip_the_right_way(exercise, side, direction):
    motion = MOTIONS[exercise](StickBody(), side)
    turned = []
    for share in (0.0, 1.0):
        pose = motion.pose_at(Instant(share))
        turned.append(hip_angles(pose.pelvis, pose.legs[side].thigh, side).internal_rotation_deg)
    assert direction * (turned[1] - turned[0]) > 10


@pytest.mark.parametrize("exercise", ["rom-seated", "rom-prone", "rom-supine", "side-lying-rotation"])
@every_side
def test_rotation_exercises_reach_exactly_the_set_angle(exercise, side):
    motion = MOTIONS[exercise](StickBody(), side, {"peak": 31.0, "counter": 20.0})
    for share, expected in ((1.0, 31.0), (-1.0, -20.0), (0.5, 15.5)):
        pose = motion.pose_at(Instant(share))
        assert hip_angles(pose.pelvis, pose.legs[side].thigh, side).internal_rotation_deg == pytest.approx(
            expected
        )


@every_side
def test_seated_rotation_solves_for_the_set_angle(side):
    motion = MOTIONS["seated-rotation"](StickBody(), side, {"peak": 30.0, "start": 2.0})
    for share, expected in ((0.0, 2.0), (1.0, 30.0)):
        pose = motion.pose_at(Instant(share))
        found = hip_angles(pose.pelvis, pose.legs[side].thigh, side).internal_rotation_deg
        assert found == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize("exercise", sorted(PLANTED))
@pytest.mark.parametrize("measures", BODIES, ids=["middling", "short", "tall"])
@every_side
def test_planted_feet_stay_planted(exercise, side, measures):
    which = {"both": SIDES, "working": (side,), "other": tuple(s for s in SIDES if s != side)}[
        PLANTED[exercise]
    ]
    frames = joints_over(exercise, side, measures, sway=1.0)
    for foot in which:
        ankles = np.array([frame[foot].ankle for frame in frames])
        assert np.ptp(ankles, axis=0).max() < 0.004


@every_side
def test_the_clamshell_keeps_its_feet_together(side):
    frames = joints_over("banded-clamshell", side)
    assert np.ptp([f[side].ankle for f in frames], axis=0).max() < 0.004


@every_exercise
@pytest.mark.parametrize("measures", BODIES, ids=["middling", "short", "tall"])
@every_side
def test_joint_centres_stay_above_the_floor(exercise, side, measures):
    for frame in joints_over(exercise, side, measures):
        for joints in frame.values():
            assert min(point[2] for point in joints) > 0.02


def closest(a0, a1, b0, b1, n=15):
    """Smallest distance between two segments, sampled."""
    t = np.linspace(0, 1, n)[:, None]
    a, b = a0 + t * (a1 - a0), b0 + t * (b1 - b0)
    return np.linalg.norm(a[:, None] - b[None], axis=-1).min()


@every_exercise
@pytest.mark.parametrize("measures", BODIES, ids=["middling", "short", "tall"])
@every_side
def test_thighs_and_shanks_do_not_pass_through_each_other(exercise, side, measures):
    k = measures.scale
    for frame in joints_over(exercise, side, measures):
        left, right = frame["left"], frame["right"]
        lower_half = [0.5 * (leg.hip + leg.knee) for leg in (left, right)]
        assert closest(lower_half[0], left.knee, lower_half[1], right.knee) > 0.085 * k
        assert closest(left.knee, left.ankle, right.knee, right.ankle) > 0.06 * k


@every_exercise
def test_angles_stay_within_what_hips_can_do(exercise):
    for end in ("low", "high"):
        settings = {n: getattr(s, end) for n, s in MOTIONS[exercise].settings.items()}
        motion = MOTIONS[exercise](StickBody(), "left", settings)
        for share in shares(motion):
            pose = motion.pose_at(Instant(share))
            for s in SIDES:
                a = hip_angles(pose.pelvis, pose.legs[s].thigh, s)
                assert -30 <= a.flexion_deg <= 145
                assert -75 <= a.adduction_deg <= 35
                assert -90 <= a.internal_rotation_deg <= 75


@every_exercise
def test_every_fault_changes_the_pose(exercise):
    motion = MOTIONS[exercise](StickBody(), "left")
    now = {"wobble": lambda channel: 0.5}
    right = motion.pose_at(Instant(1.0, **now))
    for name, kind in motion.faults.items():
        wrong = motion.pose_at(Instant(1.0, fault=lambda n, w=name, a=kind.high: a if n == w else 0.0, **now))
        turned = [np.abs(right.legs[s].shank - wrong.legs[s].shank).max() for s in SIDES]
        turned += [np.abs(right.pelvis - wrong.pelvis).max(), np.abs(right.root - wrong.root).max()]
        moved = max(*turned, np.abs(np.subtract(right.spine, wrong.spine)).max())
        assert moved > 0.01, name


def test_an_unknown_setting_is_refused_and_the_known_ones_are_named():
    with pytest.raises(RecipeError, match=r"unknown setting.*peek.*peak"):
        MOTIONS["rom-seated"](StickBody(), "left", {"peek": 3.0})
