"""The live picture, and the window on a real (virtual) screen."""

import functools
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from live_actors import LOOK, nobody, play, shift, sit, turn
from simple_specs import OUT, make_spec

from coach.live.plan import Plan
from coach.live.session import LiveSession
from coach.live.state import Result
from coach.output.drawing import INK, SIDE_COLOURS, YELLOW
from coach.output.history import History
from coach.output.live_view import LiveView, ViewSettings, draw_safety
from coach.output.placement import paint_placement
from coach.output.safety import acknowledge, is_acknowledged
from coach.output.window import KEYS, find_screen_problem, save_snapshot

NEEDS_SCREEN = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="Xvfb or xdotool is not installed"
)
SPEC = make_spec(name="Seated rotation")
SIZE = (1280, 720)
PICTURE = np.full((720, 1280, 3), 120, np.uint8)


def states():
    """One state of each stage."""
    session = LiveSession(SPEC, Plan(2, 2, 5.0, 3.0, "left"))
    found = {}
    for state in play(session, nobody(1.0), LOOK):
        found["framing"] = state
    for state in play(session, sit(4.5, 1.05)):
        found[state.stage] = state
    for state in play(session, turn([30, 30], start_s=5.6)):
        found[state.stage] = state
        if max(abs(s.measure_deg) for s in state.tick.sides.values()) > 25:
            found["peak"] = state
    session.toggle_pause()
    found["paused"] = play(session, sit(0.1, 40.0))[-1]
    found["finished"] = replace(found["rest"], stage="finished", rest_left_s=None)
    return found


@pytest.fixture(scope="module")
def stage_states():
    return states()


def draw(state, size=SIZE, **settings):
    return LiveView(SPEC).draw(PICTURE, state, ViewSettings(**settings), size).copy()


def quarter(image):
    """As seen from three metres."""
    return cv2.resize(image, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)


def share(image, colour, tolerance=40):
    return float(np.mean(np.all(np.abs(image.astype(int) - colour) < tolerance, axis=2)))


def test_every_stage_looks_different_even_from_afar(stage_states):
    seen = [quarter(draw(state)) for state in stage_states.values()]
    for i, one in enumerate(seen):
        for other in seen[i + 1 :]:
            assert np.mean(np.abs(one.astype(int) - other)) > 0.5


def test_the_canvas_has_the_windows_size(stage_states):
    for size in ((1280, 720), (640, 480), (1920, 1080), (500, 900), (333, 250)):
        assert draw(stage_states["working"], size).shape == (size[1], size[0], 3)


def test_a_tiny_window_is_survived(stage_states):
    for state in stage_states.values():
        assert draw(state, (10, 10)).shape[0] >= 240


def test_the_count_is_large(stage_states):
    canvas = draw(stage_states["peak"])
    panel = canvas[: canvas.shape[0] // 2, : canvas.shape[1] // 4]
    white = np.all(panel > 240, axis=2)
    rows = np.flatnonzero(white.any(axis=1))
    tallest = max(len(run) for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1))
    assert tallest > 0.18 * canvas.shape[0]


def test_an_upright_window_has_the_picture_below_the_numbers(stage_states):
    picture = np.full_like(PICTURE, (0, 0, 200))
    canvas = LiveView(SPEC).draw(picture, stage_states["working"], ViewSettings(), (500, 900))
    red = np.all(np.abs(canvas.astype(int) - (0, 0, 200)) < 10, axis=2)
    assert red.mean() > 0.2
    assert not red[:300].any()
    assert (red.any(axis=0)).mean() > 0.95


@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (480, 640)])
def test_a_correction_leaves_the_value_in_sight(stage_states, size):
    """The value is what differs from an exercise without one; the person is low in the picture."""
    peak = stage_states["peak"]
    low = replace(peak, tick=replace(peak.tick, pose=shift(peak.tick.pose, y=200.0)))
    cue = replace(low, prompt="Keep both buttocks on the floor, don't lean away. " * 2, is_cue=True)
    without = replace(SPEC, reading=replace(SPEC.reading, absolute=False))

    def count_value_px(state):
        one, other = (LiveView(s).draw(PICTURE, state, ViewSettings(), size).copy() for s in (SPEC, without))
        scene = np.s_[:, size[0] // 4 :] if size[0] > size[1] else np.s_[size[1] * 2 // 5 :]
        return np.any(one[scene] != other[scene], axis=2).sum()

    assert count_value_px(low) > 1000
    assert count_value_px(cue) == count_value_px(low)


@pytest.mark.parametrize("stage", ["framing", "hold-still", "working"])
def test_in_an_upright_window_the_panel_stays_off_the_picture(stage):
    picture = np.full_like(PICTURE, (0, 0, 200))
    state = states_once()[stage]
    assert state.progress.side and state.progress.sets > 1
    canvas = LiveView(SPEC).draw(picture, state, ViewSettings(), (480, 640))
    assert np.all(canvas[262:272] == (0, 0, 200))


def test_where_there_is_room_the_words_stand_below_the_picture():
    picture = np.full_like(PICTURE, (0, 0, 200))
    plain, cue = (
        LiveView(SPEC).draw(picture, state, ViewSettings(), (640, 480)).copy()
        for state in (
            replace(states_once()["peak"], prompt=""),
            replace(states_once()["peak"], prompt="Keep both hips stacked, don't roll back.", is_cue=True),
        )
    )
    assert share(cue, YELLOW) > 0.05
    red = [np.all(canvas == (0, 0, 200), axis=2).sum() for canvas in (plain, cue)]
    assert red[0] == red[1]


def largest_yellow_share(text, size=SIZE):
    state = replace(states_once()["peak"], prompt=text, is_cue=True)
    return share(draw(state, size), YELLOW)


@functools.cache
def states_once():
    return states()


@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (500, 900)])
def test_a_long_prompt_is_broken_rather_than_made_small(size):
    short = largest_yellow_share("Sit upright, facing it.", size)
    long = largest_yellow_share("Sit upright, facing it. " * 3, size)
    assert long > 2.0 * short


def test_in_a_small_window_the_drawing_of_the_camera_s_place_leaves_room_for_the_person(stage_states):
    canvas = draw(stage_states["framing"], (640, 480))
    assert np.all(canvas[95:115, 240:420] == PICTURE[0, 0])
    assert np.mean(canvas[95:115, 440:620] == PICTURE[0, 0]) < 0.1


def test_one_failing_check_at_a_time_is_pointed_out(stage_states):
    state = stage_states["framing"]
    assert sum(not check.ok for check in state.checks) > 1
    alone = replace(
        state, checks=tuple(c if c.name == "whole body" else replace(c, ok=True) for c in state.checks)
    )
    panel = np.s_[:, :300]
    assert share(draw(state)[panel], YELLOW) == pytest.approx(share(draw(alone)[panel], YELLOW), rel=0.05)


def test_the_end_shows_what_each_leg_came_to(stage_states):
    done = stage_states["finished"]
    results = (Result("left", 4, 32.0, 7.0), Result("right", 4, 30.0, 6.0))
    assert share(draw(replace(done, results=results)), YELLOW) > 1.5 * share(draw(done), YELLOW)


def test_an_exercise_without_readable_rotation_has_a_gauge_of_its_own_measure(stage_states):
    spec = replace(SPEC, reading=replace(SPEC.reading, absolute=False))
    peak = stage_states["peak"]
    near = replace(peak.tick.sides["left"], measure_deg=3.0)
    small = replace(peak, tick=replace(peak.tick, sides={**peak.tick.sides, "left": near}))
    blue = [
        share(LiveView(spec).draw(PICTURE, s, ViewSettings(), SIZE)[450:, :300], SIDE_COLOURS["left"])
        for s in (small, peak)
    ]
    assert blue[1] > blue[0] + 0.01


def test_the_band_of_internal_rotation_is_shown_only_where_the_hip_turns_inwards(stage_states):
    gauge, band = np.s_[450:, :300], (150, 160, 70)
    inwards, outwards = (
        share(LiveView(spec).draw(PICTURE, stage_states["peak"], ViewSettings(), SIZE)[gauge], band, 4)
        for spec in (SPEC, make_spec(phases=(OUT,)))
    )
    assert inwards > 0.001
    assert outwards == 0.0


def test_a_correction_stands_out(stage_states):
    working = stage_states["peak"]
    cue = replace(working, prompt="Keep both hips stacked.", is_cue=True)
    assert share(quarter(draw(cue)), YELLOW) > share(quarter(draw(working)), YELLOW) + 0.02


def test_mirroring_turns_the_picture_but_not_the_writing(stage_states):
    picture = PICTURE.copy()
    picture[:, :640] = (0, 0, 200)
    view = LiveView(SPEC)
    mirrored = view.draw(picture, None, ViewSettings(mirrored=True), SIZE).copy()
    plain = view.draw(picture, None, ViewSettings(mirrored=False), SIZE).copy()
    right, left = (300, 1200), (300, 400)
    assert mirrored[right][2] > 150 > mirrored[left][2]
    assert plain[left][2] > 150 > plain[right][2]
    panel = np.s_[:, :300]
    assert np.array_equal(mirrored[panel], plain[panel])


def test_a_lost_camera_is_shown(stage_states):
    lost = draw(stage_states["working"], camera_lost=True)
    assert share(lost, YELLOW) > share(draw(stage_states["working"]), YELLOW) + 0.01


def test_before_the_first_picture_there_is_something_to_draw():
    assert LiveView(SPEC).draw(None, None, ViewSettings(message="Opening"), SIZE).shape == (720, 1280, 3)


def test_names_with_other_letters_are_drawn(stage_states):
    view = LiveView(replace(SPEC, name="Hüftrotation für Zoë"))
    assert view.draw(PICTURE, stage_states["framing"], ViewSettings(), SIZE).any()


def test_drawing_is_quick_enough_for_a_camera(stage_states):
    view, settings = LiveView(SPEC), ViewSettings()
    view.draw(PICTURE, stage_states["peak"], settings, SIZE)
    start_s = time.process_time()
    for _ in range(20):
        view.draw(PICTURE, stage_states["peak"], settings, SIZE)
    assert (time.process_time() - start_s) / 20 < 0.05


def test_the_safety_screen_is_readable():
    canvas = draw_safety(SIZE)
    assert share(canvas, (255, 255, 255)) > 0.01
    assert share(canvas, INK) > 0.8


def test_it_is_remembered_that_the_safety_notes_were_read(tmp_path):
    assert not is_acknowledged(tmp_path)
    acknowledge(tmp_path)
    assert is_acknowledged(tmp_path)


def test_where_that_cannot_be_written_they_are_shown_again(tmp_path):
    (tmp_path / "file").write_text("x")
    acknowledge(tmp_path / "file" / "folder")
    assert not is_acknowledged(tmp_path / "file" / "folder")


def test_snapshots_are_pictures(tmp_path):
    assert save_snapshot(PICTURE, tmp_path / "shots").startswith("Snapshot: ")
    (path,) = (tmp_path / "shots").iterdir()
    assert cv2.imread(str(path)).shape == PICTURE.shape
    (tmp_path / "file").write_text("x")
    assert "could not" in save_snapshot(PICTURE, tmp_path / "file")


def test_every_key_of_the_help_does_something():
    for key in "rnpmvfshq ":
        assert ord(key) in KEYS
    assert KEYS[27] == "quit"


def test_without_a_screen_there_is_a_sentence():
    assert find_screen_problem({}, "linux") == "No screen is set (DISPLAY)."


def test_a_screen_that_is_gone_is_no_crash():
    environment = {**os.environ, "DISPLAY": ":987"}
    environment.pop("WAYLAND_DISPLAY", None)
    assert find_screen_problem(environment, "linux") == "The screen cannot be used."


@contextmanager
def virtual_screen():
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1000x700x24"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield f":{process.stdout.readline().strip()}"
        finally:
            process.kill()


SHOW = """
import sys
import numpy as np
from coach.output.window import Window
image = np.full((300, 400, 3), 90, np.uint8)
with Window() as window:
    size = window.size
    print("open", flush=True)
    while True:
        action = window.show(image, 20)
        if action:
            print(action, flush=True)
        if action == "full-screen":
            window.toggle_full_screen()
            for _ in range(10):
                window.show(image, 20)
            print(*window.size, flush=True)
        if action == "quit" or window.closed:
            break
print("closed", flush=True)
"""


class Screening:
    """A process with the window, whose lines are read without ever waiting for good."""

    def __init__(self, environment):
        self.environment = environment
        self.lines = queue.Queue()

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", SHOW],
            stdout=subprocess.PIPE,
            text=True,
            env=self.environment,
            cwd=Path(__file__).parents[2],
        )
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def read(self):
        return self.lines.get(timeout=30)

    def press(self, key):
        subprocess.run(["xdotool", "key", key], env=self.environment, check=True, timeout=20)


@NEEDS_SCREEN
def test_keys_and_quitting_on_a_real_screen():
    with virtual_screen() as display:
        environment = {**os.environ, "DISPLAY": display}
        assert find_screen_problem(environment) is None
        with Screening(environment) as window:
            assert window.read() == "open"
            time.sleep(1.0)
            for key, action in (("space", "pause"), ("m", "mirror"), ("M", "mirror"), ("Return", "skip")):
                window.press(key)
                assert window.read() == action
            window.press("f")
            assert window.read() == "full-screen"
            width, height = map(int, window.read().split())  # which size, the window manager decides
            assert width >= 400 and height >= 300
            window.press("Escape")
            assert window.read() == "quit"
            assert window.read() == "closed"
            assert window.process.wait(20) == 0


@NEEDS_SCREEN
def test_a_whole_session_on_a_served_clip_in_the_real_window(tmp_path, pose_model):
    tests = Path(__file__).parents[1]
    with virtual_screen() as display:
        environment = {**os.environ, "DISPLAY": display, "PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"}
        command = [sys.executable, str(tests / "stage_play.py"), str(tmp_path), "--reps", "1", "--rest", "1"]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=240, check=False
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('{"left": 2, "right": 2} True')
    with History(f"sqlite:///{tmp_path / 'history.sqlite3'}") as history:
        (row,) = history.sessions()
    assert row.reps == {"left": 2, "right": 2}
    assert row.status == "complete"


def test_the_camera_s_place_is_drawn_while_the_person_is_being_framed(stage_states):
    drawing = paint_placement(SPEC, 56 * 7.2 / 300)
    height, width = drawing.shape[:2]
    corner = np.s_[14 : 14 + height, -14 - width : -14]
    assert np.array_equal(draw(stage_states["framing"])[corner], drawing)
    assert not np.array_equal(draw(stage_states["hold-still"])[corner], drawing)
