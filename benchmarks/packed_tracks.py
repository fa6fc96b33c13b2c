"""Landmark tracks packed small enough to stay in the repository: a replay set.

Landmarks are rounded to a tenth of a pixel and a millimetre and stored as differences from frame to frame;
face and fingers are left out.  All clips of an exercise share one file.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coach.body.landmarks import LANDMARK_COUNT, indices
from coach.body.pose import PoseTrack, SourceFacts

SET_FILE = "expected.json"
KEPT = indices(
    "nose",
    *(
        f"{side}_{part}"
        for side in ("left", "right")
        for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "foot_index")
    ),
)
_MISSING = -32768
_SCALES = {"image_px": 10.0, "world_m": 1000.0, "visibility": 100.0}


def pack_track(track: PoseTrack) -> dict[str, NDArray[np.generic]]:
    """The arrays of one track, small and whole numbers but for the times."""
    packed: dict[str, NDArray[np.generic]] = {
        "time_s": track.time_s.astype(np.float64),
        "size": np.array([track.source.width_px, track.source.height_px]),
    }
    for name, scale in _SCALES.items():
        values = np.rint(getattr(track, name)[:, KEPT] * scale)
        whole = np.where(np.isnan(values), _MISSING, values).astype(np.int16)
        packed[name] = np.diff(whole, axis=0, prepend=np.int16(0))
    return packed


def unpack_track(name: str, packed: dict[str, NDArray[np.generic]]) -> PoseTrack:
    """The inverse of `pack_track`, but for the rounding."""
    time_s = packed["time_s"].astype(np.float64)
    shapes = {"image_px": (2,), "world_m": (3,), "visibility": ()}
    arrays = {}
    for key, scale in _SCALES.items():
        whole = np.cumsum(packed[key].astype(np.int16), axis=0, dtype=np.int16)
        full = np.full((len(time_s), LANDMARK_COUNT, *shapes[key]), np.nan)
        full[:, KEPT] = np.where(whole == _MISSING, np.nan, whole / scale)
        arrays[key] = full
    width_px, height_px = (int(v) for v in packed["size"])
    fps = 1.0 / float(np.median(np.diff(time_s)))
    return PoseTrack(time_s, source=SourceFacts(name, width_px, height_px, fps), model="full", **arrays)


def read_tracks(folder: Path) -> dict[str, PoseTrack]:
    """All tracks of a replay set by clip name."""
    tracks = {}
    for path in sorted(folder.glob("*.npz")):
        packed: dict[str, dict[str, NDArray[np.generic]]] = {}
        with np.load(path) as archive:
            for key in archive.files:
                clip, _, array = key.partition("/")
                packed.setdefault(clip, {})[array] = archive[key]
        tracks |= {clip: unpack_track(clip, arrays) for clip, arrays in packed.items()}
    return tracks
