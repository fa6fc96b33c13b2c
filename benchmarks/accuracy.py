"""How far from the truth: landmarks, rotation, error bars, counts and holds on rendered people.

    python -m studio set test --out clips             once: renders the clips (hours; resumes)
    python -m benchmarks.accuracy clips               the tables
        --docs docs/accuracy.md     puts them, and the plots, between the marks of that page
        --json FILE                 the figures
        --save FILE                 landmarks and truth in one small file, which a test can score

Every clip is a video with its truth beside it (`studio/README.md`).  The pose network runs once per video;
its landmarks are kept in the folder `.landmarks`, by the video's content, so that work on the estimator
does not wait for it.
"""

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy_page import format_table, write_page
from benchmarks.flexion_score import score_flexion, summarise_flexion
from benchmarks.rom_score import TrialScore, score_trials, summarise_trials
from benchmarks.rotation_clips import clip_of, read_true_joints, save_clips
from benchmarks.rotation_score import RotationScore, mean, reading_of, score_rotation, summarise_rotation
from coach.body.landmarks import INDEX, SIDES, Side
from coach.body.pose import Pose, PoseTrack
from coach.exercise.events import Hold, Rep
from coach.exercise.rom.protocol import PROTOCOLS
from coach.exercise.rom.session import resembles_neutral
from coach.exercise.setup import resembles_start
from coach.exercise.spec import ExerciseSpec, load_specs
from coach.pipeline import Pipeline, Tick, replay
from coach.vision.detector import MediaPipeDetector
from coach.vision.landmark_store import LandmarkWriter, load_landmarks
from coach.vision.model_store import Model, find_model
from coach.vision.source import VideoFileSource
from coach.vision.subject_finder import SubjectFinder

Float = NDArray[np.float64]

LEG = ("hip", "knee", "ankle")
REP_TOLERANCE_S = 0.3


@dataclass
class Score:
    """One clip against its truth; angles in degrees, shares 0..1, counts as numbers."""

    name: str
    exercise: str
    view: str
    detected: float
    landmark_error: float
    swapped: float
    rotation: RotationScore
    flexion_error: Float
    counted: int = 0
    true_count: int = 0
    wrong_side: int = 0
    hold_errors_s: list[float] = field(default_factory=list)
    trials: list[TrialScore] = field(default_factory=list)


def main() -> int:
    """Score a folder of clips and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--json", type=Path, help="write the figures as JSON too")
    parser.add_argument("--clips", action="store_true", help="a line per clip as well")
    parser.add_argument("--docs", type=Path, help="a page whose marked part is replaced")
    parser.add_argument("--mark", default="test", help="which marked part (default: test)")
    parser.add_argument("--save", type=Path, help="write landmarks and truth to one file")
    args = parser.parse_args()
    scores = [score for folder in args.folder for score in score_folder(folder)]
    if not scores:
        print(f"No clips with truth in {', '.join(map(str, args.folder))}.", file=sys.stderr)
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
    if args.save:
        save_clips(args.save, [s.rotation.clip for s in scores])
    return 0


def score_folder(folder: Path, model: Model | None = None) -> Iterable[Score]:
    """Scores of all clips of a folder, by name."""
    specs = load_specs()
    for path in sorted(folder.glob("*.json")):
        truth = json.loads(path.read_text())
        video = path.with_suffix(".mp4")
        if not video.exists() or truth.get("exercise") not in {*specs, "rom-seated"}:
            continue
        spec = specs.get(truth["exercise"])
        yield score_clip(path.stem, truth, load_or_detect(video, folder / ".landmarks", spec, model), spec)


def load_or_detect(
    video: Path, cache: Path, spec: ExerciseSpec | None, model: Model | None = None
) -> PoseTrack:
    """The landmarks of a video as an analysis of this exercise, or without one the seated test, finds them;
    from the cache if its content has been seen before.
    """
    model = model or find_model()
    sought = b"" if spec else b"neutral pose"
    key = hashlib.sha256(video.read_bytes() + model.sha256.encode() + sought).hexdigest()[:24]
    path = cache / f"{key}.npz"
    if not path.exists():
        with (
            VideoFileSource(video) as source,
            MediaPipeDetector(model) as detector,
            LandmarkWriter(path, lambda: source.facts, detector.model) as writer,
        ):
            finder = SubjectFinder(detector, whom_to_follow(spec))
            for frame in source:
                pose = finder.detect(frame)
                writer.write(Tick(frame.time_s, pose, pose, {}, (), (), None), None)
    return load_landmarks(path)


def whom_to_follow(spec: ExerciseSpec | None) -> Callable[[Pose], bool]:
    """Whether somebody in this pose is about to begin the exercise, or without one the seated test."""
    if spec is None:
        return partial(resembles_neutral, PROTOCOLS["seated"])
    return partial(resembles_start, spec)


def score_clip(name: str, truth: dict[str, Any], track: PoseTrack, spec: ExerciseSpec | None) -> Score:
    """Run the pipeline over a clip's landmarks and compare."""
    clip = clip_of(name, truth, track)
    landmark_error, swapped = score_landmarks(truth, track, len(clip.track))
    score = Score(
        name,
        truth["exercise"],
        truth["view"],
        float(np.mean(~np.isnan(track.visibility[:, 0]))),
        landmark_error,
        swapped,
        score_rotation(clip, reading_of(truth["exercise"])),
        score_flexion(clip, truth),
    )
    if spec is None:
        score.trials = score_trials(name, truth, track)
        return score
    pipeline = Pipeline(spec)
    replay(track, pipeline, [])
    summary = pipeline.summary(track.source, track.model)
    side: Side = truth["side"]
    reps = [rep for s in SIDES for rep in summary.sides[s].reps if rep.valid]
    score.counted, score.true_count = _counted(spec, reps, side), _true_count(truth)
    score.wrong_side = sum(rep.side != side for rep in reps) if spec.working in ("top", "standing") else 0
    score.hold_errors_s = hold_errors(truth, [h for s in SIDES for h in summary.sides[s].holds], side)
    return score


def _counted(spec: ExerciseSpec, reps: list[Rep], side: Side) -> int:
    """Reps as the truth counts them: where both legs work at once, those of the named one."""
    return sum(rep.side == side for rep in reps) if spec.working == "both" else len(reps)


def _true_count(truth: dict[str, Any]) -> int:
    """Full repetitions: cycles none of whose movements is partial; each leg's own in alternating ones."""
    cycles: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for movement in truth["reps"]:
        cycles[movement["cycle"]].append(movement)
    alternating = truth["exercise"] == "squat-rotation"
    full = 0
    for movements in cycles.values():
        whole = [m for m in movements if not m["partial"]]
        full += len(whole) if alternating else int(len(whole) == len(movements))
    return full


def hold_errors(truth: dict[str, Any], holds: list[Hold], side: Side) -> list[float]:
    """Held seconds minus true ones of each true hold, matched by overlap; a missed one counts in full."""
    errors = []
    for true in truth["holds"]:
        length = true["end_s"] - true["start_s"]
        held = [
            h.held_s
            for h in holds
            if h.side == side and h.start_s < true["end_s"] and h.end_s > true["start_s"]
        ]
        if length > 1.5:
            errors.append(max(held, default=0.0) - length)
    return errors


def score_landmarks(truth: dict[str, Any], track: PoseTrack, count: int) -> tuple[float, float]:
    """Median leg landmark error in % of the trunk's length, and the share of frames with legs exchanged."""
    true = read_true_joints(truth, count)
    shoulders = 0.5 * (true["left_shoulder"] + true["right_shoulder"])
    trunk = np.linalg.norm(shoulders - 0.5 * (true["left_hip"] + true["right_hip"]), axis=1)
    straight, crossed = [], []
    for side, other in (("left", "right"), ("right", "left")):
        for part in LEG:
            found = track.image_px[:count, INDEX[f"{side}_{part}"]]
            straight.append(np.linalg.norm(found - true[f"{side}_{part}"], axis=1) / trunk)
            crossed.append(np.linalg.norm(found - true[f"{other}_{part}"], axis=1) / trunk)
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
    """One row: how well the pose was found, and what was counted."""
    holds = [abs(e) for s in group for e in s.hold_errors_s]
    misses = [abs(s.counted - s.true_count) for s in group]
    row = {
        "clips": len(group),
        "detected_percent": 100 * float(np.mean([s.detected for s in group])),
        "landmark_error_percent": mean(np.array([s.landmark_error for s in group])),
        "swapped_percent": 100 * float(np.mean([s.swapped for s in group])),
        "counts_exact_percent": 100 * float(np.mean([m == 0 for m in misses])),
        "count_worst": max(misses),
        "wrong_side": sum(s.wrong_side for s in group),
        "hold_error_s": float(np.mean(holds)) if holds else np.nan,
    }
    return {key: round(float(value), 3) for key, value in row.items()}


def describe_clip(score: Score) -> str:
    """One clip in a line."""
    error = np.abs(score.rotation.error)
    return (
        f"{score.name:44} counted {score.counted} of {score.true_count}, wrong side {score.wrong_side}, "
        f"abs {np.nanmean(error) if np.isfinite(error).any() else np.nan:.1f}, "
        f"gain {score.rotation.gain:.2f}, withheld {100 * np.mean(np.isnan(error)):.0f} %, "
        f"found {100 * score.detected:.0f} %, holds {[round(e, 1) for e in score.hold_errors_s]}"
    )


if __name__ == "__main__":
    sys.exit(main())
