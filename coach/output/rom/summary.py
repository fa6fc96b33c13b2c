"""`measure.json`: a `RomSummary` in the published, versioned schema (`measure.schema.json`).

JSON has no NaN: what was never known is null, a direction without a value gives its reason.
"""

from math import isfinite
from pathlib import Path
from typing import Any, Final

from coach.body.landmarks import SIDES, Side
from coach.exercise.rom.result import MDC_FACTOR, SEM_DEG, Range, RomSummary
from coach.exercise.rom.trial import DIRECTIONS, Direction, Trial
from coach.output.json_parts import common_parts, degrees, seconds, write_json
from coach.output.rom.wording import advise, explain
from coach.rotation.rotation import REFERENCE_DEG

SCHEMA: Final = "measure.schema.json"
SCHEMA_VERSION: Final = 1


def to_json(summary: RomSummary) -> dict[str, Any]:
    """The summary as plain JSON values: seconds to the millisecond, degrees to a tenth."""
    internal = summary.asymmetry("internal")
    return {
        "schema": SCHEMA_VERSION,
        "complete": summary.complete,
        "protocol": summary.protocol.id,
        **common_parts(summary.model, summary.source, summary.tracking, summary.view),
        "sides": {side: _side(summary, side) for side in SIDES},
        "asymmetry_deg": degrees(internal.difference_deg) if internal else None,
        "asymmetry": {direction: _asymmetry(summary, direction) for direction in DIRECTIONS},
        "minimal_detectable_change": {
            "deg": degrees(MDC_FACTOR * SEM_DEG),
            "sem_deg": SEM_DEG,
            "provisional": False,
        },
        "reference_deg": list(REFERENCE_DEG),
        "trials": [_trial(trial) for trial in summary.trials],
        "advice": advise(summary),
    }


def write_rom_summary(summary: RomSummary, path: Path) -> None:
    """Write `measure.json`; it appears whole or not at all."""
    write_json(to_json(summary), path)


def _side(summary: RomSummary, side: Side) -> dict[str, Any]:
    leg = summary.legs[side]
    document: dict[str, Any] = {
        direction: _direction(leg.get(direction), summary.readings.get((side, direction)))
        for direction in DIRECTIONS
    }
    document["arc_deg"] = degrees(leg.arc_deg)
    return document


def _direction(measured: Range | str, reading_deg: float | None) -> dict[str, Any]:
    document: dict[str, Any]
    if isinstance(measured, str):
        document = {"withheld": measured, "reason": explain(measured)}
    else:
        document = {
            "trials_deg": [degrees(trial.value_deg) for trial in measured.trials],
            "median_deg": degrees(measured.median_deg),
            "spread_deg": degrees(measured.spread_deg),
            "sd_deg": degrees(measured.sd_deg),
            "interval95_deg": [degrees(limit) for limit in measured.interval95_deg],
            "verdict": measured.verdict,
        }
    if reading_deg is not None:
        document["goniometer_deg"] = degrees(reading_deg)
    return document


def _asymmetry(summary: RomSummary, direction: Direction) -> dict[str, Any] | None:
    asymmetry = summary.asymmetry(direction)
    if asymmetry is None:
        return None
    return {"left_minus_right_deg": degrees(asymmetry.difference_deg), "real": asymmetry.real}


def _trial(trial: Trial) -> dict[str, Any]:
    from_s, to_s = trial.plateau_s
    held = isfinite(from_s)
    return {
        "side": trial.side,
        "direction": trial.direction,
        "start_s": seconds(trial.start_s),
        "end_s": seconds(trial.end_s),
        "plateau_s": [seconds(from_s), seconds(to_s)] if held else None,
        "held_s": seconds(trial.held_s),
        "value_deg": degrees(trial.value_deg),
        "sd_deg": degrees(trial.sd_deg),
        "neutral_deg": degrees(trial.neutral_deg),
        "pelvis_tilt_deg": degrees(trial.pelvis.tilt_deg),
        "shoulder_tilt_deg": degrees(trial.pelvis.shoulder_deg),
        "pelvis_turn_deg": degrees(trial.pelvis.turn_deg),
        "trunk_lean_deg": degrees(trial.pelvis.lean_deg),
        "counted": trial.valid,
        "rejected": trial.rejected,
        "note": trial.note,
    }
