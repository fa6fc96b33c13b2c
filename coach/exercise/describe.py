"""An exercise in words, for the terminal."""

from coach.exercise.measures import MEASURES
from coach.exercise.spec import ExerciseSpec

_UNITS = {"deg": "°", "ratio": ""}


def describe_spec(spec: ExerciseSpec) -> str:
    """What it trains, how to do it, where the camera goes, what is counted, watched and not assessed."""
    unit = _UNITS[MEASURES[spec.measure].unit]
    low, high = spec.rep.target
    lines = [f"{spec.name} ({spec.id})", spec.trains, ""]
    if spec.equipment:
        lines += ["You need: " + ", ".join(spec.equipment) + ".", ""]
    lines += [f"  {i}. {step}" for i, step in enumerate(spec.instructions, start=1)]
    lines += ["", f"Camera ({spec.camera_view}): {spec.camera_place}", ""]
    lines += [
        f"Target: {spec.target_sets} x {spec.target_reps}, {spec.measure_label} {low:g} to {high:g}{unit}."
    ]
    if spec.hold:
        lines += [f"Hold for {spec.hold.target_s:g} s."]
    lines += ["", "Watched:", *(f"  - {fault.id}: {fault.cue}" for fault in spec.faults)]
    lines += ["Not assessed:", *(f"  - {fault}: {reason}" for fault, reason in spec.not_assessed)]
    lines += ["", "Safety:", *(f"  - {note}" for note in spec.safety)]
    return "\n".join(lines)
