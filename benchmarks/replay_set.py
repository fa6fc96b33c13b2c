"""Writes the small set of landmark tracks in the repository, which the regression test replays.

python -m benchmarks.replay_set OUT CLIPS...      from folders of rendered clips with their truth
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.exercise_truth import expected_to_plain, load_clips
from benchmarks.packed_tracks import SET_FILE, pack_track
from coach.exercise.spec import load_specs


def main() -> int:
    """Write a replay set."""
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
