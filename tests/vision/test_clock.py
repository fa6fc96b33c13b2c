"""Repairing times, and judging what a file turned out to hold."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.body.pose import SourceFacts
from coach.vision.clock import Account, SteadyClock


def run(times: list[float], interval_s: float = 0.1) -> tuple[list[float], SteadyClock]:
    clock = SteadyClock(interval_s)
    return [clock.update(t) for t in times], clock


def test_good_times_are_untouched() -> None:
    times = [0.0, 0.01, 0.5, 0.51, 90.0]
    assert run(times)[0] == times


def test_a_late_start_is_kept() -> None:
    assert run([7.5, 7.6])[0] == [7.5, 7.6]


def test_a_repeat_is_put_between_its_neighbours() -> None:
    times, clock = run([0.0, 0.1, 0.1, 0.2])
    assert times == pytest.approx([0.0, 0.1, 0.15, 0.2])
    assert clock.repaired == 1


def test_one_stray_time_does_not_shift_the_rest() -> None:
    times, _ = run([1.9, 2.4, 2.0, 2.5, 2.6])
    assert times == pytest.approx([1.9, 2.4, 2.45, 2.5, 2.6])


def test_a_clock_that_starts_anew_goes_on_at_its_own_pace() -> None:
    first = [i / 10 for i in range(20)]
    times, _ = run(first + first)
    assert np.diff(times[25:]) == pytest.approx(0.1)
    assert np.all(np.diff(times) > 0)


def test_unknown_times_follow_at_the_nominal_rate() -> None:
    times, clock = run([math.nan, math.nan, math.nan])
    assert times == pytest.approx([0.0, 0.1, 0.2])
    assert clock.repaired == 0


@given(st.lists(st.floats(-10, 1e5) | st.just(math.nan), max_size=50))
def test_times_always_increase(raw: list[float]) -> None:
    times, _ = run(raw)
    assert all(a < b for a, b in itertools.pairwise(times))


def account_for(times: list[float], claim: SourceFacts, damaged_before: tuple[float, ...] = ()) -> Account:
    account = Account(claim)
    for t in times:
        account.update(t, t in damaged_before)
    return account


CLAIM = SourceFacts("v.mp4", 10, 10, 10.0, 10, 1.0)


def test_facts_become_exact() -> None:
    facts = account_for([i / 10 for i in range(8)], CLAIM).facts()
    assert (facts.frame_count, facts.fps) == (8, 10.0)
    assert facts.duration_s == pytest.approx(0.8)


def test_a_wrong_rate_is_corrected() -> None:
    facts = account_for([i / 25 for i in range(10)], CLAIM).facts()
    assert facts.fps == pytest.approx(25)
    assert facts.duration_s == pytest.approx(0.4)


def test_nothing_read() -> None:
    account = account_for([], CLAIM)
    assert account.facts().frame_count == 0
    assert account.facts().duration_s == 0.0


def test_many_damaged_stretches_are_told_in_one_sentence() -> None:
    times = [i / 10 for i in range(9)]
    (warning,) = account_for(times, CLAIM, tuple(times[1:6])).warnings(0)
    assert warning == (
        "5 damaged stretches were skipped before 0.1 s, 0.2 s, 0.3 s, … (1 of 10 pictures missing). "
        "The rest was used."
    )


def test_repaired_times_are_told() -> None:
    assert "12 pictures had times" in account_for([i / 10 for i in range(10)], CLAIM).warnings(12)[0]
