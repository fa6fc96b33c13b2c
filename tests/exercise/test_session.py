"""A session added up from measured bodies with known rotation, view and gaps."""

from dataclasses import replace

import numpy as np
import pytest
from bodies import SITTING, Camera, build_pose, clock, rotated
from simple_specs import make_spec

from coach.body.pose import Pose, SourceFacts
from coach.exercise.events import Fault, Hold, Rep
from coach.exercise.runner import RunnerState
from coach.exercise.session import RotationRange, SessionFold
from coach.rotation.estimator import measure_body
from coach.rotation.view import ADVICE

FACTS = SourceFacts("clip.mp4", 1280, 720, 30.0)


def make_rep(side, valid=True, start_s=1.0):
    return Rep(side, start_s, start_s + 1, start_s + 2, 30.0, 4.0, valid, () if valid else ("range",))


def state(armed, events=(), start_cue=None):
    return RunnerState(armed, start_cue, {}, (), tuple(events), None)


def fold(poses, events=(), armed=True, spec=None):
    """Sum of the poses; `events` come with the first one."""
    session = SessionFold(spec or make_spec())
    for i, pose in enumerate(poses):
        session.update(measure_body(pose), state(armed, events if i == 0 else ()))
    return session.summarise(FACTS, "full", complete=True)


def seen(rotations, camera=None, fps=30.0):
    leg_poses = [(i / fps, rotated(SITTING, float(r))) for i, r in enumerate(rotations)]
    return [build_pose(t, leg, SITTING, camera or Camera()) for t, leg in leg_poses]


def test_range_is_that_of_each_side_with_the_error_bar_of_its_extremes():
    rotations = 20 * np.sin(np.linspace(0, 6, 60)) + 5
    summary = fold(seen(rotations), [make_rep("left"), make_rep("right")])
    left, right = summary.sides["left"].rotation, summary.sides["right"].rotation
    assert isinstance(left, RotationRange)
    assert isinstance(right, RotationRange)
    assert (left.min_deg, left.max_deg) == pytest.approx((rotations.min(), rotations.max()), abs=0.5)
    assert (right.min_deg, right.max_deg) == pytest.approx((0, 0), abs=1e-6)
    assert 2.5 < left.sd_deg < 5
    assert left.mode == "image-plane"
    assert left.verdict == "below"


def test_a_range_of_negative_rotation_only_is_kept():
    summary = fold(seen([-30.0, -20.0, -25.0], fps=3))
    assert summary.sides["left"].rotation.min_deg == pytest.approx(-30)
    assert summary.sides["left"].rotation.max_deg == pytest.approx(-20)


def test_a_single_picture_read_wrongly_does_not_widen_the_range():
    rotations = [10.0] * 30
    rotations[10], rotations[20] = 40.0, -35.0
    summary = fold(seen(rotations))
    assert summary.sides["left"].rotation.max_deg == pytest.approx(10)
    assert summary.sides["left"].rotation.min_deg == pytest.approx(10)


def test_a_leg_that_did_nothing_gets_no_verdict():
    summary = fold(seen([0.0, 10.0]), [make_rep("right")])
    assert summary.sides["left"].rotation.verdict == "cannot-tell"
    assert summary.sides["right"].rotation.verdict == "below"


def test_an_assumed_start_pose_gets_no_verdict():
    session = SessionFold(make_spec())
    for pose in seen([20.0, 25.0]):
        body = measure_body(pose)
        for side, leg in body.legs.items():
            body.legs[side] = replace(leg, rotation=replace(leg.rotation, mode="start-assumed"))
        session.update(body, state(True, [make_rep("left")]))
    rotation = session.summarise(FACTS, "full", complete=True).sides["left"].rotation
    assert (rotation.max_deg, rotation.mode) == (pytest.approx(25), "start-assumed")
    assert rotation.verdict == "cannot-tell"


def test_rotation_before_the_start_pose_does_not_count():
    session = SessionFold(make_spec())
    for i, pose in enumerate(seen([60.0, 60.0, 10.0, 20.0, 15.0])):
        session.update(measure_body(pose), state(i >= 2))
    rotation = session.summarise(FACTS, "full", complete=True).sides["left"].rotation
    assert (rotation.min_deg, rotation.max_deg) == pytest.approx((10, 20))


def test_never_armed_says_that_the_start_pose_was_not_seen():
    assert fold(seen([0.0] * 5), armed=False).sides["left"].rotation == "start_pose_not_seen"


@pytest.mark.parametrize(("good", "bad", "withheld"), [(6, 4, False), (5, 5, False), (4, 6, True)])
def test_rotation_is_withheld_when_most_of_the_instants_had_none(good, bad, withheld):
    poses = seen([10.0] * good) + [build_pose(1 + i / 30, camera=Camera(azimuth=60)) for i in range(bad)]
    rotation = fold(poses).sides["left"].rotation
    assert (rotation == "camera_too_far_to_the_side") if withheld else isinstance(rotation, RotationRange)


def test_the_reason_given_is_the_commonest():
    cameras = [Camera(azimuth=60)] * 3 + [Camera(elevation=50)] * 5
    poses = [build_pose(i / 30, camera=c) for i, c in enumerate(cameras)]
    summary = fold(poses)
    assert summary.sides["right"].rotation == "camera_too_high"
    assert summary.view.advice == ADVICE["camera_too_high"]


def test_tracking_counts_frames_and_the_time_without_anybody():
    times_s = clock(10, 20)
    poses = [Pose.missing(t) if 3 <= t < 5.5 else build_pose(float(t)) for t in times_s.tolist()]
    tracking = fold(poses).tracking
    assert tracking.frames == 200
    assert tracking.frames_with_pose == 150
    assert tracking.lost_s == pytest.approx(2.5, abs=0.051)


def test_a_good_view_is_ok_and_needs_no_advice():
    view = fold(seen([0.0] * 5, Camera(azimuth=12, elevation=-5))).view
    assert (view.expected, view.ok, view.advice) == ("front", True, None)
    assert view.measured == "front, 12° to the left, 5° to the feet"


def test_a_bad_view_comes_with_advice_and_with_what_could_not_be_assessed():
    summary = fold(seen([0.0] * 5, Camera(azimuth=-80)), spec=make_spec(not_assessed=(("band", "unseen"),)))
    assert not summary.view.ok
    assert summary.view.measured == "side, 80° to the right, 0° to the feet"
    assert summary.view.advice == ADVICE["camera_too_far_to_the_side"]
    assert [(n.fault, n.reason) for n in summary.not_assessed] == [
        ("hip rotation in degrees", ADVICE["camera_too_far_to_the_side"]),
        ("band", "unseen"),
    ]


def test_a_view_good_for_most_of_the_time_is_ok():
    poses = seen([0.0] * 6) + [build_pose(1 + i / 30, camera=Camera(azimuth=60)) for i in range(5)]
    assert fold(poses).view.ok


def test_nobody_seen():
    summary = fold([Pose.missing(i / 10) for i in range(21)])
    assert summary.view.measured == "nobody seen"
    assert not summary.view.ok
    assert summary.view.advice == ADVICE["nobody_seen"]
    assert summary.tracking.frames_with_pose == 0
    assert summary.tracking.lost_s == pytest.approx(2.0)
    assert summary.sides["left"].rotation in {"nobody_seen", "start_pose_not_seen"}


def test_an_empty_session_can_be_summed_up():
    summary = fold([])
    assert summary.tracking.frames == 0
    assert summary.sides["right"].reps == ()


def test_events_go_to_their_sides_and_only_valid_reps_are_counted():
    hold = Hold("right", 1.0, 7.0, 5.5, 5.0, True)
    fault = Fault("lean", "left", 1.0, 2.0, "No.", "minor")
    events = [make_rep("left"), make_rep("left", valid=False, start_s=5.0), make_rep("right"), hold, fault]
    summary = fold(seen([0.0, 1.0]), events)
    assert [r.valid for r in summary.sides["left"].reps] == [True, False]
    assert summary.sides["left"].rep_count == 1
    assert summary.sides["right"].holds == (hold,)
    assert summary.sides["left"].holds == ()
    assert summary.faults == (fault,)


def test_what_ends_with_the_footage_is_added():
    session = SessionFold(make_spec())
    session.update(measure_body(build_pose()), state(True))
    session.add((make_rep("left"),))
    assert session.summarise(FACTS, "full", complete=False).sides["left"].rep_count == 1


def test_source_model_and_completeness_are_passed_on():
    session = SessionFold(make_spec())
    summary = session.summarise(FACTS, "lite", complete=False)
    assert (summary.exercise, summary.source, summary.model, summary.complete) == (
        "test-exercise", FACTS, "lite", False,
    )  # fmt: skip


def test_the_view_that_is_told_is_one_that_does_not_carry_the_exercise():
    walking = [Camera(azimuth=a) for a in (5.0, 5.0, -100.0, -95.0, 100.0)]
    view = fold([build_pose(i / 10, camera=camera) for i, camera in enumerate(walking)]).view
    assert not view.ok
    assert view.measured.startswith("side, 100° to the")


def test_another_exercise_than_the_one_asked_for_is_said_with_what_is_missing():
    session = SessionFold(make_spec())
    for pose in seen([0.0] * 5):
        session.update(measure_body(pose), state(False, start_cue="Sit upright."))
    first = session.summarise(FACTS, "full", complete=True).not_assessed[0]
    assert first.reason == "this does not look like it: sit upright"


def test_a_start_pose_never_held_still_is_said():
    session = SessionFold(make_spec())
    for pose, cue in zip(seen([0.0] * 5), ("Sit upright.", None, None, None, None), strict=True):
        session.update(measure_body(pose), state(False, start_cue=cue))
    assert "never held still" in session.summarise(FACTS, "full", complete=True).not_assessed[0].reason
