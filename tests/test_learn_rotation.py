"""The weights that are shipped are those that the people in the repository teach."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.learn_rotation import calibrate, learn, leave_out, read_examples
from benchmarks.packed_clips import read_packed
from coach.exercise.lesson import Lesson, list_lessons

PEOPLE = Path(__file__).parents[1] / "benchmarks" / "data" / "people"
ALIKE_DEG = 0.1
"""Other processors round otherwise; other people, or another way of learning, differ by degrees."""


def test_there_are_people_of_every_lesson():
    assert {path.stem for path in PEOPLE.glob("*.npz")} == set(list_lessons())


@pytest.mark.parametrize("exercise", ["rom-seated", "banded-clamshell", "side-lying-rotation"])
def test_what_is_shipped_is_what_these_people_teach(exercise):
    examples = read_examples(read_packed(PEOPLE / f"{exercise}.npz"))[exercise]
    taught, shipped = learn(examples, *calibrate(*leave_out(examples))), Lesson(exercise)()
    apart = taught.predict(examples.features)[0] - shipped.predict(examples.features)[0]
    assert np.mean(np.abs(apart)) < ALIKE_DEG
    assert shipped.sd_deg == pytest.approx(taught.sd_deg, abs=0.15)
