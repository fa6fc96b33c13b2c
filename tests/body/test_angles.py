"""Joint angles against worked cases and against closed-form kinematics."""

import json
from pathlib import Path

import numpy as np
import pytest
from bodies import Leg, build_body
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from coach.body.angles import Validity, compute_leg_angles, compute_shoulder_turn_deg
from coach.body.landmarks import INDEX, LANDMARK_COUNT, MIRRORED_INDEX, SIDES

CASES = json.loads((Path(__file__).parents[1] / "data" / "rotation_cases.json").read_text())["cases"]


def as_landmarks(named):
    points = np.full((LANDMARK_COUNT, 3), np.nan)
    for name, xyz in named.items():
        points[INDEX[name]] = xyz
    return points


def build_legs(flexion, adduction, rotation, knee, world=None):
    """Landmarks of a body whose two legs both have the given angles, turned by `world`."""
    leg = Leg(flexion, adduction, rotation, knee)
    points = build_body(leg, leg)
    return points if world is None else world.apply(points)


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_worked_case_gives_the_expected_angles(case):
    angles = compute_leg_angles(as_landmarks(case["landmarks_m"]))
    for i, side in enumerate(SIDES):
        expected = case["expected_deg"][side]
        assert Validity(int(angles.validity[i])).reason == expected["status"]
        for key, got in (
            ("flexion", angles.hip_flexion_deg),
            ("adduction", angles.hip_adduction_deg),
            ("internal_rotation", angles.hip_internal_rotation_deg),
            ("knee_flexion", angles.knee_flexion_deg),
        ):
            if expected[key] is None:
                assert np.isnan(got[i]), key
            else:
                assert got[i] == pytest.approx(expected[key], abs=case["tolerance_deg"]), key


@given(
    flexion=st.floats(-20, 125),
    adduction=st.floats(-50, 30),
    rotation=st.floats(-60, 60),
    knee=st.floats(25, 140),
    euler=st.tuples(*[st.floats(-180, 180)] * 3),
)
def test_angles_are_recovered_on_both_sides_wherever_the_body_is_turned(
    flexion, adduction, rotation, knee, euler
):
    world = Rotation.from_euler("xyz", euler, degrees=True)
    angles = compute_leg_angles(build_legs(flexion, adduction, rotation, knee, world))
    assert angles.validity.tolist() == [Validity.OK, Validity.OK]
    np.testing.assert_allclose(angles.hip_flexion_deg, flexion, atol=1e-6)
    np.testing.assert_allclose(angles.hip_adduction_deg, adduction, atol=1e-6)
    np.testing.assert_allclose(angles.hip_internal_rotation_deg, rotation, atol=1e-6)
    np.testing.assert_allclose(angles.knee_flexion_deg, knee, atol=1e-6)


@given(rotation=st.floats(-60, 60), knee=st.floats(25, 140), scale=st.floats(0.01, 1000))
def test_angles_do_not_depend_on_size_or_position(rotation, knee, scale):
    points = build_legs(80, 5, rotation, knee)
    moved = compute_leg_angles(points * scale + np.array([3.0, -2.0, 7.0]))
    np.testing.assert_allclose(moved.hip_internal_rotation_deg, rotation, atol=1e-5)


@given(rotation=st.floats(-60, 60), knee=st.floats(30, 140))
def test_a_mirrored_picture_without_relabelling_is_called_a_chirality_error(rotation, knee):
    points = build_legs(70, 0, rotation, knee) * np.array([1, 1, -1])
    angles = compute_leg_angles(points)
    assert angles.validity.tolist() == [Validity.CHIRALITY_ERROR] * 2
    relabelled = compute_leg_angles(points[list(MIRRORED_INDEX)])
    assert relabelled.validity.tolist() == [Validity.OK] * 2


def test_many_frames_at_once_equal_frame_by_frame():
    track = np.stack([build_legs(60 + i, -5, 20 - i, 80) for i in range(12)])
    track[3, INDEX["left_knee"]] = np.nan
    together = compute_leg_angles(track)
    for i, points in enumerate(track):
        alone = compute_leg_angles(points)
        np.testing.assert_array_equal(together.hip_internal_rotation_deg[i], alone.hip_internal_rotation_deg)
        np.testing.assert_array_equal(together.validity[i], alone.validity)
    assert together.validity[3].tolist() == [Validity.LANDMARK_MISSING, Validity.OK]


def test_trunk_does_not_change_rotation():
    points = build_legs(90, 0, 25, 90)
    leaning = points.copy()
    leaning[[INDEX["left_shoulder"], INDEX["right_shoulder"]], 0] += 0.3
    a, b = compute_leg_angles(points), compute_leg_angles(leaning)
    np.testing.assert_array_equal(a.hip_internal_rotation_deg, b.hip_internal_rotation_deg)
    assert (np.abs(a.hip_flexion_deg - b.hip_flexion_deg) > 20).all()


@pytest.mark.parametrize("turn_deg", [-40.0, 0.0, 25.0])
def test_the_turn_of_the_shoulders_is_positive_when_the_right_one_goes_backwards(turn_deg):
    square = {"left_shoulder": (0.2, -0.5, 0.0), "right_shoulder": (-0.2, -0.5, 0.0)}
    turned = Rotation.from_euler("y", turn_deg, degrees=True).apply(as_landmarks(square))
    assert compute_shoulder_turn_deg(turned) == pytest.approx(turn_deg)
