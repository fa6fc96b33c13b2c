import numpy as np
import pytest

from studio.camera import CameraPlan, aim, fit_camera, focal_length_px

SIZE = (640, 480)


def test_the_target_is_in_the_middle_and_axes_are_opencvs():
    camera = aim([0, -3, 1], [0, 0, 1], 50, SIZE)
    np.testing.assert_allclose(camera.to_pixels([0, 0, 1]), [320, 240], atol=1e-9)
    assert camera.to_camera([0, 0, 1])[2] == pytest.approx(3.0)
    # The person's left (+x) is to the right of a camera in front of them; up is up.
    assert camera.to_pixels([0.5, 0, 1])[0] > 320
    assert camera.to_pixels([0, 0, 1.5])[1] < 240


def test_the_field_of_view_is_vertical():
    camera = aim([0, -2, 0], [0, 0, 0], 60, SIZE)
    edge = 2 * np.tan(np.deg2rad(30))
    assert camera.to_pixels([0, 0, edge])[1] == pytest.approx(0.0, abs=1e-9)
    assert focal_length_px(60, 480) == pytest.approx(240 / np.tan(np.deg2rad(30)))


def test_a_positive_roll_turns_the_picture_clockwise():
    camera = aim([0, -3, 1], [0, 0, 1], 50, SIZE, roll_deg=10)
    x, y = camera.to_pixels([0, 0, 1.5]) - [320, 240]
    assert np.rad2deg(np.arctan2(x, -y)) == pytest.approx(10)


def test_the_clip_matrix_agrees_with_the_pixels():
    camera = aim([1.0, -2.5, 0.7], [0.1, 0.2, 0.5], 55, SIZE, roll_deg=4)
    point = np.array([0.3, -0.4, 0.9, 1.0])
    clip = camera.view_projection() @ point
    ndc = clip[:3] / clip[3]
    pixel = [(ndc[0] + 1) / 2 * SIZE[0], (1 - ndc[1]) / 2 * SIZE[1]]
    np.testing.assert_allclose(pixel, camera.to_pixels(point[:3]), atol=1e-9)


@pytest.mark.parametrize("height", [None, 0.15, 0.9])
def test_everybody_is_in_the_picture(height):
    points = np.random.default_rng(0).uniform([-0.9, -0.5, 0], [0.9, 0.5, 1.2], (200, 3))
    plan = CameraPlan(azimuth_offset_deg=10, elevation_deg=20, height_m=height, fov_deg=55)
    camera = fit_camera(points, plan, -90, SIZE)
    px = camera.to_pixels(points)
    assert (px > 0).all()
    assert (px < SIZE).all()
    if height is not None:
        assert camera.eye[2] == pytest.approx(height, abs=0.02)


def test_stepping_back_makes_the_person_smaller():
    points = np.random.default_rng(0).uniform([-0.5, -0.3, 0], [0.5, 0.3, 1.5], (50, 3))
    spans = [
        np.ptp(fit_camera(points, CameraPlan(distance_factor=f), -90, SIZE).to_pixels(points)[:, 1])
        for f in (1.0, 1.4)
    ]
    assert spans[1] < 0.85 * spans[0]
