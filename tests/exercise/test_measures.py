"""Each measure's sign and size on bodies made to show it, on both sides."""

from dataclasses import replace
from math import isnan, nan

import numpy as np
import pytest
from bodies import HEAD_LEFT, HEAD_RIGHT, UPRIGHT, Camera, Leg, build_pose, rotated
from hypothesis import given
from hypothesis import strategies as st

from coach.body.angles import wrap_deg
from coach.body.landmarks import INDEX, LANDMARK_NAMES, SIDES, other_side
from coach.body.pose import Pose
from coach.exercise.measures import MEASURES
from coach.rotation.estimator import measure_body
from coach.rotation.rotation import Rotation

FAR = Camera(fov=0)
SIDE_SIGN = {"left": 1.0, "right": -1.0}  # the person's left is +
SITTING = Leg()


def measure(name, side, left=SITTING, right=SITTING, camera=UPRIGHT, **body):
    return MEASURES[name].compute(measure_body(build_pose(0, left, right, camera, **body)), side)


@pytest.mark.parametrize("side", SIDES)
def test_leg_angles_are_those_of_the_side_asked_for(side):
    legs = {side: Leg(80, 0, 25, 70), other_side(side): Leg(95, 0, -10, 100)}
    got = {n: measure(n, side, **legs, camera=FAR) for n in ("hip_flexion", "knee_flexion")}
    assert got == {"hip_flexion": pytest.approx(80), "knee_flexion": pytest.approx(70)}
    assert measure("hip_internal_rotation", side, **{side: rotated(SITTING, 25)}) == pytest.approx(25)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("lean", [-20.0, 0.0, 15.0])
def test_trunk_lean_is_positive_towards_the_side_asked_for(side, lean):
    """A person facing us who leans to the own left leans to the right of the picture: clockwise."""
    assert measure("trunk_lean", side, camera=Camera(roll=lean)) == pytest.approx(SIDE_SIGN[side] * lean)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    "camera", [UPRIGHT, HEAD_LEFT, HEAD_RIGHT], ids=["upright", "head left", "head right"]
)
@pytest.mark.parametrize("bend", [-12.0, 8.0])
def test_hip_line_tilt_is_positive_when_this_hip_is_hiked_towards_the_shoulder(side, camera, bend):
    """Bending to the left brings the left shoulder to the left hip."""
    assert measure("hip_line_tilt", side, camera=camera, side_bend=bend) == pytest.approx(
        SIDE_SIGN[side] * bend, abs=1e-6
    )


@pytest.mark.parametrize("side", SIDES)
def test_pelvis_roll_is_positive_when_this_hip_goes_backwards(side):
    pose = build_pose(camera=Camera(azimuth=20))
    left_is_nearer = pose.world_m[INDEX["left_hip"], 2] < pose.world_m[INDEX["right_hip"], 2]
    assert left_is_nearer
    assert measure("pelvis_roll", side, camera=Camera(azimuth=20)) == pytest.approx(-20 * SIDE_SIGN[side])


@pytest.mark.parametrize("side", SIDES)
def test_feet_gap_grows_as_the_feet_part_in_shank_lengths(side):
    together = measure("feet_gap", side, camera=FAR)
    apart = measure("feet_gap", side, rotated(SITTING, 30), rotated(SITTING, 30), FAR)
    assert together == pytest.approx(0.2 / 0.4)
    assert apart == pytest.approx((0.2 + 2 * 0.4 * np.sin(np.radians(30))) / 0.4)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("camera", [FAR, Camera(fov=0, roll=90)], ids=["upright", "lying"])
def test_ankle_offset_is_to_the_persons_left_of_the_middle_of_the_hips_in_shank_lengths(side, camera):
    legs = {side: rotated(SITTING, 30)}
    inwards = measure("ankle_offset", side, camera=camera)
    outwards = measure("ankle_offset", side, camera=camera, **legs)
    assert inwards == pytest.approx(SIDE_SIGN[side] * 0.1 / 0.4)
    assert outwards - inwards == pytest.approx(SIDE_SIGN[side] * np.sin(np.radians(30)))


@pytest.mark.parametrize("side", SIDES)
def test_other_knee_offset_follows_the_other_knee_only(side):
    to_the_other_side = -SIDE_SIGN[side]
    still = measure("other_knee_offset", side, camera=FAR)
    own = measure("other_knee_offset", side, camera=FAR, **{side: Leg(adduction=20)})
    other = measure("other_knee_offset", side, camera=FAR, **{other_side(side): Leg(adduction=20)})
    assert still == pytest.approx(to_the_other_side * 0.1 / 0.5)
    assert own == pytest.approx(still)
    assert still - other == pytest.approx(to_the_other_side * 0.42 * np.sin(np.radians(20)) / 0.5)


@pytest.mark.parametrize("side", SIDES)
def test_shank_elevation_is_the_rise_of_the_ankle_above_the_knee(side):
    other = other_side(side)
    for rotation, rise in ((0, -90), (60, -30), (90, 0), (120, 30)):
        legs = {side: rotated(SITTING, rotation), other: rotated(SITTING, 10)}
        assert measure("shank_elevation", side, camera=FAR, **legs) == pytest.approx(rise, abs=1e-6)


@pytest.mark.parametrize("side", SIDES)
def test_knee_opening_is_the_mean_of_the_turn_outwards_and_of_the_knees_rise_in_percent(side):
    still = measure("knee_opening", side, camera=FAR)
    turned = {side: rotated(SITTING, -20)}
    assert measure("knee_opening", side, camera=FAR, **turned) - still == pytest.approx(10)
    pose = build_pose(camera=FAR)
    lifted = with_landmarks_moved(pose, {f"{side}_{end}": np.array([0.0, -9.0]) for end in ("knee", "ankle")})
    trunk_px = 0.5 * 0.25 * FAR.height
    rise = MEASURES["knee_opening"].compute(measure_body(lifted), side) - still
    assert rise == pytest.approx(50 * 9.0 / trunk_px)


@pytest.mark.parametrize("side", SIDES)
def test_raised_knee_offset_goes_with_the_other_knee_towards_this_foot(side):
    still = measure("raised_knee_offset", side, camera=FAR)
    inwards = measure("raised_knee_offset", side, camera=FAR, **{other_side(side): Leg(adduction=20)})
    assert inwards - still == pytest.approx(0.42 * np.sin(np.radians(20)) / 0.5)


def with_landmarks_moved(pose, moves_px):
    """The same pose with some landmarks elsewhere in the picture."""
    image_px = pose.image_px.copy()
    for name, move in moves_px.items():
        image_px[INDEX[name]] += move
    return replace(pose, image_px=image_px)


@pytest.mark.parametrize("side", SIDES)
def test_leg_turn_is_half_the_rotation_told_and_half_the_knees_lead_over_the_other(side):
    body = measure_body(build_pose(camera=FAR))
    still = MEASURES["leg_turn"].compute(body, side)
    told = {**body.legs, side: replace(body.legs[side], rotation=Rotation(20.0, 3.0, "learned"))}
    assert MEASURES["leg_turn"].compute(replace(body, legs=told), side) - still == pytest.approx(10)
    trunk_px = 0.5 * 0.25 * FAR.height
    inwards = np.array([-SIDE_SIGN[side] * 0.1 * trunk_px, 0.0])
    pixels = body.pose.image_px.copy()
    pixels[INDEX[f"{side}_knee"]] += inwards
    moved = replace(body, pixels=pixels.tolist())
    assert MEASURES["leg_turn"].compute(moved, side) - still == pytest.approx(4)
    assert MEASURES["leg_turn"].compute(moved, other_side(side)) == pytest.approx(
        MEASURES["leg_turn"].compute(body, other_side(side)) - 4
    )


def test_leg_turn_is_not_told_where_the_rotation_is_not():
    body = measure_body(build_pose())
    silent = {
        side: replace(leg, rotation=Rotation.withheld("leg_trembles")) for side, leg in body.legs.items()
    }
    assert isnan(MEASURES["leg_turn"].compute(replace(body, legs=silent), "left"))


@pytest.mark.parametrize("side", SIDES)
def test_knee_lead_is_told_without_a_rotation_but_not_of_legs_that_are_not_believed(side):
    body = measure_body(build_pose(camera=FAR))
    silent = {s: replace(leg, rotation=Rotation.withheld("camera_too_high")) for s, leg in body.legs.items()}
    told = MEASURES["knee_lead"].compute(replace(body, legs=silent), side)
    assert told == MEASURES["knee_lead"].compute(body, side)
    assert not isnan(told)
    assert isnan(MEASURES["knee_lead"].compute(replace(body, doubts={side: "leg_trembles"}), side))
    from_behind = measure_body(build_pose(camera=Camera(azimuth=180)))
    assert isnan(MEASURES["knee_lead"].compute(from_behind, side))


def test_a_hip_bent_by_more_than_half_a_turn_is_no_stretched_one():
    body = measure_body(build_pose())
    for found, bend in ((-175.0, 185.0), (-20.0, -20.0), (140.0, 140.0)):
        body.legs["left"] = replace(body.legs["left"], hip_flexion_deg=found)
        assert MEASURES["hip_flexion"].compute(body, "left") == bend


@pytest.mark.parametrize("side", SIDES)
def test_both_shanks_tilt_is_the_turn_of_both_together(side):
    other = other_side(side)
    together = {side: rotated(SITTING, 20), other: rotated(SITTING, -20)}
    against = {side: rotated(SITTING, 20), other: rotated(SITTING, 20)}
    alone = {side: rotated(SITTING, 20)}
    assert measure("both_shanks_tilt", side, camera=FAR, **together) == pytest.approx(20)
    assert measure("both_shanks_tilt", other, camera=FAR, **together) == pytest.approx(-20)
    assert measure("both_shanks_tilt", side, camera=FAR, **against) == pytest.approx(0, abs=1e-6)
    assert measure("both_shanks_tilt", side, camera=FAR, **alone) == pytest.approx(10)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("roll", "incline"), [(0, 0), (30, 30), (-30, 30), (90, 90), (-90, 90)])
def test_trunk_incline_is_nought_upright_and_ninety_lying_on_either_side(side, roll, incline):
    assert measure("trunk_incline", side, camera=Camera(roll=roll)) == pytest.approx(incline, abs=1e-6)


@pytest.mark.parametrize("side", SIDES)
def test_heights_are_above_the_hips_in_trunk_lengths(side):
    hanging = {side: Leg(flexion=30, knee=30)}
    down = np.cos(np.radians(30)) * 0.42
    assert measure("knee_height", side, camera=FAR, **hanging) == pytest.approx(-down / 0.5)
    assert measure("ankle_height", side, camera=FAR, **hanging) == pytest.approx(-(down + 0.4) / 0.5)
    raised = {side: Leg(flexion=120, knee=90)}
    assert measure("knee_height", side, camera=FAR, **raised) == pytest.approx(0.42 * 0.5 / 0.5)


@pytest.mark.parametrize("side", SIDES)
def test_shoulder_turn_is_positive_when_this_side_goes_backwards(side):
    """A camera on the person's left sees the left shoulder nearer."""
    turn = measure("shoulder_turn", side, camera=Camera(azimuth=20))
    assert turn == pytest.approx(-20 * SIDE_SIGN[side])


@pytest.mark.parametrize("side", SIDES)
def test_chest_turn_follows_shoulders_and_nose_alike_and_half_of_either_alone(side):
    """Shoulders half a metre wide whose line and nose turn by 15 degrees, this side backwards."""
    turned = np.radians(15) * SIDE_SIGN[side]

    def chest(shoulders, head):
        pose = build_pose()
        across = 0.25 * np.array([np.cos(shoulders), 0.0, np.sin(shoulders)])
        pose.world_m[INDEX["left_shoulder"]], pose.world_m[INDEX["right_shoulder"]] = across, -across
        pose.world_m[INDEX["nose"]] = 0.19 * np.array([np.tan(head), -1.0, -1.0])
        return MEASURES["chest_turn"].compute(measure_body(pose), side)

    assert chest(turned, turned) == pytest.approx(15)
    assert chest(turned, 0.0) == pytest.approx(7.5)
    assert chest(0.0, turned) == pytest.approx(7.5)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("bend", [0.0, 45.0, 120.0])
def test_elbow_flexion_is_that_of_the_picture(side, bend):
    pose = build_pose()
    at = {f"{side}_shoulder": (300, 100), f"{side}_elbow": (300, 200)}
    at[f"{side}_wrist"] = (300 + 90 * np.sin(np.radians(bend)), 200 + 90 * np.cos(np.radians(bend)))
    for name, xy in at.items():
        pose.image_px[INDEX[name]] = xy
    assert MEASURES["elbow_flexion"].compute(measure_body(pose), side) == pytest.approx(bend, abs=1e-6)
    pose.image_px[INDEX[f"{side}_wrist"]] = (301, 200)
    assert isnan(MEASURES["elbow_flexion"].compute(measure_body(pose), side))


@given(scale=st.floats(0.2, 4), shift=st.floats(-500, 500))
def test_measures_do_not_depend_on_the_size_or_place_of_the_person_in_the_picture(scale, shift):
    pose = build_pose(0, Leg(85, -5, 20, 80), Leg(90, 5, -10, 95), side_bend=5)
    here = measure_body(pose)
    there = measure_body(Pose(0.0, scale * pose.image_px + shift, pose.world_m, pose.visibility))
    # The height of the head counts from the picture's edge: only its change from the start pose is used.
    for name, m in MEASURES.items():
        for side in SIDES if name != "body_height" else ():
            expected = m.compute(here, side)
            assert m.compute(there, side) == pytest.approx(expected, abs=1e-6, nan_ok=True), name


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("side", SIDES)
def test_nobody_seen_is_nan(name, side):
    assert isnan(MEASURES[name].compute(measure_body(Pose.missing(0.0)), side))


@pytest.mark.parametrize("name", [n for n, m in MEASURES.items() if m.unit == "ratio"])
def test_a_ratio_to_nothing_is_nan(name):
    pose = build_pose()
    for a, b in (("knee", "ankle"), ("hip", "shoulder")):
        for side in SIDES:
            pose.image_px[INDEX[f"{side}_{b}"]] = pose.image_px[INDEX[f"{side}_{a}"]]
    assert isnan(MEASURES[name].compute(measure_body(pose), "left"))


def test_every_measure_has_a_unit_that_specs_know_and_a_meaning():
    for measure_ in MEASURES.values():
        assert measure_.unit in {"deg", "ratio"}
        assert measure_.meaning


@given(st.floats(-720, 720))
def test_wrapped_changes_lie_within_a_half_turn_and_differ_by_whole_turns(change):
    wrapped = wrap_deg(change)
    assert -180 <= wrapped < 180
    turns = (change - wrapped) / 360
    assert turns == pytest.approx(round(turns), abs=1e-9)
    assert isnan(wrap_deg(nan))


def test_a_trunk_that_leans_to_one_side_lowers_that_shoulder():
    upright, leaning = (
        measure_body(build_pose(0, Leg(85, -5, 0, 80), Leg(85, -5, 0, 80), side_bend=bend))
        for bend in (0, 10)
    )
    change = {
        s: MEASURES["shoulder_tilt"].compute(leaning, s) - MEASURES["shoulder_tilt"].compute(upright, s)
        for s in SIDES
    }
    lean = MEASURES["trunk_lean"].compute(leaning, "left")
    assert change["left"] == pytest.approx(-change["right"])
    assert change["left"] * lean < 0
    assert abs(change["left"]) == pytest.approx(10, abs=2)


def test_standing_up_raises_the_body_by_the_same_share_of_the_trunk():
    pose = build_pose(0, Leg(85, -5, 0, 80), Leg(85, -5, 0, 80))
    raised = pose.image_px.copy()
    up = [i for i, name in enumerate(LANDMARK_NAMES) if not name.endswith(("ankle", "heel", "foot_index"))]
    trunk_px = np.linalg.norm(pose.image_px[[11, 12]].mean(0) - pose.image_px[[23, 24]].mean(0))
    raised[up, 1] -= 0.2 * trunk_px
    there = measure_body(Pose(0.0, raised, pose.world_m, pose.visibility))
    compute = MEASURES["body_height"].compute
    assert compute(there, "left") - compute(measure_body(pose), "left") == pytest.approx(0.2, abs=1e-6)


@pytest.mark.parametrize("side", SIDES)
def test_lying_back_is_told_from_sitting_by_the_knees_and_a_trunk_that_points_away(side):
    sitting = measure("lies_back", side, Leg(knee=85), Leg(knee=85), camera=Camera(elevation=10, fov=0))
    lying = measure("lies_back", side, Leg(knee=110), Leg(knee=110), camera=Camera(elevation=-40, fov=0))
    assert (sitting, lying) == (pytest.approx(-15, abs=1), pytest.approx(60, abs=1))


def test_sitting_on_the_floor_is_told_from_squatting_by_knees_and_trunk():
    sitting, squatting = Leg(flexion=120, knee=95), Leg(flexion=125, knee=125)
    sits = measure("sits_back", "left", sitting, sitting, Camera(elevation=-15))
    squats = measure("sits_back", "left", squatting, squatting, Camera(elevation=20))
    assert sits > 0.5
    assert squats < 0.2


@pytest.mark.parametrize("azimuth", [-45, 45])
def test_squatting_is_told_by_a_trunk_that_leans_to_where_the_knees_point(azimuth):
    """Half from the side, a lean forwards shows as one to the side; one backwards tells of sitting."""
    thigh = Leg(flexion=110, adduction=-20, knee=110)
    forwards, backwards = (
        build_pose(0, thigh, thigh, Camera(azimuth=azimuth, roll=-np.sign(azimuth) * lean))
        for lean in (20, -20)
    )
    compute = MEASURES["sits_back"].compute
    apart = compute(measure_body(backwards), "left") - compute(measure_body(forwards), "left")
    assert apart > 1.0
