"""Whole exercises on synthetic bodies: which leg counts, when counting starts, stops and recovers."""

from dataclasses import replace
from math import isnan, nan

import numpy as np
import pytest
from bodies import (
    HEAD_LEFT,
    HEAD_RIGHT,
    SITTING,
    STANDING,
    UPRIGHT,
    Camera,
    Leg,
    Movement,
    build_pose,
    clock,
    film,
    follow,
    plan,
    rotated,
)
from simple_specs import IN, OUT, make_fault, make_spec

from coach.body.pose import Pose
from coach.exercise.events import Fault, Hold, Rep
from coach.exercise.runner import DISARM_S, ExerciseRunner
from coach.exercise.spec import PoseRule
from coach.rotation.estimator import measure_body


def run(poses, spec=None, side="auto"):
    """(states, events) of a runner over the poses; events end with those of `finish`."""
    runner = ExerciseRunner(spec or make_spec(), side)
    states = [runner.update(measure_body(pose)) for pose in poses]
    return states, [e for s in states for e in s.events] + list(runner.finish())


def reps_of(events, side=None):
    return [e for e in events if isinstance(e, Rep) and side in (None, e.side)]


def count(poses, spec=None, side="auto"):
    """(valid left, valid right)."""
    _, events = run(poses, spec, side)
    return tuple(sum(r.valid for r in reps_of(events, s)) for s in ("left", "right"))


MOVES = plan([35, 30, 38])
TIMES = clock(MOVES[-1].end_s + 2, 30)
SWING = follow(MOVES, TIMES)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_leg_that_moves_is_counted_and_timed(side):
    states, events = run(film(TIMES, **{side: SWING}))
    reps = reps_of(events)
    assert [(r.side, r.valid) for r in reps] == [(side, True)] * 3
    for rep, movement in zip(reps, MOVES, strict=True):
        assert rep.start_s == pytest.approx(movement.start_s, abs=0.3)
        assert rep.peak_s == pytest.approx(movement.peak_s, abs=0.3)
        assert rep.end_s == pytest.approx(movement.end_s, abs=0.3)
        assert rep.peak_deg == pytest.approx(movement.level, abs=1.5)
        assert 2 < rep.peak_sd_deg < 10
    assert states[-1].legs[side].rep_count == 3
    assert states[-1].working == (side,)
    for state in states:
        assert {e.side for e in state.events} <= {side}


def test_before_it_is_armed_a_leg_is_in_set_up_and_working_is_empty():
    states, _ = run(film(TIMES, SWING))
    first = next(i for i, s in enumerate(states) if s.armed)
    assert TIMES[first] == pytest.approx(0.5, abs=0.05)
    assert all(leg.phase == "set-up" for s in states[:first] for leg in s.legs.values())
    assert states[0].working == ()
    assert all(np.isnan(leg.change) for leg in states[0].legs.values())
    assert states[first].legs["left"].phase == "ready"


def test_the_change_is_from_the_start_pose_and_the_peak_is_absolute():
    states, events = run(film(TIMES, SWING + 10))
    changes = [s.legs["left"].change for s in states if s.armed]
    assert np.nanmax(changes) == pytest.approx(38, abs=0.5)
    assert max(r.peak_deg for r in reps_of(events)) == pytest.approx(48, abs=1.5)


def test_an_idle_leg_that_goes_along_is_not_counted():
    assert count(film(TIMES, SWING, 0.45 * SWING)) == (3, 0)
    assert count(film(TIMES, 0.45 * SWING, SWING)) == (0, 3)


def test_an_idle_leg_that_comes_back_only_after_several_repetitions_is_not_counted():
    """The small movement outlasts the large ones, so that its middle lies in one that is long over."""
    moves = plan([50, 50, 50, 50], first_s=2.0, half_s=0.8, rest_s=0.6)
    slow = Movement(2.0, 18.0, 0.6, moves[-1].end_s - 3.2, 0.6)
    times_s = clock(moves[-1].end_s + 3, 30)
    assert count(film(times_s, follow(moves, times_s), follow([slow], times_s))) == (4, 0)


def test_both_legs_one_after_the_other_are_both_counted():
    second = plan([30, 35], first_s=MOVES[-1].end_s + 2)
    times_s = clock(second[-1].end_s + 2, 30)
    states, events = run(film(times_s, follow(MOVES, times_s), follow(second, times_s)))
    assert [r.side for r in reps_of(events)] == ["left"] * 3 + ["right"] * 2
    assert states[-1].working == ("left", "right")


def test_legs_that_work_together_are_both_counted():
    assert count(film(TIMES, SWING, SWING), make_spec(working="both")) == (3, 3)
    assert count(film(TIMES, SWING, 0.5 * SWING), make_spec(working="both"))[0] == 3


@pytest.mark.parametrize(("choice", "expected"), [("left", (3, 0)), ("right", (0, 3)), ("both", (3, 3))])
def test_the_side_asked_for_is_the_side_counted(choice, expected):
    states, _ = run(film(TIMES, SWING, SWING), side=choice)
    assert (states[-1].legs["left"].rep_count, states[-1].legs["right"].rep_count) == expected
    assert states[-1].working == ((choice,) if choice != "both" else ("left", "right"))


def test_with_a_side_asked_for_even_a_leg_moving_less_counts():
    assert count(film(TIMES, SWING, 0.5 * SWING), side="right") == (0, 3)


TOP = make_spec(working="top")


@pytest.mark.parametrize(("camera", "top"), [(HEAD_LEFT, "left"), (HEAD_RIGHT, "right")])
def test_lying_on_the_side_only_the_top_leg_counts(camera, top):
    states, events = run(film(TIMES, SWING, SWING, camera), TOP)
    assert {r.side for r in reps_of(events)} == {top}
    assert len(reps_of(events)) == 3
    assert states[-1].working == (top,)


def test_turning_over_changes_the_leg_that_counts():
    """Both legs in the same position on either side: only the hips tell."""
    first = list(film(TIMES, SWING, None, HEAD_LEFT))
    later = TIMES + TIMES[-1] + 0.5
    second = list(film(later, None, SWING, HEAD_RIGHT))
    _, events = run([*first, *second], TOP)
    assert [r.side for r in reps_of(events)] == ["left"] * 3 + ["right"] * 3


def test_getting_up_first_and_lying_down_later_counts_from_lying_on():
    sitting = list(film(clock(4, 30), camera=UPRIGHT))
    lying = list(film(TIMES + 4, SWING, None, HEAD_LEFT))
    assert count([*sitting, *lying], TOP) == (3, 0)


# --- loss of sight ----------------------------------------------------------------------------------------


def hide(poses, from_s, to_s):
    return [Pose.missing(p.time_s) if from_s <= p.time_s < to_s else p for p in poses]


def test_out_of_sight_for_a_while_disarms_and_a_new_start_pose_is_asked_for():
    movements = plan([35, 35], rest_s=8.0)
    times_s = clock(movements[-1].end_s + 2, 30)
    gone_s = movements[0].end_s + 1
    poses = hide(film(times_s, follow(movements, times_s)), gone_s, gone_s + 4)
    states, events = run(poses)
    armed = {round(p.time_s, 1): s.armed for p, s in zip(poses, states, strict=True)}
    assert armed[round(gone_s + DISARM_S - 0.3, 1)]
    assert not armed[round(gone_s + DISARM_S + 0.3, 1)]
    assert len(reps_of(events)) == 2
    assert states[-1].legs["left"].rep_count == 2, "the count goes on"


def test_a_short_absence_does_not_disarm():
    movements = plan([35, 35], rest_s=5.0)
    times_s = clock(movements[-1].end_s + 2, 30)
    gone_s = movements[0].end_s + 1
    states, events = run(hide(film(times_s, follow(movements, times_s)), gone_s, gone_s + 2.5))
    first = next(i for i, s in enumerate(states) if s.armed)
    assert all(s.armed for s in states[first:])
    assert len(reps_of(events)) == 2


def test_a_rep_half_seen_never_counts():
    gone_s = MOVES[1].start_s + 0.7
    _, events = run(hide(film(TIMES, SWING), gone_s, gone_s + 1.5))
    assert len([r for r in reps_of(events) if r.valid]) == 2


def test_coming_back_in_another_position_is_taken_as_the_new_start_pose():
    first = list(film(TIMES, SWING))
    later = TIMES + TIMES[-1] + 6
    second = list(film(later, SWING + 12))
    states, events = run([*first, *second])
    assert len([r for r in reps_of(events) if r.valid]) == 6
    assert states[-1].legs["left"].change == pytest.approx(0, abs=1)


def test_nobody_ever_seen():
    states, events = run([Pose.missing(t / 30) for t in range(100)])
    assert events == []
    assert not any(s.armed for s in states)
    assert all(s.cue is None for s in states)


# --- a wrong start pose -----------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [20.0, -20.0])
def test_a_start_pose_taken_at_the_wrong_place_recovers(at):
    """Somebody sits still with the leg turned, gets armed there, and only then takes up the real one."""
    movements = plan([35] * 8, first_s=6)
    times_s = clock(movements[-1].end_s + 2, 30)
    swing = follow(movements, times_s) + Movement(-5.0, at, 1.0, 7.0, 1.0).at(times_s)
    states, events = run(film(times_s, swing))
    assert [s.armed for s in states].index(True) < 30
    valid = [r for r in reps_of(events) if r.valid]
    assert len(valid) >= 5
    assert states[-1].legs["left"].change == pytest.approx(0, abs=2)
    assert all(r.peak_deg == pytest.approx(35, abs=2) for r in valid)


def test_footage_that_begins_at_the_peak_counts_from_the_first_return_on():
    """A loop: the leg pauses at the peak, and for half a second in the start pose."""
    movements = plan([35] * 4, first_s=-1.0, half_s=1.0, stay_s=1.0, rest_s=0.5)
    times_s = clock(movements[-1].end_s + 1, 30)
    _, events = run(film(times_s, follow(movements, times_s)))
    assert [r.valid for r in reps_of(events)] == [True] * 3


def test_footage_that_begins_at_one_end_of_a_cycle_counts_from_the_next_rest_on():
    """The first half, of which the end alone is seen, is lost; so is the half after it."""
    moves = plan([35, -30] * 3, half_s=1.0, stay_s=2.0, rest_s=1.5)
    times_s = clock(moves[-1].end_s + 2, 30)
    seen = times_s > moves[0].peak_s
    changes = follow(moves, times_s)[seen]
    assert count(film(times_s[seen], changes), make_spec(phases=[IN, OUT], max_s=20.0), "left")[0] == 2


def test_a_pause_on_the_way_back_does_not_hide_the_repetitions_after_the_first():
    times_s = clock(24, 30)
    stops = [0, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 24]
    levels = [0, 0, 35, 35, 0, 0, 0, 35, 35, 14, 14, 14, 0, 0]
    assert count(film(times_s, np.interp(times_s, stops, levels))) == (2, 0)


def test_landmarks_that_settle_in_the_first_second_do_not_hide_the_repetitions():
    """The start pose seems to move by nearly as much as a repetition takes, and then rests there."""
    times_s = clock(MOVES[-1].end_s + 4, 30)
    settling = np.clip(times_s - 1.0, 0.0, 0.5) * 24.0
    later = [replace(m, start_s=m.start_s + 2.0) for m in MOVES]
    _, events = run(film(times_s, settling + follow(later, times_s)))
    assert [r.valid for r in reps_of(events)] == [True] * 3


def test_legs_that_take_turns_at_once_are_both_counted():
    """One begins while the other still returns, and moves far less."""
    large, small = Movement(2.0, 50.0, 1.0, 0.4, 1.0), Movement(4.2, 22.0, 1.0, 0.4, 1.0)
    times_s = clock(9, 30)
    _, events = run(film(times_s, follow([large], times_s), follow([small], times_s)))
    assert [(r.side, r.valid) for r in reps_of(events)] == [("left", True), ("right", True)]


def test_an_excursion_that_never_comes_back_disarms_and_counts_nothing():
    times_s = clock(40, 15)
    states, events = run(film(times_s, np.where(times_s < 3, 0.0, 30.0)))
    assert reps_of(events) == []
    assert states[-1].armed
    assert states[-1].legs["left"].change == pytest.approx(0, abs=1), "this is the start pose now"


def test_slow_drift_counts_nothing():
    times_s = clock(90, 10)
    _, events = run(film(times_s, 0.5 * times_s))
    assert [r for r in reps_of(events) if r.valid] == []


def test_noise_at_rest_counts_nothing():
    _, events = run(film(clock(60, 15), noise_m=0.004))
    assert reps_of(events) == []


def test_noisy_landmarks_do_not_change_the_count():
    assert count(film(TIMES, SWING, noise_m=0.004)) == (3, 0)


# --- a start pose that is known only afterwards -----------------------------------------------------------


def restless(levels, until_s):
    """Times and changes of movements that follow each other at once, the leg never at rest before the end."""
    movements = plan(levels, first_s=1.2, half_s=1.0, stay_s=0.2, rest_s=0.05)
    times_s = clock(movements[-1].end_s + 2, 30)
    fidgeting = np.where(times_s < until_s, 5.0 * np.sin(2 * np.pi * times_s / 0.7), 0.0)
    return movements, times_s, follow(movements, times_s) + fidgeting


def test_movements_before_the_first_rest_are_counted_once_that_is_seen():
    movements, times_s, changes = restless([35, 30], until_s=1.2)
    states, events = run(film(times_s, changes), make_spec(start_still_s=1.0))
    armed_s = times_s[[s.armed for s in states].index(True)]
    assert armed_s > movements[0].end_s, "else this tests nothing"
    reps = reps_of(events)
    assert [(r.side, r.valid) for r in reps] == [("left", True)] * 2
    assert reps[0].start_s == pytest.approx(movements[0].start_s, abs=0.3)
    assert states[-1].legs["left"].rep_count == 2


def test_a_fault_before_the_first_rest_sticks_to_its_repetition():
    movements, times_s, changes = restless([35], until_s=1.2)
    bend = np.where((times_s > movements[0].start_s) & (times_s < movements[0].end_s), 15.0, 0.0)
    poses = [
        build_pose(t, rotated(SITTING, c), SITTING, side_bend=b)
        for t, c, b in zip(times_s, changes, bend, strict=True)
    ]
    _, events = run(poses, make_spec(faults=[make_fault()], start_still_s=1.0))
    [rep] = reps_of(events)
    assert rep.faults == ("lean",)


def test_movements_on_the_way_into_the_start_pose_are_not_counted_afterwards():
    """Somebody lies about before sitting up: the exercise is done upright throughout."""
    _, times_s, changes = restless([35], until_s=1.2)
    rule = PoseRule("trunk_incline", 0.0, 45.0, "each", throughout=True, cue="Sit up.")
    lying = list(film(times_s, changes, None, HEAD_LEFT))
    later = [replace(p, time_s=p.time_s + times_s[-1] + 0.1) for p in film(clock(2, 30))]
    _, events = run(lying + later, make_spec(start_rules=(rule,)))
    assert reps_of(events) == []


@pytest.mark.parametrize("hidden", ["peak", "start"])
def test_a_rotation_that_is_not_told_for_a_while_is_gone_on_with_by_what_is_followed_instead(hidden):
    """Here the other measure says half as much more: without a jump where it takes over."""
    runner, states = ExerciseRunner(make_spec(measure_instead="knee_flexion")), []
    for time_s, turn in zip(TIMES.tolist(), SWING.tolist(), strict=True):
        pose = build_pose(time_s, replace(rotated(SITTING, turn), knee=90.0 + 1.5 * turn))
        body = measure_body(pose)
        if turn > 20.0 if hidden == "peak" else turn < 5.0:
            body.legs["left"] = replace(body.legs["left"], shank_deg=nan)
        states.append(runner.update(body).legs["left"])
    runner.finish()
    assert states[-1].rep_count == len(MOVES)
    changes = [state.change for state in states if not isnan(state.change)]
    assert np.abs(np.diff(changes)).max() < 4.0


def test_what_led_to_a_repetition_already_is_not_counted_again():
    """The leg comes to rest elsewhere after its third repetition, and that is taken for the start pose."""
    moved = np.clip(TIMES - MOVES[-1].end_s, 0.0, 1.0) * 12.0
    longer = clock(TIMES[-1] + 4, 30)
    changes = np.interp(longer, TIMES, SWING + moved)
    states, events = run(film(longer, changes))
    assert [r.valid for r in reps_of(events)] == [True] * 3
    assert states[-1].legs["left"].change == pytest.approx(0, abs=1)


# --- two-phase cycles, holds and faults -------------------------------------------------------------------


@pytest.mark.parametrize("first", [1, -1])
def test_in_and_out_is_one_rep(first):
    movements = plan([35 * first, -30 * first] * 2, rest_s=0.2)
    times_s = clock(movements[-1].end_s + 2, 30)
    spec = make_spec(phases=[IN, OUT], max_s=20.0, working="top")
    assert count(film(times_s, None, follow(movements, times_s), HEAD_RIGHT), spec) == (0, 2)


HOLD = make_spec(hold=("in", 4.0, 0.3), max_s=30.0)


def test_a_hold_is_timed_within_its_phase():
    [movement] = plan([35], half_s=1.0, stay_s=5.0)
    times_s = clock(movement.end_s + 2, 60)
    states, events = run(film(times_s, follow([movement], times_s)), HOLD)
    [hold] = [e for e in events if isinstance(e, Hold)]
    assert hold.held_s == pytest.approx(5.0, abs=0.1)
    assert hold.completed
    assert hold.side == "left"
    held = [s.legs["left"].held_s for s in states]
    assert max(held) == pytest.approx(hold.held_s, abs=0.8), "the way out is taken off afterwards"
    assert len(reps_of(events)) == 1


def test_a_hold_under_way_is_reported_when_the_footage_ends_or_sight_is_lost():
    times_s = clock(8, 30)
    turned = np.where(times_s < 2, 0.0, 35.0)
    _, events = run(film(times_s, turned), HOLD)
    assert [type(e) for e in events] == [Rep, Hold]
    assert events[0].faults == ("range",)
    assert not events[0].valid
    states, events = run([*film(times_s, turned), *(Pose.missing(8 + t / 30) for t in range(150))], HOLD)
    assert [e for s in states for e in s.events] == events
    assert [type(e) for e in events] == [Hold]


def test_a_hold_ends_when_its_leg_is_stuck():
    times_s = clock(45, 15)
    states, _ = run(film(times_s, np.where(times_s < 2, 0.0, 35.0)), HOLD)
    holds = [e for s in states for e in s.events if isinstance(e, Hold)]
    assert len(holds) == 1
    assert holds[0].held_s == pytest.approx(30, abs=2.5)
    armed = [s.armed for s in states]
    disarmed = armed.index(False, armed.index(True))
    assert states[disarmed].events == (holds[0],), "at once, not when the next hold begins"


LEAN = make_fault("lean", measure="trunk_lean", phase="working", severity="major")


def leaning(lean_deg, from_s, to_s):
    for t, rotation in zip(TIMES, SWING, strict=True):
        camera = Camera(roll=lean_deg if from_s <= t < to_s else 0.0)
        yield build_pose(float(t), rotated(SITTING, float(rotation)), SITTING, camera)


def test_a_fault_is_reported_sticks_to_its_rep_and_is_said():
    second = MOVES[1]
    states, events = run(leaning(15.0, second.start_s + 0.5, second.end_s - 0.5), make_spec(faults=[LEAN]))
    faults = [e for e in events if isinstance(e, Fault)]
    assert {f.id for f in faults} == {"lean"}
    assert [r.faults for r in reps_of(events, "left")] == [(), ("lean",), ()]
    assert all(r.valid for r in reps_of(events, "left"))
    cues = {s.cue for s in states}
    assert cues == {None, "No lean."}


def test_the_form_of_a_leg_that_only_goes_along_is_not_judged():
    other = make_fault("other", measure="knee_flexion", compare="rises-by", threshold=10.0, phase="working")
    spec = make_spec(faults=(other,))
    poses = [
        build_pose(float(t), rotated(SITTING, float(r)), rotated(replace(SITTING, knee=knee), 0.4 * float(r)))
        for t, r in zip(TIMES, SWING, strict=True)
        for knee in (SITTING.knee + (20.0 if r > 5 else 0.0),)
    ]
    _, events = run(poses, spec)
    assert [e for e in events if isinstance(e, Fault)] == []
    _, events = run(poses, spec, side="right")
    assert [e for e in events if isinstance(e, Fault)] != []


def test_a_fault_that_voids_makes_the_rep_invalid():
    second = MOVES[1]
    spec = make_spec(faults=[make_fault("lean", phase="working", voids_rep=True)])
    states, events = run(leaning(15.0, second.start_s + 0.5, second.end_s - 0.5), spec)
    assert [r.valid for r in reps_of(events, "left")] == [True, False, True]
    assert states[-1].legs["left"].rep_count == 2


def test_a_rule_for_working_legs_is_silent_at_rest():
    states, events = run(leaning(15.0, 0.9, 1.9), make_spec(faults=[LEAN]))
    assert [e for e in events if isinstance(e, Fault)] == []
    assert {s.cue for s in states} == {None}


def end_leaning(seconds, turn_deg, nobody_s=0.0):
    """Three repetitions, then somebody leans and turns the leg by this much until nothing more is seen."""
    times_s = TIMES[-1] + clock(seconds, 30)[1:]
    yield from film(TIMES, SWING)
    for t in times_s:
        yield build_pose(float(t), rotated(SITTING, turn_deg), SITTING, Camera(roll=15.0))
    yield from (Pose.missing(float(times_s[-1] + t)) for t in clock(nobody_s, 30)[1:])


@pytest.mark.parametrize("nobody_s", [0.0, 4.0])
def test_a_fault_while_somebody_gets_up_is_not_reported(nobody_s):
    _, events = run(end_leaning(1.5, 11.0, nobody_s), make_spec(faults=[LEAN]))
    assert [r.valid for r in reps_of(events, "left")] == [True] * 3
    assert [e for e in events if isinstance(e, Fault)] == []


def test_a_fault_while_somebody_shifts_about_is_no_fault_of_the_next_repetition():
    shift = plan([11.0, 35.0], first_s=1.5, half_s=1.0)
    times_s = clock(shift[-1].end_s + 2, 30)
    poses = [
        build_pose(
            float(t), rotated(SITTING, float(deg)), SITTING, Camera(roll=15.0 if 2.0 < t < 3.3 else 0.0)
        )
        for t, deg in zip(times_s, follow(shift, times_s), strict=True)
    ]
    _, events = run(poses, make_spec(faults=[LEAN]))
    assert [r.faults for r in reps_of(events, "left")] == [()]
    assert [e for e in events if isinstance(e, Fault)] == []


def test_a_rule_that_holds_at_rest_too_needs_no_repetition():
    anywhere = make_fault("lean", phase="any")
    _, events = run(leaning(15.0, 0.9, 1.9), make_spec(faults=[anywhere]))
    assert {(e.id, round(e.start_s, 1)) for e in events if isinstance(e, Fault)} == {("lean", 0.9)}


def test_a_fault_under_way_is_reported_with_the_repetition_that_the_footage_cuts_short():
    _, events = run(end_leaning(1.5, 35.0), make_spec(faults=[LEAN]))
    assert [r.faults for r in reps_of(events, "left")][-1] == ("lean", "range")
    assert [e.id for e in events if isinstance(e, Fault)] == ["lean"]


def test_events_come_once():
    states, _ = run(film(TIMES, SWING))
    reps = [e for s in states for e in s.events]
    assert len(reps) == len(set(reps)) == 3


# --- start poses of their own -----------------------------------------------------------------------------

BENT = PoseRule("hip_flexion", 60.0, 120.0, "each", throughout=True, cue="Sit down.")


def test_what_is_missing_for_the_start_pose_is_said_until_it_is_there():
    spec = make_spec(start_rules=(BENT,), start_knee_flexion_deg=(0.0, 180.0))
    standing = [build_pose(t / 30, STANDING, STANDING) for t in range(60)]
    sitting = list(film(2 + clock(2, 30)))
    states, _ = run([*standing, *sitting, Pose.missing(4.0)], spec)
    assert {s.start_cue for s in states[:60]} == {"Sit down."}
    assert {s.start_cue for s in states[60:]} == {None}
    assert [s.armed for s in states].index(True) == pytest.approx(75, abs=2)


def test_leaving_the_pose_that_belongs_to_the_exercise_disarms_at_once_and_a_twitch_does_not():
    spec = make_spec(start_rules=(BENT,), start_knee_flexion_deg=(0.0, 180.0))
    for away_s, armed in ((0.3, True), (1.0, False)):
        poses = [
            build_pose(p.time_s, STANDING, STANDING) if 2 <= p.time_s < 2 + away_s else p
            for p in film(clock(2 + away_s + 0.1, 30))
        ]
        states, _ = run(poses, spec)
        assert states[-1].armed is armed


def test_an_exercise_on_one_leg_counts_for_the_leg_that_stands():
    spec = make_spec(working="standing", start_knee_flexion_deg=(0.0, 180.0))
    spec = replace(
        spec,
        measure="raised_knee_offset",
        phases=tuple(replace(p, on=p.on / 100, off=p.off / 100) for p in spec.phases),
    )
    for standing, raised in (("left", "right"), ("right", "left")):
        poses = [
            build_pose(float(t), **{standing: STANDING, raised: Leg(adduction=float(r))})
            for t, r in zip(TIMES, SWING, strict=True)
        ]
        states, events = run(poses, spec)
        assert [r.side for r in reps_of(events)] == [standing] * 3
        assert states[-1].working == (standing,)


def test_a_hold_in_any_phase_is_one_for_each_way():
    spec = make_spec(phases=[IN, OUT], hold=("working", 2.0, 0.3), max_s=30.0, working="both")
    movements = plan([35, -35], half_s=1.0, stay_s=3.0)
    times_s = clock(movements[-1].end_s + 2, 30)
    _, events = run(film(times_s, follow(movements, times_s)), spec)
    holds = [e for e in events if isinstance(e, Hold) and e.side == "left"]
    assert [h.completed for h in holds] == [True, True]
    assert [h.held_s for h in holds] == pytest.approx([3.2, 3.2], abs=0.4)
