"""`summary.json`: a `SessionSummary` in the published, versioned schema (`summary.schema.json`).

JSON has no NaN: a rep's peak that was withheld is null, a side's range that was withheld is a reason.
"""

from math import isfinite
from pathlib import Path
from typing import Any, Final

from coach.body.landmarks import SIDES
from coach.exercise.events import Fault, Hold, Rep
from coach.exercise.session import RotationRange, SessionSummary, SideSummary
from coach.output.json_parts import common_parts, degrees, seconds, write_json

SCHEMA: Final = "summary.schema.json"
SCHEMA_VERSION: Final = 1


def to_json(summary: SessionSummary) -> dict[str, Any]:
    """The summary as plain JSON values: seconds to the millisecond, degrees to a tenth."""
    return {
        "schema": SCHEMA_VERSION,
        "complete": summary.complete,
        "exercise": summary.exercise,
        **common_parts(summary.model, summary.source, summary.tracking, summary.view),
        "sides": {side: _side(summary.sides[side]) for side in SIDES if side in summary.sides},
        "faults": [_fault(fault) for fault in summary.faults],
        "not_assessed": [{"fault": item.fault, "reason": item.reason} for item in summary.not_assessed],
    }


def write_summary(summary: SessionSummary, path: Path) -> None:
    """Write `summary.json`; it appears whole or not at all."""
    write_json(to_json(summary), path)


def _side(side: SideSummary) -> dict[str, Any]:
    return {
        "reps": [_rep(rep) for rep in side.reps],
        "holds": [_hold(hold) for hold in side.holds],
        "internal_rotation_deg": _rotation(side.rotation),
    }


def _rep(rep: Rep) -> dict[str, Any]:
    return {
        "start_s": seconds(rep.start_s),
        "peak_s": seconds(rep.peak_s),
        "end_s": seconds(rep.end_s),
        "peak_deg": degrees(rep.peak_deg),
        "peak_sd_deg": degrees(rep.peak_sd_deg),
        "valid": rep.valid,
        "faults": list(rep.faults),
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "start_s": seconds(hold.start_s),
        "end_s": seconds(hold.end_s),
        "held_s": seconds(hold.held_s),
        "target_s": seconds(hold.target_s),
        "completed": hold.completed,
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "id": fault.id,
        "side": fault.side,
        "start_s": seconds(fault.start_s),
        "end_s": seconds(fault.end_s),
        "cue": fault.cue,
        "severity": fault.severity,
    }


def _rotation(rotation: RotationRange | str) -> dict[str, Any]:
    if isinstance(rotation, str):
        return {"withheld": rotation}
    if not all(map(isfinite, (rotation.min_deg, rotation.max_deg, rotation.sd_deg))):
        return {"withheld": "The rotation was not measured."}
    return {
        "min": degrees(rotation.min_deg),
        "max": degrees(rotation.max_deg),
        "sd": degrees(rotation.sd_deg),
        "mode": rotation.mode,
        "verdict": rotation.verdict,
    }
