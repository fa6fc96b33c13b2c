"""Features do not depend on size, place or side, and mean what they are called."""

import numpy as np
import pytest
from bodies import SITTING, Camera, Leg, build_pose, rotated
from hypothesis import given
from hypothesis import strategies as st

from coach.body.landmarks import MIRRORED_INDEX, SIDES
from coach.rotation.leg_features import FEATURES, describe_legs


def features_of(pose):
    return describe_legs(pose.world_m[None], pose.image_px[None])[0]


@pytest.fixture
def pose():
    return build_pose(0, rotated(SITTING, 20), rotated(SITTING, -5), Camera(azimuth=12, elevation=8))


def test_one_column_a_feature_and_one_row_a_leg(pose):
    assert features_of(pose).shape == (2, len(FEATURES))
    assert len(set(FEATURES)) == len(FEATURES)


@given(scale=st.floats(0.3, 3), x=st.floats(-500, 500), y=st.floats(-500, 500), turn_deg=st.floats(-180, 180))
def test_size_place_and_a_camera_that_is_rolled_do_not_matter(scale, x, y, turn_deg):
    pose = build_pose(0, rotated(SITTING, 20), rotated(SITTING, -5), Camera(azimuth=12))
    turn = np.radians(turn_deg)
    rolled = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = describe_legs(pose.world_m[None] * scale, (pose.image_px @ rolled.T * scale + (x, y))[None])[0]
    assert moved == pytest.approx(features_of(pose), abs=1e-6)


def test_a_left_leg_reads_like_the_right_one_of_the_mirrored_person(pose):
    rows = list(MIRRORED_INDEX)
    image, world = pose.image_px[rows] * (-1, 1), pose.world_m[rows] * (-1, 1, 1)
    mirrored = describe_legs(world[None], image[None])[0]
    assert mirrored[::-1] == pytest.approx(features_of(pose), abs=1e-9)


def test_they_mean_what_they_are_called():
    """Somebody who stands upright before the camera, the left knee out to the side and bent."""
    out = Leg(flexion=0, adduction=-40, rotation=0, knee=0)
    pose = build_pose(0, out, Leg(0, 0, 0, 0), Camera(fov=0))
    left, right = (dict(zip(FEATURES, row, strict=True)) for row in features_of(pose))
    thigh = np.hypot(left["own hip to knee, out"], left["own hip to knee, down"])
    assert left["own hip to knee, out"] == pytest.approx(thigh * np.sin(np.radians(40)), abs=1e-6)
    assert right["other hip to knee, out"] == pytest.approx(-left["own hip to knee, out"])
    assert left["own hip to knee, z"] == pytest.approx(np.sin(np.radians(40)), abs=1e-6)
    assert left["own hip to knee, y"] == pytest.approx(-np.cos(np.radians(40)), abs=1e-6)
    assert left["camera, x"] == pytest.approx(1.0, abs=1e-6)
    assert left["hip line, out"] > 0 and right["hip line, out"] > 0


@pytest.mark.parametrize("side", SIDES)
def test_a_missing_landmark_leaves_holes_and_no_error(pose, side):
    pose.image_px[:] = np.nan
    assert np.isnan(features_of(pose)[SIDES.index(side)]).any()
