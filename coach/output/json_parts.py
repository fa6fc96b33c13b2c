"""What `summary.json` and `measure.json` say alike, as plain JSON values.

JSON has no NaN: a number that was never known is null.
"""

import json
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import Any

from coach import __version__
from coach.body.pose import SourceFacts
from coach.exercise.session import Tracking, ViewSummary
from coach.output.atomic import write_text


def load_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of that file name, which every document of this version keeps to."""
    schema: dict[str, Any] = json.loads(files("coach.output").joinpath(name).read_text(encoding="utf-8"))
    return schema


def write_json(document: dict[str, Any], path: Path) -> None:
    """Write it, indented; the file appears whole or not at all."""
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def seconds(value: float | None) -> float | None:
    """To the millisecond."""
    return rounded(value, 3)


def degrees(value: float | None) -> float | None:
    """To a tenth."""
    return rounded(value, 1)


def rounded(value: float | None, decimals: int) -> float | None:
    """To so many decimals; null where it was never known."""
    if value is None or not isfinite(value):
        return None
    return round(value, decimals) + 0.0  # + 0.0 turns -0.0 into 0.0


def common_parts(
    model: str, source: SourceFacts, tracking: Tracking, view: ViewSummary
) -> dict[str, dict[str, Any]]:
    """Tool, source, tracking and view."""
    return {
        "tool": {"name": "coach", "version": __version__, "model": model},
        "source": {
            "name": source.name,
            "width": source.width_px,
            "height": source.height_px,
            "fps": rounded(source.fps, 3),
            "frames": source.frame_count,
            "duration_s": seconds(source.duration_s),
        },
        "tracking": {
            "frames": tracking.frames,
            "frames_with_pose": tracking.frames_with_pose,
            "frames_doubted": tracking.frames_doubted,
            "lost_s": seconds(tracking.lost_s),
        },
        "view": {
            "expected": view.expected,
            "measured": view.measured,
            "ok": view.ok,
            "advice": view.advice,
        },
    }
