"""Who took up the start pose stays the one whose movement counts."""

import numpy as np
import pytest
from bodies import clock, film, follow, plan
from simple_specs import make_spec

from coach.body.pose import Pose
from coach.exercise.runner import ExerciseRunner
from coach.exercise.subject import FORGET_S, SubjectLock
from coach.rotation.estimator import measure_body

MOVES = plan([35, 30, 38])
TIMES = clock(MOVES[-1].end_s + 2, 30)
SWING = follow(MOVES, TIMES)


def elsewhere(pose, shift=0.0, scale=1.0):
    """The same pose, `shift` of the body's extent to the right and `scale` times as large."""
    extent = np.ptp(pose.image_px, axis=0).max()
    return Pose(
        pose.time_s, scale * pose.image_px + np.array([shift * extent, 0.0]), pose.world_m, pose.visibility
    )


def count(poses):
    runner = ExerciseRunner(make_spec(), "auto")
    states = [runner.update(measure_body(pose)) for pose in poses]
    return states[-1].legs["left"].rep_count, states


@pytest.mark.parametrize(("shift", "scale"), [(1.0, 1.0), (-0.8, 1.0), (0.0, 0.4), (1.2, 0.7)])
def test_somebody_else_who_is_suddenly_followed_does_not_count(shift, scale):
    poses = list(film(TIMES, SWING))
    start = int(1.5 * 30)
    taken_over = [*poses[:start], *(elsewhere(p, shift, scale) for p in poses[start:])]
    reps, states = count(taken_over)
    assert reps == 0
    assert all(s.somebody_else for s in states[start : start + 60])


def test_the_subject_goes_on_counting_after_somebody_else_was_followed_for_a_while():
    first, later = list(film(TIMES, SWING)), list(film(TIMES + TIMES[-1] + 2.0, SWING))
    between = [elsewhere(p, 1.0) for p in film(clock(1.9, 30) + TIMES[-1] + 0.05)]
    reps, _ = count([*first, *between, *later])
    assert reps == 6


def test_the_subject_may_move_through_the_picture_as_long_as_it_is_no_jump():
    poses = [elsewhere(p, 2.0 * i / len(TIMES)) for i, p in enumerate(film(TIMES, SWING))]
    assert count(poses)[0] == 3


def test_a_subject_gone_for_long_is_given_up():
    lock = SubjectLock()
    first, *_ = film(TIMES[:2])
    lock.take(first)
    for time_s, same in ((5.0, False), (FORGET_S - 0.1, False), (FORGET_S + 0.1, True)):
        other = elsewhere(first, 1.5)
        assert lock.update(Pose(time_s, other.image_px, other.world_m, other.visibility)) is same


def test_nobody_in_the_picture_is_nobody_else():
    lock = SubjectLock()
    first, *_ = film(TIMES[:2])
    lock.take(first)
    assert lock.update(Pose.missing(1.0))
