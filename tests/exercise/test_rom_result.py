from collections import Counter
from dataclasses import replace
from math import isnan, nan, sqrt

import pytest

from coach.body.pose import SourceFacts
from coach.exercise.rom.protocol import PROTOCOLS
from coach.exercise.rom.result import (
    CLINICAL_ASYMMETRY_DEG,
    MDC_FACTOR,
    SEM_DEG,
    Asymmetry,
    Range,
    compute_range,
    summarise,
)
from coach.exercise.rom.sample import Pelvis
from coach.exercise.rom.session import RomSession
from coach.exercise.rom.trial import Trial

FACTS = SourceFacts("clip.mp4", 640, 480, 15.0, 300, 20.0)
STILL = Pelvis(0.0, 0.0, 0.0, 0.0)


def trial(value_deg, *, side="left", direction="internal", sd_deg=3.0, rejected=None, start_s=2.0):
    plateau_s = (start_s + 1.0, start_s + 3.0)
    return Trial(
        side, direction, value_deg, sd_deg, 1.0, start_s, start_s + 5.0, plateau_s, 2.2, STILL, rejected
    )


def session_with(*trials, protocol="seated", ready=True):
    session = RomSession(PROTOCOLS[protocol])
    session.trials += trials
    session.was_ready = ready
    session.view.angles = Counter({(5, 5): 300})
    session.view.good = 300
    return session


def summary_of(*trials, **options):
    return summarise(session_with(*trials, **options), FACTS, "full")


def test_the_median_of_three_trials_and_their_spread():
    summary = summary_of(trial(36.0), trial(41.0, start_s=9.0), trial(37.0, start_s=16.0))
    measured = summary.legs["left"].internal
    assert measured.median_deg == 37.0
    assert measured.spread_deg == 5.0
    assert [t.value_deg for t in measured.trials] == [36.0, 41.0, 37.0]


def test_the_spread_averages_out_but_the_measurement_error_does_not():
    same = [compute_range(tuple(trial(38.0) for _ in range(n)), "internal").sd_deg for n in (1, 2, 3)]
    assert same[0] > same[1] > same[2] > 3.0
    assert same[0] == pytest.approx(sqrt(3.0**2 + 2.0**2))  # one trial: its own spread is assumed
    apart = compute_range((trial(30.0), trial(38.0), trial(46.0)), "internal")
    assert apart.sd_deg > same[2] + 1.0
    low, high = apart.interval95_deg
    assert (low, high) == pytest.approx((38 - 1.96 * apart.sd_deg, 38 + 1.96 * apart.sd_deg))


@pytest.mark.parametrize(
    ("value_deg", "sd_deg", "verdict"),
    [(25.0, 3.0, "below"), (60.0, 3.0, "above"), (42.5, 2.5, "within"), (39.0, 3.0, "cannot-tell")],
)
def test_verdicts_follow_the_interval(value_deg, sd_deg, verdict):
    trials = tuple(trial(value_deg, sd_deg=sd_deg) for _ in range(3))
    assert compute_range(trials, "internal").verdict == verdict


def test_external_rotation_has_no_band_and_no_verdict():
    summary = summary_of(trial(42.0, direction="external"))
    assert summary.legs["left"].external.verdict is None


def test_only_the_first_three_counted_trials_are_used():
    given = [trial(v, start_s=7.0 * i) for i, v in enumerate((30.0, 31.0, 32.0, 50.0, 55.0))]
    measured = summary_of(*given).legs["left"].internal
    assert [t.value_deg for t in measured.trials] == [30.0, 31.0, 32.0]


def test_a_rejected_trial_does_not_count_but_is_kept():
    summary = summary_of(trial(50.0, rejected="pelvis_tilted"), trial(36.0, start_s=9.0))
    assert summary.legs["left"].internal.median_deg == 36.0
    assert isnan(summary.legs["left"].internal.spread_deg)
    assert len(summary.trials) == 2


def test_what_was_not_done_is_not_performed_and_what_failed_says_why():
    summary = summary_of(trial(50.0, rejected="pelvis_tilted"))
    assert summary.legs["left"].internal == "pelvis_tilted"
    assert summary.legs["left"].external == "not_performed"
    assert summary.legs["right"].internal == "not_performed"
    assert not summary.measured


def test_the_arc_needs_both_directions():
    both = summary_of(trial(36.0), trial(31.0, direction="external", start_s=9.0))
    assert both.legs["left"].arc_deg == pytest.approx(67.0)
    assert isnan(both.legs["right"].arc_deg)
    assert isnan(summary_of(trial(36.0)).legs["left"].arc_deg)


def test_a_side_difference_counts_only_beyond_what_can_be_told_apart():
    mdc = MDC_FACTOR * SEM_DEG
    assert not Asymmetry(mdc - 0.1).real
    assert Asymmetry(-mdc - 0.1).real
    assert not Asymmetry(mdc + 0.1).large
    assert Asymmetry(-CLINICAL_ASYMMETRY_DEG).large
    summary = summary_of(trial(44.0), trial(32.0, side="right", start_s=9.0))
    assert summary.asymmetry("internal") == Asymmetry(pytest.approx(12.0))
    assert summary.asymmetry("external") is None


@pytest.mark.parametrize("protocol", ["prone", "supine"])
def test_postures_that_no_view_carries_are_withheld(protocol):
    summary = summary_of(protocol=protocol, ready=False)
    for leg in summary.legs.values():
        assert leg.internal == leg.external == f"{protocol}_not_measurable"
    assert not summary.view.ok


def test_a_view_that_carries_nothing_is_named():
    session = session_with(ready=False)
    session.view.angles, session.view.good = Counter({(80, 5): 100}), 0
    session.view.reasons = Counter({"camera_too_far_to_the_side": 100})
    summary = summarise(session, FACTS, "full")
    assert summary.legs["right"].external == "camera_too_far_to_the_side"
    assert not summary.view.ok
    assert "knees" in summary.view.advice


def test_a_start_pose_never_taken_up_is_named():
    assert summary_of(ready=False).legs["left"].internal == "start_pose_not_seen"


def test_a_withheld_trial_gives_its_reason():
    summary = summary_of(replace(trial(nan, sd_deg=nan), rejected="femur_across_view"))
    assert summary.legs["left"].internal == "femur_across_view"


def test_a_range_is_a_plain_record():
    assert isinstance(summary_of(trial(36.0)).legs["left"].internal, Range)
