"""A folder as studio and pose network leave it, without either: videos, truth and stored landmarks."""

import json
from types import SimpleNamespace

import numpy as np
from bodies import clock, film

from benchmarks import clips
from benchmarks.clip import JOINTS
from coach.body.landmarks import SIDES
from coach.body.pose import Pose, SourceFacts
from coach.exercise.spec import load_specs
from coach.pipeline import Tick
from coach.vision.landmark_store import LandmarkWriter

MODEL = SimpleNamespace(sha256="0" * 64)
TIMES_S = clock(3.0, fps=12.0)
NOBODY, WIDE = 5, 10
"""A frame in which nobody was found, and one whose thigh is so far out that it has no rotation."""


def truth_of(exercise, side):
    """As `studio/README.md` describes it; one repetition, held, with a mistake, and one half-done."""
    rng = np.random.default_rng(len(exercise))
    count = len(TIMES_S)
    whole = {"cycle": 0, "side": side, "direction": "internal", "level": 1.0, "partial": False}
    whole |= {"start_s": 0.3, "peak_start_s": 0.9217, "peak_end_s": 1.2, "end_s": 1.7}
    half = {**whole, "cycle": 1, "level": 0.4, "partial": True}
    half |= {"start_s": 1.8, "peak_start_s": 2.0, "peak_end_s": 2.2, "end_s": 2.6}
    frames = {"time_s": TIMES_S.round(5).tolist()}
    for leg in SIDES:
        for angle in ("internal_rotation", "adduction", "flexion"):
            frames[f"{leg}_hip_{angle}_deg"] = rng.uniform(-60, 60, count).round(4).tolist()
    frames[f"{side}_hip_adduction_deg"][WIDE] = -75.0
    joints = ["nose", *reversed(JOINTS)]
    frames["joints_px"] = rng.uniform(-90, 700, (count, len(joints), 2)).round(2).tolist()
    return {
        "exercise": exercise,
        "side": side,
        "view": "front",
        "recommended_view": side == "left",
        "reps": [whole, half],
        "holds": [],
        "faults": [{"kind": "trunk-lean", "cycle": 1, "peak_amount": 15.5, "start_s": 1.8, "end_s": 2.6}],
        "in_position": {"start_s": 0.2, "end_s": 2.71},
        "joints": joints,
        "frames": frames,
    }


def render(folder, exercise, number, side="left"):
    """A clip; its video is no video, so that whoever wants to look at it fails."""
    folder.mkdir(exist_ok=True)
    video = folder / f"{exercise}_front_{number}.mp4"
    video.write_bytes(video.name.encode())
    video.with_suffix(".json").write_text(json.dumps(truth_of(exercise, side)))
    landmarks = clips.find_cached(video, load_specs().get(exercise), MODEL)
    landmarks.parent.mkdir(exist_ok=True)
    facts = SourceFacts(video.name, 640, 480, 12.0, len(TIMES_S), 3.0)
    poses = film(TIMES_S, left=20.0 * np.sin(TIMES_S), noise_m=0.01, seed=number)
    with LandmarkWriter(landmarks, lambda: facts, "full") as writer:
        for i, pose in enumerate(poses):
            found = Pose.missing(pose.time_s) if i == NOBODY else pose
            writer.write(Tick(pose.time_s, found, found, {}, (), (), None), None)
    return video
