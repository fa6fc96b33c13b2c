"""The accuracy tables look for the same person as an analysis and a measurement do."""

from bodies import STANDING, build_pose

from benchmarks.accuracy import whom_to_follow
from coach.exercise.spec import load_specs

SITTER = build_pose(0.0)
BYSTANDER = build_pose(0.0, left=STANDING, right=STANDING)


def test_who_sits_is_followed_in_the_seated_test_and_who_stands_about_is_not():
    suits = whom_to_follow(None)
    assert suits(SITTER)
    assert not suits(BYSTANDER)


def test_in_an_exercise_it_is_who_is_in_its_start_pose():
    suits = whom_to_follow(load_specs()["standing-dissociation"])
    assert suits(BYSTANDER)
    assert not suits(SITTER)
