"""A small set of landmark tracks that stays in the repository: what the regression test replays.

    python -m benchmarks.replay_set OUT CLIPS...      from folders of rendered clips with their truth

Landmarks are rounded to a tenth of a pixel and a millimetre and stored as differences from frame to frame;
face and fingers are left out.  All clips of an exercise share one file.
"""

import argparse
import json
import sys
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


def main() -> int:
    """Write a replay set."""
    from benchmarks.exercise_truth import expected_to_plain, load_clips  # noqa: PLC0415 - it reads sets too
    from coach.exercise.spec import load_specs  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--skip", nargs="*", default=[], help="leave out clips whose name begins so")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, dict[str, NDArray[np.generic]]] = {}
    facts = {}
    for folder in args.clips:
        for clip in load_clips(folder, load_specs()):
            if clip.name.startswith(tuple(args.skip)):
                continue
            facts[clip.name] = expected_to_plain(clip.expected)
            group = arrays.setdefault(clip.expected.exercise, {})
            group |= {f"{clip.name}/{key}": array for key, array in pack_track(clip.track).items()}
    for exercise, group in arrays.items():
        np.savez_compressed(args.out / f"{exercise}.npz", **group)  # type: ignore[arg-type]
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(fact)}" for name, fact in sorted(facts.items()))
    (args.out / SET_FILE).write_text("{\n" + lines + "\n}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
