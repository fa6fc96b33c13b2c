"""Filters against sines, steps and gaps with known answers."""

from itertools import pairwise

import numpy as np
import pytest
from bodies import build_pose

from coach.body.landmarks import INDEX
from coach.body.pose import Pose
from coach.body.smoothing import OneEuroSmoother, ZeroPhaseSmoother

KNEE = INDEX["left_knee"]
STILL = build_pose()


def pose_at(time_s, shift):
    """A body shifted as a whole, in pixels and in centimetres."""
    return Pose(time_s, STILL.image_px + shift, STILL.world_m + shift / 100, STILL.visibility)


def run(smoother, times_s, shifts):
    """All smoothed poses; a NaN shift is a frame in which nobody is seen."""
    pairs = []
    for t, shift in zip(times_s, shifts, strict=True):
        pose = Pose.missing(float(t)) if np.isnan(shift) else pose_at(float(t), float(shift))
        pairs += smoother.update(pose)
    return pairs + smoother.flush()


def shifts_of(pairs):
    """What is left of the shift, in pixels."""
    return np.array([p.image_px[KNEE, 0] for _, p in pairs]) - STILL.image_px[KNEE, 0]


def shifts_in_cm(pairs):
    """The same of the world landmarks."""
    return 100 * (np.array([p.world_m[KNEE, 2] for _, p in pairs]) - STILL.world_m[KNEE, 2])


def fit_sine(times_s, values, hz):
    """Amplitude and phase (radians) of the sine of this frequency in the values."""
    columns = np.stack([np.sin(2 * np.pi * hz * times_s), np.cos(2 * np.pi * hz * times_s)], axis=1)
    a, b = np.linalg.lstsq(columns, values, rcond=None)[0]
    return np.hypot(a, b), np.arctan2(b, a)


@pytest.mark.parametrize("cutoff_hz", [1.0, 2.5, 6.0])
def test_zero_phase_lets_seven_tenths_through_at_the_cutoff_without_shifting_it(cutoff_hz):
    times_s = np.arange(480) / 120
    smooth = shifts_of(
        run(ZeroPhaseSmoother(cutoff_hz), times_s, 10 * np.sin(2 * np.pi * cutoff_hz * times_s))
    )
    inner = (times_s > 0.5) & (times_s < 3.5)
    amplitude, phase = fit_sine(times_s[inner], smooth[inner], cutoff_hz)
    assert amplitude / 10 == pytest.approx(0.71, abs=0.02)
    assert phase == pytest.approx(0.0, abs=1e-3)


def test_zero_phase_keeps_a_slow_movement_and_removes_a_tremor():
    times_s = np.arange(480) / 120
    slow = shifts_of(run(ZeroPhaseSmoother(), times_s, 10 * np.sin(2 * np.pi * 0.3 * times_s)))
    inner = (times_s > 0.3) & (times_s < 3.7)
    pairs = run(ZeroPhaseSmoother(), times_s, 10 * np.sin(2 * np.pi * 0.3 * times_s))
    np.testing.assert_allclose(shifts_in_cm(pairs), slow, atol=1e-9)
    np.testing.assert_allclose(slow[inner], 10 * np.sin(2 * np.pi * 0.3 * times_s)[inner], atol=0.1)
    tremor = shifts_of(run(ZeroPhaseSmoother(), times_s, 10 * np.sin(2 * np.pi * 10 * times_s)))
    assert np.abs(tremor[inner]).max() < 0.5


def test_zero_phase_keeps_a_constant_at_the_ends_too():
    smooth = shifts_of(run(ZeroPhaseSmoother(), np.arange(30) / 30, np.full(30, 7.0)))
    np.testing.assert_allclose(smooth, 7.0, atol=1e-9)


def test_zero_phase_follows_real_timestamps_where_frames_come_unevenly():
    rng = np.random.default_rng(4)
    times_s = np.cumsum(rng.choice([1 / 60, 1 / 30, 1 / 15], 240))
    smooth = shifts_of(run(ZeroPhaseSmoother(), times_s, 10 * np.sin(2 * np.pi * 0.5 * times_s)))
    inner = (times_s > 0.3) & (times_s < times_s[-1] - 0.3)
    amplitude, phase = fit_sine(times_s[inner], smooth[inner], 0.5)
    assert amplitude == pytest.approx(10, rel=0.03)
    assert phase == pytest.approx(0.0, abs=0.02)
    assert np.abs(smooth - 10 * np.sin(2 * np.pi * 0.5 * times_s))[inner].max() < 1.0


def test_zero_phase_passes_a_missing_pose_on_as_missing_and_leaves_no_trace_of_it():
    times_s = np.arange(60) / 30
    shifts = np.full(60, 5.0)
    shifts[20:31] = np.nan
    pairs = run(ZeroPhaseSmoother(), times_s, shifts)
    assert [p.seen for _, p in pairs] == [not np.isnan(s) for s in shifts]
    seen = [pair for pair in pairs if pair[1].seen]
    np.testing.assert_allclose(shifts_of(seen), 5.0, atol=1e-9)


def test_zero_phase_does_not_mix_across_a_gap_longer_than_its_reach():
    times_s = np.concatenate([np.arange(30) / 30, 5 + np.arange(30) / 30])
    shifts = np.concatenate([np.zeros(30), np.full(30, 100.0)])
    np.testing.assert_allclose(shifts_of(run(ZeroPhaseSmoother(), times_s, shifts)), shifts, atol=1e-9)


def test_one_unseen_landmark_hides_neither_itself_for_long_nor_the_others():
    def spoil(pose):
        image_px, world_m = pose.image_px.copy(), pose.world_m.copy()
        image_px[KNEE], world_m[KNEE] = np.nan, np.nan
        return Pose(pose.time_s, image_px, world_m, pose.visibility)

    poses = [pose_at(i / 30, 0.0) for i in range(40)]
    poses[15] = spoil(poses[15])
    for smoother in (ZeroPhaseSmoother(), OneEuroSmoother()):
        smooth = [p for pose in poses for _, p in smoother.update(pose)]
        smooth += [p for _, p in smoother.flush()]
        assert [bool(np.isnan(p.image_px[KNEE]).any()) for p in smooth] == [i == 15 for i in range(40)]
        for pose in smooth:
            np.testing.assert_allclose(pose.image_px[INDEX["nose"]], STILL.image_px[INDEX["nose"]])


def test_zero_phase_gives_raw_and_smoothed_in_order_and_no_later_than_its_lag():
    smoother = ZeroPhaseSmoother()
    times_s = np.cumsum(np.random.default_rng(1).uniform(0.005, 0.05, 200))
    out = []
    for t in times_s:
        ready = smoother.update(pose_at(float(t), float(t)))
        out += ready
        newest_ready = out[-1][0].time_s if out else -1.0
        held_back = [u for u in times_s if newest_ready < u <= t]
        assert all(u > t - smoother.lag_s for u in held_back)
        assert all(raw.time_s <= t - smoother.lag_s for raw, _ in ready)
    out += smoother.flush()
    assert [raw.time_s for raw, _ in out] == [smooth.time_s for _, smooth in out] == times_s.tolist()
    assert all(raw.image_px[KNEE, 0] == STILL.image_px[KNEE, 0] + raw.time_s for raw, _ in out)


def test_zero_phase_may_be_used_again_after_flush():
    smoother = ZeroPhaseSmoother()
    run(smoother, np.arange(20) / 30, np.full(20, 100.0))
    assert smoother.flush() == []
    again = run(smoother, np.arange(20) / 30, np.zeros(20))
    np.testing.assert_allclose(shifts_of(again), 0.0, atol=1e-9)


@pytest.mark.parametrize("seen", [True, False])
def test_zero_phase_needs_constant_memory(seen):
    smoother = ZeroPhaseSmoother()
    longest = 0
    for i in range(2000):
        smoother.update(pose_at(i / 60, 0.0) if seen else Pose.missing(i / 60))
        longest = max(longest, len(smoother._past), len(smoother._waiting))
    assert longest <= 2 * smoother.lag_s * 60 + 3


def test_one_euro_starts_at_time_zero_like_at_any_other():
    times_s = np.arange(60) / 30
    shifts = 20 * np.sin(2 * np.pi * 0.5 * times_s)
    from_zero = shifts_of(run(OneEuroSmoother(), times_s, shifts))
    later = shifts_of(run(OneEuroSmoother(), times_s + 64.0, shifts))
    np.testing.assert_allclose(from_zero, later, atol=1e-6)
    assert from_zero[0] == shifts[0]
    assert from_zero[1] != shifts[1]  # the second frame is filtered, not taken as another first one


def test_one_euro_answers_each_pose_at_once():
    smoother = OneEuroSmoother()
    for t in (0.0, 0.03, 0.1):
        pose = pose_at(t, 1.0)
        [(raw, smooth)] = smoother.update(pose)
        assert raw is pose
        assert smooth.time_s == t
    assert smoother.flush() == []


def test_one_euro_forgets_value_and_speed_on_flush():
    smoother = OneEuroSmoother()
    run(smoother, np.arange(30) / 30, np.linspace(0, 300, 30))
    again = shifts_of(run(smoother, 1.0 + np.arange(30) / 30, np.full(30, 90.0)))
    np.testing.assert_allclose(again, 90.0, atol=1e-9)


def test_one_missing_frame_does_not_poison_one_euro():
    times_s, shifts = np.arange(60) / 30, np.full(60, 5.0)
    shifts[20] = np.nan
    pairs = run(OneEuroSmoother(), times_s, shifts)
    assert [p.seen for _, p in pairs] == [i != 20 for i in range(60)]
    np.testing.assert_allclose(shifts_of([p for p in pairs if p[1].seen]), 5.0, atol=1e-9)


def test_one_euro_starts_afresh_after_a_gap_but_not_after_a_hiccup():
    times_s = np.array([0.0, 0.03, 0.06, 2.0, 2.03])
    jumped = shifts_of(run(OneEuroSmoother(), times_s, np.array([0, 0, 0, 50, 50.0])))
    np.testing.assert_allclose(jumped, [0, 0, 0, 50, 50], atol=1e-9)
    hiccup = shifts_of(run(OneEuroSmoother(), np.array([0.0, 0.03, 0.2]), np.array([0, 0, 1.0])))
    assert 0 < hiccup[2] < 1


def test_one_euro_reduces_jitter_at_rest():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 1.0, 300)
    pairs = run(OneEuroSmoother(), np.arange(300) / 30, noise)
    assert shifts_of(pairs)[30:].std() < 0.5 * noise[30:].std()
    assert shifts_in_cm(pairs)[30:].std() < 0.6 * noise[30:].std()


def test_one_euro_follows_motion_with_little_lag():
    """A body's extent a second: fast, but people do move so."""
    times_s = np.arange(60) / 30
    speed_px_s = 300.0
    smooth = shifts_of(run(OneEuroSmoother(), times_s, speed_px_s * times_s))
    lag_s = (speed_px_s * times_s - smooth)[30:] / speed_px_s
    assert 0 < lag_s.max() < 0.1


def test_one_euro_does_the_same_for_a_small_and_a_large_picture():
    times_s = np.arange(60) / 30
    shifts = 40 * np.sin(2 * np.pi * times_s)

    def last(scale):
        smoother = OneEuroSmoother()
        for t, s in zip(times_s, shifts, strict=True):
            pose = Pose(float(t), scale * (STILL.image_px + s), STILL.world_m, STILL.visibility)
            [(_, smooth)] = smoother.update(pose)
        return smooth.image_px / scale

    np.testing.assert_allclose(last(1.0), last(6.0), atol=1e-6)


def test_frames_stay_in_order_for_both_filters():
    for smoother in (ZeroPhaseSmoother(), OneEuroSmoother()):
        out = [raw.time_s for raw, _ in run(smoother, np.arange(50) / 25, np.zeros(50))]
        assert len(out) == 50
        assert all(a < b for a, b in pairwise(out))
