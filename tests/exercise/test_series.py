"""Arithmetic on values of which some are missing."""

from math import isnan, nan

import pytest
from bodies import Movement, clock

from coach.exercise.series import find_rises_s, fit_way, median_seen, only_seen


def test_what_was_not_seen_is_left_out():
    assert only_seen([1.0, nan, 3.0]) == [1.0, 3.0]
    assert median_seen([nan, 4.0, 2.0, nan, 3.0]) == 3.0


def test_of_nothing_seen_there_is_no_median():
    assert isnan(median_seen([nan, nan]))
    assert isnan(median_seen([]))


def test_a_median_of_too_few_is_withheld():
    assert median_seen([nan, 4.0], 0.5) == 4.0
    assert isnan(median_seen([nan, nan, 4.0], 0.5))


def test_each_rise_to_a_level_is_found_between_its_points():
    points = [(0.0, 0.0), (1.0, 10.0), (2.0, 0.0), (4.0, 20.0)]
    assert find_rises_s(points, 5.0) == pytest.approx([0.5, 2.5])
    assert find_rises_s(points, 10.0) == pytest.approx([1.0, 3.0])
    assert find_rises_s(points, 30.0) == []


def test_points_in_reverse_tell_when_it_fell():
    assert find_rises_s([(4.0, 0.0), (2.0, 10.0), (0.0, 0.0)], 5.0) == pytest.approx([3.0])


def test_a_gap_in_sight_is_no_rise():
    assert find_rises_s([(0.0, 0.0), (1.0, nan), (2.0, 10.0)], 5.0) == []


SHARES = (0.2, 0.4, 0.6)
LIMB = Movement(1.0, 30.0, 1.5, 2.0, 3.0)  # out from second 1 to 2.5, back from 4.5 to 7.5


def see_limb(from_s, until_s):
    return [(float(t), 5.0 + float(LIMB.at(t))) for t in clock(until_s, 30, from_s)]


def test_a_way_begins_and_ends_where_nothing_is_to_be_seen_of_it_yet():
    assert fit_way(see_limb(0.0, 3.0), 5.0, 35.0, SHARES) == pytest.approx((1.0, 2.5), abs=0.02)
    assert fit_way(see_limb(4.0, 8.0)[::-1], 5.0, 35.0, SHARES) == pytest.approx((7.5, 4.5), abs=0.02)


def test_of_a_way_seen_from_its_lowest_level_on_it_is_known_all_the_same_but_not_from_higher_up():
    assert fit_way(see_limb(1.4, 3.0), 5.0, 35.0, SHARES) == pytest.approx((1.0, 2.5), abs=0.02)
    assert all(isnan(time_s) for time_s in fit_way(see_limb(1.8, 3.0), 5.0, 35.0, SHARES))
