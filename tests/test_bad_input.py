"""What goes wrong in the world: each with its exit code, one or two plain sentences, and no litter."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from footage import (
    damage_middle,
    make_frames,
    steady_times,
    truncate,
    write_audio_only,
    write_video,
)

from coach.vision.source import VideoFileSource

SAMPLE = Path(__file__).parents[1] / "sample_videos" / "seated_rotation_left.mp4"
EXERCISE = ("--exercise", "seated-rotation")


def coach(*arguments, cwd, **options):
    command = [sys.executable, "-m", "coach.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **options)


def refuse(result, code, *words):
    """The exit code, and all of what was said: short, plain, on stderr only."""
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    assert result.stderr.startswith("coach: ")
    assert "Traceback" not in result.stderr
    assert len(result.stderr) < 500
    for word in words:
        assert word in result.stderr


def litter(folder):
    """Everything below a folder, hidden files too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def person(pose_model):
    """The first seconds of a sample as pictures."""
    return [frame.image.copy() for frame in VideoFileSource(SAMPLE)][:100]


def test_missing_file(tmp_path):
    refuse(coach("analyze", "nowhere.mp4", *EXERCISE, cwd=tmp_path), 3, "nowhere.mp4")
    assert litter(tmp_path) == []


def test_folder_instead_of_a_file(tmp_path):
    (tmp_path / "videos").mkdir()
    refuse(coach("analyze", "videos", *EXERCISE, cwd=tmp_path), 3, "videos", "folder")
    assert litter(tmp_path) == []


@pytest.mark.parametrize("kind", ["empty", "truncated", "text", "audio"])
def test_files_that_are_no_videos(tmp_path, kind):
    path = tmp_path / f"{kind}.mp4"
    if kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("This is not a video.\n" * 100)
    elif kind == "audio":
        write_audio_only(path)
    else:
        truncate(write_video(path, make_frames(30), steady_times(30)), 0.5)
    refuse(coach("analyze", path.name, *EXERCISE, cwd=tmp_path), 3, path.name)
    assert litter(tmp_path) == [path.name]


def test_nobody_in_the_picture(tmp_path, pose_model):
    write_video(tmp_path / "empty_room.mp4", make_frames(40), steady_times(40))
    refuse(coach("analyze", "empty_room.mp4", *EXERCISE, cwd=tmp_path), 4, "nobody", "empty_room.mp4")
    assert litter(tmp_path) == ["empty_room.mp4"]


def test_damaged_middle_is_passed_over_and_said(tmp_path, pose_model):
    path = tmp_path / "damaged.mp4"
    path.write_bytes(SAMPLE.read_bytes())
    damage_middle(path, 0.5, 0.52)
    result = coach("analyze", path.name, *EXERCISE, "--no-video", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "damaged" in result.stderr
    assert json.loads(result.stdout)["complete"] is True


def test_results_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("in the way")
    refuse(coach("analyze", SAMPLE, *EXERCISE, "--out", "file/results", cwd=tmp_path), 3, "--out")
    assert (tmp_path / "file").read_text() == "in the way"


def test_full_disk_leaves_nothing_half_written(tmp_path, pose_model):
    before = tmp_path / "out" / "seated_rotation_left"
    before.mkdir(parents=True)
    (before / "summary.json").write_text("from last time")

    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    result = coach("analyze", SAMPLE, *EXERCISE, "--out", "out", cwd=tmp_path, preexec_fn=no_room)
    refuse(result, 3, "Could not write")
    assert litter(tmp_path) == ["out/seated_rotation_left/summary.json"]
    assert (before / "summary.json").read_text() == "from last time"


def test_spec_with_three_mistakes_names_all_three(tmp_path):
    good = (Path(__file__).parents[1] / "exercise_specs" / "seated-rotation.toml").read_text()
    bad = good.replace('view = "front"', 'view = "above"')
    bad, changed = re.subn(r"^on_deg = .*$", "on_rad = 0.3", bad, count=1, flags=re.MULTILINE)
    bad, also_changed = re.subn(r"(\[rep\].*?)min_s = [\d.]+", r'\1min_s = "soon"', bad, count=1, flags=re.S)
    assert changed and also_changed
    (tmp_path / "mine.toml").write_text(bad)
    for arguments in (("exercises", "check", "mine.toml"), ("analyze", SAMPLE, *EXERCISE, "--specs", ".")):
        result = coach(*arguments, cwd=tmp_path)
        assert result.returncode == 2
        for words in ("phase[1].on_rad", "camera.view", "'above'", "rep.min_s", "'soon'"):
            assert words in result.stderr
        assert "Traceback" not in result.stderr


def test_unknown_exercise_lists_the_known_ones(tmp_path):
    result = coach("analyze", SAMPLE, "--exercise", "juggling", cwd=tmp_path)
    refuse(result, 2, "juggling", "seated-rotation", "banded-clamshell")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a bundle at all", None])
def test_model_that_is_none(tmp_path, content, pose_model):
    path = tmp_path / "mine.task"
    path.write_bytes(pose_model.path.read_bytes()[:5_000_000] if content is None else content)
    refuse(coach("analyze", SAMPLE, *EXERCISE, "--model", "mine.task", cwd=tmp_path), 5, "mine.task")
    assert litter(tmp_path) == ["mine.task"]


def test_missing_model_file(tmp_path):
    refuse(coach("analyze", SAMPLE, *EXERCISE, "--model", "gone.task", cwd=tmp_path), 5, "gone.task")


@pytest.mark.parametrize(
    ("fps", "size", "count"),
    [(20, None, 10), (1, None, 8), (120, None, 100), (30, (641, 479), 12), (30, (3840, 2160), 6)],
    ids=["half a second", "1 fps", "120 fps", "odd size", "4K"],
)
def test_unusual_footage_is_analysed(tmp_path, person, fps, size, count):
    pictures = [p if size is None else cv2.resize(p, size) for p in person[:count]]
    odd = {"codec": "mjpeg", "pixel_format": "yuvj444p"} if size == (641, 479) else {}
    path = write_video(
        tmp_path / ("clip.avi" if odd else "clip.mp4"), pictures, steady_times(count, fps), **odd
    )
    result = coach("analyze", path.name, *EXERCISE, "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout)
    assert summary["tracking"]["frames"] == count
    assert (summary["source"]["width"], summary["source"]["height"]) == (size or (640, 480))
    assert sum(len(side["reps"]) for side in summary["sides"].values()) == 0
    assert (tmp_path / "coach_results" / "clip" / "annotated.mp4").stat().st_size > 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interruption_leaves_nothing_behind(tmp_path, pose_model, how):
    command = [sys.executable, "-m", "coach.cli", "analyze", str(SAMPLE), *EXERCISE, "--out", "out"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("out/.coach-*/.coach-*.part")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    os.kill(process.pid, how)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130, stderr
    assert stdout == ""
    assert stderr.strip().startswith("coach: interrupted")
    assert "Traceback" not in stderr
    assert litter(tmp_path) == []


def test_one_bad_video_does_not_stop_the_next(tmp_path, person):
    write_video(tmp_path / "good.mp4", person[:20], steady_times(20, 20))
    (tmp_path / "bad.mp4").write_text("no")
    result = coach("analyze", "bad.mp4", "good.mp4", *EXERCISE, "--no-video", cwd=tmp_path)
    assert result.returncode == 3
    assert "bad.mp4" in result.stderr
    assert (tmp_path / "coach_results" / "good" / "summary.json").is_file()


def test_side_view_is_told_where_to_put_the_camera(tmp_path):
    """Landmarks of somebody seen from the side: nothing is counted, nothing measured, the advice is plain."""
    landmarks = side_on_landmarks(tmp_path / "side.npz")
    result = coach("analyze", landmarks.name, *EXERCISE, "--json", cwd=tmp_path)
    assert result.returncode == 4
    assert "knees point at the camera" in result.stderr
    summary = json.loads(result.stdout)
    assert summary["view"]["ok"] is False
    for side in summary["sides"].values():
        assert "withheld" in side["internal_rotation_deg"]
        assert side["reps"] == []


def side_on_landmarks(path):
    """The sample's landmarks, turned by 90 degrees about the vertical."""
    from coach.body.pose import Pose, SourceFacts
    from coach.pipeline import Frame, Tick
    from coach.vision.detector import MediaPipeDetector
    from coach.vision.landmark_store import LandmarkWriter
    from coach.vision.model_store import find_model

    facts = SourceFacts("side.mp4", 640, 480, 20.0, 100, 5.0)
    turn = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    with (
        MediaPipeDetector(find_model(progress=False)) as detector,
        LandmarkWriter(path, lambda: facts, "full") as writer,
    ):
        for i, frame in zip(range(100), VideoFileSource(SAMPLE), strict=False):
            pose = detector.detect(Frame(i / 20, frame.image))
            world = (pose.world_m @ turn.T).astype(np.float32).astype(np.float64)
            turned = Pose(pose.time_s, pose.image_px, world, pose.visibility)
            writer.write(Tick(pose.time_s, turned, turned, {}, (), (), None), None)
    return path
