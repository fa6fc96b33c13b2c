"""The drawing of the camera's place says what the spec says."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from coach.exercise.spec import BODIES, load_specs
from coach.output.placement import draw_placement

SPECS = load_specs()


def camera_places(svg):
    """Centres of both cameras, from above and from the side, in the drawing's units."""
    offsets = [float(v) for v in re.findall(r"<g transform=\"translate\((\d+) \d+\)\">", svg)]
    places = re.findall(r"translate\((-?\d+) (-?\d+)\) rotate", svg)
    return offsets, [(float(x), float(y)) for x, y in places]


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_every_exercise_has_a_drawing_within_its_frame_that_names_distance_and_height(spec):
    svg = draw_placement(spec)
    root = ElementTree.fromstring(svg)
    words = [element.text for element in root.iter() if element.text]
    assert any(f"{spec.camera_height_m:g} m" == word for word in words)
    assert any("–" in word and word.endswith(" m") for word in words)
    _, [(x, y), (x2, y2)] = camera_places(svg)
    assert 0 <= 75 + x <= 150 and 0 <= 45 + y <= 170
    assert 150 <= 190 + x2 <= 300 and 0 <= 140 + y2 <= 170


def test_a_camera_further_away_is_drawn_further_away_and_a_higher_one_higher():
    spec = SPECS["seated-rotation"]
    moved = replace(spec, camera_distance_m=(1.0, 1.4), camera_height_m=1.6)
    _, [(_, near), (_, high)] = camera_places(draw_placement(moved))
    _, [(_, far), (_, low)] = camera_places(draw_placement(spec))
    assert near < far
    assert high < low


def test_a_three_quarter_view_is_drawn_half_beside():
    _, [(x, y), _] = camera_places(draw_placement(SPECS["squat-rotation"]))
    assert x == pytest.approx(y, abs=1) and x > 20


@pytest.mark.parametrize("body", BODIES)
def test_every_body_can_be_drawn(body):
    ElementTree.fromstring(draw_placement(replace(SPECS["seated-rotation"], camera_body=body)))
