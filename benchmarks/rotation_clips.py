"""Landmarks and true rotation of many clips in one small file, so that a test can score them all.

Pixels are kept to a sixteenth, metres to a tenth of a millimetre, and only the landmarks that rotation is
read from.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rotation_score import Clip, Float
from coach.body.angles import MIN_AXIS_ANGLE_DEG
from coach.body.landmarks import LANDMARK_COUNT, Side, indices
from coach.body.pose import PoseTrack, SourceFacts

_PARTS = ("shoulder", "hip", "knee", "ankle", "heel", "foot_index")
_ROWS = indices(*(f"{side}_{part}" for part in _PARTS for side in ("left", "right")))
_PX, _M = 16.0, 10_000.0
_MISSING = np.int16(-32768)


def clip_of(name: str, truth: dict[str, Any], track: PoseTrack) -> Clip:
    """A clip from its truth file (see `studio/README.md`) and its landmarks."""
    frames, side = truth["frames"], truth["side"]
    count = min(len(frames["time_s"]), len(track))
    position = truth.get("in_position") or {}
    times = track.time_s[:count]
    rotation_deg, adduction_deg = read_true_angles(truth, side, count)
    inside = (times >= (position.get("start_s") or 0.0)) & (times <= (position.get("end_s") or np.inf))
    return Clip(
        name,
        truth["exercise"],
        truth["view"],
        bool(truth["recommended_view"]),
        side,
        _cut(track, count),
        rotation_deg,
        inside & is_rotation_defined(rotation_deg, adduction_deg),
    )


def read_true_angles(truth: dict[str, Any], side: Side, count: int) -> tuple[Float, Float]:
    """A hip's true internal rotation and adduction in the first `count` frames, degrees."""
    names = ("internal_rotation", "adduction")
    rotation_deg, adduction_deg = (
        np.array(truth["frames"][f"{side}_hip_{name}_deg"][:count], dtype=float) for name in names
    )
    return rotation_deg, adduction_deg


def is_rotation_defined(rotation_deg: Float, adduction_deg: Float) -> NDArray[np.bool_]:
    """Whether there is a true rotation: no thigh near the pelvis' own axis has one (`coach.body.angles`)."""
    return (np.abs(adduction_deg) <= 90.0 - MIN_AXIS_ANGLE_DEG) & (np.abs(rotation_deg) <= 90.0)


def read_true_joints(truth: dict[str, Any], count: int) -> dict[str, Float]:
    """True pixels of each joint in the first `count` frames, each (count, 2)."""
    pixels = np.array(truth["frames"]["joints_px"][:count], dtype=float)
    return {name: pixels[:, i] for i, name in enumerate(truth["joints"])}


def _cut(track: PoseTrack, count: int) -> PoseTrack:
    return PoseTrack(
        track.time_s[:count],
        track.image_px[:count],
        track.world_m[:count],
        track.visibility[:count],
        track.source,
        track.model,
    )


def save_clips(path: Path, clips: list[Clip]) -> None:
    """Write them all to one file."""
    arrays: dict[str, Any] = {}
    for i, clip in enumerate(clips):
        facts = (clip.name, clip.exercise, clip.view, str(int(clip.recommended)), clip.side)
        arrays[f"{i}/facts"] = np.array(facts)
        arrays[f"{i}/time_s"] = clip.track.time_s.astype(np.float32)
        arrays[f"{i}/image"] = _pack(clip.track.image_px[:, _ROWS], _PX)
        arrays[f"{i}/world"] = _pack(clip.track.world_m[:, _ROWS], _M)
        arrays[f"{i}/rotation"] = (100 * clip.rotation_deg).round().astype(np.int16)
        arrays[f"{i}/inside"] = clip.in_position
    np.savez_compressed(path, **arrays)


def load_clips(path: Path) -> list[Clip]:
    """All clips of a file that `save_clips` wrote."""
    with np.load(path) as arrays:
        count = len({key.split("/")[0] for key in arrays})
        return [_unpack_clip(arrays, i) for i in range(count)]


def _unpack_clip(arrays: Any, i: int) -> Clip:
    name, exercise, view, recommended, side = (str(v) for v in arrays[f"{i}/facts"])
    time_s = arrays[f"{i}/time_s"].astype(float)
    image, world = _unpack(arrays[f"{i}/image"], _PX), _unpack(arrays[f"{i}/world"], _M)
    frames = len(time_s)
    image_px, world_m = (
        np.full((frames, LANDMARK_COUNT, 2), np.nan),
        np.full((frames, LANDMARK_COUNT, 3), np.nan),
    )
    image_px[:, _ROWS], world_m[:, _ROWS] = image, world
    seen = np.isfinite(image[:, 0, 0])
    visibility = np.where(seen[:, None], 1.0, np.nan) * np.ones(LANDMARK_COUNT)
    track = PoseTrack(time_s, image_px, world_m, visibility, SourceFacts(name, 480, 360, 10.0))
    rotation = arrays[f"{i}/rotation"].astype(float) / 100
    which: Any = side
    return Clip(name, exercise, view, bool(int(recommended)), which, track, rotation, arrays[f"{i}/inside"])


def _pack(values: Any, scale: float) -> Any:
    packed = np.clip(np.nan_to_num(values) * scale, -32767, 32767).round().astype(np.int16)
    return np.where(np.isnan(values), _MISSING, packed)


def _unpack(packed: Any, scale: float) -> Any:
    return np.where(packed == _MISSING, np.nan, packed / scale)
