"""The shank's direction in the picture is the thigh's rotation, where the camera looks along the thigh."""

import numpy as np
import pytest
from bodies import HEAD_LEFT, HEAD_RIGHT, UPRIGHT, Camera, Leg, build_pose
from hypothesis import given
from hypothesis import strategies as st

from coach.body.landmarks import INDEX, MIRRORED_INDEX
from coach.rotation.image_plane import compute_shank_angles

ROTATIONS = st.floats(-70, 70)


@given(left=ROTATIONS, right=ROTATIONS, roll=st.floats(-180, 180), distance_m=st.floats(1.5, 6))
def test_rotation_of_each_leg_is_read_exactly_whichever_way_the_head_points(left, right, roll, distance_m):
    pose = build_pose(0, Leg(rotation=left), Leg(rotation=right), Camera(roll=roll, distance_m=distance_m))
    for angles in compute_shank_angles(pose.image_px):
        np.testing.assert_allclose(angles, [left, right], atol=1e-6)


@pytest.mark.parametrize(
    "camera", [UPRIGHT, HEAD_LEFT, HEAD_RIGHT], ids=["upright", "head left", "head right"]
)
@pytest.mark.parametrize("rotation", [-40.0, 0.0, 35.0])
def test_postures_with_bent_and_straightened_knees(camera, rotation):
    for knee in (70.0, 110.0):
        leg = Leg(rotation=rotation, knee=knee)
        against_trunk, against_hips = compute_shank_angles(build_pose(0, leg, leg, camera).image_px)
        np.testing.assert_allclose(against_trunk, rotation, atol=8)  # perspective bends it a little
        np.testing.assert_allclose(against_trunk, against_hips, atol=1e-6)


@given(rotation=ROTATIONS, knee=st.floats(40, 140), roll=st.sampled_from([-90.0, 0.0, 90.0]))
def test_from_far_away_the_knee_angle_does_not_matter(rotation, knee, roll):
    leg = Leg(rotation=rotation, knee=knee)
    pose = build_pose(0, leg, leg, Camera(roll=roll, fov=0))
    for angles in compute_shank_angles(pose.image_px):
        np.testing.assert_allclose(angles, rotation, atol=1e-6)


def test_standing_straight_reads_as_zero_and_legs_apart_as_outwards():
    """Standing, the camera does not look along the thigh, so this is no rotation; but the signs hold."""
    for apart in (0.0, 10.0):
        leg = Leg(flexion=0, knee=0, adduction=-apart)
        for angles in compute_shank_angles(build_pose(0, leg, leg).image_px):
            np.testing.assert_allclose(angles, apart, atol=1e-6)


def test_the_foot_moving_outwards_is_positive_on_both_sides_in_plain_pixels():
    px = np.full((33, 2), np.nan)
    for name, xy in {
        "left_shoulder": (140, 0), "right_shoulder": (60, 0), "left_hip": (120, 100), "right_hip": (80, 100),
        "left_knee": (120, 120), "left_ankle": (160, 160),  # to the person's left, which is our right
        "right_knee": (80, 120), "right_ankle": (40, 160),
    }.items():  # fmt: skip
        px[INDEX[name]] = xy
    for angles in compute_shank_angles(px):
        np.testing.assert_allclose(angles, [45.0, 45.0])


def test_the_two_references_part_when_the_pelvis_tilts_against_the_trunk():
    pose = build_pose(0, Leg(rotation=20), Leg(rotation=20), Camera(fov=0), side_bend=10)
    against_trunk, against_hips = compute_shank_angles(pose.image_px)
    np.testing.assert_allclose(against_hips, [20, 20], atol=1e-6)
    np.testing.assert_allclose(against_trunk, [30, 10], atol=1e-6)


@given(rotation=ROTATIONS)
def test_a_mirrored_picture_without_relabelling_turns_the_legs_upside_down(rotation):
    pose = build_pose(0, Leg(rotation=rotation), Leg(rotation=rotation))
    mirrored = pose.image_px * [-1, 1] + [1280, 0]
    _, against_hips = compute_shank_angles(mirrored)
    assert (np.abs(against_hips) > 90).all()
    against_trunk, against_hips = compute_shank_angles(mirrored[list(MIRRORED_INDEX)])
    np.testing.assert_allclose(against_trunk, rotation, atol=1e-6)
    np.testing.assert_allclose(against_hips, rotation, atol=1e-6)


def test_what_is_not_seen_or_has_no_length_is_nan_and_harms_nothing_else():
    image_px = build_pose(0, Leg(rotation=10), Leg(rotation=-10)).image_px
    unseen = image_px.copy()
    unseen[INDEX["left_ankle"]] = np.nan
    against_trunk, _ = compute_shank_angles(unseen)
    assert np.isnan(against_trunk[0])
    assert against_trunk[1] == pytest.approx(-10)
    collapsed = image_px.copy()
    collapsed[INDEX["right_ankle"]] = collapsed[INDEX["right_knee"]]
    for angles in compute_shank_angles(collapsed):
        assert np.isnan(angles[1])
        assert not np.isnan(angles[0])
    no_hips = image_px.copy()
    no_hips[INDEX["left_hip"]] = no_hips[INDEX["right_hip"]]
    against_trunk, against_hips = compute_shank_angles(no_hips)
    assert np.isnan(against_hips).all()
    assert not np.isnan(against_trunk).any()


def test_many_frames_at_once_equal_frame_by_frame():
    track = np.stack([build_pose(0, Leg(rotation=r), Leg(rotation=-r)).image_px for r in range(-60, 61, 20)])
    together = compute_shank_angles(track)
    for i, image_px in enumerate(track):
        for all_frames, one in zip(together, compute_shank_angles(image_px), strict=True):
            np.testing.assert_array_equal(all_frames[i], one)
