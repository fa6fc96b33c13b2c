"""Rotation against the truth, clip by clip: the estimator, and what simpler ways would have said."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from benchmarks.clip import Clip, Float
from coach.body.angles import compute_leg_angles
from coach.body.landmarks import SIDES
from coach.body.pose import Pose, PoseTrack
from coach.body.smoothing import ZeroPhaseSmoother
from coach.exercise.rom.protocol import PROTOCOLS
from coach.exercise.spec import load_specs
from coach.rotation.estimator import Reading, RotationEstimator
from coach.rotation.image_plane import compute_shank_angles

START_S = 0.5
"""The first numbers in the start pose, over this long: their error is what a change is free of ..."""

REST_DEG = 1.5
"""... the start pose lasting as long as the true rotation stays this near to where it began."""

FAR_OFF_DEG = 15.0
MIN_SWING_DEG = 10.0  # a slope over less movement than this says nothing


@dataclass(frozen=True)
class RotationScore:
    """One clip: errors in degrees per frame (NaN where withheld), `baselines` by name."""

    clip: Clip
    error: Float
    sd: Float
    baselines: dict[str, Float]

    @property
    def offset_deg(self) -> float:
        """Error in the start pose."""
        return _offset(self.clip, self.error)

    @property
    def gain(self) -> float:
        """Slope of estimate against truth; NaN where too little was seen to move."""
        seen = np.isfinite(self.error)
        truth = self.clip.rotation_deg[seen]
        if len(truth) < 10 or np.ptp(truth) < MIN_SWING_DEG:
            return float("nan")
        return float(np.polyfit(truth, truth + self.error[seen], 1)[0])


def _offset(clip: Clip, error: Float) -> float:
    position = np.flatnonzero(clip.inside)
    if not len(position):
        return float("nan")
    moved = np.abs(clip.rotation_deg - clip.rotation_deg[position[0]]) > REST_DEG
    moved[: position[0]] = False
    at_rest = position[~np.maximum.accumulate(moved)[position]]
    given = at_rest[np.isfinite(error[at_rest])]
    if not len(given):
        return float("nan")
    times = clip.track.time_s[given]
    return float(np.median(error[given[times < times[0] + START_S]]))


def reading_of(exercise: str) -> Reading:
    """How the product reads an exercise's rotation."""
    if exercise.startswith("rom-"):
        return PROTOCOLS["seated"].reading
    return load_specs()[exercise].reading


def carries_a_number(reading: Reading) -> bool:
    """Whether the rotation itself is read of this exercise, or at least its change."""
    return reading.absolute or reading.start is not None


def smooth_track(track: PoseTrack) -> list[tuple[Pose, Pose]]:
    """Every pose as detected, and smoothed as in the analysis of a file."""
    smoother = ZeroPhaseSmoother()
    return [pair for pose in track for pair in smoother.update(pose)] + smoother.flush()


def score_rotation(clip: Clip, reading: Reading) -> RotationScore:
    """Run the estimator as the product does, and the simpler formulas, over a clip."""
    pairs = smooth_track(clip.track)
    legs = [body.legs[clip.side] for body in RotationEstimator(reading).update_many(pairs)]
    column = SIDES.index(clip.side)
    with np.errstate(invalid="ignore"):
        world = compute_leg_angles(np.array([smooth.world_m for _, smooth in pairs]))
    against_trunk, _ = compute_shank_angles(np.array([smooth.image_px for _, smooth in pairs]))
    found = {
        "estimate": np.array([leg.rotation.value_deg for leg in legs]),
        "raw 3-D": world.hip_internal_rotation_deg[:, column],
        "plain 2-D": against_trunk[:, column],
    }
    errors = {
        name: np.where(clip.inside, _wrap(value - clip.rotation_deg), np.nan) for name, value in found.items()
    }
    sd = np.array([leg.rotation.sd_deg for leg in legs])
    return RotationScore(clip, errors.pop("estimate"), sd, errors)


def summarise_rotation(scores: Iterable[RotationScore]) -> dict[str, dict[str, float]]:
    """A row per exercise and view, frames of all its clips pooled; gain is the mean over clips."""
    scores = list(scores)
    guesses: dict[str, list[Float]] = defaultdict(list)
    groups: dict[str, list[RotationScore]] = defaultdict(list)
    for score in scores:
        guesses[score.clip.exercise].append(score.clip.rotation_deg[score.clip.inside])
        groups[f"{score.clip.exercise}, {score.clip.view}"].append(score)
    middle = {e: 0.5 * (np.concatenate(t).min() + np.concatenate(t).max()) for e, t in guesses.items()}
    return {n: _row(g, middle[g[0].clip.exercise]) for n, g in sorted(groups.items())}


def _row(group: list[RotationScore], guess_deg: float) -> dict[str, float]:
    inside = np.concatenate([s.clip.inside for s in group])
    error = np.concatenate([s.error for s in group])[inside]
    sd = np.concatenate([s.sd for s in group])[inside]
    change = np.abs(np.concatenate([s.error - s.offset_deg for s in group]))[inside]
    truth = np.concatenate([s.clip.rotation_deg for s in group])[inside]
    seen = np.isfinite(error)
    row = {
        "clips": len(group),
        "withheld_percent": 100 * float(np.mean(~seen)),
        "bias_deg": mean(error),
        "mae_deg": mean(np.abs(error)),
        "p95_deg": percentile95(np.abs(error)),
        "change_mae_deg": mean(change),
        "change_p95_deg": percentile95(change),
        "gain": mean(np.array([s.gain for s in group])),
        "coverage_percent": 100 * mean((np.abs(error) <= 1.96 * sd)[seen].astype(float)),
        "far_off_percent": 100 * float(np.mean(np.abs(np.nan_to_num(error)) > FAR_OFF_DEG)),
        "raw_3d_mae_deg": _baseline(group, "raw 3-D"),
        "plain_2d_mae_deg": _baseline(group, "plain 2-D"),
        "constant_mae_deg": mean(np.abs(truth - guess_deg)),
    }
    return {key: round(float(value), 2) for key, value in row.items()}


def _baseline(group: list[RotationScore], name: str) -> float:
    return mean(np.abs(np.concatenate([s.baselines[name] for s in group])))


def mean(values: Float) -> float:
    """Mean of what was seen, NaN when nothing was."""
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def percentile95(values: Float) -> float:
    """95th percentile of what was seen, NaN when nothing was."""
    return float(np.nanpercentile(values, 95)) if np.isfinite(values).any() else float("nan")


def _wrap(angle: Float) -> Float:
    return (angle + 180.0) % 360.0 - 180.0
