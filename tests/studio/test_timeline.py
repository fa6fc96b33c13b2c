import numpy as np
import pytest

from studio.timeline import Movement, Sway, Timeline


def test_a_movement_starts_peaks_holds_and_ends_when_it_says():
    timeline = Timeline([Movement(0.8, 1.0, 2.0, 1.5, 0.5)], lead_s=1.0, tail_s=0.5)
    (times,) = timeline.times
    assert (times.start_s, times.peak_start_s, times.peak_end_s, times.end_s) == (1.0, 2.0, 4.0, 5.5)
    assert timeline.duration_s == pytest.approx(6.5)
    assert timeline.level(0.5) == 0.0
    assert timeline.level(1.5) == pytest.approx(0.4)
    assert timeline.level(3.0) == pytest.approx(0.8)
    assert timeline.level(6.0) == pytest.approx(0.0)


def test_going_straight_on_ends_one_movement_where_the_next_begins():
    timeline = Timeline([Movement(1.0, 1.0, 0.5, 0.0), Movement(-1.0, 2.0, 0.5, 1.0)], lead_s=1.0)
    first, second = timeline.times
    assert first.end_s == second.start_s
    assert timeline.level(first.end_s) == pytest.approx(0.0, abs=0.02)
    assert timeline.level(second.peak_start_s) == pytest.approx(-1.0)


def test_the_last_movement_must_come_back():
    with pytest.raises(ValueError, match="come back to rest"):
        Timeline([Movement(1.0, back_s=0.0)])


def test_the_level_is_smooth():
    timeline = Timeline([Movement(1.0, 0.8, 0.3, 0.8), Movement(1.0, 1.2, 0.3, 0.8)])
    levels = [timeline.level(t) for t in np.arange(0, timeline.duration_s, 0.01)]
    assert np.abs(np.diff(levels)).max() < 0.03


def test_the_cycle_is_known_during_a_movement_only():
    timeline = Timeline([Movement(1.0, cycle=4)], lead_s=1.0)
    assert timeline.cycle_at(0.5) is None
    assert timeline.cycle_at(2.0) == 4


def test_sway_is_small_and_repeats_for_the_same_seed():
    a, b, c = Sway(1, 2.0), Sway(1, 2.0), Sway(2, 2.0)
    values = [a(3, t) for t in np.linspace(0, 60, 500)]
    assert values == [b(3, t) for t in np.linspace(0, 60, 500)]
    assert values != [c(3, t) for t in np.linspace(0, 60, 500)]
    assert 0.3 < np.abs(values).max() <= 2.0
