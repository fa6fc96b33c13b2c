"""Packs the landmarks and the truth of benchmark clips into one small file per exercise, without the videos.

    python -m benchmarks.pack OUT CLIPS...      CLIPS are folders of videos with their truth, or packed ones

Whatever reads clips reads OUT too: `accuracy`, `exercises` and `learn_rotation` need no video after this.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

from benchmarks.clip import Clip
from benchmarks.clips import read_for_command
from benchmarks.packed_clips import write_packed


def main() -> int:
    """Pack folders of clips."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--skip", nargs="*", default=[], help="leave out clips whose name begins so")
    args = parser.parse_args()
    clips = [c for c in read_for_command(args.clips) if not c.name.startswith(tuple(args.skip))]
    groups: dict[str, list[Clip]] = defaultdict(list)
    for clip in sorted(clips, key=lambda c: c.name):
        groups[clip.exercise].append(clip)
    args.out.mkdir(parents=True, exist_ok=True)
    for exercise, group in groups.items():
        path = args.out / f"{exercise}.npz"
        write_packed(path, group)
        frames, size = sum(len(clip.track) for clip in group), path.stat().st_size
        print(f"{path}: {len(group)} clips, {frames} frames, {size} bytes, {size / frames:.0f} a frame")
    return 0


if __name__ == "__main__":
    sys.exit(main())
