"""The worked cases of the field: joint centres and the angles they mean, both ways."""

import json
from pathlib import Path

import numpy as np
import pytest

from studio.kinematics import HipAngles, hip_angles, leg_from_angles, leg_joints, thigh_from_joints

CASES = json.loads((Path(__file__).parents[1] / "data" / "rotation_cases.json").read_text())["cases"]
# The cases' axes are x forwards, y up, z right; the studio's are x left, y back, z up.
TO_STUDIO = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def points_of(case):
    return {name: TO_STUDIO @ np.array(p) for name, p in case["landmarks_m"].items()}


def pelvis_of(points):
    """Pelvis axes (left, back, up) with the trunk as the cases' stand-in for its long axis."""
    left = points["left_hip"] - points["right_hip"]
    left = left / np.linalg.norm(left)
    shoulders = 0.5 * (points["left_shoulder"] + points["right_shoulder"])
    trunk = shoulders - 0.5 * (points["left_hip"] + points["right_hip"])
    up = trunk - (trunk @ left) * left
    up = up / np.linalg.norm(up)
    return np.stack([left, np.cross(up, left), up], axis=1)


SOLVABLE = [
    pytest.param(case, side, id=f"{case['name']}-{side}")
    for case in CASES
    for side in ("left", "right")
    if case["expected_deg"][side]["status"] in {"ok", "chirality_error"}
]


def test_the_axes_are_a_rotation():
    assert np.linalg.det(TO_STUDIO) == pytest.approx(1.0)


@pytest.mark.parametrize(("case", "side"), SOLVABLE)
def test_joint_centres_give_the_expected_angles(case, side):
    points, expected = points_of(case), case["expected_deg"][side]
    thigh, knee = thigh_from_joints(*(points[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle")))
    found = hip_angles(pelvis_of(points), thigh, side)
    tolerance = case["tolerance_deg"]
    assert knee == pytest.approx(expected["knee_flexion"], abs=tolerance)
    assert found.flexion_deg == pytest.approx(expected["flexion"], abs=tolerance)
    assert found.adduction_deg == pytest.approx(expected["adduction"], abs=tolerance)
    assert found.internal_rotation_deg == pytest.approx(expected["internal_rotation"], abs=tolerance)


@pytest.mark.parametrize(("case", "side"), SOLVABLE)
def test_the_expected_angles_put_the_joints_where_the_case_has_them(case, side):
    points, expected = points_of(case), case["expected_deg"][side]
    hip = points[f"{side}_hip"]
    thigh_m = np.linalg.norm(points[f"{side}_knee"] - hip)
    shank_m = np.linalg.norm(points[f"{side}_ankle"] - points[f"{side}_knee"])
    angles = HipAngles(expected["flexion"], expected["adduction"], expected["internal_rotation"])
    leg = leg_from_angles(pelvis_of(points), side, angles, expected["knee_flexion"])
    joints = leg_joints(hip, leg, thigh_m, shank_m)
    np.testing.assert_allclose(joints.knee, points[f"{side}_knee"], atol=1e-3)
    np.testing.assert_allclose(joints.ankle, points[f"{side}_ankle"], atol=1e-3)
