"""Reads benchmark clips: videos with their truth beside them, or files of `python -m benchmarks.pack`.

Of a video, the landmarks are kept in the folder `.landmarks` beside it, by the video's content: the pose
network runs once, and work on what comes after it does not wait for it.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clip import ANGLES, JOINTS, Clip, is_rotation_defined
from benchmarks.exercise_truth import expect, list_trials
from benchmarks.packed_clips import read_packed
from coach.body.landmarks import SIDES
from coach.body.pose import Pose, PoseTrack
from coach.errors import CoachError, InputError
from coach.exercise.rom.protocol import PROTOCOLS
from coach.exercise.rom.session import resembles_neutral
from coach.exercise.setup import resembles_start
from coach.exercise.spec import ExerciseSpec, load_specs
from coach.pipeline import Tick
from coach.vision.detector import MediaPipeDetector
from coach.vision.landmark_store import LandmarkWriter, load_landmarks
from coach.vision.model_store import Model, find_model
from coach.vision.source import VideoFileSource
from coach.vision.subject_finder import SubjectFinder

SEATED_TEST = "rom-seated"


def read_clips(folder: Path) -> Iterator[Clip]:
    """All clips of a folder: of its packed files if it has some, by exercise and name, else of its videos."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}. Check the name.")
    packed = sorted(folder.glob("*.npz"))
    videos = [path for path in sorted(folder.glob("*.mp4")) if path.with_suffix(".json").exists()]
    if not packed and not videos:
        raise InputError(
            f"There are no clips in {folder}: expected videos with their truth (`python -m studio set`) or "
            "files of `python -m benchmarks.pack`."
        )
    for path in packed:
        yield from read_packed(path)
    if not packed:
        yield from _read_videos(videos)


def read_for_command(folders: Iterable[Path]) -> list[Clip]:
    """All clips of some folders; what is wrong with them is the last thing that the command says."""
    try:
        return [clip for folder in folders for clip in read_clips(folder)]
    except CoachError as error:
        raise SystemExit(str(error)) from error


def _read_videos(videos: Iterable[Path]) -> Iterator[Clip]:
    specs = load_specs()
    for video in videos:
        truth = json.loads(video.with_suffix(".json").read_text())
        exercise = truth.get("exercise")
        if exercise in specs or exercise == SEATED_TEST:
            spec = specs.get(exercise)
            yield join_truth(video.stem, truth, load_or_detect(video, spec), spec)


def load_or_detect(video: Path, spec: ExerciseSpec | None) -> PoseTrack:
    """The landmarks of a video as an analysis of this exercise, or without one the seated test, finds them;
    from the cache if its content has been seen before.
    """
    model = find_model()
    path = find_cached(video, spec, model)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        with (
            VideoFileSource(video) as source,
            MediaPipeDetector(model) as detector,
            LandmarkWriter(path, lambda: source.facts, detector.model) as writer,
        ):
            finder = SubjectFinder(detector, whom_to_follow(spec))
            for frame in source:
                pose = finder.detect(frame)
                writer.write(Tick(frame.time_s, pose, pose, {}, (), (), None), None)
    return load_landmarks(path)


def find_cached(video: Path, spec: ExerciseSpec | None, model: Model) -> Path:
    """Where a video's landmarks are kept: they depend on its content, the network and who is followed."""
    sought = b"" if spec else b"neutral pose"
    key = hashlib.sha256(video.read_bytes() + model.sha256.encode() + sought).hexdigest()[:24]
    return video.parent / ".landmarks" / f"{key}.npz"


def whom_to_follow(spec: ExerciseSpec | None) -> Callable[[Pose], bool]:
    """Whether somebody in this pose is about to begin the exercise, or without one the seated test."""
    if spec is None:
        return partial(resembles_neutral, PROTOCOLS["seated"])
    return partial(resembles_start, spec)


def join_truth(name: str, truth: dict[str, Any], track: PoseTrack, spec: ExerciseSpec | None) -> Clip:
    """A clip from its truth file (`studio/README.md`) and its landmarks, as far as both go."""
    frames = truth["frames"]
    count = min(len(frames["time_s"]), len(track))
    columns = [[f"{side}_hip_{angle}_deg" for angle in ANGLES] for side in SIDES]
    hips_deg = np.array([[frames[key][:count] for key in keys] for keys in columns], dtype=float)
    joints = [truth["joints"].index(joint) for joint in JOINTS]
    position = truth.get("in_position") or {}
    times = track.time_s[:count]
    inside = (times >= (position.get("start_s") or 0.0)) & (times <= (position.get("end_s") or np.inf))
    rotation_deg, adduction_deg = hips_deg[SIDES.index(truth["side"]), :2]
    return Clip(
        name,
        truth["exercise"],
        truth["view"],
        bool(truth["recommended_view"]),
        truth["side"],
        _cut(track, count),
        inside & is_rotation_defined(rotation_deg, adduction_deg),
        np.moveaxis(hips_deg, 2, 0),
        np.array(frames["joints_px"][:count], dtype=float)[:, joints],
        expect(truth, spec) if spec else None,
        None if spec else list_trials(truth),
    )


def _cut(track: PoseTrack, count: int) -> PoseTrack:
    return replace(
        track,
        time_s=track.time_s[:count],
        image_px=track.image_px[:count],
        world_m=track.world_m[:count],
        visibility=track.visibility[:count],
    )
