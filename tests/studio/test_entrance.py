"""Walking in, getting down and standing up: continuous, on the floor, and outside the exercise."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from studio.recipe import Recipe
from studio.timeline import Movement

pytestmark = pytest.mark.usefixtures("body_model")


@pytest.mark.parametrize("exercise", ["side-lying-rotation", "rom-seated", "standing-dissociation"])
def test_the_person_comes_and_goes_without_jumps_and_stays_on_the_floor(exercise):
    from studio.mannequin import Mannequin
    from studio.plan import Performance

    recipe = Recipe(exercise, entrance=True, movements=(Movement(1.0),), lead_s=0.3, sway_deg=0.5)
    body = Mannequin(recipe.person)
    performance = Performance(recipe, body)
    start, end = performance.in_position
    edges = (start, end)
    times = np.arange(0.0, performance.duration_s, 0.04)
    times = times[np.min([np.abs(times - e) for e in edges], axis=0) < 1.0]
    poses = [performance.pose_at(t) for t in times]
    for (before, a), (after, b) in pairwise(zip(times, poses, strict=True)):
        if after - before < 0.05:
            assert np.linalg.norm(a.root - b.root) < 0.12
            assert np.abs(a.pelvis - b.pelvis).max() < 0.2
    for time in (0.5, 2.0, 3.5, 4.5, start - 0.3, performance.duration_s - 0.1):
        assert -0.08 < body.lowest_m(performance.pose_at(time)) < 0.25
    for time in (0.5, performance.duration_s - 0.1):
        assert performance.pose_at(time).root[2] > 0.75 * 1.68 / 1.7


def test_the_truth_says_when_the_exercise_begins(small_recipe):
    from studio.entrance import ENTER_S
    from studio.plan import plan_clip
    from studio.truth import truth_of

    plain, coming = (truth_of(plan_clip(replace(small_recipe, entrance=e))) for e in (False, True))
    assert plain["in_position"] == {
        "start_s": 0.0,
        "end_s": pytest.approx(plain["video"]["duration_s"], abs=0.3),
    }
    assert coming["in_position"]["start_s"] == pytest.approx(ENTER_S)
    assert coming["reps"][0]["start_s"] == pytest.approx(plain["reps"][0]["start_s"] + ENTER_S)
    assert coming["reps"][-1]["end_s"] < coming["in_position"]["end_s"]
    # The camera frames the exercise, not the way to it.
    assert coming["camera"]["eye_m"] == pytest.approx(plain["camera"]["eye_m"], abs=0.05)
