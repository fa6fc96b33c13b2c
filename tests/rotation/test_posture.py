"""The projected leg against full kinematics, and the solver against the projection."""

from math import isnan

import numpy as np
import pytest
from bodies import THIGH_M, TRUNK_M, Camera, Leg, build_pose
from hypothesis import assume, given
from hypothesis import strategies as st

from coach.body.landmarks import SIDES
from coach.rotation.image_plane import compute_shank_angles
from coach.rotation.leg_shape import compute_leg_shape
from coach.rotation.posture import (
    Posture,
    Uncertainty,
    compute_femur_to_camera,
    project_shank,
    project_thigh,
    propagate_sd,
    read_rotation,
)
from coach.rotation.view import View

SIDE = st.sampled_from(SIDES)
VIEWS = st.builds(View, st.floats(-40, 40), st.floats(-40, 40))


@given(
    side=SIDE,
    flexion=st.floats(20, 130),
    adduction=st.floats(-35, 25),
    knee=st.floats(40, 130),
    rotation=st.floats(-45, 45),
    view=VIEWS,
    reference=st.sampled_from(["trunk", "hips"]),
)
def test_projection_equals_a_photographed_body(side, flexion, adduction, knee, rotation, view, reference):
    """Full forward kinematics and an orthographic camera give the same image angle, on both sides."""
    leg = Leg(flexion, adduction, rotation, knee)
    pose = build_pose(0, leg, leg, Camera(view.azimuth_deg, view.elevation_deg, fov=0))
    read = compute_shank_angles(pose.image_px)[0 if reference == "trunk" else 1][SIDES.index(side)]
    assume(not isnan(read))  # a shank that points exactly at the camera has no direction in the picture
    projected = project_shank(rotation, Posture(flexion, adduction, knee), view, side, reference)
    assert (projected - read + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)


@given(side=SIDE, rotation=st.floats(-50, 50), view=VIEWS, coupling=st.floats(0, 0.5))
def test_reading_undoes_the_projection(side, rotation, view, coupling):
    posture = Posture(95, -5, 85, coupling)
    view = View(round(view.azimuth_deg), round(view.elevation_deg))
    image_deg = project_shank(rotation, posture, view, side)
    solution = read_rotation(image_deg, posture, view, side)
    if not isnan(solution.rotation_deg):
        assert solution.rotation_deg == pytest.approx(rotation, abs=0.3)
        assert solution.posture_sd_deg > 0
        thigh = project_thigh(rotation, posture, view, side)
        assert solution.thigh == pytest.approx(thigh, abs=0.05)


def test_looking_along_the_thigh_the_image_angle_is_the_rotation():
    for side in SIDES:
        for rotation in (-40.0, 0.0, 25.0):
            assert project_shank(rotation, Posture(), View(0, 0), side) == pytest.approx(rotation)
            solution = read_rotation(rotation, Posture(), View(0, 0), side)
            assert solution.rotation_deg == pytest.approx(rotation)
            assert solution.gain == pytest.approx(1)


def test_a_planted_foot_couples_adduction_to_rotation():
    free, planted = Posture(120, -15, 92), Posture(120, -15, 92, 0.5)
    assert project_shank(0, free, View(5, -10), "left") == project_shank(0, planted, View(5, -10), "left")
    assert project_shank(30, free, View(5, -10), "left") != project_shank(30, planted, View(5, -10), "left")


def test_a_view_across_the_thigh_gives_nothing():
    solution = read_rotation(10, Posture(), View(85, 0), "left")
    assert all(isnan(v) for v in (solution.rotation_deg, solution.posture_sd_deg, solution.gain))


def test_the_thigh_points_at_a_camera_in_front_of_bent_hips():
    assert compute_femur_to_camera(Posture(90), View(0, 0), "left") == pytest.approx(0, abs=1e-6)
    assert compute_femur_to_camera(Posture(30), View(0, 0), "right") == pytest.approx(60)
    assert compute_femur_to_camera(Posture(90, -20), View(0, 0), "right") == pytest.approx(20)
    towards, away = (compute_femur_to_camera(Posture(90, -20), View(a, 0), "left") for a in (20, -20))
    assert (towards, away) == (pytest.approx(0, abs=1e-5), pytest.approx(40))


def test_between_whole_degrees_of_the_view_little_is_lost():
    for azimuth in (10.0, 10.3, 10.5, 10.9):
        image_deg = project_shank(25, Posture(60, 0, 70), View(azimuth, -20), "right")
        solution = read_rotation(image_deg, Posture(60, 0, 70), View(azimuth, -20), "right")
        assert solution.rotation_deg == pytest.approx(25, abs=0.4)


def test_error_bars_propagate_each_input():
    posture, view, rotation = Posture(60, 0, 70), View(20, -10), 15.0
    image_deg = project_shank(rotation, posture, view, "left")
    gain = project_shank(rotation + 1, posture, view, "left") - image_deg
    nothing = Uncertainty(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert propagate_sd(rotation, gain, posture, view, "left", sd=nothing) == 0.0
    rng = np.random.default_rng(1)
    spread = [
        read_rotation(
            image_deg,
            Posture(60 + rng.normal(0, 4), rng.normal(0, 3), 70 + rng.normal(0, 4)),
            View(20 + rng.normal(0, 5), -10 + rng.normal(0, 5)),
            "left",
        ).rotation_deg
        for _ in range(400)
    ]
    sd = Uncertainty(5, 0, 5, 4, 3, 0, 4)
    told = propagate_sd(rotation, gain, posture, view, "left", sd=sd)
    assert told == pytest.approx(np.nanstd(spread), rel=0.2)


def test_the_error_bar_grows_to_the_side():
    def told(view):
        posture = Posture(110, -15)
        return read_rotation(project_shank(10, posture, view, "left"), posture, view, "left").posture_sd_deg

    assert told(View(0, -10)) < told(View(30, -10))


def test_a_thigh_out_to_the_side_is_read_with_more_doubt_and_at_last_not_at_all():
    """Near the pelvis' own axis flexion and rotation look alike."""
    posture, view = Posture(60, -34, 105, 0.6), View(0, -38)

    def read(rotation):
        return read_rotation(project_shank(rotation, posture, view, "right"), posture, view, "right")

    assert [read(r).rotation_deg for r in (15, -25)] == pytest.approx([15, -25], abs=0.3)
    assert read(-25).posture_sd_deg > 1.2 * read(15).posture_sd_deg
    assert isnan(read(-55).rotation_deg)


@given(
    side=SIDE,
    flexion=st.floats(20, 130),
    adduction=st.floats(-35, 25),
    rotation=st.floats(-45, 45),
    view=VIEWS,
)
def test_the_thigh_is_projected_as_a_photographed_body_shows_it(side, flexion, adduction, rotation, view):
    leg = Leg(flexion, adduction, rotation, 90)
    pose = build_pose(0, leg, leg, Camera(view.azimuth_deg, view.elevation_deg, fov=0))
    shape = compute_leg_shape(pose.image_px.tolist(), side)
    expected = project_thigh(rotation, Posture(flexion, adduction, 90), view, side)
    scale = THIGH_M / (TRUNK_M * np.cos(np.radians(view.elevation_deg)))
    assert (shape.thigh_right, shape.thigh_down) == pytest.approx([scale * e for e in expected], abs=1e-6)


def test_a_tilted_trunk_line_is_taken_off_the_reading():
    tilted = Posture(drawn_inwards_deg=4.0)
    assert read_rotation(20.0, tilted, View(0, 0), "left").rotation_deg == pytest.approx(16)
    assert project_shank(16.0, tilted, View(0, 0), "right") == pytest.approx(20)
