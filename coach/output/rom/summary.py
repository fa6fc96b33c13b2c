"""`measure.json`: a `RomSummary` in the published, versioned schema (`measure.schema.json`).

JSON has no NaN: what was never known is null, a direction without a value gives its reason.
"""

import json
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import Any, Final

from coach import __version__
from coach.body.landmarks import SIDES, Side
from coach.exercise.rom.result import MDC_FACTOR, SEM_DEG, Range, RomSummary
from coach.exercise.rom.trial import DIRECTIONS, Direction, Trial
from coach.output.atomic import write_text
from coach.output.rom.wording import advise, explain
from coach.rotation.rotation import REFERENCE_DEG

SCHEMA_VERSION: Final = 1
_TIME_DECIMALS: Final = 3
_DEGREE_DECIMALS: Final = 1


def load_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every `measure.json` of this version keeps to."""
    text = files("coach.output").joinpath("measure.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def to_json(summary: RomSummary) -> dict[str, Any]:
    """The summary as plain JSON values: seconds to the millisecond, degrees to a tenth."""
    internal = summary.asymmetry("internal")
    return {
        "schema": SCHEMA_VERSION,
        "complete": summary.complete,
        "protocol": summary.protocol.id,
        "tool": {"name": "coach", "version": __version__, "model": summary.model},
        "source": {
            "name": summary.source.name,
            "width": summary.source.width_px,
            "height": summary.source.height_px,
            "fps": _round(summary.source.fps, 3),
            "frames": summary.source.frame_count,
            "duration_s": _round(summary.source.duration_s, _TIME_DECIMALS),
        },
        "tracking": {
            "frames": summary.tracking.frames,
            "frames_with_pose": summary.tracking.frames_with_pose,
            "frames_doubted": summary.tracking.frames_doubted,
            "lost_s": _round(summary.tracking.lost_s, _TIME_DECIMALS),
        },
        "sides": {side: _side(summary, side) for side in SIDES},
        "asymmetry_deg": _degrees(internal.difference_deg) if internal else None,
        "asymmetry": {direction: _asymmetry(summary, direction) for direction in DIRECTIONS},
        "minimal_detectable_change": {
            "deg": _degrees(MDC_FACTOR * SEM_DEG),
            "sem_deg": SEM_DEG,
            "provisional": False,
        },
        "reference_deg": list(REFERENCE_DEG),
        "view": {
            "expected": summary.view.expected,
            "measured": summary.view.measured,
            "ok": summary.view.ok,
            "advice": summary.view.advice,
        },
        "trials": [_trial(trial) for trial in summary.trials],
        "advice": advise(summary),
    }


def write_rom_summary(summary: RomSummary, path: Path) -> None:
    """Write `measure.json`; it appears whole or not at all."""
    text = json.dumps(to_json(summary), indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def _round(value: float | None, decimals: int) -> float | None:
    if value is None or not isfinite(value):
        return None
    return round(value, decimals) + 0.0  # + 0.0 turns -0.0 into 0.0


def _degrees(value: float) -> float | None:
    return _round(value, _DEGREE_DECIMALS)


def _side(summary: RomSummary, side: Side) -> dict[str, Any]:
    leg = summary.legs[side]
    document: dict[str, Any] = {
        direction: _direction(leg.get(direction), summary.readings.get((side, direction)))
        for direction in DIRECTIONS
    }
    document["arc_deg"] = _degrees(leg.arc_deg)
    return document


def _direction(measured: Range | str, reading_deg: float | None) -> dict[str, Any]:
    document: dict[str, Any]
    if isinstance(measured, str):
        document = {"withheld": measured, "reason": explain(measured)}
    else:
        document = {
            "trials_deg": [_degrees(trial.value_deg) for trial in measured.trials],
            "median_deg": _degrees(measured.median_deg),
            "spread_deg": _degrees(measured.spread_deg),
            "sd_deg": _degrees(measured.sd_deg),
            "interval95_deg": [_degrees(limit) for limit in measured.interval95_deg],
            "verdict": measured.verdict,
        }
    if reading_deg is not None:
        document["goniometer_deg"] = _degrees(reading_deg)
    return document


def _asymmetry(summary: RomSummary, direction: Direction) -> dict[str, Any] | None:
    asymmetry = summary.asymmetry(direction)
    if asymmetry is None:
        return None
    return {"left_minus_right_deg": _degrees(asymmetry.difference_deg), "real": asymmetry.real}


def _trial(trial: Trial) -> dict[str, Any]:
    from_s, to_s = trial.plateau_s
    held = isfinite(from_s)
    return {
        "side": trial.side,
        "direction": trial.direction,
        "start_s": _round(trial.start_s, _TIME_DECIMALS),
        "end_s": _round(trial.end_s, _TIME_DECIMALS),
        "plateau_s": [_round(from_s, _TIME_DECIMALS), _round(to_s, _TIME_DECIMALS)] if held else None,
        "held_s": _round(trial.held_s, _TIME_DECIMALS),
        "value_deg": _degrees(trial.value_deg),
        "sd_deg": _degrees(trial.sd_deg),
        "neutral_deg": _degrees(trial.neutral_deg),
        "pelvis_tilt_deg": _degrees(trial.pelvis.tilt_deg),
        "shoulder_tilt_deg": _degrees(trial.pelvis.shoulder_deg),
        "pelvis_turn_deg": _degrees(trial.pelvis.turn_deg),
        "trunk_lean_deg": _degrees(trial.pelvis.lean_deg),
        "counted": trial.valid,
        "rejected": trial.rejected,
        "note": trial.note,
    }
