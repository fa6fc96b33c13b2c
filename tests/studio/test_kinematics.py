"""Forward and inverse kinematics of the leg against cases that can be worked out by hand."""

import numpy as np
import pytest

from studio.kinematics import (
    SIDES,
    HipAngles,
    flat_foot,
    hip_angles,
    hip_matrix,
    leg_from_angles,
    leg_joints,
    leg_to_ankle,
    sign_of,
    thigh_from_joints,
)
from studio.rotations import (
    align,
    axis_and_angle,
    between,
    fraction_of,
    rotation_about,
    rotation_x,
    rotation_y,
    rotation_z,
)

THIGH, SHANK = 0.42, 0.40
LEFTWARDS, BACK, UP = np.eye(3)
RIGHTWARDS, FORWARDS, DOWN = -np.eye(3)
OUTWARDS = {"left": LEFTWARDS, "right": RIGHTWARDS}


def pose(side, *, flexion=0.0, adduction=0.0, rotation=0.0, knee=0.0, pelvis=None):
    """Unit directions of thigh and shank."""
    pelvis = np.eye(3) if pelvis is None else pelvis
    leg = leg_from_angles(pelvis, side, HipAngles(flexion, adduction, rotation), knee)
    joints = leg_joints(np.zeros(3), leg, THIGH, SHANK)
    return joints.knee / THIGH, (joints.ankle - joints.knee) / SHANK


@pytest.mark.parametrize("side", SIDES)
class TestWhereTheLegPoints:
    def test_neutral_leg_hangs(self, side):
        thigh, shank = pose(side)
        np.testing.assert_allclose(thigh, DOWN, atol=1e-12)
        np.testing.assert_allclose(shank, DOWN, atol=1e-12)

    def test_flexion_lifts_the_thigh_forwards(self, side):
        thigh, _ = pose(side, flexion=90)
        np.testing.assert_allclose(thigh, FORWARDS, atol=1e-12)

    def test_adduction_takes_the_leg_inwards(self, side):
        thigh, _ = pose(side, adduction=30)
        expected = -OUTWARDS[side] * np.sin(np.pi / 6) + DOWN * np.cos(np.pi / 6)
        np.testing.assert_allclose(thigh, expected, atol=1e-12)

    def test_the_knee_bends_backwards(self, side):
        _, shank = pose(side, knee=90)
        np.testing.assert_allclose(shank, BACK, atol=1e-12)

    def test_internal_rotation_takes_the_foot_outwards_sitting(self, side):
        thigh, shank = pose(side, flexion=90, rotation=35, knee=90)
        angle = np.deg2rad(35)
        np.testing.assert_allclose(thigh, FORWARDS, atol=1e-12)
        np.testing.assert_allclose(shank, OUTWARDS[side] * np.sin(angle) + DOWN * np.cos(angle), atol=1e-12)

    def test_internal_rotation_takes_the_foot_outwards_prone(self, side):
        pelvis = rotation_z(180) @ rotation_x(90)  # face down, head towards +y, left towards -x
        thigh, shank = pose(side, rotation=40, knee=90, pelvis=pelvis)
        outwards = -OUTWARDS[side]
        angle = np.deg2rad(40)
        np.testing.assert_allclose(thigh, FORWARDS, atol=1e-12)  # feet towards -y
        np.testing.assert_allclose(shank, outwards * np.sin(angle) + UP * np.cos(angle), atol=1e-12)

    def test_standing_internal_rotation_turns_the_toes_in(self, side):
        leg = leg_from_angles(np.eye(3), side, HipAngles(0, 0, 25), 0)
        toes = leg.foot_orientation @ FORWARDS
        assert toes @ OUTWARDS[side] == pytest.approx(-np.sin(np.deg2rad(25)))

    def test_flexion_comes_before_adduction(self, side):
        """At 90° of flexion adduction is still about the pelvis' own forward axis turned with the thigh."""
        thigh, _ = pose(side, flexion=90, adduction=20)
        expected = FORWARDS * np.cos(np.deg2rad(20)) - OUTWARDS[side] * np.sin(np.deg2rad(20))
        np.testing.assert_allclose(thigh, expected, atol=1e-12)

    def test_rotation_comes_last(self, side):
        """Rotation turns about the femur wherever it points: it never moves the knee."""
        still, _ = pose(side, flexion=50, adduction=-25)
        turned, _ = pose(side, flexion=50, adduction=-25, rotation=40)
        np.testing.assert_allclose(turned, still, atol=1e-12)


def clinical_angles(side, hips, knee, ankle, pelvis_up):
    """The textbook formulas on joint centres, written independently of the matrices under test."""
    sign = 1.0 if side == "right" else -1.0
    z = (hips["right"] - hips["left"]) / np.linalg.norm(hips["right"] - hips["left"])
    hip = hips[side]
    d = (knee - hip) / np.linalg.norm(knee - hip)
    s = (ankle - knee) / np.linalg.norm(ankle - knee)
    u = s - (s @ d) * d
    u /= np.linalg.norm(u)
    y = pelvis_up - (pelvis_up @ z) * z
    y /= np.linalg.norm(y)
    x = np.cross(y, z)
    return (
        np.rad2deg(np.arctan2(d @ x, -d @ y)),
        np.rad2deg(np.arcsin(-sign * (d @ z))),
        np.rad2deg(np.arctan2(sign * (u @ z), np.cross(u, d) @ z)),
        np.rad2deg(np.arccos(np.clip(d @ s, -1, 1))),
    )


@pytest.mark.parametrize("side", SIDES)
def test_angles_agree_with_the_textbook_formulas(side):
    rng = np.random.default_rng(3)
    for _ in range(300):
        pelvis = rotation_about(rng.normal(size=3), rng.uniform(0, 180))
        wanted = HipAngles(rng.uniform(-20, 120), rng.uniform(-60, 40), rng.uniform(-60, 60))
        knee_deg = rng.uniform(25, 140)
        hips = {s: pelvis @ np.array([sign_of(s) * 0.09, 0, 0]) for s in SIDES}
        leg = leg_from_angles(pelvis, side, wanted, knee_deg)
        joints = leg_joints(hips[side], leg, THIGH, SHANK)
        found = clinical_angles(side, hips, joints.knee, joints.ankle, pelvis @ UP)
        np.testing.assert_allclose(found, (*wanted, knee_deg), atol=1e-8)


@pytest.mark.parametrize("side", SIDES)
def test_angles_survive_the_round_trip(side):
    rng = np.random.default_rng(5)
    for _ in range(300):
        pelvis = rotation_about(rng.normal(size=3), rng.uniform(0, 180))
        wanted = HipAngles(rng.uniform(-40, 130), rng.uniform(-80, 60), rng.uniform(-80, 80))
        np.testing.assert_allclose(
            hip_angles(pelvis, pelvis @ hip_matrix(side, wanted), side), wanted, atol=1e-9
        )


def test_the_sides_are_mirror_images():
    mirror = np.diag([-1.0, 1.0, 1.0])
    angles = HipAngles(70, -15, 30)
    np.testing.assert_allclose(
        mirror @ hip_matrix("left", angles) @ mirror, hip_matrix("right", angles), atol=1e-12
    )


def test_inverse_kinematics_reaches_the_ankle_and_bulges_the_knee():
    rng = np.random.default_rng(7)
    for _ in range(200):
        hip, ankle = np.array([0.1, 0.0, 0.8]), rng.uniform([-0.3, -0.6, 0.05], [0.4, 0.2, 0.5])
        towards = np.array([0.2, -1.0, 0.4])
        leg = leg_to_ankle(hip, ankle, towards, THIGH, SHANK)
        joints = leg_joints(hip, leg, THIGH, SHANK)
        if np.linalg.norm(ankle - hip) < THIGH + SHANK - 0.01:
            np.testing.assert_allclose(joints.ankle, ankle, atol=1e-9)
        assert (joints.knee - 0.5 * (joints.hip + joints.ankle)) @ towards >= -1e-9


def test_a_target_out_of_reach_is_approached_along_its_line():
    leg = leg_to_ankle([0, 0, 2], [0, 0, 0], [0, -1, 0], THIGH, SHANK)
    joints = leg_joints([0, 0, 2], leg, THIGH, SHANK)
    np.testing.assert_allclose(joints.ankle, [0, 0, 2 - (THIGH + SHANK) * 0.9995], atol=1e-9)


def test_thigh_from_joints_is_the_inverse_of_forward_kinematics():
    leg = leg_from_angles(rotation_y(20), "right", HipAngles(60, -10, 25), 75)
    joints = leg_joints([0.3, 0.1, 0.9], leg, THIGH, SHANK)
    thigh, knee = thigh_from_joints(*joints)
    np.testing.assert_allclose(thigh, leg.thigh, atol=1e-9)
    assert knee == pytest.approx(75)


def test_a_flat_foot_is_level_and_points_where_the_shank_does():
    leg = leg_from_angles(np.eye(3), "left", HipAngles(0, 0, -20), 0)
    foot = flat_foot(leg)
    np.testing.assert_allclose(foot @ UP, UP, atol=1e-12)
    np.testing.assert_allclose(foot.T @ foot, np.eye(3), atol=1e-12)
    assert (foot @ FORWARDS) @ LEFTWARDS == pytest.approx(np.sin(np.deg2rad(20)))


class TestRotations:
    def test_axis_and_angle_undo_rotation_about(self):
        for angle in (0.0, 1e-7, 30, 90, 179.9, 180):
            axis, found = axis_and_angle(rotation_about([1, 2, -0.5], angle))
            assert found == pytest.approx(angle, abs=1e-4)
            np.testing.assert_allclose(
                rotation_about(axis, found), rotation_about([1, 2, -0.5], angle), atol=1e-6
            )

    def test_fractions_add_up(self):
        turn = rotation_about([0.3, 1, 2], 100)
        np.testing.assert_allclose(fraction_of(turn, 0.25) @ fraction_of(turn, 0.75), turn, atol=1e-9)
        np.testing.assert_allclose(between(turn, np.eye(3), 1.0), np.eye(3), atol=1e-9)

    @pytest.mark.parametrize("target", [[0, 0, 1], [1, 2, 3], [0, 0, -1]])
    def test_align_takes_one_direction_to_the_other(self, target):
        target = np.array(target) / np.linalg.norm(target)
        np.testing.assert_allclose(align([0, 0, 1], target) @ UP, target, atol=1e-12)
