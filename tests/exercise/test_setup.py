"""The start pose: armed only when it is held still; the baseline is its median."""

from dataclasses import replace
from math import isnan, nan

import numpy as np
import pytest
from bodies import HEAD_LEFT, HEAD_RIGHT, SITTING, STANDING, UPRIGHT, Camera, Leg, build_pose, clock, film
from simple_specs import make_fault, make_spec

from coach.body.landmarks import INDEX, SIDES
from coach.body.pose import Pose
from coach.body.spans import CLOCK_S
from coach.exercise.setup import (
    StartPose,
    broken_rule,
    describe_missing_pose,
    find_nearer_side,
    find_standing_side,
    find_top_side,
)
from coach.exercise.spec import PoseRule
from coach.rotation.estimator import measure_body


def arm(poses, spec=None, sides=("left", "right")):
    """(time, baseline) when the start pose is recognised, else None."""
    start = StartPose(spec or make_spec(), sides)
    for pose in poses:
        baseline = start.update(measure_body(pose))
        if baseline:
            return pose.time_s, baseline
    return None


@pytest.mark.parametrize("fps", [5, 30, 120])
@pytest.mark.parametrize("still_s", [0.5, 1.5])
def test_it_arms_as_soon_as_the_pose_was_held_long_enough(fps, still_s):
    time_s, _ = arm(film(clock(4, fps)), make_spec(start_still_s=still_s))
    assert still_s - CLOCK_S <= time_s + 1e-9 <= still_s + 2 / fps


def test_baseline_and_noise_are_those_of_each_leg():
    times_s = clock(2, 60)
    wobble = np.random.default_rng(0).normal(0, 1.0, len(times_s))
    spec = make_spec(start_still_s=1.0, faults=[make_fault(measure="knee_flexion")])
    _, baseline = arm(film(times_s, 12 + wobble, np.full(len(times_s), -7.0)), spec)
    assert baseline.values["left"]["hip_internal_rotation"] == pytest.approx(12, abs=0.5)
    assert baseline.values["right"]["hip_internal_rotation"] == pytest.approx(-7)
    assert baseline.values["left"]["knee_flexion"] == pytest.approx(90)
    assert baseline.noise["left"] == pytest.approx(1.0, rel=0.25)
    assert baseline.noise["right"] == pytest.approx(0.0, abs=1e-9)


def test_a_single_outlier_does_not_move_the_baseline():
    times_s = clock(2, 30)
    rotation = np.zeros(len(times_s))
    rotation[5] = 6.0
    _, baseline = arm(film(times_s, rotation))
    assert baseline.values["left"]["hip_internal_rotation"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_moving_leg_does_not_arm_and_an_unwatched_one_may_move(side):
    times_s = clock(5, 30)
    swing = {side: 20 * np.sin(2 * np.pi * 0.6 * times_s)}
    other = "right" if side == "left" else "left"
    assert arm(film(times_s, **swing)) is None
    assert arm(film(times_s, **swing), sides=(side,)) is None
    assert arm(film(times_s, **swing), sides=(other,)) is not None


def test_a_slow_movement_is_not_still():
    times_s = clock(3, 30)
    assert arm(film(times_s, 13.0 * times_s)) is None


def test_lying_on_the_side_the_lower_leg_need_not_be_still():
    """It is hidden, and its landmarks tremble."""
    lying = make_spec(working="top", start_knee_flexion_deg=(0.0, 180.0))
    times_s = clock(3, 30)
    trembling = np.random.default_rng(0).normal(0, 8, len(times_s))
    assert arm(film(times_s, right=trembling, camera=HEAD_LEFT), lying) is not None
    assert arm(film(times_s, left=trembling, camera=HEAD_LEFT), lying) is None


def test_it_arms_after_the_movement_has_come_to_rest():
    times_s = clock(8, 30)
    swing = np.where(times_s < 4, 20 * np.sin(2 * np.pi * 0.6 * times_s), 10.0)
    time_s, baseline = arm(film(times_s, swing))
    assert time_s >= 4.3
    assert baseline.values["left"]["hip_internal_rotation"] == pytest.approx(10, abs=1)


@pytest.mark.parametrize(("on", "arms"), [(12.0, True), (5.0, False)])
def test_a_creep_that_is_small_against_the_movement_does_not_delay(on, arms):
    times_s = clock(0.8, 30)
    creep = 6.0 * times_s / times_s[-1]  # as when the pose network settles on a new picture
    phase = replace(make_spec().phases[0], on=on, off=0.5 * on)
    assert (arm(film(times_s, creep, creep), make_spec(phases=[phase])) is not None) == arms


@pytest.mark.parametrize(("compare", "earliest_s"), [("falls-by", 2.0), ("above", 0.0)])
def test_it_waits_until_what_form_is_judged_by_has_come_to_rest(compare, earliest_s):
    """The knees still bend for two seconds, which the rotation does not show."""
    spec = make_spec(faults=[make_fault(measure="knee_flexion", compare=compare)])
    poses = []
    for t in clock(4, 30):
        leg = replace(SITTING, knee=50.0 + 20.0 * min(t, 2.0))
        poses.append(build_pose(float(t), leg, leg))
    time_s, baseline = arm(poses, spec)
    assert earliest_s <= time_s <= earliest_s + 1.0
    if earliest_s:
        assert baseline.values["left"]["knee_flexion"] == pytest.approx(90, abs=5)


@pytest.mark.parametrize(("step_deg", "arms"), [(7.0, True), (11.0, False)])
def test_what_form_is_judged_by_may_differ_between_two_frames_by_less_than_a_fault(step_deg, arms):
    """At three frames a second there is nothing that a tremble could be averaged over."""
    spec = make_spec(start_still_s=0.3, faults=[make_fault(measure="knee_flexion", compare="falls-by")])
    legs = [replace(SITTING, knee=90.0 + step_deg * (i % 2)) for i in range(9)]
    poses = [build_pose(i / 3.0, leg, leg) for i, leg in enumerate(legs)]
    assert (arm(poses, spec) is not None) == arms


def test_the_frame_that_tells_which_leg_works_is_the_first_of_the_start_pose():
    spec = make_spec(working="top", start_still_s=0.3, start_knee_flexion_deg=(0.0, 180.0))
    time_s, _ = arm(film(clock(2, 5), camera=HEAD_LEFT), spec)
    assert time_s == pytest.approx(0.6)


def walk(times_s, camera=UPRIGHT):
    """Somebody walking, who never bends both knees for long."""
    for t in times_s:
        stride = np.sin(2 * np.pi * 0.9 * t)
        left = Leg(20 * stride, 0, 0, 25 + 25 * np.sin(2 * np.pi * 0.9 * t + 1))
        right = Leg(-20 * stride, 0, 0, 25 - 25 * np.sin(2 * np.pi * 0.9 * t + 1))
        yield build_pose(float(t), left, right, camera)


def test_walking_in_and_standing_do_not_arm_a_seated_exercise():
    assert arm(walk(clock(10, 30))) is None
    assert arm(film(clock(5, 30), leg=STANDING)) is None


def test_standing_and_sitting_do_not_arm_an_exercise_for_the_top_leg():
    """Somebody about to lie down is upright first."""
    lying = make_spec(working="top", start_knee_flexion_deg=(0.0, 180.0))
    assert arm(walk(clock(10, 30)), lying) is None
    assert arm(film(clock(5, 30), leg=STANDING), lying) is None
    assert arm(film(clock(5, 30), camera=HEAD_LEFT), lying) is not None


def test_the_knees_have_to_be_bent_as_the_spec_says():
    spec = make_spec(start_knee_flexion_deg=(40.0, 100.0))
    for knee, armed in ((35, False), (45, True), (95, True), (105, False)):
        leg = replace(SITTING, knee=float(knee))
        assert (arm(film(clock(2, 30), leg=leg), spec) is not None) is armed
    both = [build_pose(float(t), SITTING, replace(SITTING, knee=20.0)) for t in clock(2, 30)]
    assert arm(both, spec) is None
    assert arm(both, spec, sides=("left",)) is not None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"start_rules": (PoseRule("trunk_incline", 60.0, 120.0, "each", False, "Lie down."),)}, "Lie down."),
        ({"working": "top"}, "Lie on your side."),
        ({"start_knee_flexion_deg": (100.0, 150.0)}, "Bend your knees a little more."),
        ({"start_knee_flexion_deg": (0.0, 60.0)}, "Stretch your knees a little."),
    ],
)
def test_what_the_start_pose_lacks_is_said(changes, said):
    start = StartPose(make_spec(**changes))
    start.update(measure_body(build_pose()))
    assert start.missing == said


def test_where_the_driving_measure_is_not_told_the_start_pose_is_found_by_what_is_followed_instead():
    def measure_silent(pose):
        body = measure_body(pose)
        return replace(body, legs={s: replace(leg, shank_deg=nan) for s, leg in body.legs.items()})

    start = StartPose(make_spec(measure_instead="knee_flexion"))
    found = [start.update(measure_silent(pose)) for pose in film(clock(2, 30))]
    assert isnan(found[-1].values["left"]["hip_internal_rotation"])
    assert found[-1].values["left"]["knee_flexion"] == pytest.approx(90)
    assert describe_missing_pose(make_spec(), measure_silent(build_pose()), SIDES)


def test_losing_sight_starts_the_wait_afresh():
    poses = [Pose.missing(p.time_s) if 0.4 <= p.time_s < 0.5 else p for p in film(clock(3, 30))]
    time_s, _ = arm(poses)
    assert time_s == pytest.approx(1.0, abs=0.05)


def test_a_view_that_does_not_carry_counting_does_not_arm():
    assert arm(film(clock(3, 30), camera=Camera(azimuth=80))) is None
    assert arm(film(clock(3, 30), camera=Camera(azimuth=45))) is not None


def test_reset_forgets():
    start = StartPose(make_spec())
    poses = list(film(clock(2, 30)))
    for pose in poses[:14]:
        assert start.update(measure_body(pose)) is None
    start.reset()
    for pose in poses[14:28]:
        assert start.update(measure_body(pose)) is None


@pytest.mark.parametrize(
    ("camera", "top"),
    [
        (HEAD_LEFT, "left"),
        (HEAD_RIGHT, "right"),
        (Camera(roll=-70), "left"),
        (Camera(roll=110), "right"),
        (UPRIGHT, None),
        (Camera(roll=25), None),
        (Camera(roll=-40), "left"),
    ],
)
def test_the_top_leg_is_the_one_higher_in_the_picture(camera, top):
    assert find_top_side(measure_body(build_pose(camera=camera))) == top


def test_nobody_has_no_top_leg():
    assert isnan(Pose.missing(0.0).image_px[0, 0])
    assert find_top_side(measure_body(Pose.missing(0.0))) is None


@pytest.mark.parametrize(("raised", "standing"), [("left", "right"), ("right", "left"), (None, None)])
def test_the_standing_leg_is_the_one_whose_ankle_is_lower(raised, standing):
    legs = {"left": STANDING, "right": STANDING}
    if raised:
        legs[raised] = Leg(flexion=90, knee=90)
    assert find_standing_side(measure_body(build_pose(0, **legs))) == standing
    assert find_standing_side(measure_body(Pose.missing(0.0))) is None


def test_a_raised_leg_that_is_not_higher_in_the_picture_shows_by_its_bend():
    """A thigh that points at a raised camera looks as low as the one stood on."""
    bent = measure_body(build_pose(0, STANDING, Leg(flexion=40, knee=75)))
    level = bent.pixels[INDEX["left_knee"]][1], bent.pixels[INDEX["left_ankle"]][1]
    for joint, y in zip(("right_knee", "right_ankle"), level, strict=True):
        bent.pixels[INDEX[joint]][1] = y
    assert find_standing_side(bent) == "left"


@pytest.mark.parametrize(("azimuth", "nearer"), [(80, "left"), (-80, "right"), (5, "left"), (-5, "right")])
def test_the_nearer_side_is_the_one_that_the_camera_stands_on(azimuth, nearer):
    pose = build_pose(camera=Camera(azimuth=azimuth))
    hips_m = {side: pose.world_m[row, 2] for side, row in (("left", 23), ("right", 24))}
    assert min(hips_m, key=hips_m.get) == nearer
    assert find_nearer_side(measure_body(pose)) == nearer
    assert find_nearer_side(measure_body(Pose.missing(0.0))) is None


def make_rule(legs="each", *, throughout=False):
    return PoseRule("knee_flexion", 60.0, 120.0, legs, throughout, "Bend your knees.")


@pytest.mark.parametrize(
    ("legs", "left", "right", "kept"),
    [
        ("each", 90, 90, True),
        ("each", 90, 30, False),
        ("each", 30, 90, False),
        ("either", 90, 30, True),
        ("either", 30, 90, True),
        ("either", 30, 30, False),
        ("each", 130, 90, False),
    ],
)
def test_a_rule_holds_for_each_leg_or_for_either(legs, left, right, kept):
    rule = make_rule(legs)
    body = measure_body(build_pose(0, Leg(knee=left), Leg(knee=right)))
    assert broken_rule(make_spec(start_rules=(rule,)), body) is (None if kept else rule)


def test_what_is_not_seen_keeps_no_rule_and_only_the_lasting_ones_are_asked_for_throughout():
    passing, lasting = make_rule(), make_rule(throughout=True)
    spec = make_spec(start_rules=(passing, lasting))
    nobody = measure_body(Pose.missing(0.0))
    assert broken_rule(spec, nobody) is passing
    assert broken_rule(spec, nobody, throughout=True) is lasting
    assert broken_rule(make_spec(start_rules=(passing,)), nobody, throughout=True) is None


def test_breaking_a_rule_does_not_arm():
    spec = make_spec(start_rules=(make_rule(),), start_knee_flexion_deg=(0.0, 180.0))
    assert arm(film(clock(2, 30), leg=Leg(knee=45)), spec) is None
    assert arm(film(clock(2, 30), leg=Leg(knee=90)), spec) is not None


def test_somebody_on_two_legs_does_not_arm_an_exercise_on_one():
    spec = make_spec(working="standing", start_knee_flexion_deg=(0.0, 180.0))
    both = [build_pose(float(t), STANDING, STANDING) for t in clock(2, 30)]
    one = [build_pose(float(t), STANDING, SITTING) for t in clock(2, 30)]
    assert arm(both, spec) is None
    assert arm(one, spec) is not None
