"""How far from the truth: landmarks, rotation, error bars, counts and holds on rendered people.

    python -m studio set test --out clips             once: renders the clips (hours; resumes)
    python benchmarks/accuracy.py clips [--json FILE] [--markdown]

Every clip is a video with its truth beside it (`studio/README.md`).  The pose network runs once per video;
its landmarks are kept in the folder `.landmarks`, by the video's content, so that work on the estimator
does not wait for it.
"""

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coach.body.landmarks import INDEX, SIDES, Side
from coach.body.pose import PoseTrack
from coach.exercise.events import Hold, Rep
from coach.exercise.spec import ExerciseSpec, load_specs
from coach.pipeline import Pipeline, Tick, replay
from coach.vision.detector import MediaPipeDetector
from coach.vision.landmark_store import LandmarkWriter, load_landmarks
from coach.vision.model_store import Model, find_model
from coach.vision.source import VideoFileSource

Float = NDArray[np.float64]

LEG = ("hip", "knee", "ankle")
REP_TOLERANCE_S = 0.3
START_S = 0.5
"""The first this many seconds are the start pose: their error is the offset that a change is free of."""


@dataclass
class Ticks:
    """Sink that keeps every tick; clips are short."""

    kept: list[Tick] = field(default_factory=list)

    def write(self, tick: Tick, image: object = None) -> None:
        """Keep one."""
        self.kept.append(tick)

    def __enter__(self) -> "Ticks":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to release."""


@dataclass
class Score:
    """One clip against its truth; angles in degrees, shares 0..1, counts as numbers."""

    name: str
    exercise: str
    view: str
    detected: float
    landmark_error: float
    swapped: float
    withheld: float
    error: Float
    change_error: Float
    sd: Float
    truth: Float
    counted: int
    true_count: int
    wrong_side: int
    hold_errors_s: list[float]

    @property
    def gain(self) -> float:
        """Slope of estimate against truth; NaN where the truth hardly moves."""
        seen = ~np.isnan(self.error)
        truth = self.truth[seen]
        if len(truth) < 10 or np.ptp(truth) < 10:
            return float("nan")
        return float(np.polyfit(truth, truth + self.error[seen], 1)[0])


def main() -> int:
    """Score a folder of clips and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="write the figures as JSON too")
    parser.add_argument("--clips", action="store_true", help="a line per clip as well")
    args = parser.parse_args()
    scores = list(score_folder(args.folder))
    if not scores:
        print(f"No clips with truth in {args.folder}.", file=sys.stderr)
        return 1
    if args.clips:
        for score in scores:
            print(describe_clip(score))
    table = summarise(scores)
    print(format_table(table))
    if args.json:
        args.json.write_text(json.dumps(table, indent=2) + "\n")
    return 0


def score_folder(folder: Path, model: Model | None = None) -> Iterable[Score]:
    """Scores of all clips of a folder, by name."""
    specs = load_specs()
    for path in sorted(folder.glob("*.json")):
        truth = json.loads(path.read_text())
        video = path.with_suffix(".mp4")
        if not video.exists() or truth.get("exercise") not in specs:
            continue
        track = load_or_detect(video, folder / ".landmarks", model)
        yield score_clip(path.stem, truth, track, specs[truth["exercise"]])


def load_or_detect(video: Path, cache: Path, model: Model | None = None) -> PoseTrack:
    """The landmarks of a video, from the cache if its content has been seen before."""
    model = model or find_model()
    key = hashlib.sha256(video.read_bytes() + model.sha256.encode()).hexdigest()[:24]
    path = cache / f"{key}.npz"
    if not path.exists():
        with (
            VideoFileSource(video) as source,
            MediaPipeDetector(model) as detector,
            LandmarkWriter(path, lambda: source.facts, detector.model) as writer,
        ):
            for frame in source:
                pose = detector.detect(frame)
                writer.write(Tick(frame.time_s, pose, pose, {}, (), (), None), None)
    return load_landmarks(path)


def score_clip(name: str, truth: dict[str, Any], track: PoseTrack, spec: ExerciseSpec) -> Score:
    """Run the pipeline over a clip's landmarks and compare."""
    sink, pipeline = Ticks(), Pipeline(spec)
    replay(track, pipeline, [sink])
    summary = pipeline.summary(track.source, track.model)
    side: Side = truth["side"]
    frames = truth["frames"]
    count = min(len(frames["time_s"]), len(track))
    rotations = [tick.sides[side].rotation for tick in sink.kept[:count]]
    value = np.array([r.value_deg for r in rotations])
    true = np.array(frames[f"{side}_hip_internal_rotation_deg"][:count], dtype=float)
    error = value - true
    start = error[np.array(frames["time_s"][:count]) < _start_s(truth)]
    offset = np.nanmedian(start) if np.isfinite(start).any() else np.nan
    reps = [rep for s in SIDES for rep in summary.sides[s].reps if rep.valid]
    landmark_error, swapped = score_landmarks(truth, track, count)
    return Score(
        name,
        truth["exercise"],
        truth["view"],
        float(np.mean(~np.isnan(track.visibility[:, 0]))),
        landmark_error,
        swapped,
        float(np.mean(np.isnan(value))),
        error,
        error - offset,
        np.array([r.sd_deg for r in rotations]),
        true,
        _counted(spec, reps, side),
        _true_count(truth),
        sum(rep.side != side for rep in reps) if spec.working in ("top", "standing") else 0,
        hold_errors(truth, [hold for s in SIDES for hold in summary.sides[s].holds], side),
    )


def _start_s(truth: dict[str, Any]) -> float:
    position = truth.get("in_position") or {}
    return float(position.get("start_s") or 0.0) + START_S


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
    names = truth["joints"]
    pixels = np.array(truth["frames"]["joints_px"][:count], dtype=float)
    true = {n: pixels[:, names.index(n)] for n in names}
    shoulders = 0.5 * (true["left_shoulder"] + true["right_shoulder"])
    trunk = np.linalg.norm(shoulders - 0.5 * (true["left_hip"] + true["right_hip"]), axis=1)
    straight, crossed = [], []
    for side, other in (("left", "right"), ("right", "left")):
        for part in LEG:
            found = track.image_px[:count, INDEX[f"{side}_{part}"]]
            straight.append(np.linalg.norm(found - true[f"{side}_{part}"], axis=1) / trunk)
            crossed.append(np.linalg.norm(found - true[f"{other}_{part}"], axis=1) / trunk)
    apart = np.mean(straight, axis=0) > np.mean(crossed, axis=0) + 0.1  # NaN where nobody was found: False
    return float(np.nanmedian(straight) * 100), float(np.mean(apart))


def summarise(scores: list[Score]) -> dict[str, dict[str, float]]:
    """The table: a row per exercise and view."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        groups[f"{score.exercise}, {score.view}"].append(score)
    return {name: summarise_group(group) for name, group in sorted(groups.items())}


def summarise_group(group: list[Score]) -> dict[str, float]:
    """One row: frames of all clips pooled, counts by clip."""
    error = np.concatenate([s.error for s in group])
    change = np.abs(np.concatenate([s.change_error for s in group]))
    sd = np.concatenate([s.sd for s in group])
    seen = ~np.isnan(error)
    holds = [abs(e) for s in group for e in s.hold_errors_s]
    misses = [abs(s.counted - s.true_count) for s in group]
    row = {
        "clips": len(group),
        "detected_percent": 100 * float(np.mean([s.detected for s in group])),
        "landmark_error_percent": float(np.mean([s.landmark_error for s in group])),
        "swapped_percent": 100 * float(np.mean([s.swapped for s in group])),
        "withheld_percent": 100 * float(np.mean(~seen)),
        "bias_deg": _mean(error),
        "mae_deg": _mean(np.abs(error)),
        "change_mae_deg": _mean(change),
        "change_p95_deg": float(np.nanpercentile(change, 95)) if np.isfinite(change).any() else np.nan,
        "gain": _mean(np.array([s.gain for s in group])),
        "coverage_percent": 100 * float(np.mean(np.abs(error[seen]) <= 1.96 * sd[seen]))
        if seen.any()
        else np.nan,
        "far_off_percent": 100 * float(np.mean(np.abs(np.nan_to_num(error)) > 15)),
        "counts_exact_percent": 100 * float(np.mean([m == 0 for m in misses])),
        "count_worst": max(misses),
        "wrong_side": sum(s.wrong_side for s in group),
        "hold_error_s": float(np.mean(holds)) if holds else np.nan,
    }
    return {key: round(float(value), 3) for key, value in row.items()}


def _mean(values: Float) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


COLUMNS = {
    "clips": "clips",
    "detected_percent": "found %",
    "landmark_error_percent": "landmarks %",
    "swapped_percent": "swapped %",
    "withheld_percent": "withheld %",
    "bias_deg": "bias °",
    "mae_deg": "abs °",
    "change_mae_deg": "Δ °",
    "change_p95_deg": "Δ 95 °",
    "gain": "gain",
    "coverage_percent": "covered %",
    "far_off_percent": "> 15° %",
    "counts_exact_percent": "count exact %",
    "count_worst": "worst",
    "hold_error_s": "hold s",
}


def format_table(table: dict[str, dict[str, float]]) -> str:
    """The table in Markdown."""
    lines = ["| exercise, view | " + " | ".join(COLUMNS.values()) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, row in table.items():
        cells = ["–" if np.isnan(row[key]) else f"{row[key]:.{_decimals(key)}f}" for key in COLUMNS]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _decimals(key: str) -> int:
    return 2 if key in {"gain", "hold_error_s"} else 0 if key in {"clips", "count_worst"} else 1


def describe_clip(score: Score) -> str:
    """One clip in a line."""
    return (
        f"{score.name:44} counted {score.counted} of {score.true_count}, wrong side {score.wrong_side}, "
        f"abs {_mean(np.abs(score.error)):.1f}, change {_mean(np.abs(score.change_error)):.1f}, "
        f"gain {score.gain:.2f}, withheld {100 * score.withheld:.0f} %, found {100 * score.detected:.0f} %, "
        f"holds {[round(e, 1) for e in score.hold_errors_s]}"
    )


if __name__ == "__main__":
    sys.exit(main())
