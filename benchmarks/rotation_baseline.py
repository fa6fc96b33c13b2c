"""The committed rotation baseline: what the estimator reaches on the clips in tests/data/rotation.

    python -m studio set check --out check              once: renders the clips
    python -m benchmarks.pack tests/data/rotation check
    python -m benchmarks.rotation_baseline              writes the baseline anew; commit it with the reason

`tests/test_rotation_accuracy.py` does not let these figures fall.
"""

import json
import sys
from pathlib import Path

from benchmarks.accuracy_page import format_table
from benchmarks.clips import read_clips
from benchmarks.rotation_score import RotationScore, reading_of, score_rotation, summarise_rotation

FOLDER = Path(__file__).parents[1] / "tests" / "data" / "rotation"
BASELINE = FOLDER / "baseline.json"


def score_committed() -> list[RotationScore]:
    """Scores of all committed clips."""
    return [score_rotation(clip, reading_of(clip.exercise)) for clip in read_clips(FOLDER)]


def main() -> int:
    """Write the baseline and print its table, which is that of all views in docs/accuracy.md."""
    table = summarise_rotation(score_committed())
    BASELINE.write_text(json.dumps(table, indent=1) + "\n")
    print(f"Wrote {BASELINE}.\n\n{format_table('rotation', table)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
