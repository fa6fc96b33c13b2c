"""Arithmetic on values of which some are missing."""

from math import isnan, nan

import pytest

from coach.exercise.series import find_rises_s, median_seen, only_seen


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
