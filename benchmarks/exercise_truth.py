"""What a clip should come to: repetitions, holds and planted faults, from the studio's truth.

A clip is a video with its truth beside it, or an entry of a replay set (see `benchmarks/replay_set.py`).
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from benchmarks.accuracy import load_or_detect
from benchmarks.packed_tracks import SET_FILE, read_tracks
from coach.body.landmarks import SIDES, Side
from coach.body.pose import PoseTrack
from coach.exercise.spec import ExerciseSpec

PLANTED: dict[str, dict[str, str]] = {
    "side-lying-rotation": {"pelvis-roll": "pelvis-rolls"},
    "seated-rotation": {
        "pelvis-hike": "buttock-lifts",
        "trunk-lean": "trunk-leans",
    },
    "windshield-wipers": {"shoulder-lift": "shoulder-lifts"},
    "posterior-capsule-stretch": {},
    "ninety-ninety-lift": {
        "trunk-lean": "trunk-leans",
        "pelvis-roll": "trunk-leans",
        "pelvis-twist": "pelvis-turns",
    },
    "banded-clamshell": {"pelvis-roll": "pelvis-rolls-back", "feet-part": "feet-part"},
    "squat-rotation": {"hips-rise": "hips-rise", "trunk-lean": "trunk-leans"},
    "standing-dissociation": {},
}
"""The fault of the spec that each planted mistake should be called by; those left out are not assessed."""


STATED = {("banded-clamshell", "pelvis-roll"): 20.0}
"""From which planted amount on a fault is claimed to be seen, where not all that the studio plants is."""


IN_PLACE_SHARE = {"posterior-capsule-stretch": 0.8}
"""The share of the studio's movement from which on the body does not move any more, where that is not all
of it: of this exercise's, sitting back takes the first half and the sideways shift is over at four fifths."""


@dataclass(frozen=True)
class Span:
    """A repetition, hold or fault of the truth; seconds of the clip's own clock.

    The peak of a repetition lasts from `peak_start_s` to `peak_end_s`.
    """

    side: Side
    start_s: float
    end_s: float
    peak_start_s: float
    peak_end_s: float
    full: bool = True


@dataclass(frozen=True)
class Expected:
    """What the pipeline should find in a clip."""

    exercise: str
    view: str
    side: Side
    reps: tuple[Span, ...]
    holds: tuple[Span, ...]
    faults: tuple[tuple[str, float, Span], ...]
    """Kind, amount in the studio's unit, and when."""


@dataclass(frozen=True)
class Clip:
    """A clip's landmarks and what they should come to."""

    name: str
    expected: Expected
    track: PoseTrack


def load_clips(folder: Path, specs: dict[str, ExerciseSpec]) -> Iterator[Clip]:
    """All clips of a folder by name: of a replay set if it is one, else videos with their truth."""
    if (folder / SET_FILE).exists():
        tracks = read_tracks(folder)
        for name, facts in json.loads((folder / SET_FILE).read_text()).items():
            yield Clip(name, expected_from_plain(facts), tracks[name])
        return
    for path in sorted(folder.glob("*.json")):
        truth = json.loads(path.read_text())
        video = path.with_suffix(".mp4")
        if video.exists() and truth.get("exercise") in specs:
            spec = specs[truth["exercise"]]
            track = load_or_detect(video, folder / ".landmarks", spec)
            yield Clip(path.stem, expected_from_truth(truth, spec), track)


def expected_from_truth(truth: dict[str, Any], spec: ExerciseSpec) -> Expected:
    """What the studio's truth asks of the pipeline.

    A cycle of movements is one repetition, of the clip's leg, or of both where both work at once; in the
    exercise whose legs take turns each movement is one of its own leg.
    """
    groups: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    alone = len(spec.rep.cycle) == 1
    for i, movement in enumerate(truth["reps"]):
        groups[movement["cycle"], i if alone else 0].append(movement)
    reps = tuple(
        span for group in groups.values() for span in _span_rep(group, truth["side"], spec.working == "both")
    )
    holds = tuple(
        Span(side, *in_place, *in_place)
        for h, movement in zip(truth["holds"], truth["reps"] if truth["holds"] else (), strict=True)
        for in_place in (_find_in_place(movement, IN_PLACE_SHARE.get(truth["exercise"], 1.0)),)
        for side in (SIDES if spec.working == "both" else (h["side"],))
    )
    faults = tuple(
        (f["kind"], f["peak_amount"], Span(truth["side"], f["start_s"], f["end_s"], f["start_s"], f["end_s"]))
        for f in truth["faults"]
    )
    return Expected(truth["exercise"], truth["view"], truth["side"], reps, holds, faults)


def _span_rep(group: list[dict[str, Any]], clip_side: Side, both: bool) -> list[Span]:
    first, last = group[0], group[-1]
    full = not any(movement["partial"] for movement in group)
    sides: tuple[Side, ...] = (clip_side,) if both or len(group) > 1 else (first["side"],)
    peak = first["peak_start_s"], first["peak_end_s"]
    return [Span(side, first["start_s"], last["end_s"], *peak, full) for side in sides]


def _find_in_place(movement: dict[str, Any], share: float) -> tuple[float, float]:
    """From when to when the body is where a movement takes it; the way there has minimum jerk."""
    reached = min(1.0, share / abs(movement["level"])) if share < 1.0 else 1.0
    grid = np.linspace(0.0, 1.0, 1001)
    progress = grid**3 * (10.0 - 15.0 * grid + 6.0 * grid**2)
    rest = 1.0 - float(np.interp(reached, progress, grid))
    way_in_s = movement["peak_start_s"] - movement["start_s"]
    way_out_s = movement["end_s"] - movement["peak_end_s"]
    return movement["peak_start_s"] - rest * way_in_s, movement["peak_end_s"] + rest * way_out_s


def expected_to_plain(expected: Expected) -> dict[str, Any]:
    """As JSON values."""
    return asdict(expected)


def expected_from_plain(plain: dict[str, Any]) -> Expected:
    """The inverse of `expected_to_plain`."""
    return Expected(
        plain["exercise"],
        plain["view"],
        cast(Side, plain["side"]),
        tuple(Span(**span) for span in plain["reps"]),
        tuple(Span(**span) for span in plain["holds"]),
        tuple((kind, amount, Span(**span)) for kind, amount, span in plain["faults"]),
    )
