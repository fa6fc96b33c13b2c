"""What is remembered of the time before the start pose is known."""

from bodies import HEAD_LEFT, build_pose, clock
from simple_specs import make_spec

from coach.body.pose import Pose
from coach.exercise.past import REMEMBERED_S, SETTLING_S, RecentPast
from coach.exercise.spec import PoseRule
from coach.rotation.estimator import measure_body

SIT_UP = PoseRule("trunk_incline", 0.0, 45.0, "each", throughout=True, cue="Sit up.")


def remember(poses, spec=None):
    """Times that are recalled for the left leg."""
    past = RecentPast(spec or make_spec())
    for pose in poses:
        past.add(measure_body(pose))
    return [body.time_s for body in past.recall(("left",))]


def test_the_first_second_of_somebody_is_not_remembered():
    times_s = clock(3.0, 10)
    assert min(remember([build_pose(t) for t in times_s])) >= SETTLING_S - 0.11
    gap = [Pose.missing(t) if 1.4 < t < 1.6 else build_pose(t) for t in times_s]
    assert min(remember(gap)) >= 1.6 + SETTLING_S - 0.11


def test_no_more_is_remembered_than_so_long():
    times_s = clock(REMEMBERED_S + 8.0, 5)
    kept = remember([build_pose(t) for t in times_s])
    assert kept[-1] - kept[0] <= REMEMBERED_S
    assert kept[-1] - kept[0] >= REMEMBERED_S - 0.5


def test_leaving_the_pose_that_belongs_to_the_exercise_makes_it_forget():
    poses = [build_pose(t, camera=HEAD_LEFT) if 2.0 < t < 2.5 else build_pose(t) for t in clock(4.0, 10)]
    assert min(remember(poses, make_spec(start_rules=(SIT_UP,)))) >= 2.4


def test_what_comes_before_the_start_pose_is_first_seen_is_not_recalled():
    poses = [build_pose(t, camera=HEAD_LEFT) if t < 2.0 else build_pose(t) for t in clock(4.0, 10)]
    rule = PoseRule("trunk_incline", 0.0, 45.0, "each", throughout=False, cue="Sit up.")
    assert min(remember(poses, make_spec(start_rules=(rule,)))) >= 2.0
