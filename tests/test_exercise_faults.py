"""Mistakes that the studio cannot make: put into stored landmarks of rendered people, they are called.

Each moves one part of the body while the first repetition is at its peak, by an amount that a coach would
see; the same clip without it has no such fault.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.clip import Clip
from benchmarks.clips import read_clips
from benchmarks.exercises import run_track
from coach.body.landmarks import INDEX, SIDES, Side, other_side
from coach.body.pose import PoseTrack
from coach.exercise.spec import load_specs

SPECS = load_specs()
CLIPS = {c.name: c for c in read_clips(Path(__file__).parent / "data" / "landmarks")}
WAY_S = 0.4
"""How long a mistake takes to come and to go."""

Change = Callable[["Body", Side], None]


@dataclass
class Body:
    """Landmarks of all frames, to be changed; `share` of the mistake in each frame, `trunk_px` its length."""

    image_px: np.ndarray
    world_m: np.ndarray
    share: np.ndarray
    trunk_px: float

    def move(self, names: tuple[str, ...], right: float = 0.0, down: float = 0.0) -> None:
        """Shift landmarks in the picture by shares of the trunk."""
        for name in names:
            self.image_px[:, INDEX[name]] += np.outer(self.share, [right, down]) * self.trunk_px

    def bend_knee(self, side: Side, straighter_deg: float) -> None:
        """Turn shank and foot about the knee, in the plane that they make with the thigh."""
        hip, knee = (self.world_m[:, INDEX[f"{side}_{part}"]] for part in ("hip", "knee"))
        for part in ("ankle", "heel", "foot_index"):
            end = self.world_m[:, INDEX[f"{side}_{part}"]]
            along = _unit(knee - hip)
            shank = end - knee
            across = _unit(shank - along * np.sum(shank * along, axis=1, keepdims=True))
            length = np.linalg.norm(shank, axis=1)
            angle = np.arctan2(np.sum(shank * across, axis=1), np.sum(shank * along, axis=1))
            angle -= np.radians(straighter_deg) * self.share
            turned = along * np.cos(angle)[:, None] + across * np.sin(angle)[:, None]
            self.world_m[:, INDEX[f"{side}_{part}"]] = knee + length[:, None] * turned


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def both(part: str) -> tuple[str, ...]:
    """A part of both sides."""
    return tuple(f"{side}_{part}" for side in SIDES)


FAULTS: dict[tuple[str, str], Change] = {
    ("posterior-capsule-stretch", "chest-sinks"): lambda b, _: b.move(both("shoulder"), down=0.7),
    ("posterior-capsule-stretch", "elbows-bend"): lambda b, _: b.move(both("elbow"), right=0.4),
    ("posterior-capsule-stretch", "sits-on-heels"): lambda b, side: b.bend_knee(side, -75),
    ("side-lying-rotation", "trunk-bends"): lambda b, _: b.move(both("shoulder"), down=-0.2),
    ("side-lying-rotation", "knee-straightens"): lambda b, side: b.bend_knee(side, 60),
    ("squat-rotation", "feet-move"): lambda b, side: b.move(
        tuple(f"{side}_{part}" for part in ("ankle", "heel", "foot_index", "knee")), right=0.9
    ),
    ("standing-dissociation", "pelvis-tilts"): lambda b, side: b.move(
        (f"{other_side(side)}_hip",), down=0.14
    ),
    ("standing-dissociation", "trunk-leans"): lambda b, side: b.move((f"{side}_shoulder",), down=0.12),
    ("standing-dissociation", "standing-knee-bends"): lambda b, side: b.bend_knee(side, -45),
    ("seated-rotation", "other-knee-moves"): lambda b, side: b.move((f"{other_side(side)}_knee",), right=0.4),
    ("windshield-wipers", "feet-slide"): lambda b, _: b.move(
        tuple(f"left_{part}" for part in ("ankle", "heel", "foot_index")), right=0.7
    ),
    ("windshield-wipers", "trunk-bends"): lambda b, _: b.move(both("shoulder"), right=-0.4),
    ("ninety-ninety-lift", "knee-lifts"): lambda b, side: b.move(
        tuple(f"{side}_{part}" for part in ("knee", "ankle", "heel", "foot_index")), down=-0.25
    ),
    ("banded-clamshell", "knees-straighten"): lambda b, side: b.bend_knee(side, 45),
    ("banded-clamshell", "foot-sinks"): lambda b, side: b.move(
        tuple(f"{side}_{part}" for part in ("ankle", "heel", "foot_index")), down=0.35
    ),
}


def with_mistake(clip: Clip, change: Change) -> PoseTrack:
    """The clip's landmarks, with the mistake at the peak of the first full repetition."""
    track, rep = clip.track, next(rep for rep in clip.expected.reps if rep.full)
    middle_s = 0.5 * (rep.peak_start_s + rep.peak_end_s)
    half_s = max(0.6, 0.5 * (rep.peak_end_s - rep.peak_start_s))
    share = np.clip((half_s + WAY_S - np.abs(track.time_s - middle_s)) / WAY_S, 0.0, 1.0)
    hips, shoulders = (
        np.mean([track.image_px[:, INDEX[name]] for name in both(part)], axis=0)
        for part in ("hip", "shoulder")
    )
    trunk_px = float(np.nanmedian(np.linalg.norm(hips - shoulders, axis=1)))
    body = Body(track.image_px.copy(), track.world_m.copy(), share, trunk_px)
    change(body, rep.side)
    return replace(track, image_px=body.image_px, world_m=body.world_m)


def called(track: PoseTrack, exercise: str) -> set[str]:
    """The faults found."""
    return {fault.id for fault in run_track(track, SPECS[exercise]).faults}


@pytest.mark.parametrize(("exercise", "fault"), FAULTS)
def test_a_mistake_is_called_where_it_is_made_and_nowhere_else(exercise, fault):
    clip = next(c for c in CLIPS.values() if c.exercise == exercise and c.name.endswith("_1"))
    assert fault not in called(clip.track, exercise)
    assert fault in called(with_mistake(clip, FAULTS[exercise, fault]), exercise)


def test_a_leg_that_turns_about_its_own_thigh_with_the_foot_sinking_is_no_clamshell():
    clip = next(c for c in CLIPS.values() if c.exercise == "banded-clamshell" and c.name.endswith("_1"))
    turned = with_mistake(clip, FAULTS["banded-clamshell", "foot-sinks"])
    before, after = (run_track(t, SPECS["banded-clamshell"]).sides[clip.side] for t in (clip.track, turned))
    assert after.rep_count == before.rep_count - 1
