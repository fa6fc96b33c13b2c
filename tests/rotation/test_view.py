"""Where the camera stands, from a body turned by known angles, and what that view carries."""

import numpy as np
import pytest
from bodies import STANDING, Camera, Leg, build_pose
from hypothesis import given
from hypothesis import strategies as st

from coach.body.landmarks import INDEX
from coach.body.pose import Pose
from coach.exercise.spec import VIEWS
from coach.rotation.view import (
    ADVICE,
    COUNTING_MARGIN_DEG,
    FRONT,
    GATES,
    UNSEEN,
    View,
    compute_view,
    describe_view,
)


@given(
    azimuth=st.floats(-179, 179),
    elevation=st.floats(-85, 85),
    roll=st.floats(-180, 180),
    flexion=st.sampled_from([0.0, 90.0]),
)
def test_the_cameras_place_is_recovered_however_the_person_lies(azimuth, elevation, roll, flexion):
    leg = Leg(flexion=flexion)
    view = compute_view(build_pose(0, leg, leg, Camera(azimuth, elevation, roll)))
    assert view.azimuth_deg == pytest.approx(azimuth, abs=1e-6)
    assert view.elevation_deg == pytest.approx(elevation, abs=1e-6)


def test_a_camera_on_the_persons_left_has_positive_azimuth_and_one_at_the_head_positive_elevation():
    """In camera axes, by hand: the person faces us, turned so that the right hip is further away."""
    pose = build_pose(0, STANDING, STANDING)
    world_m = np.full((33, 3), np.nan)
    world_m[[INDEX["left_hip"], INDEX["right_hip"]]] = [0.1, 0.0, -0.05], [-0.1, 0.0, 0.05]
    world_m[[INDEX["left_shoulder"], INDEX["right_shoulder"]]] = [0.1, -0.5, -0.25], [-0.1, -0.5, -0.15]
    view = compute_view(Pose(0.0, pose.image_px, world_m, pose.visibility))
    assert view.azimuth_deg == pytest.approx(np.degrees(np.arctan(0.5)), abs=4)
    assert 15 < view.elevation_deg < 35  # the head leans towards the camera: it looks from the head's end


def test_nobody_or_a_body_without_hips_or_trunk_has_no_view():
    assert compute_view(Pose.missing(0.0)) is UNSEEN
    seen = build_pose()
    for rows in (["left_hip"], ["left_shoulder", "right_shoulder"]):
        world_m = seen.world_m.copy()
        world_m[[INDEX[name] for name in rows]] = np.nan
        assert compute_view(Pose(0.0, seen.image_px, world_m, seen.visibility)) is UNSEEN
    for pair in (("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")):
        world_m = seen.world_m.copy()
        world_m[[INDEX[name] for name in pair]] = 0.0
        assert compute_view(Pose(0.0, seen.image_px, world_m, seen.visibility)) is UNSEEN


LIMIT = (FRONT.azimuth_deg[1], FRONT.elevation_deg[1])


@pytest.mark.parametrize(
    ("azimuth", "elevation", "reason"),
    [
        (0, 0, None),
        (LIMIT[0], 0, None),
        (-LIMIT[0], LIMIT[1], None),
        (LIMIT[0] + 1, 0, "camera_too_far_to_the_side"),
        (-LIMIT[0] - 1, 0, "camera_too_far_to_the_side"),
        (90, 0, "camera_too_far_to_the_side"),
        (91, 0, "camera_behind"),
        (-179, 0, "camera_behind"),
        (0, LIMIT[1] + 1, "camera_too_high"),
        (0, -LIMIT[1] - 1, "camera_too_low"),
        (float("nan"), float("nan"), "nobody_seen"),
    ],
)
def test_reasons_for_withholding(azimuth, elevation, reason):
    view = View(azimuth, elevation)
    assert view.reason() == reason
    assert view.carries_rotation() == (reason is None)
    if reason:
        assert ADVICE[reason].endswith(".")


INSIDE = {  # azimuths and elevations of a camera placed as asked
    "front": ((0, 15, 24), (-34, 0, 34)),
    "three-quarter": ((20, 45, 65), (-40, 0, 30)),
    "side": ((60, 90, 120), (-35, 0, 35)),
    "foot-end-high": ((0, 10, 22), (-46, -40, -25)),
}


def test_every_view_that_a_spec_may_ask_for_has_a_gate():
    assert set(GATES) == set(VIEWS) == set(INSIDE)


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_gate_lets_its_own_view_through_from_either_side(name, sign):
    azimuths, elevations = INSIDE[name]
    for azimuth in azimuths:
        for elevation in elevations:
            view = View(sign * azimuth, elevation)
            assert view.reason(GATES[name]) is None
            assert view.carries_rotation(GATES[name])
            assert view.carries_counting(GATES[name])


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_gate_stops_what_lies_beyond_it_and_counting_a_margin_later(name, sign):
    gate, (azimuths, elevations) = GATES[name], INSIDE[name]
    inside = (azimuths[1], elevations[1])
    (nearest, furthest), (lowest, highest) = gate.azimuth_deg, gate.elevation_deg
    beyond = {
        "camera_too_far_to_the_side": [(furthest, inside[1], 1, 0)],
        "camera_too_high": [(inside[0], highest, 0, 1)],
        "camera_too_low": [(inside[0], lowest, 0, -1)],
        "camera_too_far_to_the_front": [(nearest, inside[1], -1, 0)] if nearest > 20 else [],
    }
    for reason, edges in beyond.items():
        for azimuth, elevation, da, de in edges:
            assert View(sign * azimuth, elevation).reason(gate) is None

            def step(d, a=azimuth, e=elevation, da=da, de=de):
                return View(sign * (a + d * da), e + d * de)

            assert step(1).reason(gate) == reason
            assert step(COUNTING_MARGIN_DEG).carries_counting(gate)
            assert not step(COUNTING_MARGIN_DEG + 1).carries_counting(gate)
    assert View(sign * 179, inside[1]).reason(gate) in {"camera_behind", "camera_too_far_to_the_side"}
    assert not UNSEEN.carries_counting(gate)


@given(azimuth=st.floats(-180, 180), elevation=st.floats(-90, 90))
def test_every_reason_has_advice_and_every_view_a_description(azimuth, elevation):
    for gate in GATES.values():
        reason = View(azimuth, elevation).reason(gate)
        assert reason is None or reason in ADVICE
    assert describe_view(azimuth, elevation)


@pytest.mark.parametrize(
    ("azimuth", "elevation", "words"),
    [
        (12, -5, "front, 12° to the left, 5° to the feet"),
        (-12, 8, "front, 12° to the right, 8° to the head"),
        (45, 1, "three-quarter, 45° to the left, 1° to the head"),
        (-90, 1, "side, 90° to the right, 1° to the head"),
        (180, 1, "back, 180° to the left, 1° to the head"),
    ],
)
def test_a_view_in_words(azimuth, elevation, words):
    assert describe_view(azimuth, elevation) == words
