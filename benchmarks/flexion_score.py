"""Hip flexion against the truth, in exercises of which no rotation is claimed."""

import numpy as np

from benchmarks.clip import Clip, Float
from benchmarks.rotation_score import carries_a_number, mean, percentile95, reading_of, smooth_track
from coach.rotation.estimator import RotationEstimator


def score_flexion(clip: Clip) -> Float:
    """Error of the working hip's flexion in degrees, frame by frame in position; NaN where it is withheld.

    Empty for an exercise that carries a rotation, and where the flexion is not known.
    """
    reading = reading_of(clip.exercise)
    true = clip.hip_deg(clip.side, "flexion")
    if carries_a_number(reading) or np.isnan(true).all():
        return np.zeros(0)
    bodies = RotationEstimator(reading).update_many(smooth_track(clip.track))
    found = np.array([body.legs[clip.side].hip_flexion_deg for body in bodies])
    return (found - true)[clip.inside]


def summarise_flexion(errors: dict[str, list[Float]]) -> dict[str, dict[str, float]]:
    """A row per exercise and view (the keys), the frames of all its clips pooled."""
    return {name: _row(clips) for name, clips in sorted(errors.items())}


def _row(clips: list[Float]) -> dict[str, float]:
    error = np.concatenate(clips)
    row = {
        "clips": len(clips),
        "withheld_percent": 100 * float(np.mean(np.isnan(error))),
        "bias_deg": mean(error),
        "mae_deg": mean(np.abs(error)),
        "p95_deg": percentile95(np.abs(error)),
        "worst_clip_mae_deg": max(mean(np.abs(clip)) for clip in clips),
    }
    return {key: round(float(value), 2) for key, value in row.items()}
