"""Live sessions with the real pose model: sample clips as cameras, unplugged cameras, killed processes."""

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from camera_server import make_film, served

from coach.cli import main
from coach.exercise.spec import find_spec
from coach.live.plan import Plan
from coach.live.session import LiveSession
from coach.live.state import Look
from coach.output.history import DATABASE_VARIABLE, History
from coach.pipeline import Pipeline
from coach.vision.detector import MediaPipeDetector
from coach.vision.source import VideoFileSource

CLIPS = Path(__file__).parents[2] / "sample_videos"
SEATED = CLIPS / "seated_rotation_left.mp4"
BETWEEN_REPS_S = 10.7  # the seated clip rests here, after its second rep


@pytest.mark.parametrize(
    ("clip", "exercise", "counts"),
    [
        ("seated_rotation_left", "seated-rotation", {"left": 4, "right": 0}),
        ("side_lying_left", "side-lying-rotation", {"left": 3, "right": 0}),
        ("clamshell_right", "banded-clamshell", {"left": 0, "right": 6}),
    ],
)
def test_live_counts_what_analyze_counts(clip, exercise, counts, pose_model):
    spec = find_spec(exercise)
    live, recorded = LiveSession(spec, Plan(99, 1, countdown_s=0.0)), Pipeline(spec)
    with VideoFileSource(CLIPS / f"{clip}.mp4") as source, MediaPipeDetector(pose_model) as detector:
        for frame in source:
            pose = detector.detect(frame)
            live.update(pose, Look(source.facts.width_px, source.facts.height_px, 0.5))
            recorded.update(pose)
        live.finish()
        recorded.flush()
        for session in (live, recorded):
            summary = session.summary(source.facts, "full")
            assert {side: done.rep_count for side, done in summary.sides.items()} == counts


class LiveProcess:
    """`coach live --json` in a process of its own; its events can be waited for."""

    def __init__(self, url, folder, *words):
        self.url = f"sqlite:///{folder / 'history.sqlite3'}"
        command = [
            sys.executable,
            "-m",
            "coach.cli",
            "live",
            "--exercise",
            "seated-rotation",
            "--camera",
            url,
        ]
        self.process = subprocess.Popen(
            [*command, "--json", "--mute", "--yes", "--brief", "--sets", "1", *words],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, DATABASE_VARIABLE: self.url},
            cwd=Path(__file__).parents[2],
        )
        self.events = []
        self._queue = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def wait_for(self, wanted, limit_s=90.0):
        """The next event that `wanted` accepts."""
        while True:
            event = self._queue.get(timeout=limit_s)
            assert event is not None, f"ended without it; got {self.events[-5:]}"
            self.events.append(event)
            if wanted(event):
                return event

    def reps(self):
        return [e for e in self.events if e["event"] == "rep" and e["valid"]]

    def _read(self):
        for line in self.process.stdout:
            self._queue.put(json.loads(line))
        self._queue.put(None)


def is_working(event):
    return event["event"] == "stage" and event["stage"] == "working"


def is_rep(event):
    return event["event"] == "rep"


def is_said(text):
    return lambda event: event["event"] == "say" and event["text"] == text


def test_an_unplugged_camera_costs_no_rep_and_makes_none(tmp_path):
    film = make_film([(SEATED, False)])
    first = [shot for shot in film if shot[0] < BETWEEN_REPS_S]
    second = [(time_s - BETWEEN_REPS_S, picture) for time_s, picture in film if time_s >= BETWEEN_REPS_S]
    words = ("--side", "left", "--reps", "4", "--countdown", "0")
    with served(film[:1]) as camera, LiveProcess(camera.url, tmp_path, *words) as live:
        live.wait_for(is_working)
        camera.play(first)
        live.wait_for(is_rep)
        live.wait_for(is_rep)
        camera.unplug()
        live.wait_for(is_said("I lost the camera. Waiting for it."), 10)
        camera.play(first[-1:])
        camera.plug()
        live.wait_for(is_said("The camera is back."), 10)
        camera.play(second)
        live.wait_for(lambda event: event["event"] == "summary")
        assert live.process.wait(20) == 0
        assert len(live.reps()) == 4
        with History(live.url) as history:
            (row,) = history.sessions()
        assert row.reps == {"left": 4, "right": 0}
        assert row.status == "complete"


def test_a_killed_session_keeps_its_reps(tmp_path):
    film = make_film([(SEATED, False)])
    with served(film[:1]) as camera, LiveProcess(camera.url, tmp_path, "--countdown", "0") as live:
        live.wait_for(is_working)
        camera.play(film)
        live.wait_for(is_rep)
        live.process.kill()
        live.process.wait()
        with History(live.url) as history:
            (row,) = history.sessions()
        assert row.reps["left"] == 1
        assert row.status == "running"


# -- mistakes


@pytest.fixture
def fresh_account(tmp_path, monkeypatch):
    """Nobody has read the safety notes yet."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv(DATABASE_VARIABLE, f"sqlite:///{tmp_path / 'history.sqlite3'}")


def run(capsys, *words):
    code = main(["live", *words])
    return code, capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        ([], 2, "--exercise"),
        (["--exercise", "nothing"], 2, "seated-rotation"),
        (["--exercise", "seated-rotation", "--reps", "0"], 2, "--reps"),
        (["--exercise", "seated-rotation", "--size", "big"], 2, "1280x720"),
        (["--exercise", "seated-rotation", "--no-display", "--camera", "/dev/video77", "--yes"], 6, "camera"),
        (["--exercise", "seated-rotation", "--no-display", "--camera", "none.mp4", "--yes"], 6, "none.mp4"),
        (
            ["--exercise", "seated-rotation", "--json", "--camera", "http://127.0.0.1:9/x", "--yes"],
            6,
            "port 9",
        ),
    ],
)
def test_mistakes_are_answered_in_words(words, code, hint, fresh_account, capsys, pose_model):
    got, output = run(capsys, *words)
    assert got == code
    assert hint in output.err
    assert "Traceback" not in output.err


def test_the_safety_notes_have_to_be_accepted(fresh_account, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", open(os.devnull, encoding="utf-8"))  # noqa: PTH123, SIM115
    code, output = run(capsys, "--exercise", "seated-rotation", "--no-display", "--camera", str(SEATED))
    assert code == 2
    assert "not a medical device" in output.err
    assert "--yes" in output.err


def test_cameras_can_be_listed(capsys):
    assert run(capsys, "--list-cameras")[0] == 0
