"""One way out and back, of which start, end and size are known."""

from dataclasses import replace

import pytest
from bodies import clock, follow, plan
from simple_specs import IN, OUT

from coach.exercise.excursion import SETTLE_S, Excursion, Sample


def make_excursion(level=40.0, half_s=1.5):
    movement = plan([level], half_s=half_s)[0]
    times_s = clock(movement.end_s + 1, 30)
    changes = follow([movement], times_s)
    samples = [Sample(float(t), float(c), float(c), 4.0) for t, c in zip(times_s, changes, strict=True)]
    return movement, Excursion(IN if level > 0 else OUT, 1.0 if level > 0 else -1.0, samples)


@pytest.mark.parametrize("level", [40.0, -25.0])
@pytest.mark.parametrize("half_s", [0.6, 1.5, 4.0])
def test_start_and_end_are_those_of_the_movement_whichever_way_it_goes(level, half_s):
    movement, excursion = make_excursion(level, half_s)
    assert excursion.amplitude == pytest.approx(abs(level), rel=0.01)
    assert excursion.start_s == pytest.approx(movement.start_s, abs=0.1 + 0.05 * half_s)
    assert excursion.end_s == pytest.approx(movement.end_s, abs=0.1 + 0.05 * half_s)


@pytest.mark.parametrize("up", [-1.5, 1.5])
def test_a_slip_low_on_a_flank_hardly_moves_its_foot(up):
    movement, excursion = make_excursion()
    slipped = [replace(s, change=s.change + up) if 2.0 < s.change < 6.0 else s for s in excursion.samples]
    excursion = Excursion(IN, 1.0, slipped)
    assert excursion.start_s == pytest.approx(movement.start_s, abs=0.11)
    assert excursion.end_s == pytest.approx(movement.end_s, abs=0.11)


def test_samples_that_trail_are_put_back_to_when_the_leg_was_there():
    _, excursion = make_excursion()
    late = [replace(s, time_s=s.time_s + 0.2) for s in excursion.samples]
    trailing = Excursion(IN, 1.0, late, trails_s=0.2)
    assert trailing.start_s == pytest.approx(excursion.start_s)
    assert trailing.end_s == pytest.approx(excursion.end_s)


def test_a_spike_makes_the_amplitude_larger_but_not_the_level():
    _, excursion = make_excursion(40.0)
    peak = max(range(len(excursion.samples)), key=lambda i: excursion.samples[i].change)
    excursion.add(replace(excursion.samples[peak], change=80.0))
    assert excursion.amplitude == 80.0
    assert excursion.level == pytest.approx(40.0, abs=1.0)


def test_cut_where_the_next_one_begins_both_keep_the_sample():
    _, excursion = make_excursion()
    rest = excursion.cut_at(10)
    assert excursion.samples[-1] is rest[0]


@pytest.mark.parametrize("reached", [(True, False), (False, True), (False, False)])
def test_two_in_a_row_are_joined_to_one_from_the_first_start_to_the_last_end(reached):
    movement, whole = make_excursion(40.0)
    middle = len(whole.samples) // 2
    first, later = (
        Excursion(IN, 1.0, samples, reached=has)
        for samples, has in zip((whole.samples[: middle + 1], whole.samples[middle:]), reached, strict=True)
    )
    joined = first.join(later)
    assert joined.samples == whole.samples
    assert (joined.amplitude, joined.reached) == (whole.amplitude, any(reached))
    assert joined.end_s == pytest.approx(movement.end_s, abs=0.3)


def test_a_leg_stands_still_only_after_the_settling_time():
    movement, excursion = make_excursion()
    moving = Excursion(IN, 1.0, [s for s in excursion.samples if s.time_s <= movement.end_s])
    resting = Excursion(IN, 1.0, [s for s in excursion.samples if s.time_s <= movement.end_s + SETTLE_S])
    assert not moving.stands_still
    assert resting.stands_still
