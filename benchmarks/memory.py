"""Resident memory (MB) of one analysis at two of its frames.

python benchmarks/memory.py VIDEO EXERCISE OUT [EARLY LATE]
"""

import os
import sys
from pathlib import Path

from coach.exercise.spec import find_spec
from coach.jobs.analyze import Job, analyze


def main(video: str, exercise: str, out: str, early: str = "500", late: str = "20000") -> None:
    """Print the resident memory at frame `early` and at frame `late`."""
    wanted, seen = {int(early), int(late)}, 0

    def on_frame(_done_s: float, _total_s: float | None) -> None:
        nonlocal seen
        seen += 1
        if seen in wanted:
            print(f"{resident_mb():.2f}", flush=True)

    analyze(Job(Path(video), find_spec(exercise), Path(out) / "memory"), on_frame)


def resident_mb() -> float:
    """Resident memory of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main(*sys.argv[1:])
