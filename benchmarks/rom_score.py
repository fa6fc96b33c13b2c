"""Trials of the seated range-of-motion test against the truth, and test against retest."""

from collections import defaultdict
from dataclasses import dataclass
from math import isnan, sqrt
from statistics import median

import numpy as np

from benchmarks.clip import Clip, TrueTrial
from benchmarks.rotation_score import mean, percentile95
from coach.body.landmarks import Side
from coach.exercise.rom.protocol import PROTOCOLS
from coach.exercise.rom.trial import Direction, Trial
from coach.pipeline import replay
from coach.rom_pipeline import RomPipeline

NEAR_S = 0.6


@dataclass(frozen=True)
class TrialScore:
    """One true trial without a planted fault; degrees, positive in the trial's own direction.

    change_deg, true_change_deg     from the neutral pose; the former NaN where there is no number
    angle_deg, true_angle_deg       the same as angles of the hip
    """

    clip: str
    side: Side
    direction: Direction
    change_deg: float
    true_change_deg: float
    angle_deg: float
    true_angle_deg: float
    sd_deg: float


def score_trials(clip: Clip) -> list[TrialScore]:
    """What the test makes of each true trial in a clip."""
    pipeline = RomPipeline(PROTOCOLS["seated"])
    replay(clip.track, pipeline, [])
    return [_score(clip, true, pipeline.session.trials) for true in clip.trials or ()]


def _score(clip: Clip, true: TrueTrial, trials: list[Trial]) -> TrialScore:
    sign = 1.0 if true.direction == "internal" else -1.0
    times = clip.track.time_s
    rotation = clip.hip_deg(true.side, "internal_rotation")
    from_s, to_s = true.peak_start_s, true.peak_end_s
    peak = sign * float(np.median(rotation[(times >= from_s) & (times <= to_s + 0.05)]))
    neutral = sign * float(np.median(rotation[times < 0.7]))
    found = [
        t
        for t in trials
        if t.valid
        and (t.side, t.direction) == (true.side, true.direction)
        and from_s - NEAR_S <= 0.5 * sum(t.plateau_s) <= to_s + NEAR_S
    ]
    nan = float("nan")
    value, start, sd = (
        (found[0].value_deg, found[0].neutral_deg, found[0].sd_deg) if found else (nan, nan, nan)
    )
    angle = value + sign * start
    return TrialScore(clip.name, true.side, true.direction, value, peak - neutral, angle, peak, sd)


def summarise_trials(scores: list[TrialScore]) -> dict[str, dict[str, float]]:
    """One row for all trials; empty without any."""
    if not scores:
        return {}
    change = np.array([s.change_deg - s.true_change_deg for s in scores])
    angle = np.array([s.angle_deg - s.true_angle_deg for s in scores])
    sd = np.array([s.sd_deg for s in scores])
    seen = np.isfinite(change)
    inwards = np.array([1.0 if s.direction == "internal" else -1.0 for s in scores])
    truth = inwards * np.array([s.true_change_deg for s in scores])
    estimate = inwards * np.array([s.change_deg for s in scores])
    sem, pairs = test_retest(scores)
    row = {
        "trials": len(scores),
        "withheld_percent": 100 * float(np.mean(~seen)),
        "change_bias_deg": mean(change),
        "change_mae_deg": mean(np.abs(change)),
        "change_p95_deg": percentile95(np.abs(change)),
        "mae_deg": mean(np.abs(angle)),
        "gain": float(np.polyfit(truth[seen], estimate[seen], 1)[0]) if seen.sum() > 2 else float("nan"),
        "coverage_percent": 100 * mean((np.abs(change) <= 1.96 * sd)[seen].astype(float)),
        "retest_pairs": pairs,
        "sem_deg": sem,
    }
    return {"rom-seated, front": {key: round(float(value), 2) for key, value in row.items()}}


def test_retest(scores: list[TrialScore]) -> tuple[float, int]:
    """Standard error of measurement between clips `NAME` (or `NAMEa`) and `NAMEb`: one motion, two cameras.

    What is compared is the median of the trials, as the test reports it.
    """
    medians: dict[tuple[str, Side, Direction], dict[str, list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for s in scores:
        if not isnan(s.change_deg):
            camera = "b" if s.clip.endswith("b") else "a"
            medians[s.clip.rstrip("ab"), s.side, s.direction][camera].append(s.change_deg)
    pairs = [median(m["a"]) - median(m["b"]) for m in medians.values() if len(m) == 2]
    if not pairs:
        return float("nan"), 0
    return sqrt(sum(d * d for d in pairs) / len(pairs) / 2.0), len(pairs)
