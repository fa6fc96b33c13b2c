"""The truth about a clip as plain JSON values; the format is described in README.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from studio.kinematics import SIDES, Side, hip_angles, other_side
from studio.mannequin import JOINTS
from studio.plain import to_plain
from studio.plan import ClipPlan
from studio.rotations import UP
from studio.timeline import MovementTimes

SCHEMA = 1


def truth_of(plan: ClipPlan) -> dict[str, Any]:
    """Everything that is known about a clip."""
    recipe, camera = plan.recipe, plan.camera
    frames = _frames(plan)
    return {
        "schema": SCHEMA,
        "recipe_hash": recipe.digest(),
        "exercise": recipe.exercise,
        "side": recipe.side,
        "view": recipe.view,
        "recommended_view": plan.motion.views[recipe.view].recommended,
        "video": {
            "width": camera.width,
            "height": camera.height,
            "fps": recipe.sensor.fps,
            "frames": len(plan.frames),
            "duration_s": round(len(plan.frames) / recipe.sensor.fps, 4),
        },
        "camera": {
            "focal_px": round(camera.focal_px, 4),
            "centre_px": [camera.width / 2.0, camera.height / 2.0],
            "eye_m": _rounded(camera.eye),
            "world_to_camera": _rounded(camera.rotation, 8),
            "up_in_camera": _rounded(camera.rotation @ UP, 8),
        },
        "body": {name: round(value, 4) for name, value in to_plain(plan.mannequin.measures).items()},
        "reps": [_rep(plan, times, frames) for times in plan.timeline.times],
        "holds": _holds(plan),
        "faults": _faults(plan),
        "in_position": {"start_s": plan.in_position[0], "end_s": round(plan.in_position[1], 4)},
        "joints": list(JOINTS),
        "frames": frames,
        "recipe": to_plain(recipe),
    }


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    """Write the file whole or not at all."""
    partial = path.with_name(path.name + ".part")
    partial.write_text(json.dumps(truth, separators=(",", ":")), encoding="utf-8")
    partial.replace(path)


def recipe_hash_in(path: Path) -> str | None:
    """The hash of the recipe that a truth file was made from; None if there is no whole file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8")).get("recipe_hash")
    except (OSError, ValueError):
        return None
    return str(found) if found is not None else None


def _frames(plan: ClipPlan) -> dict[str, Any]:
    """Columns with one entry per frame."""
    columns: dict[str, Any] = {"time_s": [round(f.time_s, 5) for f in plan.frames]}
    for side in SIDES:
        angles = [hip_angles(f.pose.pelvis, f.pose.legs[side].thigh, side) for f in plan.frames]
        columns[f"{side}_hip_flexion_deg"] = [round(a.flexion_deg, 4) for a in angles]
        columns[f"{side}_hip_adduction_deg"] = [round(a.adduction_deg, 4) for a in angles]
        columns[f"{side}_hip_internal_rotation_deg"] = [round(a.internal_rotation_deg, 4) for a in angles]
        knees = [f.pose.legs[side].knee_flexion_deg for f in plan.frames]
        columns[f"{side}_knee_flexion_deg"] = [round(k, 4) for k in knees]
    to_camera = plan.camera.rotation
    columns["pelvis_in_camera"] = [_rounded(to_camera @ f.pose.pelvis) for f in plan.frames]
    columns["trunk_in_camera"] = [_rounded(to_camera @ f.placed.trunk) for f in plan.frames]
    points = [np.stack([f.placed.joints[name] for name in JOINTS]) for f in plan.frames]
    columns["joints_camera_m"] = [_rounded(plan.camera.to_camera(p)) for p in points]
    columns["joints_px"] = [_rounded(plan.camera.to_pixels(p), 2) for p in points]
    return columns


def _rep(plan: ClipPlan, times: MovementTimes, frames: dict[str, Any]) -> dict[str, Any]:
    movement = times.movement
    side = _side_of(plan, times)
    times_s = frames["time_s"]
    middle = 0.5 * (times.peak_start_s + times.peak_end_s)
    rotation = {
        s: np.interp([times.start_s, middle, times.end_s], times_s, frames[f"{s}_hip_internal_rotation_deg"])
        for s in SIDES
    }
    change = float(rotation[side][1] - rotation[side][0])
    return {
        "cycle": movement.cycle,
        "side": side,
        "direction": "internal" if change >= 0 else "external",
        "level": movement.level,
        "partial": movement.partial,
        "start_s": round(times.start_s, 4),
        "peak_start_s": round(times.peak_start_s, 4),
        "peak_end_s": round(times.peak_end_s, 4),
        "end_s": round(times.end_s, 4),
    } | {
        f"{s}_hip_internal_rotation_deg": {
            "start": round(float(rotation[s][0]), 3),
            "peak": round(float(rotation[s][1]), 3),
            "end": round(float(rotation[s][2]), 3),
        }
        for s in SIDES
    }


def _side_of(plan: ClipPlan, times: MovementTimes) -> Side:
    """The leg that a movement is about: exercises that alternate use the other leg for negative levels."""
    side: Side = plan.recipe.side
    return other_side(side) if plan.motion.alternates and times.movement.level < 0 else side


def _holds(plan: ClipPlan) -> list[dict[str, Any]]:
    if not plan.motion.held:
        return []
    return [
        {
            "side": _side_of(plan, times),
            "cycle": times.movement.cycle,
            "level": times.movement.level,
            "start_s": round(times.peak_start_s, 4),
            "end_s": round(times.peak_end_s, 4),
        }
        for times in plan.timeline.times
    ]


def _faults(plan: ClipPlan) -> list[dict[str, Any]]:
    """A fault grows and fades with the movement it belongs to; it is listed once per movement."""
    return [
        {
            "kind": fault.kind,
            "cycle": times.movement.cycle,
            "peak_amount": round(fault.amount * abs(times.movement.level), 3),
            "start_s": round(times.start_s, 4),
            "end_s": round(times.end_s, 4),
        }
        for fault in plan.recipe.faults
        for times in plan.timeline.times
        if not fault.cycles or times.movement.cycle in fault.cycles
    ]


def _rounded(values: np.ndarray, digits: int = 5) -> Any:
    return np.round(values, digits).tolist()
