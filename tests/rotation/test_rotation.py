"""Verdicts against the 40-45 degree band."""

from math import isnan, nan

import pytest

from coach.rotation.rotation import REFERENCE_DEG, Rotation, compute_verdict


@pytest.mark.parametrize(
    ("value", "sd", "verdict"),
    [
        (30.0, 4.0, "below"),  # 30 + 7.84 < 40
        (32.0, 4.0, "below"),
        (33.0, 4.0, "cannot-tell"),  # 33 + 7.84 reaches into the band
        (55.0, 4.0, "above"),
        (52.5, 4.0, "cannot-tell"),
        (42.5, 0.0, "within"),
        (42.5, 3.8, "within"),  # 42.5 +- 7.45, no wider than 35..50
        (42.5, 3.9, "cannot-tell"),
        (40.0, 2.5, "within"),
        (40.0, 2.6, "cannot-tell"),
        (45.0, 2.5, "within"),
        (45.0, 2.6, "cannot-tell"),
        (42.5, 10.0, "cannot-tell"),
        (-20.0, 2.0, "below"),
        (39.9, 0.0, "below"),
        (45.1, 0.0, "above"),
        (nan, 4.0, "cannot-tell"),
        (42.0, nan, "cannot-tell"),
    ],
)
def test_verdict(value, sd, verdict):
    assert compute_verdict(value, sd) == verdict


def test_a_value_outside_the_band_is_never_called_within():
    """'within' means that the value lies in the band."""
    for tenths in range(300, 560):
        for sd in (0.5, 1.0, 2.0, 3.0):
            value = tenths / 10
            if compute_verdict(value, sd) == "within":
                assert REFERENCE_DEG[0] <= value <= REFERENCE_DEG[1]


def test_a_withheld_rotation_carries_its_reason_and_no_number():
    rotation = Rotation.withheld("nobody_seen")
    assert isnan(rotation.value_deg)
    assert isnan(rotation.sd_deg)
    assert (rotation.mode, rotation.reason) == (None, "nobody_seen")
