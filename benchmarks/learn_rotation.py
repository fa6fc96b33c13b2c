"""Learns hip rotation from rendered people: writes the weights of `coach/rotation/learned.py`.

    python -m benchmarks.learn_rotation benchmarks/data/people  writes coach/exercise/learned, prints checks

The folder holds landmarks and truth, or videos with their truth as `python -m studio set people --out FOLDER`
renders them: see `benchmarks/clips.py`.

Frames are taken where the pose network has both legs right, spread over each person's range, so that every
person weighs the same.  Errors of one person belong together: they share a part of the noise.  The check, and
the error bar, come from people left out, a tenth at a time.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.clip import Clip, is_rotation_defined
from benchmarks.clips import read_for_command
from benchmarks.rotation_score import smooth_track
from coach.body.landmarks import INDEX, SIDES
from coach.exercise.lesson import LEARNED
from coach.rotation.learned import SIMILAR_DEG2, LearnedReading, compute_kernel
from coach.rotation.leg_features import describe_legs

Float = NDArray[np.float64]

BOTH_LEGS = ("seated-rotation", "squat-rotation", "windshield-wipers", "rom-seated")
"""Exercises whose other leg is held as the working one is at rest, or works too."""

FRAMES = 10
"""Frames of each leg, at most."""

INDUCING = 160
"""Inducing points: poses that stand for all.  Each further view adds half as many."""

FRAME_DEG2, PERSON_DEG2 = 10.0, 12.0
"""Variance of the noise from frame to frame, and of what all frames of a person share, degrees squared."""

MAX_LANDMARK_ERROR = 0.35
"""A knee or ankle further off, in trunk lengths, is a wrong pose, of which nothing can be learnt."""

SAFE_ABDUCTION_DEG = 60.0
"""Where thighs of an exercise come so far out to the side that there is no true rotation (only the abduction
is learnt there), no number is given beyond this, for safety's sake."""

FOLDS = 10
COVERED = 0.96
"""Share of left-out frames whose error lies within the 95 % interval."""

_JITTER_DEG2 = 1.0


@dataclass(frozen=True)
class Examples:
    """Frames of one exercise: features (N, F), true rotation and adduction (N, 2), whose they are and from
    which view (N,).

    The rotation is NaN where it has no meaning.
    """

    features: Float
    truth_deg: Float
    person: NDArray[np.int64]
    view: NDArray[np.str_]

    def take(self, rows: Any) -> "Examples":
        """Some of the frames."""
        return Examples(*(getattr(self, name)[rows] for name in Examples.__annotations__))


def main() -> int:
    """Learn from folders of clips."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=LEARNED)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for exercise, examples in sorted(read_examples(read_for_command(args.folder)).items()):
        error, extra = leave_out(examples)
        learned = learn(examples, *calibrate(error, extra))
        write(args.out / f"{exercise}.npz", learned)
        off_deg = np.abs(error)
        print(
            f"{exercise:26} {len(np.unique(examples.person))} people, {len(error)} frames; left out, off by "
            f"{np.mean(off_deg):.1f} (95 %: {np.percentile(off_deg, 95):.1f}), sd {learned.sd_deg:.1f}"
        )
    return 0


def read_examples(clips: Iterable[Clip]) -> dict[str, Examples]:
    """What the clips of each exercise teach: those whose truth is known."""
    parts: dict[str, list[Examples]] = defaultdict(list)
    for clip in clips:
        if clip.hips_deg is not None and clip.joints_px is not None:
            parts[clip.exercise] += _read_clip(clip, person=len(parts[clip.exercise]))
    return {
        exercise: Examples(*(np.concatenate([getattr(p, k) for p in some]) for k in Examples.__annotations__))
        for exercise, some in parts.items()
        if some
    }


def _read_clip(clip: Clip, person: int) -> list[Examples]:
    poses = [smooth for _, smooth in smooth_track(clip.track)]
    image_px = np.array([pose.image_px for pose in poses])
    features = describe_legs(np.array([pose.world_m for pose in poses]), image_px)
    right = _measure_landmark_error(clip, image_px) < MAX_LANDMARK_ERROR
    examples = []
    for side in SIDES if clip.exercise in BOTH_LEGS else (clip.side,):
        rotation_deg, adduction_deg = (clip.hip_deg(side, a) for a in ("internal_rotation", "adduction"))
        defined = is_rotation_defined(rotation_deg, adduction_deg)
        angles = np.stack([np.where(defined, rotation_deg, np.nan), adduction_deg], axis=1)
        of_leg = features[:, SIDES.index(side)]
        rows = _spread(angles[:, 0], np.flatnonzero(right & np.isfinite(of_leg).all(axis=1)))
        whose, view = np.full(len(rows), person), np.full(len(rows), clip.view)
        examples.append(Examples(of_leg[rows], angles[rows], whose, view))
    return examples


def _spread(rotation_deg: Float, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most `FRAMES` of the rows, spread evenly over the order of their rotation."""
    ordered = rows[np.argsort(rotation_deg[rows], kind="stable")]
    at = np.linspace(0, len(ordered) - 1, min(FRAMES, len(ordered))).round().astype(int)
    return np.sort(ordered[at])


def _measure_landmark_error(clip: Clip, image_px: Float) -> Float:
    """The worst of knees and ankles in each frame, in trunk lengths."""
    shoulders, hips = (
        clip.joint_px(f"left_{part}") + clip.joint_px(f"right_{part}") for part in ("shoulder", "hip")
    )
    names = [f"{side}_{joint}" for side in SIDES for joint in ("knee", "ankle")]
    off_px = [np.linalg.norm(image_px[:, INDEX[n]] - clip.joint_px(n), axis=1) for n in names]
    error: Float = np.max(off_px, axis=0) / (0.5 * np.linalg.norm(shoulders - hips, axis=1))
    return error


def learn(examples: Examples, usual_variance_deg2: float = 0.0, sd_deg: float = 0.0) -> LearnedReading:
    """The Gaussian process, with few inducing points instead of all frames."""
    centre, scale = examples.features.mean(axis=0), examples.features.std(axis=0) + 1e-9
    at = (examples.features - centre) / scale
    inducing = at[choose_inducing(at, INDUCING * (1 + len(np.unique(examples.view))) // 2)]
    before = compute_kernel(inducing, inducing) + _JITTER_DEG2 * np.eye(len(inducing))
    means = np.nanmean(examples.truth_deg, axis=0)
    weights = np.empty((len(inducing), 2))
    for target in (1, 0):  # the rotation last, whose spread is kept
        known = np.isfinite(examples.truth_deg[:, target])
        to_all = compute_kernel(inducing, at[known])
        believed = _divide_by_noise(to_all, examples.person[known])
        after = np.linalg.inv(before + believed @ to_all.T)
        weights[:, target] = after @ believed @ (examples.truth_deg[known, target] - means[target])
    spread = np.linalg.inv(before) - after
    max_abduction_deg = SAFE_ABDUCTION_DEG if np.isnan(examples.truth_deg).any() else np.inf
    return LearnedReading(
        centre, scale, inducing, weights, means, spread, usual_variance_deg2, sd_deg, max_abduction_deg
    )


def choose_inducing(at: Float, count: int) -> list[int]:
    """Rows of `count` poses that tell most of all others: pivots of an incomplete Cholesky factorisation."""
    left = np.diag(compute_kernel(at, at)).copy()
    factors = np.zeros((0, len(at)))
    chosen: list[int] = []
    while len(chosen) < count and left.max() > _JITTER_DEG2:
        pivot = int(np.argmax(left))
        row = compute_kernel(at[pivot : pivot + 1], at)[0] - factors[:, pivot] @ factors
        factors = np.vstack([factors, row / np.sqrt(left[pivot])])
        left = np.maximum(left - factors[-1] ** 2, 0.0)
        left[pivot] = 0.0
        chosen.append(pivot)
    return chosen


def _divide_by_noise(to_all: Float, person: NDArray[np.int64]) -> Float:
    """`to_all` (M, N) times the inverse of the noise's covariance (Sherman-Morrison, person by person)."""
    out: Float = to_all / FRAME_DEG2
    for one in np.unique(person):
        rows = np.flatnonzero(person == one)
        shared = PERSON_DEG2 / (FRAME_DEG2 + len(rows) * PERSON_DEG2)
        out[:, rows] -= shared * out[:, rows].sum(axis=1, keepdims=True)
    return out


def leave_out(examples: Examples) -> tuple[Float, Float]:
    """Errors of people who were not learnt from, degrees, and the variance that was left, degrees squared."""
    people = np.unique(examples.person)
    fold = np.random.default_rng(0).permutation(len(people)) % FOLDS
    of_frame = fold[np.searchsorted(people, examples.person)]
    error, variance = np.full(len(of_frame), np.nan), np.full(len(of_frame), np.nan)
    for i in range(FOLDS):
        out = of_frame == i
        found, left = learn(examples.take(~out)).predict(examples.features[out])
        error[out], variance[out] = found[:, 0] - examples.truth_deg[out, 0], left
    known = np.isfinite(error)
    return error[known], variance[known]


def calibrate(error: Float, variance: Float) -> tuple[float, float]:
    """The usual variance, and the standard deviation with which the intervals hold as many as they should."""
    usual = float(np.median(variance))
    extra = np.maximum(0.0, variance - usual)
    for sd_deg in np.arange(1.0, np.sqrt(SIMILAR_DEG2), 0.1):
        if np.mean(np.abs(error) <= 1.96 * np.sqrt(sd_deg**2 + extra)) >= COVERED:
            break
    return usual, float(sd_deg)


def write(path: Path, learned: LearnedReading) -> None:
    """Store it, in single precision."""
    arrays = {key: np.asarray(getattr(learned, key), np.float32) for key in LearnedReading.__annotations__}
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
