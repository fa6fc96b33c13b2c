"""What a clip should come to: repetitions, holds, planted faults and trials, from the studio's truth."""

from collections import defaultdict
from typing import Any

import numpy as np

from benchmarks.clip import Expected, Span, TrueTrial
from coach.body.landmarks import SIDES, Side
from coach.exercise.spec import ExerciseSpec

PLANTED: dict[str, dict[str, str]] = {
    "side-lying-rotation": {"pelvis-roll": "hip-moves", "thigh-lift": "hip-moves"},
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


STATED = {
    ("banded-clamshell", "pelvis-roll"): 20.0,
    ("side-lying-rotation", "pelvis-roll"): 20.0,
    ("side-lying-rotation", "thigh-lift"): 20.0,
}
"""From which planted amount on a fault is claimed to be seen, where not all that the studio plants is."""


IN_PLACE_SHARE = {"posterior-capsule-stretch": 0.8}
"""The share of the studio's movement from which on the body does not move any more, where that is not all
of it: of this exercise's, sitting back takes the first half and the sideways shift is over at four fifths."""


def expect(truth: dict[str, Any], spec: ExerciseSpec) -> Expected:
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
    return Expected(reps, holds, faults)


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


def list_trials(truth: dict[str, Any]) -> tuple[TrueTrial, ...]:
    """The trials of a range-of-motion test; not those with a planted fault, which need no number."""
    faulty = {fault["cycle"] for fault in truth["faults"]}
    return tuple(
        TrueTrial(m["side"], m["direction"], m["peak_start_s"], m["peak_end_s"])
        for m in truth["reps"]
        if m["cycle"] not in faulty
    )
