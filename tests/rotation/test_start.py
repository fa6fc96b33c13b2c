"""Rotation counted from an assumed start pose: what shows the change, and when there is no number."""

from dataclasses import replace
from math import isnan

import pytest
from bodies import STANDING, Camera, Leg, build_pose, rotated

from coach.body.pose import Pose
from coach.rotation.estimator import Reading, RotationEstimator, measure_body
from coach.rotation.rotation import Rotation
from coach.rotation.start import FORGET_S, Sight, Start, StartWatch, find_sight

KNEE = Reading(absolute=False, start=Start("raised-knee", 0.0, 5.0))
SHANK = Reading(absolute=False, start=Start("rear-shank", 52.0, 7.0))
RAISED = Leg(flexion=60.0, knee=80.0)
REAR, FRONT = Leg(50.0, -58.0, 55.0, 90.0), Leg(70.0, -40.0, -55.0, 90.0)
FLAT = {"fov": 0, "elevation": 12.0}
STEP_S = 0.1


def follow(reading, poses, seconds_at_rest=1.0):
    """The measurement after a rest in the first pose and one step to each of the others."""
    estimator = RotationEstimator(reading)
    rest = [poses[0]] * round(seconds_at_rest / STEP_S)
    bodies = [
        estimator.update(replace(pose, time_s=i * STEP_S)) for i, pose in enumerate([*rest, *poses[1:]])
    ]
    return bodies[-1].legs


def standing(turn, standing_side):
    """On one leg, the pelvis turned towards it; the camera stays."""
    legs = (RAISED, STANDING) if standing_side == "right" else (STANDING, RAISED)
    azimuth = turn if standing_side == "right" else -turn
    return build_pose(0, *legs, Camera(azimuth=azimuth, fov=0))


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("turn", [18.0, -14.0])
def test_the_raised_knee_shows_how_far_the_pelvis_turns_over_the_standing_thigh(side, turn):
    rotation = follow(KNEE, [standing(0, side), standing(turn, side)])[side].rotation
    assert rotation.mode == "start-assumed"
    assert rotation.value_deg == pytest.approx(turn, rel=0.25)
    assert 5.0 < rotation.sd_deg < 9.0


def sitting(lift, rear_side):
    rear = rotated(REAR, REAR.rotation + lift)
    return build_pose(0, *((rear, FRONT) if rear_side == "left" else (FRONT, rear)), Camera(**FLAT))


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_rear_foot_shows_how_far_its_thigh_turns_in(side):
    legs = follow(SHANK, [sitting(0, side), sitting(14, side)])
    assert legs[side].rotation.value_deg == pytest.approx(52 + 14, abs=5)
    other = "left" if side == "right" else "right"
    assert legs[other].rotation.reason == "not_the_turning_leg"


def test_there_is_no_number_before_the_start_pose_was_held_still():
    def after(seconds):
        return follow(KNEE, [standing(0, "left")] * 2, seconds)["left"].rotation

    assert after(0.5).reason == "start_pose_not_seen"
    assert after(1.0).value_deg == pytest.approx(0, abs=0.5)
    swinging = [standing(12.0 * (i % 2), "left") for i in range(20)]
    assert follow(KNEE, swinging, 0.1)["left"].rotation.reason == "start_pose_not_seen"


def test_one_pose_alone_has_no_start():
    assert measure_body(standing(0, "left"), KNEE).legs["left"].rotation.reason == "start_pose_not_seen"


def test_standing_on_both_legs_is_no_start_pose():
    both = build_pose(0, STANDING, STANDING)
    assert follow(KNEE, [both, both])["left"].rotation.reason == "start_pose_not_seen"


def test_nobody_is_no_start_pose():
    assert follow(KNEE, [Pose.missing(0.0)] * 2)["left"].rotation.reason == "nobody_seen"


def watch(*sights, start=SHANK.start, step_s=STEP_S, others=None):
    """The rotation after each sight, the first of which lasts for a second; `others` say theirs as well."""
    watching = StartWatch(start)
    shown = [sights[0]] * 11 + list(sights[1:])
    told = [others[0]] * 11 + list(others[1:]) if others else [None] * len(shown)
    return [watching.update(i * step_s, *pair) for i, pair in enumerate(zip(shown, told, strict=True))][
        11:
    ], watching


REST = Sight("left", 30.0, float("nan"), slope_deg=35.0)


def lifted(rise, **further):
    """The foot raised, in height and slope alike."""
    return replace(REST, place=REST.place + rise, slope_deg=REST.slope_deg + rise, **further)


def test_an_ankle_drawn_too_near_the_knee_is_noticed_by_the_slope():
    (foreshortened,), _ = watch(REST, replace(REST, place=REST.place - 15.0))
    (lowered,), _ = watch(REST, lifted(-15.0))
    assert foreshortened.value_deg == lowered.value_deg
    assert foreshortened.sd_deg > lowered.sd_deg + 1.5


def test_a_pelvis_that_turns_along_withholds_the_angle_until_it_is_back():
    (turned, back), _ = watch(REST, lifted(15.0, twist_deg=9.0), lifted(15.0, twist_deg=2.0))
    assert turned.reason == "pelvis_turned_along"
    assert back.value_deg == pytest.approx(52 + 15)


@pytest.mark.parametrize(("azimuth", "shoulders", "twist"), [(10, 10, 10), (10, 0, 5), (0, -8, -4)])
def test_pelvis_and_shoulders_tell_together_of_a_turn(azimuth, shoulders, twist):
    pixels = sitting(0, "left").image_px.tolist()
    assert find_sight("rear-shank", pixels, [0.0, 0.0], azimuth, shoulders).twist_deg == pytest.approx(twist)


def test_a_body_that_turns_as_a_whole_withholds_the_angle():
    for azimuth in (-12.0, 12.0):
        turned = build_pose(0, REAR, FRONT, Camera(azimuth=azimuth, **FLAT))
        legs = follow(SHANK, [sitting(0, "left"), turned])
        assert legs["left"].rotation.reason == "pelvis_turned_along"


def test_the_error_bar_grows_with_the_change_and_with_a_turning_pelvis():
    small, large, twisted = watch(REST, lifted(2.0), lifted(15.0), lifted(2.0, twist_deg=4.0))[0]
    assert 7.0 < small.sd_deg < large.sd_deg
    assert small.sd_deg < twisted.sd_deg


def test_the_other_leg_needs_a_start_pose_of_its_own():
    other = replace(REST, side="right", place=10.0)
    (changed,), watching = watch(REST, other)
    assert changed.reason == "start_pose_not_seen"
    later = [watching.update(1.2 + FORGET_S + i * STEP_S, other) for i in range(12)]
    assert later[0].reason == "start_pose_not_seen"
    assert later[-1].value_deg == pytest.approx(52)


def test_a_short_absence_keeps_the_start_pose_and_a_long_one_forgets_it():
    (_, back), _ = watch(REST, None, replace(REST, place=40.0))
    assert back.value_deg == pytest.approx(52 + 10)
    watching = watch(REST)[1]
    watching.update(2.0 + FORGET_S, None)
    assert isnan(watching.update(2.1 + FORGET_S, REST).value_deg)


def test_an_angle_that_is_too_uncertain_is_withheld():
    unsure = replace(KNEE, start=Start("raised-knee", 0.0, 11.5))
    assert (
        follow(unsure, [standing(0, "left"), standing(20, "left")])["left"].rotation.reason == "too_uncertain"
    )


def said(value_deg, sd_deg=5.0):
    """What another reading says."""
    return Rotation(value_deg, sd_deg, "learned")


def test_another_reading_has_its_say_in_the_change_too():
    sights = REST, lifted(10.0), lifted(10.0), lifted(10.0)
    alike, apart, silent = watch(*sights, others=[said(40), said(50), said(40), None])[0]
    assert alike.value_deg == silent.value_deg == pytest.approx(50)
    assert apart.value_deg == pytest.approx(45)
    assert apart.sd_deg > alike.sd_deg + 1.0


def test_a_twist_is_left_to_another_reading_where_there_is_one():
    sights = REST, lifted(15.0, twist_deg=9.0)
    (seen,), _ = watch(*sights, others=[said(40), said(52)])
    assert seen.reason is None
    (unseen,), _ = watch(*sights, others=[said(40), None])
    assert unseen.reason == "pelvis_turned_along"


def test_another_reading_tells_how_the_hip_is_turned_at_the_start():
    watching, told = StartWatch(SHANK.start), []
    for i in range(20):
        told.append(watching.update(i * STEP_S, REST, said(40.0, 3.0)))
    assert (told[-1].value_deg, told[-1].sd_deg < SHANK.start.sd_deg) == (pytest.approx(40.0), True)
    watching.forget()
    silent = Rotation.withheld("too_uncertain")
    again = [watching.update(i * STEP_S, REST, silent) for i in range(20)][-1]
    assert again.value_deg == pytest.approx(SHANK.start.rotation_deg)
