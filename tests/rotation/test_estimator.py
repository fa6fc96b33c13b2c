"""From a pose to a rotation with an error bar, or a reason for having none."""

from itertools import pairwise
from math import isnan

import numpy as np
import pytest
from bodies import HEAD_LEFT, HEAD_RIGHT, SITTING, STANDING, UPRIGHT, Camera, Leg, build_pose, rotated
from hypothesis import given
from hypothesis import strategies as st

from coach.body.landmarks import INDEX, MIRRORED_INDEX, SIDES
from coach.body.pose import Pose
from coach.rotation.estimator import Reading, RotationEstimator, measure_body
from coach.rotation.posture import Posture
from coach.rotation.rotation import Rotation
from coach.rotation.view import ADVICE, GATES

LEGS = st.builds(Leg, st.floats(-30, 130), st.floats(-60, 40), st.floats(-180, 180), st.floats(0, 150))
KNOWN_REASONS = {*ADVICE, "landmark_missing", "chirality_error"}


@pytest.mark.parametrize(
    "camera", [UPRIGHT, HEAD_LEFT, HEAD_RIGHT], ids=["upright", "head left", "head right"]
)
def test_both_legs_are_measured_each_with_its_own_rotation(camera):
    body = measure_body(build_pose(1.5, Leg(rotation=25), Leg(rotation=-15), camera))
    assert body.time_s == 1.5
    for side, rotation in (("left", 25), ("right", -15)):
        leg = body.legs[side]
        assert leg.rotation.value_deg == pytest.approx(rotation, abs=1e-6)
        assert (leg.rotation.mode, leg.rotation.reason) == ("image-plane", None)
        assert 2 < leg.rotation.sd_deg < 6
        assert leg.shank_deg == pytest.approx(rotation, abs=1e-6)
        assert leg.hip_flexion_deg == pytest.approx(90, abs=1e-6)
        assert leg.knee_flexion_deg == pytest.approx(90, abs=1e-6)
        assert leg.hip_adduction_deg == pytest.approx(0, abs=1e-6)


def test_each_leg_has_its_own_joint_angles():
    body = measure_body(build_pose(0, Leg(80, -5, 0, 70), Leg(95, 10, 0, 100)))
    left, right = body.legs["left"], body.legs["right"]
    got = [(leg.hip_flexion_deg, leg.hip_adduction_deg, leg.knee_flexion_deg) for leg in (left, right)]
    np.testing.assert_allclose(got, [(80, -5, 70), (95, 10, 100)], atol=1e-6)


def withheld(pose, side="left"):
    leg = measure_body(pose).legs[side]
    assert isnan(leg.rotation.value_deg)
    assert isnan(leg.rotation.sd_deg)
    return leg.rotation.reason


@pytest.mark.parametrize(
    ("camera", "reason"),
    [
        (Camera(azimuth=60), "camera_too_far_to_the_side"),
        (Camera(azimuth=-60), "camera_too_far_to_the_side"),
        (Camera(azimuth=170), "camera_behind"),
        (Camera(elevation=50), "camera_too_high"),
        (Camera(elevation=-50), "camera_too_low"),
    ],
)
def test_a_view_that_does_not_carry_rotation_withholds_it_on_both_sides(camera, reason):
    for side in SIDES:
        assert withheld(build_pose(0, camera=camera), side) == reason


def test_a_view_too_far_off_for_a_number_may_still_carry_counting():
    still_counts = measure_body(build_pose(0, rotated(SITTING, 10), camera=Camera(azimuth=45))).legs["left"]
    assert still_counts.rotation.reason == "camera_too_far_to_the_side"
    assert not isnan(still_counts.shank_deg)
    for camera in (Camera(azimuth=75), Camera(azimuth=180), Camera(elevation=80)):
        assert isnan(measure_body(build_pose(0, camera=camera)).legs["left"].shank_deg)


def test_nobody_seen():
    body = measure_body(Pose.missing(3.0))
    for side in SIDES:
        leg = body.legs[side]
        assert leg.rotation.reason == "nobody_seen"
        values = (leg.shank_deg, leg.hip_flexion_deg, leg.hip_adduction_deg, leg.knee_flexion_deg)
        assert all(isnan(v) for v in values)


def test_a_straight_leg_says_so():
    assert withheld(build_pose(0, STANDING, STANDING)) == "knee_extended"


def test_a_bent_leg_across_the_view_says_so():
    assert withheld(build_pose(0, Leg(flexion=5), Leg(flexion=5))) == "femur_across_view"


def test_one_unseen_ankle_withholds_that_side_only():
    pose = build_pose(0, rotated(SITTING, 10), rotated(SITTING, 10))
    image_px, world_m = pose.image_px.copy(), pose.world_m.copy()
    image_px[INDEX["left_ankle"]] = world_m[INDEX["left_ankle"]] = np.nan
    body = measure_body(Pose(0.0, image_px, world_m, pose.visibility))
    assert body.legs["left"].rotation.reason == "landmark_missing"
    assert body.legs["right"].rotation.value_deg == pytest.approx(10)


def test_a_thigh_without_depth_is_withheld_although_its_pixels_are_there():
    pose = build_pose(0, rotated(SITTING, 10), rotated(SITTING, 10))
    world_m = pose.world_m.copy()
    world_m[INDEX["left_knee"]] = np.nan
    body = measure_body(Pose(0.0, pose.image_px, world_m, pose.visibility))
    assert body.legs["left"].rotation.reason is not None
    assert isnan(body.legs["left"].rotation.value_deg)
    assert body.legs["right"].rotation.reason is None


def test_exchanged_sides_never_give_a_number():
    """Left and right swapped by the detector: it then sees a person from behind, or legs upside down."""
    pose = build_pose(0, rotated(SITTING, 20), rotated(SITTING, -20))
    rows = list(MIRRORED_INDEX)
    swapped = Pose(0.0, pose.image_px[rows], pose.world_m[rows], pose.visibility)
    assert withheld(swapped) == "camera_behind"
    # Only the hips and shoulders right, the legs pointing headwards:
    upwards = build_pose(0, rotated(SITTING, 120), SITTING)
    assert withheld(upwards) == "chirality_error"


def test_the_error_bar_grows_the_further_the_camera_stands_to_the_side():
    def sd(azimuth):
        return measure_body(build_pose(0, camera=Camera(azimuth=azimuth, fov=0))).legs["left"].rotation.sd_deg

    for sign in (1, -1):
        bars = [sd(sign * a) for a in (0, 5, 10, 20, 24)]
        assert all(a < b for a, b in pairwise(bars))


def test_the_error_bar_grows_with_foreshortening_and_with_disagreeing_references():
    def sd(leg, **body):
        return measure_body(build_pose(0, leg, leg, Camera(fov=0), **body)).legs["left"].rotation.sd_deg

    def sd_held(flexion):
        leg, reading = Leg(flexion=flexion), Reading(posture=Posture(flexion, 0.0, 90.0))
        return measure_body(build_pose(0, leg, leg, Camera(fov=0)), reading).legs["left"].rotation.sd_deg

    along, oblique, nearly_across = (sd_held(f) for f in (90, 60, 45))
    assert along < oblique < nearly_across
    assert sd(SITTING) < sd(SITTING, side_bend=8) < sd(SITTING, side_bend=15)


def test_the_error_bar_covers_what_the_view_alone_costs():
    """True rotation against the reading, over every view from where a number is given."""
    errors, bars = [], []
    for azimuth in range(-35, 36, 5):
        for elevation in range(-35, 36, 5):
            for rotation in (-20.0, 0.0, 20.0, 40.0):
                leg = rotated(SITTING, rotation)
                reading = (
                    measure_body(build_pose(0, leg, leg, Camera(azimuth, elevation))).legs["left"].rotation
                )
                if reading.reason is None:
                    errors.append(reading.value_deg - rotation)
                    bars.append(reading.sd_deg)
    covered = np.abs(errors) <= 1.96 * np.array(bars)
    assert len(errors) > 400
    assert covered.mean() > 0.95


@given(
    left=LEGS,
    right=LEGS,
    camera=st.builds(Camera, st.floats(-180, 180), st.floats(-89, 89), st.floats(-180, 180)),
    unseen=st.sets(st.sampled_from(sorted(INDEX)), max_size=3),
)
def test_there_is_either_a_number_within_90_degrees_or_a_known_reason(left, right, camera, unseen):
    pose = build_pose(0, left, right, camera)
    for name in unseen - {"nose"}:
        pose.image_px[INDEX[name]] = pose.world_m[INDEX[name]] = np.nan
    for leg in measure_body(pose).legs.values():
        rotation = leg.rotation
        if rotation.reason is None:
            assert abs(rotation.value_deg) <= 90
            assert rotation.sd_deg > 0
            assert rotation.mode == "image-plane"
        else:
            assert rotation.reason in KNOWN_REASONS
            assert isnan(rotation.value_deg)
            assert isnan(rotation.sd_deg)
            assert rotation.mode is None


def test_read_against_the_hips_the_pelvis_is_the_reference():
    legs = (rotated(SITTING, 20), rotated(SITTING, 20), Camera(fov=0))
    for reference, expected in (("trunk", (30, 10)), ("hips", (20, 20))):
        body = measure_body(build_pose(0, *legs, side_bend=10), Reading(reference=reference))
        mixed = measure_body(build_pose(0, *legs, side_bend=10), Reading(read_against=reference))
        assert [mixed.legs[s].rotation.value_deg for s in SIDES] == pytest.approx(expected)
        assert [mixed.legs[s].shank_deg for s in SIDES] == pytest.approx((30, 10))
        got = [body.legs[s].rotation.value_deg for s in SIDES]
        assert got == pytest.approx(expected)
        assert [body.legs[s].shank_deg for s in SIDES] == pytest.approx(expected)


def test_where_only_the_change_means_something_the_angle_is_withheld_and_still_followed():
    body = measure_body(build_pose(0, rotated(SITTING, 20)), Reading(absolute=False))
    leg = body.legs["left"]
    assert leg.rotation.reason == "not_read_in_this_exercise"
    assert leg.shank_deg == pytest.approx(20)


def test_another_exercise_may_ask_for_another_view():
    pose = build_pose(0, rotated(SITTING, 20), camera=Camera(azimuth=40, fov=0))
    front, oblique = measure_body(pose), measure_body(pose, Reading(gate=GATES["three-quarter"]))
    assert front.view_reason == front.legs["left"].rotation.reason == "camera_too_far_to_the_side"
    assert oblique.view_reason is None
    assert oblique.legs["left"].rotation.reason is None


def test_a_view_to_the_side_is_reckoned_with():
    """The plain image angle is off by several degrees from here; the solved rotation is not."""
    for azimuth, elevation in ((24, 0), (-24, 15), (0, 25), (20, -20)):
        for rotation in (-25.0, 0.0, 35.0):
            pose = build_pose(0, *[rotated(SITTING, rotation)] * 2, Camera(azimuth, elevation, fov=0))
            for leg in measure_body(pose).legs.values():
                assert leg.rotation.value_deg == pytest.approx(rotation, abs=0.1)


def test_another_posture_is_reckoned_with_when_the_exercise_prescribes_it():
    leg = Leg(45, 0, -20, 60)
    pose = build_pose(0, leg, leg, Camera(15, -5, fov=0))
    plain = measure_body(pose).legs["left"].rotation.value_deg
    told = measure_body(pose, Reading(posture=Posture(45, 0, 60))).legs["left"].rotation.value_deg
    assert told == pytest.approx(-20, abs=0.1)
    assert abs(plain + 20) > 3


def test_the_cameras_place_is_remembered_while_its_estimate_swings():
    """World landmarks that turn with the leg for a moment do not turn the reading."""
    estimator = RotationEstimator()
    for i in range(100):
        still = estimator.update(build_pose(i / 30, camera=Camera(0, fov=0)))
    swung = estimator.update(build_pose(100 / 30, camera=Camera(12, fov=0)))
    kept = build_pose(100 / 30, camera=Camera(0, fov=0))
    mixed = Pose(kept.time_s, kept.image_px, build_pose(0, camera=Camera(12, fov=0)).world_m, kept.visibility)
    assert still.legs["left"].rotation.value_deg == pytest.approx(0, abs=0.1)
    assert swung.view.azimuth_deg == pytest.approx(12, abs=0.1)
    again = RotationEstimator()
    for i in range(100):
        again.update(build_pose(i / 30, camera=Camera(0, fov=0)))
    assert abs(again.update(mixed).legs["left"].rotation.value_deg) < 0.5


def test_of_somebody_lying_on_the_side_only_the_upper_leg_is_read_where_the_exercise_says_so():
    reading = Reading(upper_leg_only=True)
    for camera, upper, lower in ((HEAD_LEFT, "left", "right"), (HEAD_RIGHT, "right", "left")):
        body = measure_body(build_pose(0, *[rotated(SITTING, 20)] * 2, camera), reading)
        assert body.legs[upper].rotation.value_deg == pytest.approx(20)
        assert body.legs[lower].rotation.reason == "not_the_upper_leg"
    for leg in measure_body(build_pose(0), reading).legs.values():  # upright: neither is on top
        assert leg.rotation.reason == "not_the_upper_leg"


def test_the_thigh_of_somebody_on_the_side_tells_of_a_camera_at_the_foot_end():
    """The pose network draws the trunk more squarely than it is seen; the thigh then points up the trunk."""
    reading = Reading(GATES["front"], upper_leg_only=True)
    for flexion, reason in ((90, None), (100, None), (135, "camera_too_low")):
        leg = Leg(flexion=flexion, rotation=20, knee=90)
        body = measure_body(build_pose(0, leg, leg, Camera(roll=-90.0, elevation=-15, fov=0)), reading)
        assert body.legs["left"].rotation.reason == reason


def test_a_thigh_that_is_not_where_the_exercise_has_it_gives_no_number():
    """The knee out to the side in the picture although depth says that the thigh points at the camera."""
    pose = build_pose(0, rotated(SITTING, 10), rotated(SITTING, 10))
    image_px = pose.image_px.copy()
    trunk_px = np.linalg.norm(image_px[INDEX["left_shoulder"]] - image_px[INDEX["left_hip"]])
    for part in ("knee", "ankle", "heel", "foot_index"):
        image_px[INDEX[f"left_{part}"], 0] += 0.7 * trunk_px
    body = measure_body(Pose(0.0, image_px, pose.world_m, pose.visibility))
    assert body.legs["left"].rotation.reason == "thigh_held_otherwise"
    assert body.legs["right"].rotation.value_deg == pytest.approx(10)


def test_the_error_bar_grows_for_a_shank_that_the_view_shortens():
    pose = build_pose(0, rotated(SITTING, 10), rotated(SITTING, 10))
    image_px = pose.image_px.copy()
    knee, ankle = INDEX["left_knee"], INDEX["left_ankle"]
    image_px[ankle] = image_px[knee] + 0.6 * (image_px[ankle] - image_px[knee])
    legs = measure_body(Pose(0.0, image_px, pose.world_m, pose.visibility)).legs
    assert legs["left"].rotation.value_deg == pytest.approx(legs["right"].rotation.value_deg)
    assert legs["left"].rotation.sd_deg > legs["right"].rotation.sd_deg + 0.4


def test_the_camera_is_remembered_for_seconds():
    """A leg across the view, which reads otherwise from 20 degrees further to the side."""
    leg = Leg(60, 0, 20, 90)
    reading = Reading(posture=Posture(60, 0, 90))
    estimator = RotationEstimator(reading)
    truth = [build_pose(i / 20, leg, leg, Camera(0, fov=0)) for i in range(110)]
    elsewhere = [build_pose(i / 20, leg, leg, Camera(20, fov=0)).world_m for i in range(110)]

    def seen(i, world_m):
        pose = Pose(truth[i].time_s, truth[i].image_px, world_m, truth[i].visibility)
        return estimator.update(pose).legs["left"].rotation.value_deg

    before = [seen(i, truth[i].world_m) for i in range(100)][-1]
    after = [seen(i, elsewhere[i]) for i in range(100, 110)][-1]
    alone = (
        measure_body(Pose(0.0, truth[0].image_px, elsewhere[0], truth[0].visibility), reading)
        .legs["left"]
        .rotation.value_deg
    )
    assert before == pytest.approx(20, abs=0.3)
    assert abs(alone - before) > 4
    assert abs(after - before) < 0.4 * abs(alone - before)


def test_somebody_who_turns_round_is_seen_anew_at_once():
    estimator = RotationEstimator()
    for i in range(30):
        estimator.update(build_pose(i / 30, camera=Camera(-30, fov=0)))
    leg = rotated(SITTING, 20)
    after = estimator.update(build_pose(1.0, leg, leg, Camera(25, fov=0)))
    assert after.legs["left"].rotation.value_deg == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize("parts", [("knee", "ankle", "heel", "foot_index"), ("ankle", "heel", "foot_index")])
def test_one_leg_drawn_onto_the_other_gives_no_number(parts):
    pose = build_pose(0, rotated(SITTING, 20), rotated(SITTING, 10))
    for part in parts:
        for points in (pose.image_px, pose.world_m):
            points[INDEX[f"left_{part}"]] = points[INDEX[f"right_{part}"]]
    for leg in measure_body(pose).legs.values():
        assert leg.rotation.reason == "legs_mixed_up"


def test_legs_exchanged_below_the_hips_give_no_number():
    pose = build_pose(0, rotated(SITTING, 20), rotated(SITTING, 10))
    rows = list(range(len(MIRRORED_INDEX)))
    for part in ("knee", "ankle", "heel", "foot_index"):
        left, right = INDEX[f"left_{part}"], INDEX[f"right_{part}"]
        rows[left], rows[right] = right, left
    mixed = Pose(0.0, pose.image_px[rows], pose.world_m[rows], pose.visibility)
    for leg in measure_body(mixed).legs.values():
        assert leg.rotation.reason == "legs_mixed_up"


class Experience:
    """Says the same of every pose: left 30, right 10 degrees."""

    def read(self, world_m, image_px):
        return [[Rotation(30.0, 4.0, "learned"), Rotation(10.0, 4.0, "learned")] for _ in world_m]


def told(pose, **reading):
    legs = RotationEstimator(Reading(learned=Experience, **reading)).update(pose).legs
    return {side: legs[side].rotation for side in SIDES}


def test_experience_moves_what_geometry_reads_of_the_same_leg():
    found = told(build_pose(0, *[rotated(SITTING, 20)] * 2, Camera(fov=0)))
    assert 20.0 < found["left"].value_deg < 30.0
    assert 10.0 < found["right"].value_deg < 20.0
    assert {rotation.mode for rotation in found.values()} == {"combined"}


def test_experience_stands_in_where_geometry_has_no_number_but_not_from_anywhere():
    oblique, behind = (build_pose(0, *[SITTING] * 2, Camera(azimuth=a, fov=0)) for a in (35, 170))
    assert told(oblique)["left"] == Rotation(30.0, 4.0, "learned")
    assert told(behind)["left"].reason == "camera_behind"


def test_experience_speaks_of_the_upper_leg_alone_and_of_no_legs_that_are_mixed_up():
    for camera, upper, lower in ((HEAD_LEFT, "left", "right"), (HEAD_RIGHT, "right", "left")):
        found = told(build_pose(0, *[rotated(SITTING, 20)] * 2, camera), upper_leg_only=True)
        assert found[upper].mode == "combined"
        assert found[lower].reason == "not_the_upper_leg"
    mixed = build_pose(0, *[rotated(SITTING, 20)] * 2, Camera(fov=0))
    for part in ("knee", "ankle"):
        mixed.image_px[INDEX[f"left_{part}"]] = mixed.image_px[INDEX[f"right_{part}"]]
    assert {rotation.reason for rotation in told(mixed).values()} == {"legs_mixed_up"}
