"""How far from the truth: landmarks, rotation and its error bars, the seated test, on rendered people.

    python -m benchmarks.accuracy benchmarks/data/test     the tables
        --docs docs/accuracy.md     puts them, and the plots, between the marks of that page
        --json FILE                 the figures

A folder holds landmarks and truth of clips (`python -m benchmarks.pack`), or videos with their truth as
`python -m studio set test --out FOLDER` renders them: see `benchmarks/clips.py`.  What is counted and held:
`benchmarks/exercises.py`.
"""

import argparse
import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.accuracy_page import format_table, write_page
from benchmarks.clip import Clip, Float
from benchmarks.clips import read_for_command
from benchmarks.flexion_score import score_flexion, summarise_flexion
from benchmarks.rom_score import TrialScore, score_trials, summarise_trials
from benchmarks.rotation_score import RotationScore, mean, reading_of, score_rotation, summarise_rotation
from coach.body.landmarks import INDEX

LEG = ("hip", "knee", "ankle")


@dataclass
class Score:
    """One clip against its truth; angles in degrees, shares 0..1."""

    name: str
    exercise: str
    view: str
    detected: float
    landmark_error: float
    swapped: float
    rotation: RotationScore
    flexion_error: Float
    trials: list[TrialScore] = field(default_factory=list)


def main() -> int:
    """Score a folder of clips and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--json", type=Path, help="write the figures as JSON too")
    parser.add_argument("--clips", action="store_true", help="a line per clip as well")
    parser.add_argument("--docs", type=Path, help="a page whose marked part is replaced")
    parser.add_argument("--mark", default="test", help="which marked part (default: test)")
    args = parser.parse_args()
    scores = [score_clip(clip) for clip in read_for_command(args.folder) if clip.hips_deg is not None]
    if not scores:
        print(f"No clips with true angles in {', '.join(map(str, args.folder))}.", file=sys.stderr)
        return 1
    if args.clips:
        for score in scores:
            print(describe_clip(score))
    tables = {
        "rotation": summarise_rotation(s.rotation for s in scores),
        "flexion": summarise_flexion(_flexion_errors(scores)),
        "tracking": summarise(scores),
        "trials": summarise_trials([t for s in scores for t in s.trials]),
    }
    for name, table in tables.items():
        if table:
            print(f"\n{format_table(name, table)}")
    if args.json:
        args.json.write_text(json.dumps(tables, indent=2) + "\n")
    if args.docs:
        write_page(
            args.docs, args.mark, tables, [s.rotation for s in scores], [t for s in scores for t in s.trials]
        )
    return 0


def score_clip(clip: Clip) -> Score:
    """Run the estimator, or the seated test, over a clip's landmarks and compare."""
    landmark_error, swapped = score_landmarks(clip)
    return Score(
        clip.name,
        clip.exercise,
        clip.view,
        float(np.mean(~np.isnan(clip.track.visibility[:, 0]))),
        landmark_error,
        swapped,
        score_rotation(clip, reading_of(clip.exercise)),
        score_flexion(clip),
        score_trials(clip) if clip.trials else [],
    )


def score_landmarks(clip: Clip) -> tuple[float, float]:
    """Median leg landmark error in % of the trunk's length, and the share of frames with legs exchanged.

    NaN where it is not known where the joints are.
    """
    if clip.joints_px is None:
        return np.nan, np.nan
    shoulders, hips = (
        0.5 * (clip.joint_px(f"left_{part}") + clip.joint_px(f"right_{part}")) for part in ("shoulder", "hip")
    )
    trunk = np.linalg.norm(shoulders - hips, axis=1)
    straight, crossed = [], []
    for side, other in (("left", "right"), ("right", "left")):
        for part in LEG:
            found = clip.track.image_px[:, INDEX[f"{side}_{part}"]]
            straight.append(np.linalg.norm(found - clip.joint_px(f"{side}_{part}"), axis=1) / trunk)
            crossed.append(np.linalg.norm(found - clip.joint_px(f"{other}_{part}"), axis=1) / trunk)
    apart = np.mean(straight, axis=0) > np.mean(crossed, axis=0) + 0.1  # NaN where nobody was found: False
    error = float(np.nanmedian(straight) * 100) if np.isfinite(straight).any() else np.nan
    return error, float(np.mean(apart))


def _flexion_errors(scores: list[Score]) -> dict[str, list[Float]]:
    errors: dict[str, list[Float]] = defaultdict(list)
    for score in scores:
        if len(score.flexion_error):
            errors[f"{score.exercise}, {score.view}"].append(score.flexion_error)
    return errors


def summarise(scores: list[Score]) -> dict[str, dict[str, float]]:
    """The table: a row per exercise and view."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        groups[f"{score.exercise}, {score.view}"].append(score)
    return {name: summarise_group(group) for name, group in sorted(groups.items())}


def summarise_group(group: list[Score]) -> dict[str, float]:
    """One row: how well the pose was found."""
    row = {
        "clips": len(group),
        "detected_percent": 100 * float(np.mean([s.detected for s in group])),
        "landmark_error_percent": mean(np.array([s.landmark_error for s in group])),
        "swapped_percent": 100 * float(np.mean([s.swapped for s in group])),
    }
    return {key: round(float(value), 3) for key, value in row.items()}


def describe_clip(score: Score) -> str:
    """One clip in a line."""
    error = np.abs(score.rotation.error)
    return (
        f"{score.name:44} abs {np.nanmean(error) if np.isfinite(error).any() else np.nan:.1f}, "
        f"gain {score.rotation.gain:.2f}, withheld {100 * np.mean(np.isnan(error)):.0f} %, "
        f"found {100 * score.detected:.0f} %"
    )


if __name__ == "__main__":
    sys.exit(main())
