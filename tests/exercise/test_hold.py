"""Holds timed on known stretches in and out of the phase."""

import math

import numpy as np
import pytest
from bodies import Movement, clock

from coach.exercise.hold import GIVE_UP_S, HoldClock
from coach.exercise.spec import HoldSpec

SPEC = HoldSpec(phase="in", target_s=5.0, settle_s=0.3)


def run(stretches, *, fps=30.0, bridge_s=0.7, finish=True):
    """`stretches` are (until_s, True | False | None); returns the clock and the holds that ended."""
    hold_clock = HoldClock(SPEC, "right", bridge_s)
    holds = []
    for t in clock(stretches[-1][0], fps):
        in_phase = next(state for until_s, state in stretches if t < until_s)
        level = None if in_phase is None else 30.0 * in_phase
        holds += hold_clock.update(float(t), level, in_phase=bool(in_phase))
    return hold_clock, holds + (hold_clock.finish() if finish else [])


@pytest.mark.parametrize("fps", [5, 15, 30, 120])
def test_a_hold_starts_on_arrival_and_its_length_is_right(fps):
    _, [hold] = run([(2.0, False), (9.0, True), (13.0, False)], fps=fps)
    frame_s = 1 / fps
    assert hold.side == "right"
    assert hold.start_s == pytest.approx(2.0, abs=frame_s + 1e-9)
    assert hold.end_s == pytest.approx(9.0, abs=frame_s + 1e-9)
    assert hold.held_s == pytest.approx(7.0, abs=max(0.05, 2 * frame_s))
    assert hold.target_s == 5.0
    assert hold.completed


@pytest.mark.parametrize(("held_s", "completed"), [(4.9, False), (5.1, True)])
def test_completed_means_that_the_target_was_reached(held_s, completed):
    _, [hold] = run([(1.0, False), (1.0 + held_s, True), (6 + held_s, False)], fps=120)
    assert hold.held_s == pytest.approx(held_s, abs=0.05)
    assert hold.completed is completed


def test_a_slip_pauses_and_never_resets():
    _, [hold] = run([(1, False), (4.3, True), (6, False), (8, True), (12, False)], fps=60)
    assert hold.held_s == pytest.approx(3.3 + 2.0, abs=0.06)
    assert hold.start_s == pytest.approx(1.0, abs=0.04)
    assert hold.end_s == pytest.approx(8.0, abs=0.04)
    assert hold.held_s < hold.end_s - hold.start_s


def test_time_held_is_shown_while_it_runs_and_stands_still_in_a_pause():
    hold_clock, holds = run([(1, False), (3.3, True), (4.3, False)], finish=False)
    assert holds == []
    assert hold_clock.held_s == pytest.approx(2.3, abs=0.07)
    assert len(hold_clock.finish()) == 1
    assert hold_clock.held_s == 0.0
    assert hold_clock.finish() == []


@pytest.mark.parametrize("gap_s", [0.3, 0.6])
def test_a_short_gap_in_sight_is_bridged(gap_s):
    _, [hold] = run([(1, False), (3, True), (3 + gap_s, None), (6.3, True), (10, False)])
    assert hold.held_s == pytest.approx(5.3, abs=0.07)


def test_a_longer_gap_in_sight_pauses():
    _, [hold] = run([(1, False), (3, True), (4.5, None), (6.3, True), (10, False)], fps=60)
    assert hold.held_s == pytest.approx(5.3 - 1.5, abs=0.06)


def test_a_gap_that_ends_out_of_the_phase_is_not_counted():
    _, [hold] = run([(1, False), (3.3, True), (3.8, None), (8, False)])
    assert hold.held_s == pytest.approx(2.3, abs=0.07)
    assert hold.end_s == pytest.approx(3.3, abs=0.05)


@pytest.mark.parametrize("state", [False, None])
def test_it_gives_up_after_three_seconds_out_of_the_phase_or_sight(state):
    assert GIVE_UP_S == 3.0
    _, holds = run([(1, False), (3.3, True), (3.3 + 2.9, state)], finish=False)
    assert holds == []
    _, holds = run([(1, False), (3.3, True), (3.3 + 3.2, state)], finish=False)
    assert len(holds) == 1
    _, holds = run([(1, False), (3.3, True), (8, state), (10, True), (14, False)], finish=False)
    assert [h.held_s for h in holds] == pytest.approx([2.3, 2.0], abs=0.07)


def test_touching_the_phase_for_less_than_the_settling_time_is_no_hold():
    _, holds = run([(1, False), (1.25, True), (3, False), (3.25, True), (6, False)])
    assert holds == []


def test_settling_does_not_go_on_out_of_sight():
    hold_clock, _ = run([(1, False), (1.1, True), (3.0, None), (3.2, True)], finish=False)
    assert hold_clock.held_s == 0.0
    assert hold_clock.finish() == []


def test_nothing_was_held_when_nothing_was_seen():
    _, holds = run([(5, None)])
    assert holds == []


@pytest.mark.parametrize(("shape", "off_s"), [("limb", 0.1), ("machine", 0.2)])
def test_the_way_in_and_out_is_taken_off_again(shape, off_s):
    """Out from second 1 to 2, in the hold until 7, back at 8: on from 40 % of the way.

    A limb slows down as it arrives, a machine stops dead; the clock knows limbs better.
    """
    hold_clock, holds = HoldClock(SPEC, "right", 0.7), []
    limb = Movement(1.0, 30.0, 1.0, 5.0, 1.0)
    for t in clock(12, 30):
        machine = 30.0 * min(1.0, max(0.0, t - 1.0), max(0.0, 8.0 - t))
        level = float(limb.at(t)) if shape == "limb" else machine
        holds += hold_clock.update(float(t), level, in_phase=level >= 12.0)
    [hold] = holds
    assert hold.held_s == pytest.approx(5.0, abs=2 * off_s)
    assert hold.start_s == pytest.approx(2.0, abs=off_s)
    assert hold.end_s == pytest.approx(7.0, abs=off_s)
    assert hold.completed


@pytest.mark.parametrize("fps", [10, 30])
@pytest.mark.parametrize("level", [30.0, -30.0])
@pytest.mark.parametrize("way_s", [0.6, 1.5, 3.0])
def test_however_slow_the_way_in_and_out_it_is_not_held(way_s, level, fps):
    hold_clock, holds = HoldClock(SPEC, "right", 0.7), []
    limb = Movement(1.0, level, way_s, 5.0, way_s)
    for t in clock(limb.end_s + 4.0, fps):
        change = float(limb.at(t))
        holds += hold_clock.update(float(t), change, in_phase=abs(change) >= 12.0)
    [hold] = holds
    assert hold.held_s == pytest.approx(5.0, abs=0.15)
    assert hold.start_s == pytest.approx(1.0 + way_s, abs=0.1)


def test_the_clock_does_not_run_while_the_leg_is_still_on_its_way_out():
    hold_clock = HoldClock(SPEC, "right", 0.7)
    for t in clock(1.5, 30):
        hold_clock.update(float(t), 12.0 + 25.0 * t, in_phase=True)
    assert hold_clock.held_s == 0.0


@pytest.mark.parametrize("frame_s", [0.02, 0.04, 0.095, 0.099, 0.1, 0.101, 0.13])
def test_a_leg_settles_in_the_settling_time_however_the_frames_lie_in_it(frame_s):
    """It moves by 10.5 % in 0.3 s, which is little, and would by 13.8 % in 0.4 s, which is not."""
    hold_clock = HoldClock(SPEC, "right", 0.7)
    times_s = [frame_s * i for i in range(20)]
    held_s = []
    for t in times_s:
        hold_clock.update(t, 20.0 * math.exp(0.37 * t), in_phase=True)
        held_s.append(hold_clock.held_s)
    arrived = next(i for i, held in enumerate(held_s) if held > 0.0)
    assert SPEC.settle_s - 0.01 <= times_s[arrived] < SPEC.settle_s + frame_s
    assert held_s[arrived] == pytest.approx(SPEC.settle_s)


def test_a_leg_that_sinks_and_rises_again_in_a_hold_was_in_it_from_the_beginning():
    """Where it came into its phase at once, there is no way in: the later rises are none."""
    hold_clock, holds = HoldClock(SPEC, "right", 0.7), []
    for t in clock(14, 10):
        level = np.interp(t, [2.0, 2.5, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0], [16, 11, 11, 9, 12, 9, 7, 9])
        holds += hold_clock.update(float(t), float(level), in_phase=2.0 <= t < 9.0)
    [hold] = holds
    assert hold.start_s == pytest.approx(2.0, abs=0.11)
    assert hold.end_s == pytest.approx(9.0, abs=0.11)
    assert hold.held_s == pytest.approx(7.0, abs=0.21)
