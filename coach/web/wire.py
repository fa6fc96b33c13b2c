"""States and results as plain JSON values for the browser.  Angles in degrees, pictures 0..1 in both axes."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from coach.body.landmarks import SIDES
from coach.body.pose import Pose, SourceFacts
from coach.exercise.events import Rep
from coach.exercise.measures import MEASURES
from coach.exercise.rom.protocol import Protocol
from coach.exercise.rom.result import LegResult, Range, RomSummary
from coach.exercise.rom.session import TRIALS
from coach.exercise.rom.trial import DIRECTIONS, PLATEAU_S, Direction
from coach.exercise.session import SessionSummary, SideSummary
from coach.exercise.spec import ExerciseSpec
from coach.jobs.measure_live import MeasureState
from coach.live.state import LiveState, Say
from coach.live.talk import merge_says
from coach.output.overlay import Overlay, Protractor
from coach.output.placement import draw_placement
from coach.output.progress import Series, describe_change
from coach.output.rom.summary import to_json as rom_to_json
from coach.output.rom.wording import (
    describe_asymmetry,
    describe_mdc,
    describe_range,
    describe_spread,
    describe_trial,
    explain,
    interval_text,
)
from coach.output.summary import to_json
from coach.output.wording import (
    degrees_text,
    describe_reach,
    describe_rotation,
    describe_withheld,
    plain_name,
    sentence,
    shown_sides,
)
from coach.pipeline import Tick

Json = dict[str, Any]


def spec_to_json(spec: ExerciseSpec) -> Json:
    """What the picker and the start page show of an exercise."""
    low, high = spec.target_deg
    return {
        "id": spec.id,
        "name": spec.name,
        "trains": spec.trains,
        "equipment": list(spec.equipment),
        "instructions": list(spec.instructions),
        "safety": list(spec.safety),
        "camera": {
            "body": spec.camera_body,
            "place": spec.camera_place,
            "drawing": draw_placement(spec),
        },
        "one_leg": spec.working != "both",
        "reps": spec.target_reps,
        "sets": spec.target_sets,
        "hold_s": spec.hold_target_s,
        "absolute": spec.reading.absolute,
        "measure": {
            "label": spec.measure_label,
            "unit": MEASURES[spec.measure].unit,
            "target": [low, high],
            "outwards": any(phase.direction == "decrease" for phase in spec.phases),
        },
        "not_assessed": [{"fault": fault, "reason": reason} for fault, reason in spec.not_assessed],
    }


def protocol_to_json(protocol: Protocol) -> Json:
    """What the page shows of a range-of-motion protocol."""
    return {
        "id": protocol.id,
        "name": protocol.name,
        "instructions": list(protocol.instructions),
        "camera": protocol.camera,
        "trials": TRIALS,
        "hold_s": PLATEAU_S,
        "withheld": explain(protocol.withheld) if protocol.withheld else None,
    }


def live_to_json(state: LiveState, seq: int | None, facts: SourceFacts, overlay: Overlay) -> Json:
    """One instant of a coached session."""
    progress = state.progress
    return {
        "type": "state",
        "seq": seq,
        "stage": state.stage,
        "prompt": state.prompt,
        "cue": state.is_cue,
        "note": state.note,
        "countdown": state.countdown_s,
        "rest_s": _round(state.rest_left_s),
        "still": round(state.still_share, 2),
        "hold": [_round(state.hold[0]), state.hold[1]] if state.hold else None,
        "progress": {
            "set": progress.set_number,
            "sets": progress.sets,
            "side": progress.side,
            "count": progress.rep_count,
            "target": progress.rep_target,
        },
        "best": {side: _round(deg) for side, deg in state.best_deg},
        "checks": [{"name": c.name, "ok": c.ok, "advice": c.advice} for c in state.checks],
        "says": _says(state.says),
        "done": [_rep(done.event) for done in state.done if isinstance(done.event, Rep)],
        **_body(state.tick, facts, overlay),
    }


def measure_state_to_json(state: MeasureState, seq: int | None, facts: SourceFacts, overlay: Overlay) -> Json:
    """One instant of a range-of-motion test."""
    return {
        "type": "state",
        "seq": seq,
        "stage": "measuring",
        "prompt": state.prompt,
        "held_s": _round(state.held_s),
        "counts": {side: {way: state.counts.get((side, way), 0) for way in DIRECTIONS} for side in SIDES},
        "complete": state.complete,
        "says": _says(state.says),
        "done": [],
        **_body(state.tick, facts, overlay),
    }


def summary_to_json(summary: SessionSummary, spec: ExerciseSpec) -> Json:
    """A session's result in numbers and in words."""
    return {
        "summary": to_json(summary),
        "name": spec.name,
        "cards": [_card(side, summary.sides[side]) for side in shown_sides(summary)],
        "faults": [
            {"name": plain_name(fault.id), "side": fault.side, "cue": fault.cue, "severity": fault.severity}
            for fault in summary.faults
        ],
        "not_assessed": [
            {"name": plain_name(item.fault), "reason": sentence(item.reason)} for item in summary.not_assessed
        ],
        "view": {"ok": summary.view.ok, "measured": summary.view.measured, "advice": summary.view.advice},
    }


def rom_result_to_json(summary: RomSummary) -> Json:
    """A range-of-motion result in numbers and in words."""
    return {
        "result": rom_to_json(summary),
        "cards": [
            {
                "side": side,
                "arc": _round(summary.legs[side].arc_deg),
                "ways": [_range(summary.legs[side], way) for way in DIRECTIONS],
            }
            for side in SIDES
        ],
        "trials": [
            {
                "side": trial.side,
                "direction": trial.direction,
                "value": degrees_text(trial.value_deg, trial.sd_deg),
                "held_s": _round(trial.held_s),
                "counted": trial.valid,
                "words": describe_trial(trial),
            }
            for trial in summary.trials
        ],
        "differences": [
            describe_asymmetry(asymmetry, way) for way in DIRECTIONS if (asymmetry := summary.asymmetry(way))
        ],
        "detectable": describe_mdc(),
    }


def series_to_json(series: Series, names: dict[str, str]) -> Json:
    """One hip over time."""
    return {
        "exercise": series.exercise,
        "name": names.get(series.exercise, series.exercise),
        "side": series.side,
        "inwards": series.inwards,
        "detectable": _round(series.detectable_deg),
        "change": describe_change(series),
        "points": [
            {
                "at": point.at.isoformat(timespec="seconds"),
                "value": _round(point.value_deg),
                "sd": _round(point.sd_deg),
                "words": degrees_text(point.value_deg, point.sd_deg),
            }
            for point in series.points
        ],
    }


def pose_to_json(pose: Pose, facts: SourceFacts) -> list[list[float]] | None:
    """(x, y, visibility) of the 33 landmarks, None when nobody is seen."""
    if not pose.seen or not facts.width_px:
        return None
    scaled = pose.image_px / (facts.width_px, facts.height_px)
    return [
        [round(x, 4), round(y, 4), round(v, 2)] if isfinite(x + y + v) else [0.0, 0.0, 0.0]
        for (x, y), v in zip(scaled.tolist(), pose.visibility.tolist(), strict=True)
    ]


def _says(says: Sequence[Say]) -> list[Json]:
    say = merge_says(says)
    return [{"text": say.text, "kind": say.kind}] if say is not None else []


def _body(tick: Tick, facts: SourceFacts, overlay: Overlay) -> Json:
    """What is drawn over the video."""
    return {
        "pose": pose_to_json(tick.pose, facts),
        "working": list(tick.working),
        "arcs": [_arc(arc, facts) for arc in overlay.find_protractors(tick)],
        "sides": {
            side: {
                "deg": _round(state.rotation.value_deg),
                "sd": _round(state.rotation.sd_deg),
                "words": describe_rotation(state.rotation),
                "change": _round(state.measure_deg, 2),
            }
            for side, state in tick.sides.items()
        },
    }


def _arc(arc: Protractor, facts: SourceFacts) -> Json:
    x, y = arc.shank.knee.tolist()
    return {
        "side": arc.side,
        "x": round(x / facts.width_px, 4),
        "y": round(y / facts.height_px, 4),
        "r": round(0.62 * arc.shank.length_px / facts.width_px, 4),
        "from": round(arc.reference_rad, 3),
        "to": round(arc.shank.angle_rad, 3),
    }


def _rep(rep: Rep) -> Json:
    return {"side": rep.side, "valid": rep.valid, "words": degrees_text(rep.peak_deg, rep.peak_sd_deg)}


def _card(side: str, done: SideSummary) -> Json:
    card: Json = {
        "side": side,
        "reps": done.rep_count,
        "partial": len(done.reps) - done.rep_count,
        "holds": sum(hold.completed for hold in done.holds),
        "held_s": _round(sum(hold.held_s for hold in done.holds)),
    }
    if isinstance(done.rotation, str):
        return {**card, "withheld": describe_withheld(done.rotation)}
    value, name, remark = describe_reach(done.rotation)
    return {**card, "value": value, "label": name, "remark": remark}


def _range(leg: LegResult, way: Direction) -> Json:
    measured = leg.get(way)
    if not isinstance(measured, Range):
        return {"direction": way, "withheld": explain(measured)}
    low, high = measured.interval95_deg
    return {
        "direction": way,
        "median": _round(measured.median_deg),
        "low": _round(low),
        "high": _round(high),
        "value": degrees_text(measured.median_deg, measured.sd_deg),
        "interval": interval_text(measured),
        "trials": describe_spread(measured),
        "count": len(measured.trials),
        "verdict": describe_range(measured),
    }


def _round(value: float | None, decimals: int = 1) -> float | None:
    if value is None or not isfinite(value):
        return None
    return round(value, decimals) + 0.0
