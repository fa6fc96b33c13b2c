"""An archive of stored landmarks, so that whole batches take seconds."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from batches import EXERCISE, SAMPLE

from coach.batch.records import Settings, Task
from coach.body.landmarks import LANDMARK_NAMES
from coach.exercise.spec import find_spec
from coach.jobs.analyze import Job, analyze
from coach.vision.landmark_store import load_landmarks


@pytest.fixture(scope="session")
def sample_track(pose_model, tmp_path_factory):
    """What the real network sees in a sample video: four reps of the left leg in 22 seconds."""
    folder = tmp_path_factory.mktemp("sample") / "results"
    analyze(Job(SAMPLE, find_spec(EXERCISE), folder, video=False))
    return load_landmarks(folder / "landmarks.npz")


@pytest.fixture(scope="session")
def store_landmarks(sample_track):
    """Writes a `landmarks.npz` of that session, over and over for `repeats` times, moved by `shift_px`."""

    def store(path, repeats=1, shift_px=0.0):
        rows = {
            name: np.concatenate([getattr(sample_track, name).astype(np.float32)] * repeats)
            for name in ("image_px", "world_m", "visibility")
        }
        rows["image_px"] = rows["image_px"] + np.float32(shift_px)
        count, fps = len(rows["visibility"]), sample_track.source.fps
        facts = replace(
            sample_track.source, name=f"{path.stem}.mp4", frame_count=count, duration_s=count / fps
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            path,
            time_s=np.arange(count) / fps,
            schema=1,
            complete=True,
            landmark_names=LANDMARK_NAMES,
            source=json.dumps(asdict(facts)),
            model="full",
            **rows,
        )
        return path

    return store


@pytest.fixture(scope="session")
def archive(tmp_path_factory, store_landmarks):
    """Six sessions, most of a second of work each."""
    folder = tmp_path_factory.mktemp("archive")
    for number in range(6):
        store_landmarks(folder / f"session_{number}.npz", repeats=4, shift_px=float(number))
    return folder


@pytest.fixture
def make_task(tmp_path):
    """A task for one file of stored landmarks."""
    spec = find_spec(EXERCISE)

    def make(path, out=None, key=None, spec=spec, side="auto", **settings):
        wanted = Settings(video=False, **settings)
        return Task(key or path.stem, str(path), spec, side, str(out or tmp_path / "out"), wanted)

    return make
