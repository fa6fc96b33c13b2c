"""Spans between frames against limits: the same frame reaches a limit however the clock wavers a little."""

from math import nan

import numpy as np
import pytest

from coach.body.spans import CLOCK_S, lasts, outlasts

LIMITS_S = [0.2, 0.3, 0.4, 0.5, 0.6, 1.0, 3.0]


@pytest.mark.parametrize("limit_s", LIMITS_S)
@pytest.mark.parametrize("fps", [10, 15, 20, 24, 25, 30000 / 1001, 30, 50, 60])
def test_the_same_frame_reaches_a_limit_whenever_it_begins_and_in_whole_milliseconds(fps, limit_s):
    for reached in (lasts, outlasts):
        after = set()
        for first in range(200):
            for begin_s, digits in ((0.0, 9), (0.0, 3), (1000.123, 9), (1000.123, 3)):
                times_s = [round(begin_s + (first + i) / fps, digits) for i in range(int(fps * limit_s) + 3)]
                after.add(next(i for i, t in enumerate(times_s) if reached(t - times_s[0], limit_s)))
        assert len(after) == 1
        assert after.pop() == pytest.approx(limit_s * fps, abs=1.0 + 1e-9 + CLOCK_S * fps)


def test_a_span_of_just_the_limit_lasts_and_does_not_outlast():
    wavering = 0.3 + np.linspace(-0.009, 0.009, 7)
    assert all(lasts(s, 0.3) and not outlasts(s, 0.3) for s in wavering)
    assert not lasts(0.285, 0.3)
    assert outlasts(0.315, 0.3)


def test_what_is_not_known_reaches_nothing():
    assert not lasts(nan, 0.3)
    assert not outlasts(nan, 0.3)
