"""A raised hand, in every pose, and what must not be taken for one."""

import numpy as np
import pytest
from bodies import HEAD_LEFT, HEAD_RIGHT, STANDING, UPRIGHT, build_pose
from live_actors import chain, raise_hand, sit

from coach.body.landmarks import INDEX
from coach.body.pose import Pose
from coach.live.gesture import RAISED_S, RaisedHand


def count(poses):
    hand = RaisedHand()
    return sum(hand.update(pose) for pose in poses)


def up(seconds, **options):
    return [raise_hand(pose, **options) for pose in sit(seconds)]


def test_a_hand_kept_up_counts_once():
    assert count(up(5.0)) == 1


def test_a_short_wave_does_not_count():
    assert count(chain(sit(1.0), up(RAISED_S - 0.2), sit(1.0))) == 0


def test_it_counts_again_once_the_hand_was_down():
    assert count(chain(up(1.5), sit(1.0), up(1.5))) == 2


def test_a_flickering_hand_counts_once():
    poses = up(4.0)
    for i in range(0, len(poses), 7):
        poses[i] = Pose.missing(poses[i].time_s)
    assert count(poses) == 1


@pytest.mark.parametrize("side", ["left", "right"])
def test_either_hand_will_do(side):
    assert count(up(1.5, side=side)) == 1


@pytest.mark.parametrize("camera", [UPRIGHT, HEAD_LEFT, HEAD_RIGHT])
def test_hands_at_rest_are_not_up(camera):
    poses = [build_pose(i / 20, camera=camera) for i in range(60)]
    assert count(poses) == 0
    standing = [build_pose(i / 20, STANDING, STANDING, camera) for i in range(60)]
    assert count(standing) == 0


@pytest.mark.parametrize("camera", [HEAD_LEFT, HEAD_RIGHT])
def test_a_hand_towards_the_ceiling_counts_when_lying(camera):
    poses = [build_pose(i / 20, camera=camera) for i in range(40)]
    upper = "left" if camera is HEAD_LEFT else "right"
    assert count([raise_hand(pose, side=upper) for pose in poses]) == 1


def test_a_hand_on_the_head_is_not_up():
    poses = []
    for pose in sit(3.0):
        image = pose.image_px.copy()
        image[INDEX["left_wrist"]] = image[INDEX["nose"]] - np.array([0, 10])
        image[INDEX["left_elbow"]] = image[INDEX["left_shoulder"]] - np.array([20, 20])
        poses.append(Pose(pose.time_s, image, pose.world_m, pose.visibility))
    assert count(poses) == 0


def test_a_hand_that_is_hardly_seen_does_not_count():
    poses = []
    for pose in up(3.0):
        visibility = pose.visibility.copy()
        visibility[INDEX["left_wrist"]] = 0.3
        poses.append(Pose(pose.time_s, pose.image_px, pose.world_m, visibility))
    assert count(poses) == 0
