"""An archive of stored landmarks, so that whole batches take seconds."""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from coach.analyze import Job, analyze
from coach.batch.records import Settings, Task
from coach.body.landmarks import LANDMARK_NAMES
from coach.exercise.spec import find_spec
from coach.vision.landmark_store import load_landmarks

EXERCISE = "seated-rotation"
ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_videos" / "seated_rotation_left.mp4"


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


def batch_command(*arguments):
    return [sys.executable, "-m", "coach.cli", "batch", *map(str, arguments)]


def run_batch_command(*arguments):
    """`coach batch` run to its end."""
    return subprocess.run(
        batch_command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )


def start_batch_command(*arguments):
    """`coach batch` in a process group of its own, as a terminal would have it."""
    return subprocess.Popen(
        batch_command(*arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_records(out, count, process):
    """Wait until so many videos are finished; the run must still be under way then."""
    for _ in range(1200):
        if len(list(out.glob("videos/*/batch.json"))) >= count:
            break
        time.sleep(0.05)
    assert process.poll() is None, "the run ended before it could be interrupted"


def read_tree(out):
    """Every result file's content by name; of a record, all but the time that it took."""
    tree = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.name != ".lock":
            content = path.read_bytes()
            if path.name == "batch.json":
                record = json.loads(content)
                record.pop("cpu_s")
                content = json.dumps(record).encode()
            tree[path.relative_to(out).as_posix()] = content
    return tree


def worker_processes(parent):
    """Process ids of a batch's workers (Linux)."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
