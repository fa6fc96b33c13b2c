from dataclasses import replace
from math import nan

import pytest
from bodies import SITTING, Camera, build_pose, rotated

from coach.body.landmarks import INDEX
from coach.exercise.rom.knee import ANCHOR_SHARE, observe_knee, steady_knee
from coach.rotation.estimator import measure_body
from coach.rotation.rotation import Rotation

FAR = Camera(fov=0.0)
NEUTRAL = measure_body(build_pose(camera=FAR))


def body_with(side, rotation, towards_ankle=0.0):
    """One leg turned, its knee drawn too near to the ankle by a share of the shank."""
    legs = {side: rotated(SITTING, rotation)}
    pose = build_pose(camera=FAR, **legs)
    knee, ankle = INDEX[f"{side}_knee"], INDEX[f"{side}_ankle"]
    image = pose.image_px.copy()
    image[knee] += towards_ankle * (image[ankle] - image[knee]) * (1.0, 0.3)
    return measure_body(replace(pose, image_px=image))


def read(body, side):
    rotation = body.legs[side].rotation
    return rotation, steady_knee(rotation, body, side, observe_knee(NEUTRAL, side))


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("rotation", [40.0, -30.0])
def test_a_knee_that_stays_changes_nothing(side, rotation):
    raw, steady = read(body_with(side, rotation), side)
    assert steady.value_deg == pytest.approx(raw.value_deg, abs=0.2)
    assert steady.sd_deg == pytest.approx(raw.sd_deg, abs=0.1)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("rotation", [40.0, -30.0])
def test_a_knee_drawn_towards_the_ankle_is_taken_back_part_of_the_way(side, rotation):
    raw, steady = read(body_with(side, rotation, 0.25), side)
    error, left_over = abs(rotation) - abs(raw.value_deg), abs(rotation) - abs(steady.value_deg)
    assert error > 3.0
    assert left_over == pytest.approx((1.0 - ANCHOR_SHARE) * error, abs=0.25 * error)
    assert steady.sd_deg > raw.sd_deg


def test_both_knees_may_move_together():
    body = body_with("left", 40.0)
    body = replace(body, pixels=[[x + 30.0, y - 10.0] for x, y in body.pixels])
    raw, steady = read(body, "left")
    assert steady.value_deg == pytest.approx(raw.value_deg, abs=0.2)


def test_without_the_other_knee_the_reading_stays_as_it_is():
    body = body_with("left", 40.0, 0.25)
    pixels = [list(point) for point in body.pixels]
    pixels[INDEX["right_knee"]] = [nan, nan]
    raw, steady = read(replace(body, pixels=pixels), "left")
    assert steady == raw


def test_what_is_withheld_stays_withheld():
    rotation = Rotation.withheld("femur_across_view")
    assert steady_knee(rotation, NEUTRAL, "left", (0.0, 0.0)) is rotation
