"""Poses that move as no body does are doubted; brisk movement, noise and low frame rates are not."""

from dataclasses import replace

import numpy as np
import pytest
from bodies import SITTING, Camera, build_pose, clock, film, follow, plan, rotated

from coach.body.landmarks import INDEX, MIRRORED_INDEX, SIDES
from coach.body.pose import Pose
from coach.rotation.estimator import RotationEstimator
from coach.rotation.quality import DISTRUST_S, PoseWatch

LEGS = {s: [INDEX[f"{s}_{p}"] for p in ("knee", "ankle", "heel", "foot_index")] for s in SIDES}


def watch(poses):
    """Doubts of each pose."""
    watcher = PoseWatch()
    return [watcher.update(pose) for pose in poses]


def still(count=40, fps=20.0, **body):
    return [build_pose(i / fps, **body) for i in range(count)]


def moved(pose, rows, by):
    image_px = pose.image_px.copy()
    image_px[rows] += by
    return Pose(pose.time_s, image_px, pose.world_m, pose.visibility)


@pytest.mark.parametrize("fps", [6.0, 10.0, 30.0, 60.0])
@pytest.mark.parametrize("half_s", [0.5, 1.5])
def test_brisk_and_slow_repetitions_are_believed_at_any_frame_rate(fps, half_s):
    movements = plan([40, -30, 35], half_s=half_s)
    times = clock(movements[-1].end_s + 1, fps)
    poses = film(times, left=follow(movements, times), noise_m=0.004)
    assert not any(watch(poses))


def test_a_person_who_walks_through_the_picture_is_believed():
    poses = [moved(p, slice(None), np.array([40.0 * i, 0.0])) for i, p in enumerate(still(20, 10.0))]
    assert not any(watch(poses))


def test_a_leg_that_trembles_is_doubted_and_the_other_one_is_not():
    rng = np.random.default_rng(3)
    poses = [moved(p, LEGS["left"], rng.normal(0, 60, 2)) for p in still()]
    doubts = watch(poses)
    assert doubts[-1] == {"left": "leg_trembles"}
    assert sum("left" in d for d in doubts) > 25
    assert not any("right" in d for d in doubts)


def test_somebody_else_is_not_believed_for_a_while_and_then_is():
    first, second = still(20), still(40)
    poses = first + [
        replace(moved(p, slice(None), np.array([500.0, 20.0])), time_s=p.time_s + 1.0) for p in second
    ]
    doubts = watch(poses)
    assert not any(doubts[:20])
    assert doubts[20] == dict.fromkeys(SIDES, "pose_jumped")
    doubted_s = sum(map(bool, doubts)) / 20.0
    assert doubted_s == pytest.approx(DISTRUST_S, abs=0.1)
    assert not any(doubts[-20:])


def exchange_legs(pose):
    rows = list(range(len(MIRRORED_INDEX)))
    for a, b in zip(LEGS["left"], LEGS["right"], strict=True):
        rows[a], rows[b] = b, a
    return Pose(pose.time_s, pose.image_px[rows], pose.world_m[rows], pose.visibility)


def test_legs_that_change_places_are_doubted_until_they_change_back():
    poses = still(80)
    poses = [exchange_legs(p) if 20 <= i < 50 else p for i, p in enumerate(poses)]
    doubts = watch(poses)
    assert not any(doubts[:20])
    assert all(set(d) == set(SIDES) for d in doubts[20:50])
    assert set(doubts[40].values()) == {"sides_exchanged"}
    assert not any(doubts[-10:])


def test_a_shank_that_shrinks_at_once_is_doubted():
    poses = still(40)
    for pose in poses[20:24]:
        knee, ankle = INDEX["right_knee"], INDEX["right_ankle"]
        pose.world_m[ankle] = pose.world_m[knee] + 0.5 * (pose.world_m[ankle] - pose.world_m[knee])
    doubts = watch(poses)
    assert [i for i, d in enumerate(doubts) if d] == [20, 21, 22, 23]
    assert doubts[20] == {"right": "limb_length_changed"}


def test_a_gap_in_sight_is_no_jump():
    before, after = still(20), still(20)
    gap = [Pose.missing(1.0 + i / 20) for i in range(20)]
    back = [replace(moved(p, slice(None), np.array([300.0, 0.0])), time_s=p.time_s + 2.0) for p in after]
    assert not any(watch(before + gap + back))


def test_the_estimator_gives_no_number_for_a_leg_that_trembles_but_follows_it():
    rng = np.random.default_rng(3)
    estimator = RotationEstimator()
    legs = (rotated(SITTING, 20), rotated(SITTING, 10))
    for i in range(40):
        clean = build_pose(i / 20, *legs, Camera(fov=0))
        body = estimator.update(clean, moved(clean, LEGS["left"], rng.normal(0, 60, 2)))
    assert body.doubts == {"left": "leg_trembles"}
    assert body.legs["left"].rotation.reason == "leg_trembles"
    assert not np.isnan(body.legs["left"].shank_deg)
    assert body.legs["right"].rotation.value_deg == pytest.approx(10)


def test_the_camera_is_looked_for_afresh_when_somebody_else_appears():
    estimator = RotationEstimator()
    for pose in still(60, camera=Camera(-20, fov=0)):
        estimator.update(pose)
    leg = rotated(SITTING, 20)
    for i in range(60, 90):
        body = estimator.update(
            moved(build_pose(i / 20, leg, leg, Camera(10, fov=0)), slice(None), np.array([500.0, 0.0]))
        )
    assert body.legs["left"].rotation.value_deg == pytest.approx(20, abs=0.3)


def test_the_estimator_does_not_follow_legs_of_a_body_that_jumped():
    estimator = RotationEstimator()
    legs = (rotated(SITTING, 20), rotated(SITTING, 10))
    for i in range(40):
        pose = build_pose(i / 20, *legs, Camera(fov=0))
        body = estimator.update(moved(pose, slice(None), np.array([900.0 * (i >= 35), 0.0])))
    assert body.doubts["left"] == "pose_jumped"
    assert np.isnan(body.legs["left"].shank_deg)
