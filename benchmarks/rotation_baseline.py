"""The committed rotation baseline: what the estimator reaches on landmarks and truth in the repository.

    python -m benchmarks.rotation_baseline              writes the baseline anew; commit it with the reason

`tests/test_rotation_accuracy.py` does not let these figures fall.  The recommended views are those of `test`
in benchmarks/data, the others those of `check` in tests/data/rotation (`benchmarks.pack` put them there).
"""

import json
import sys
from pathlib import Path

from benchmarks.accuracy_page import format_table
from benchmarks.clip import Clip
from benchmarks.clips import read_clips
from benchmarks.rotation_score import (
    RotationScore,
    carries_a_number,
    reading_of,
    score_rotation,
    summarise_rotation,
)

RECOMMENDED = Path(__file__).parent / "data" / "test"
OTHERS = Path(__file__).parents[1] / "tests" / "data" / "rotation"
BASELINE = OTHERS / "baseline.json"


def read_committed() -> list[Clip]:
    """All committed clips that a rotation can be read from."""
    clips = [*read_clips(RECOMMENDED), *read_clips(OTHERS)]
    return [clip for clip in clips if carries_a_number(reading_of(clip.exercise))]


def score_committed() -> list[RotationScore]:
    """Scores of all committed clips."""
    return [score_rotation(clip, reading_of(clip.exercise)) for clip in read_committed()]


def main() -> int:
    """Write the baseline and print its table, which is that of all views in docs/accuracy.md."""
    table = summarise_rotation(score_committed())
    BASELINE.write_text(json.dumps(table, indent=1) + "\n")
    print(f"Wrote {BASELINE}.\n\n{format_table('rotation', table)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
