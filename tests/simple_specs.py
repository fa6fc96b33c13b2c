"""Small exercise specs for tests."""

from coach.exercise.spec import ExerciseSpec, FaultSpec, HoldSpec, PhaseSpec, RepSpec

IN = PhaseSpec("in", "increase", on=15.0, off=8.0, min_s=0.2)
OUT = PhaseSpec("out", "decrease", on=15.0, off=8.0, min_s=0.2)


def make_fault(fault_id="lean", **changes):
    values = {
        "id": fault_id,
        "measure": "trunk_lean",
        "compare": "drifts-by",
        "threshold": 10.0,
        "phase": "any",
        "persist_s": 0.4,
        "severity": "minor",
        "voids_rep": False,
        "cue": f"No {fault_id}.",
    }
    return FaultSpec(**{**values, **changes})


def make_spec(*, phases=(IN,), cycle=None, hold=None, faults=(), **changes):
    """An exercise that counts inward rotations, unless told otherwise; see `RepSpec` for what may change."""
    rep = {"min_s": 1.0, "max_s": 15.0, "min_half_s": 0.3, "bridge_s": 0.7, "target": (25.0, 40.0)}
    rep.update({key: changes.pop(key) for key in list(changes) if key in rep})
    values = {
        "id": "test-exercise",
        "name": "Test exercise",
        "trains": "Tests.",
        "equipment": (),
        "instructions": ("Move.",),
        "safety": ("Stop.",),
        "camera_view": "front",
        "camera_place": "In front.",
        "working": "either",
        "measure": "hip_internal_rotation",
        "measure_label": "rotation",
        "start_still_s": 0.5,
        "start_knee_flexion_deg": (40.0, 150.0),
        "phases": tuple(phases),
        "rep": RepSpec(cycle=tuple(cycle or [p.name for p in phases]), **rep),
        "hold": HoldSpec(*hold) if hold else None,
        "target_reps": 10,
        "target_sets": 2,
        "faults": tuple(faults),
        "not_assessed": (),
    }
    return ExerciseSpec(**{**values, **changes})
