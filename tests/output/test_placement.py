"""The drawing of the camera's place says what the spec says."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from coach.exercise.spec import BODIES, load_specs
from coach.output.placement import SIZE, Label, Stroke, compute_placement, draw_placement, paint_placement

SPECS = load_specs()


def camera_places(spec):
    """Centres of both cameras, from above and from the side, in the drawing's units."""
    bodies = [
        shape.paths[0] for shape in compute_placement(spec) if isinstance(shape, Stroke) and shape.filled
    ]
    return [tuple(np.mean(path, axis=0)) for path in bodies]


def names(spec):
    return [shape.text for shape in compute_placement(spec) if isinstance(shape, Label)]


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_every_exercise_has_a_drawing_within_its_frame_that_names_distance_and_height(spec):
    root = ElementTree.fromstring(draw_placement(spec))
    assert {element.text for element in root.iter() if element.text} == set(names(spec))
    assert f"{spec.camera_height_m:g} m" in names(spec)
    assert any("–" in word and word.endswith(" m") for word in names(spec))
    for shape in compute_placement(spec):
        points = [point for path in shape.paths for point in path] if isinstance(shape, Stroke) else []
        assert all(0 <= x <= SIZE[0] and 0 <= y <= SIZE[1] for x, y in points)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_the_distance_is_written_clear_of_the_camera(spec):
    (label,) = (s for s in compute_placement(spec) if isinstance(s, Label) and "–" in s.text)
    (x, y), _ = camera_places(spec)
    letters = 3.0 * len(label.text)
    assert label.at[0] - letters > x + 9 or label.at[1] - 10 > y + 12
    assert label.at[0] + letters < 225.0 - 60.0  # where the view from the side begins


def test_a_camera_further_away_is_drawn_further_away_and_a_higher_one_higher():
    spec = SPECS["seated-rotation"]
    moved = replace(spec, camera_distance_m=(1.0, 1.4), camera_height_m=1.6)
    (_, near), (_, high) = camera_places(moved)
    (_, far), (_, low) = camera_places(spec)
    assert near < far
    assert high < low


def test_a_three_quarter_view_is_drawn_half_beside():
    (front_x, _), _ = camera_places(SPECS["seated-rotation"])
    (x, y), _ = camera_places(SPECS["squat-rotation"])
    person_x, person_y = front_x, compute_placement(SPECS["squat-rotation"])[1].centre[1] + 1
    assert x - person_x == pytest.approx(y - person_y, abs=1)
    assert x - person_x > 20


@pytest.mark.parametrize("body", BODIES)
def test_every_body_can_be_drawn_on_a_page_and_in_a_picture(body):
    spec = replace(SPECS["seated-rotation"], camera_body=body)
    ElementTree.fromstring(draw_placement(spec))
    image = paint_placement(spec, 1.5)
    assert image.shape == (255, 450, 3)
    assert (image.max(axis=2) > 200).mean() > 0.01
