"""Reps counted and timed on movements with known starts, peaks and ends."""

from itertools import pairwise

import numpy as np
import pytest
from bodies import Movement, clock, follow, plan
from hypothesis import example, given, settings
from hypothesis import strategies as st
from simple_specs import IN, OUT, make_spec

from coach.exercise.excursion import Sample
from coach.exercise.machine import LegMachine
from coach.exercise.spec import PhaseSpec

FPS = (5, 10, 15, 30, 60, 120)


def count(changes, times_s, spec=None, noise=0.0):
    """All reps that a leg completes; a NaN change is a frame in which it was not seen."""
    machine = LegMachine(spec or make_spec(), "left")
    machine.reset(noise)
    return [
        rep
        for t, change in zip(times_s, changes, strict=True)
        for rep in machine.update(Sample(float(t), float(change), float(change), 4.0))
    ]


def count_plan(movements, fps=30, spec=None, tail_s=2.0):
    times_s = clock(movements[-1].end_s + tail_s, fps)
    return count(follow(movements, times_s), times_s, spec)


@given(
    levels=st.lists(st.floats(22, 60), min_size=1, max_size=6),
    half_s=st.floats(0.6, 4),
    stay_s=st.floats(0.3, 2),
    rest_s=st.floats(0.2, 3),
    fps=st.sampled_from([10, 15, 30]),
)
@settings(max_examples=30, deadline=None)
def test_n_movements_are_n_reps(levels, half_s, stay_s, rest_s, fps):
    movements = plan(levels, half_s=half_s, stay_s=stay_s, rest_s=rest_s)
    reps = count_plan(movements, fps)
    assert len(reps) == len(movements)
    for rep, movement in zip(reps, movements, strict=True):
        assert rep.side == "left"
        assert rep.peak_deg == pytest.approx(movement.level, rel=0.05)
        assert rep.peak_sd_deg == 4.0
        assert rep.start_s <= rep.peak_s <= rep.end_s


@pytest.mark.parametrize("fps", FPS)
@pytest.mark.parametrize("half_s", [0.6, 1.0, 2.0, 4.0])
def test_start_peak_and_end_are_found_within_three_tenths_of_a_second(half_s, fps):
    movements = plan([35, 30, 38], half_s=half_s)
    reps = count_plan(movements, fps)
    assert [r.valid for r in reps] == [True] * 3
    for rep, movement in zip(reps, movements, strict=True):
        assert rep.start_s == pytest.approx(movement.start_s, abs=0.3)
        assert rep.peak_s == pytest.approx(movement.peak_s, abs=0.3)
        assert rep.end_s == pytest.approx(movement.end_s, abs=0.3)


@pytest.mark.parametrize("half_s", [1.0, 3.0])
def test_times_hold_for_movements_of_another_shape(half_s):
    """Cosine ramps, and the count comes no later than half a second after the end."""
    times_s = clock(12, 30)
    phase = np.clip((times_s - 2) / half_s, 0, 2)
    changes = 17.5 * (1 - np.cos(np.pi * phase))
    [rep] = count(changes, times_s)
    assert rep.start_s == pytest.approx(2, abs=0.3)
    assert rep.end_s == pytest.approx(2 + 2 * half_s, abs=0.3)
    [early] = count(changes[times_s < 2.5 + 2 * half_s], times_s[times_s < 2.5 + 2 * half_s])
    assert early == rep


@pytest.mark.parametrize("noise", [0.3, 0.7])
@pytest.mark.parametrize("seed", range(3))
def test_noise_neither_adds_nor_removes_a_rep(noise, seed):
    movements = plan([35, 25, 40, 30], half_s=1.2)
    times_s = clock(movements[-1].end_s + 3, 30)
    changes = follow(movements, times_s) + np.random.default_rng(seed).normal(0, noise, len(times_s))
    reps = count(changes, times_s, noise=noise)
    assert [r.valid for r in reps] == [True] * 4
    for rep, movement in zip(reps, movements, strict=True):
        assert rep.start_s == pytest.approx(movement.start_s, abs=0.3)
        assert rep.end_s == pytest.approx(movement.end_s, abs=0.3)


@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_nothing_is_counted_at_rest_with_as_much_noise_as_set_up_lets_pass(noise):
    times_s = clock(120, 30)
    changes = np.random.default_rng(0).normal(0, noise, len(times_s))
    assert count(changes, times_s, noise=noise) == []


def test_thresholds_within_the_noise_at_rest_are_raised_above_it():
    fine = make_spec(
        phases=[PhaseSpec("in", "increase", on=3.0, off=1.5, min_s=0.1)], min_s=0.1, min_half_s=0.0
    )
    times_s = clock(60, 30)
    slow_noise = 4 * np.sin(2 * np.pi * 0.7 * times_s)
    assert len(count(slow_noise, times_s, fine)) > 10
    assert count(slow_noise, times_s, fine, noise=2.0) == []
    movements = plan([20, 25])
    times_s = clock(movements[-1].end_s + 2, 30)
    assert len(count(follow(movements, times_s), times_s, fine, noise=2.0)) == 2


def test_oscillating_about_the_on_threshold_counts_nothing_before_the_return():
    times_s = clock(20, 30)
    changes = np.where(times_s < 2, 0, 15 + 1.5 * np.sin(2 * np.pi * 0.8 * times_s))
    assert count(changes, times_s) == []
    back = np.where(times_s < 18, changes, 0)
    assert len(count(back, times_s)) == 1


def test_oscillating_about_the_off_threshold_counts_nothing():
    times_s = clock(20, 30)
    assert count(8 + 2 * np.sin(2 * np.pi * 0.7 * times_s), times_s) == []


def test_a_spike_of_a_few_frames_is_no_rep_not_even_a_partial_one():
    times_s = clock(6, 30)
    for length_s in (0.05, 0.1):
        changes = np.where((times_s > 2) & (times_s < 2 + length_s), 30.0, 0.0)
        assert changes.any()
        assert count(changes, times_s) == []


@given(level=st.floats(11.5, 14.8))
@settings(max_examples=20, deadline=None)
def test_a_movement_short_of_on_is_reported_as_an_invalid_rep_out_of_range(level):
    [rep] = count_plan(plan([level]))
    assert not rep.valid
    assert "range" in rep.faults


@given(level=st.floats(0, 11))
@settings(max_examples=20, deadline=None)
def test_fidgeting_is_not_reported_at_all(level):
    assert count_plan(plan([level, -level])) == []


def test_a_rep_far_smaller_than_the_persons_own_is_out_of_range():
    reps = count_plan(plan([40, 42, 38, 18, 40]))
    assert [r.valid for r in reps] == [True, True, True, False, True]
    assert reps[3].faults == ("range",)


def test_a_first_small_rep_is_not_judged_by_later_ones():
    assert [r.valid for r in count_plan(plan([20, 40, 40]))] == [True] * 3


def test_reps_without_rest_or_without_full_return_are_separate():
    """Going again at once, from where the leg is."""
    times_s = clock(12, 30)
    for lowest in (0.0, 4.0, 7.0):
        swing = np.where(
            (times_s > 1) & (times_s < 9),
            0.5 * (35 - lowest) * (1 - np.cos(np.pi * (times_s - 1))) + lowest,
            0,
        )
        reps = count(swing, times_s)
        assert [r.valid for r in reps] == [True] * 4
        assert all(a.end_s <= b.start_s + 0.05 for a, b in pairwise(reps))


def test_a_hesitation_above_off_does_not_split_a_rep():
    times_s = clock(10, 30)
    changes = np.interp(times_s, [0, 2, 3, 4, 5, 6, 7, 10], [0, 0, 35, 12, 30, 30, 0, 0])
    [rep] = count(changes, times_s)
    assert rep.valid


def test_movement_the_other_way_counts_nothing():
    assert count_plan(plan([-35, -30])) == []


def test_direction_decrease_counts_movements_downwards():
    assert [round(r.peak_deg) for r in count_plan(plan([-35, -30]), spec=make_spec(phases=[OUT]))] == [
        -35,
        -30,
    ]


@pytest.mark.parametrize("gap_s", [0.2, 0.5, 0.6])
@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_short_dropout_anywhere_in_a_rep_is_bridged(gap_s, place):
    [movement] = plan([35], half_s=2.0)
    times_s = clock(movement.end_s + 2, 30)
    changes = follow([movement], times_s)
    middle_s = movement.start_s + place * (movement.end_s - movement.start_s)
    changes[np.abs(times_s - middle_s) < gap_s / 2] = np.nan
    [rep] = count(changes, times_s)
    assert rep.valid
    assert rep.start_s == pytest.approx(movement.start_s, abs=0.5)
    assert rep.end_s == pytest.approx(movement.end_s, abs=0.5)


@pytest.mark.parametrize("gap_s", [0.9, 2.0])
@pytest.mark.parametrize("frames", ["missing", "absent"])
@pytest.mark.parametrize("place", [0.25, 0.5, 0.75])
def test_a_longer_dropout_abandons_the_rep_and_the_next_one_counts(gap_s, frames, place):
    first, second = plan([35, 30], half_s=2.0)
    times_s = clock(second.end_s + 2, 30)
    changes = follow([first, second], times_s)
    middle_s = first.start_s + place * (first.end_s - first.start_s)
    lost = np.abs(times_s - middle_s) < gap_s / 2
    if frames == "missing":
        changes[lost] = np.nan
    else:
        times_s, changes = times_s[~lost], changes[~lost]
    [rep] = count(changes, times_s)
    assert rep.peak_deg == pytest.approx(30, abs=2)


def test_too_fast_is_called_tempo_and_still_counts():
    fast = plan([35], half_s=0.35, stay_s=0.2)
    [rep] = count_plan(fast, 60)
    assert rep.valid
    assert rep.faults == ("tempo",)


def test_faster_than_any_leg_does_not_count():
    slip = plan([35], half_s=0.12, stay_s=0.25)
    [rep] = count_plan(slip, 60)
    assert not rep.valid
    assert rep.faults == ("tempo",)


@pytest.mark.parametrize(("out_s", "back_s"), [(0.3, 2.0), (2.0, 0.3)])
def test_one_hasty_half_is_enough_for_tempo(out_s, back_s):
    [rep] = count_plan([Movement(2.0, 35.0, out_s, 0.5, back_s)], 60)
    assert rep.faults == ("tempo",)


def test_a_drift_that_never_comes_back_counts_nothing_and_is_called_stuck():
    machine = LegMachine(make_spec(), "left")
    times_s = clock(60, 30)
    for t in times_s:
        assert machine.update(Sample(float(t), 0.4 * float(t), 0.0, 4.0)) == []
    assert machine.stuck_since_s == pytest.approx(18, abs=3)


def test_an_excursion_within_the_time_of_a_rep_is_not_stuck():
    machine = LegMachine(make_spec(), "left")
    for t in clock(12, 30):
        machine.update(Sample(float(t), 0.0 if t < 2 else 30.0, 30.0, 4.0))
    assert np.isnan(machine.stuck_since_s)
    assert machine.moving
    assert machine.phase == "in"


def test_reps_on_a_slowly_drifting_baseline_are_all_counted():
    movements = plan([35] * 6)
    times_s = clock(movements[-1].end_s + 2, 30)
    drifting = follow(movements, times_s) + 5 * times_s / times_s[-1]
    assert [r.valid for r in count(drifting, times_s)] == [True] * 6


def test_phases_go_from_ready_through_moving_to_the_specs_own_and_back():
    machine = LegMachine(make_spec(), "left")
    [movement] = plan([35])
    times_s = clock(movement.end_s + 1, 30)
    seen = []
    for t, change in zip(times_s, follow([movement], times_s), strict=True):
        machine.update(Sample(float(t), float(change), 0.0, 4.0))
        if not seen or seen[-1] != machine.phase:
            seen.append(machine.phase)
    assert seen == ["ready", "moving", "in", "moving", "ready"]


# --- cycles of two phases ---------------------------------------------------------------------------------

BOTH = make_spec(phases=[IN, OUT], max_s=20.0)


def two_way(levels, rest_s=0.0, **timing):
    return plan(levels, rest_s=rest_s, **timing)


@pytest.mark.parametrize("rest_s", [0.0, 1.0])
@pytest.mark.parametrize("first", ["in", "out"])
@pytest.mark.parametrize("fps", [10, 30])
def test_a_cycle_of_two_phases_is_one_rep_whichever_comes_first(rest_s, first, fps):
    levels = [35, -30] * 3 if first == "in" else [-30, 35] * 3
    movements = two_way(levels, rest_s)
    reps = count_plan(movements, fps, BOTH)
    assert [r.valid for r in reps] == [True] * 3
    for i, rep in enumerate(reps):
        assert rep.start_s == pytest.approx(movements[2 * i].start_s, abs=0.3)
        assert rep.end_s == pytest.approx(movements[2 * i + 1].end_s, abs=0.3)
        assert rep.peak_deg == pytest.approx(levels[0], abs=2)


def test_the_same_phase_twice_leaves_the_first_as_a_partial_rep():
    reps = count_plan(two_way([35, 35, -30], rest_s=1.0), spec=BOTH)
    assert [(r.valid, "range" in r.faults) for r in reps] == [(False, True), (True, False)]


def test_a_cycle_that_falls_short_both_ways_is_one_partial_rep_and_does_not_shift_the_next():
    on_in, on_out = IN.on, OUT.on
    movements = two_way([35, -30, 0.9 * on_in, -1.1 * on_out, 35, -30], rest_s=1.0)
    reps = count_plan(movements, spec=BOTH)
    assert [(r.valid, "range" in r.faults) for r in reps] == [(True, False), (False, True), (True, False)]
    assert reps[2].start_s == pytest.approx(movements[4].start_s, abs=0.3)
    assert reps[2].end_s == pytest.approx(movements[5].end_s, abs=0.3)


@pytest.mark.parametrize("first", [1.0, -1.0])
@pytest.mark.parametrize("missed", [None, 0.5 * IN.on])
def test_a_half_whose_first_half_was_missed_or_too_small_is_partial_and_does_not_shift_the_next(
    first, missed
):
    halves = [35, -30, *([missed] if missed else []), -30, 35, -30]
    movements = two_way([first * level for level in halves], rest_s=1.0)
    reps = count_plan(movements, spec=BOTH)
    assert [(r.valid, "range" in r.faults) for r in reps] == [(True, False), (False, True), (True, False)]
    assert reps[1].start_s == pytest.approx(movements[-3].start_s, abs=0.3)
    assert reps[2].start_s == pytest.approx(movements[-2].start_s, abs=0.3)


def slip(half, left):
    """Two cycles, and all reps counted where tracking slips to `left` of the peak in a half of the second."""
    movements = two_way([35, -30, 35, -30], stay_s=1.5)
    times_s = clock(movements[-1].end_s + 2, 12)
    changes = follow(movements, times_s)
    changes[np.abs(times_s - movements[2 if half == "in" else 3].peak_s) < 0.2] *= left
    return movements, count(changes, times_s, BOTH)


@pytest.mark.parametrize(("half", "left"), [("in", 0.1), ("in", -0.05), ("in", -0.3), ("out", 0.1)])
def test_tracking_that_slips_at_the_peak_of_a_half_does_not_make_two_of_it(half, left):
    movements, reps = slip(half, left)
    assert [r.valid for r in reps] == [True, True]
    assert reps[1].start_s == pytest.approx(movements[2].start_s, abs=0.3)
    assert reps[1].end_s == pytest.approx(movements[3].end_s, abs=0.3)


def test_what_goes_on_after_a_slip_through_the_start_pose_is_not_reported_once_more():
    _, reps = slip("out", -0.3)
    assert len(reps) == 2


def test_who_takes_up_the_start_pose_again_goes_on_in_the_same_order():
    machine, reps = LegMachine(BOTH, "left"), []
    for movements in (two_way([35, -30]), two_way([-30, 35, -30], rest_s=1.0)):
        machine.reset()
        times_s = clock(movements[-1].end_s + 2, 30) + 100.0 * len(reps)
        for t, change in zip(times_s, follow(movements, times_s - times_s[0]), strict=True):
            reps += machine.update(Sample(float(t), float(change), float(change), 4.0))
    assert [r.valid for r in reps] == [True, False, True]


@pytest.mark.parametrize("first", [1.0, -1.0])
@pytest.mark.parametrize(
    ("short", "other", "whole"), [(0.85, 1.3, True), (0.85, 1.05, False), (0.9, 0.98, False), (0.6, 3, False)]
)
def test_what_one_half_of_a_cycle_lacks_the_other_may_make_up(short, other, whole, first):
    """As where the start pose does not lie midway between both."""
    levels = [first * short * IN.on, -first * other * OUT.on]
    for halves in (levels, levels[::-1]):
        reps = count_plan(two_way(halves, rest_s=1.0), spec=BOTH)
        assert [rep.valid for rep in reps if rep.valid] == [True] * whole


@pytest.mark.parametrize(("place", "wobble"), [(1, -0.9 * OUT.on), (3, -0.9 * OUT.on), (2, 0.9 * IN.on)])
def test_a_wobble_between_the_halves_of_a_cycle_or_after_them_is_no_half(place, wobble):
    levels = [60, -50, 60, -50]
    levels.insert(place, wobble)
    reps = count_plan(two_way(levels, rest_s=1.0), spec=BOTH)
    assert [r.valid for r in reps] == [True, True]


@pytest.mark.parametrize("fault", [None, "trunk-leans"])
def test_half_of_what_one_does_otherwise_is_partial_with_a_fault_as_without(fault):
    movements = plan([50, 50, 26], half_s=1.0, rest_s=1.0)
    machine, reps = LegMachine(make_spec(), "left"), []
    machine.reset()
    times_s = clock(movements[-1].end_s + 2, 30)
    for t, change in zip(times_s, follow(movements, times_s), strict=True):
        reps += machine.update(Sample(float(t), float(change), float(change), 4.0))
        if fault and t > movements[-1].start_s:
            machine.note_fault(fault)
    assert [r.valid for r in reps] == [True, True, False]


def test_half_a_cycle_expires_as_a_partial_rep():
    reps = count_plan(two_way([35], rest_s=1.0), spec=BOTH, tail_s=25)
    assert [(r.valid, r.faults) for r in reps] == [(False, ("range",))]


def test_half_a_cycle_before_a_loss_of_sight_is_forgotten():
    movements = two_way([35, -30], rest_s=4.0)
    times_s = clock(movements[-1].end_s + 2, 30)
    changes = follow(movements, times_s)
    changes[(times_s > movements[0].end_s + 1) & (times_s < movements[1].start_s - 1)] = np.nan
    reps = count(changes, times_s, BOTH)
    assert [r for r in reps if r.valid] == []


def test_a_swing_through_the_middle_at_speed_is_not_too_fast():
    """In and out without stopping: only the outer halves have a start and an end to be timed by."""
    times_s = clock(16, 30)
    inside = (times_s > 2) & (times_s < 12)
    changes = np.where(inside, 30 * np.sin(2 * np.pi * 0.2 * (times_s - 2)), 0)
    reps = count(changes, times_s, BOTH)
    assert [(r.valid, r.faults) for r in reps] == [(True, ()), (True, ())]


def test_a_leg_on_the_other_side_of_the_start_pose_has_come_back():
    """It is out of sight afterwards, for longer than can be bridged: the rep is done all the same."""
    times_s = clock(9.0, 10)
    changes = np.interp(times_s, [0, 1, 2, 3, 4.0, 4.2], [0, 0, 40, 40, 5, -12])
    changes[(times_s > 4.25) & (times_s < 7)] = np.nan
    assert [rep.valid for rep in count(changes, times_s)] == [True]


# --- faults and withheld rotation -------------------------------------------------------------------------


def test_faults_noted_during_a_rep_stick_to_it_and_to_no_other():
    machine = LegMachine(make_spec(), "left")
    movements = plan([35, 35])
    reps = []
    for t in clock(movements[-1].end_s + 2, 30):
        reps += machine.update(Sample(float(t), float(follow(movements, t)), 0.0, 4.0))
        if t < 1 or abs(t - movements[0].peak_s) < 0.5:
            machine.note_fault("lean")
    assert [(r.valid, r.faults) for r in reps] == [(True, ("lean",)), (True, ())]


def test_rotation_withheld_at_the_peak_is_nan_and_the_rep_still_counts():
    movements = plan([35])
    machine = LegMachine(make_spec(), "right")
    reps = []
    for t in clock(movements[-1].end_s + 2, 30):
        reps += machine.update(Sample(float(t), float(follow(movements, t)), float("nan"), float("nan")))
    [rep] = reps
    assert rep.valid
    assert np.isnan(rep.peak_deg)
    assert np.isnan(rep.peak_sd_deg)


def test_reset_forgets_the_movement_under_way():
    machine = LegMachine(make_spec(), "left")
    for t in clock(3, 30):
        machine.update(Sample(float(t), 30.0 if t > 1 else 0.0, 0.0, 4.0))
    assert machine.moving
    machine.reset()
    assert not machine.moving
    assert machine.phase == "ready"
    assert machine.update(Sample(3.0, 0.0, 0.0, 4.0)) == []


def test_footage_that_ends_just_before_the_leg_is_back_still_counts_the_rep():
    assert [rep.valid for rep in finish_plan(cut_s=3.6)] == [True]


def test_footage_that_ends_half_way_back_leaves_a_partial_rep():
    reps = finish_plan(cut_s=2.6)
    assert [(rep.valid, rep.faults) for rep in reps] == [(False, ("range",))]


def test_footage_that_ends_at_rest_leaves_nothing_to_report():
    assert finish_plan(cut_s=0.9) == []


def finish_plan(cut_s):
    """Turn in from second 1 to 2, and back from 2.5 to 4; the footage ends at `cut_s`."""
    machine = LegMachine(make_spec(), "left")
    reps = []
    for time_s in np.arange(0.0, cut_s, 1 / 30):
        out, back = np.clip(time_s - 1.0, 0.0, 1.0), np.clip((time_s - 2.5) / 1.5, 0.0, 1.0)
        change = 15.0 * (np.cos(np.pi * back) - np.cos(np.pi * out))
        reps += machine.update(Sample(float(time_s), float(change), 10.0, 3.0))
    return reps + machine.finish()


def test_a_leg_that_may_be_anywhere_counts_only_from_the_start_pose_on():
    """It is first seen at the peak: what is left of that movement is none."""
    movements = plan([35, 30], first_s=-1.0)
    times_s = clock(movements[-1].end_s + 2, 30)
    machine = LegMachine(make_spec(), "left")
    machine.reset(at_rest=False)
    samples = zip(times_s, follow(movements, times_s), strict=True)
    reps = [r for t, change in samples for r in machine.update(Sample(float(t), float(change), 0.0, 4.0))]
    assert [r.valid for r in reps] == [True]
    assert reps[0].start_s == pytest.approx(movements[1].start_s, abs=0.3)


@pytest.mark.parametrize(("rest", "ended"), [(0.3, True), (0.5, False)])
def test_a_leg_that_rests_far_below_its_peak_has_finished_though_not_where_it_began(rest, ended):
    times_s = clock(10.0, 30)
    changes = np.interp(times_s, [0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 40, 40, 0, 0, 40, 40, 40 * rest])
    assert [r.valid for r in count(changes, times_s)] == [True] * (1 + ended)


def test_a_phase_that_is_held_may_be_held_far_below_its_peak():
    times_s = clock(10.0, 30)
    changes = np.interp(times_s, [0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 40, 40, 0, 0, 40, 40, 12])
    assert len(count(changes, times_s, make_spec(hold=("in", 4.0, 0.3), max_s=30.0))) == 1


@given(thrown=st.lists(st.floats(-50, 50), min_size=4, max_size=16))
@example(thrown=[25.0, -50.0, -8.0, 4.0, -39.0, -16.0, -20.0, -19.0])
@settings(max_examples=60, deadline=None)
def test_however_a_leg_is_thrown_about_no_rep_ends_before_it_begins(thrown):
    machine = LegMachine(BOTH, "left", trails_s=0.2)
    machine.reset()
    samples = [Sample(i / 10, x, x, 4.0) for i, x in enumerate([*[0.0] * 10, *thrown, *[0.0] * 10])]
    reps = [rep for sample in samples for rep in machine.update(sample)] + machine.finish()
    assert all(rep.start_s <= min(rep.peak_s, rep.end_s) for rep in reps)
