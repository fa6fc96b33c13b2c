"""`summary.json`: a `SessionSummary` in the published, versioned schema (`summary.schema.json`).

JSON has no NaN: a rep's peak that was withheld is null, a side's range that was withheld is a reason.
"""

import json
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import Any, Final

from coach import __version__
from coach.body.landmarks import SIDES
from coach.exercise.events import Fault, Hold, Rep
from coach.exercise.session import RotationRange, SessionSummary, SideSummary
from coach.output.atomic import write_text

SCHEMA_VERSION: Final = 1
_TIME_DECIMALS: Final = 3
_DEGREE_DECIMALS: Final = 1


def load_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every `summary.json` of this version keeps to."""
    text = files("coach.output").joinpath("summary.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def to_json(summary: SessionSummary) -> dict[str, Any]:
    """The summary as plain JSON values: seconds to the millisecond, degrees to a tenth."""
    return {
        "schema": SCHEMA_VERSION,
        "complete": summary.complete,
        "exercise": summary.exercise,
        "tool": {"name": "coach", "version": __version__, "model": summary.model},
        "source": {
            "name": summary.source.name,
            "width": summary.source.width_px,
            "height": summary.source.height_px,
            "fps": _number(summary.source.fps, 3),
            "frames": summary.source.frame_count,
            "duration_s": _number(summary.source.duration_s, _TIME_DECIMALS),
        },
        "tracking": {
            "frames": summary.tracking.frames,
            "frames_with_pose": summary.tracking.frames_with_pose,
            "frames_doubted": summary.tracking.frames_doubted,
            "lost_s": _number(summary.tracking.lost_s, _TIME_DECIMALS),
        },
        "view": {
            "expected": summary.view.expected,
            "measured": summary.view.measured,
            "ok": summary.view.ok,
            "advice": summary.view.advice,
        },
        "sides": {side: _side(summary.sides[side]) for side in SIDES if side in summary.sides},
        "faults": [_fault(fault) for fault in summary.faults],
        "not_assessed": [{"fault": item.fault, "reason": item.reason} for item in summary.not_assessed],
    }


def write_summary(summary: SessionSummary, path: Path) -> None:
    """Write `summary.json`; it appears whole or not at all."""
    text = json.dumps(to_json(summary), indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def _number(value: float | None, decimals: int) -> float | None:
    if value is None or not isfinite(value):
        return None
    return round(value, decimals) + 0.0  # + 0.0 turns -0.0 into 0.0


def _side(side: SideSummary) -> dict[str, Any]:
    return {
        "reps": [_rep(rep) for rep in side.reps],
        "holds": [_hold(hold) for hold in side.holds],
        "internal_rotation_deg": _rotation(side.rotation),
    }


def _rep(rep: Rep) -> dict[str, Any]:
    return {
        "start_s": _number(rep.start_s, _TIME_DECIMALS),
        "peak_s": _number(rep.peak_s, _TIME_DECIMALS),
        "end_s": _number(rep.end_s, _TIME_DECIMALS),
        "peak_deg": _number(rep.peak_deg, _DEGREE_DECIMALS),
        "peak_sd_deg": _number(rep.peak_sd_deg, _DEGREE_DECIMALS),
        "valid": rep.valid,
        "faults": list(rep.faults),
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "start_s": _number(hold.start_s, _TIME_DECIMALS),
        "end_s": _number(hold.end_s, _TIME_DECIMALS),
        "held_s": _number(hold.held_s, _TIME_DECIMALS),
        "target_s": _number(hold.target_s, _TIME_DECIMALS),
        "completed": hold.completed,
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "id": fault.id,
        "side": fault.side,
        "start_s": _number(fault.start_s, _TIME_DECIMALS),
        "end_s": _number(fault.end_s, _TIME_DECIMALS),
        "cue": fault.cue,
        "severity": fault.severity,
    }


def _rotation(rotation: RotationRange | str) -> dict[str, Any]:
    if isinstance(rotation, str):
        return {"withheld": rotation}
    if not all(map(isfinite, (rotation.min_deg, rotation.max_deg, rotation.sd_deg))):
        return {"withheld": "The rotation was not measured."}
    return {
        "min": _number(rotation.min_deg, _DEGREE_DECIMALS),
        "max": _number(rotation.max_deg, _DEGREE_DECIMALS),
        "sd": _number(rotation.sd_deg, _DEGREE_DECIMALS),
        "mode": rotation.mode,
        "verdict": rotation.verdict,
    }
