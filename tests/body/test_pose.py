"""`Pose` and `PoseTrack` are validated once, with every problem named."""

import numpy as np
import pytest
from bodies import build_pose

from coach.body.pose import Pose, PoseTrack, SourceFacts

FACTS = SourceFacts("clip.mp4", 640, 480, 30.0)


def make_track(time_s):
    n = len(time_s)
    return PoseTrack(
        np.asarray(time_s, float),
        np.arange(n * 66, dtype=np.float32).reshape(n, 33, 2),
        np.zeros((n, 33, 3), np.float32),
        np.ones((n, 33), np.float32),
        FACTS,
    )


def test_a_pose_of_wrong_shapes_names_each_with_what_was_expected_and_got():
    with pytest.raises(ValueError) as problem:
        Pose(0.0, np.zeros((32, 2)), np.zeros((33, 2)), np.zeros(33))
    assert str(problem.value) == (
        "expected 'image_px' to have shape (33, 2), got (32, 2); "
        "expected 'world_m' to have shape (33, 3), got (33, 2)"
    )


def test_a_missing_pose_is_nan_throughout_and_not_seen():
    pose = Pose.missing(1.5)
    assert pose.time_s == 1.5
    assert not pose.seen
    for values in (pose.image_px, pose.world_m, pose.visibility):
        assert np.isnan(values).all()
    assert build_pose().seen


def test_a_pose_with_zero_visibility_is_still_seen():
    assert Pose(0.0, np.zeros((33, 2)), np.zeros((33, 3)), np.zeros(33)).seen


@pytest.mark.parametrize("time_s", [[0.0, 0.1, 0.1], [0.0, 0.2, 0.1], [0.0, np.nan, 1.0]])
def test_a_track_whose_time_does_not_increase_is_refused(time_s):
    with pytest.raises(ValueError, match="increase strictly"):
        make_track(time_s)


def test_a_track_of_unequal_lengths_names_every_array():
    with pytest.raises(ValueError) as problem:
        PoseTrack(np.arange(3.0), np.zeros((2, 33, 2)), np.zeros((3, 33, 3)), np.zeros((4, 33)), FACTS)
    assert "'image_px' to have shape (3, 33, 2), got (2, 33, 2)" in str(problem.value)
    assert "'visibility' to have shape (3, 33), got (4, 33)" in str(problem.value)


def test_a_track_gives_its_poses_in_order_as_float64():
    track = make_track([0.0, 0.1, 0.25])
    poses = list(track)
    assert len(track) == len(poses) == 3
    assert [p.time_s for p in poses] == [0.0, 0.1, 0.25]
    for i, pose in enumerate(poses):
        assert pose.image_px.dtype == pose.world_m.dtype == pose.visibility.dtype == np.float64
        np.testing.assert_array_equal(pose.image_px, track.image_px[i])


def test_a_track_may_be_empty_or_hold_missing_poses():
    assert list(make_track([])) == []
    missing = make_track([0.0])
    missing.visibility[:] = np.nan
    assert not next(iter(missing)).seen
