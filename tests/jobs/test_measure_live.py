"""The range-of-motion test in front of a camera: the same result as from a recording, and a guide."""

import re

import numpy as np
import pytest
from bodies import Camera, Movement, build_pose, clock, film, follow, read_by_geometry
from live_actors import FACTS, LOOK, Known, Played, chain, nobody, raise_hand

from coach.body.pose import Pose, PoseTrack
from coach.errors import ModelError
from coach.exercise.rom.protocol import PROTOCOLS
from coach.exercise.rom.result import Range, summarise
from coach.exercise.rom.session import LegState, RomState
from coach.exercise.rom.trial import PLATEAU_S
from coach.jobs.measure_live import CameraWatch, Measuring
from coach.jobs.measure_window import describe_results
from coach.jobs.rom_guide import RomGuide
from coach.pipeline import replay
from coach.rom_pipeline import RomPipeline
from coach.rotation.rotation import Rotation
from coach.vision.landmark_store import load_landmarks

SEATED = read_by_geometry(PROTOCOLS["seated"])


def trials(*levels, first_s=2.0):
    """One after the other, with time enough between them to hear what comes next."""
    movements, start_s = [], first_s
    for level in levels:
        movements.append(Movement(start_s, level, 1.2, 2.4, 1.2))
        start_s = movements[-1].end_s + 3.5
    return movements


def filmed(left=(), right=()):
    times_s = clock(max(m.end_s for m in (*left, *right)) + 2.0, 20.0)
    return list(film(times_s, follow(left, times_s), follow(right, times_s), Camera(fov=0.0)))


def measure(poses, folder):
    states = []
    measuring = Measuring(Played(poses), lambda: Known(poses), SEATED, folder, states.append)
    measuring.start()
    assert measuring.wait(60)
    measuring.stop()
    return measuring.summary, states


def recorded(poses):
    """What the same poses give as a recording."""
    pipeline = RomPipeline(SEATED)
    track = PoseTrack(
        np.array([p.time_s for p in poses]),
        np.array([p.image_px for p in poses]),
        np.array([p.world_m for p in poses]),
        np.array([p.visibility for p in poses]),
        FACTS,
    )
    replay(track, pipeline, [])
    return summarise(pipeline.session, FACTS, "scripted")


def said(states):
    return [say.text for state in states for say in state.says]


@pytest.fixture(scope="module")
def poses():
    return filmed(left=trials(38, 36, 40, -30))


@pytest.fixture(scope="module")
def done(poses, tmp_path_factory):
    folder = tmp_path_factory.mktemp("measuring")
    return (*measure(poses, folder), folder)


def test_live_and_recorded_give_the_same_numbers(done, poses):
    live, offline = done[0].legs["left"], recorded(poses).legs["left"]
    for way in ("internal", "external"):
        assert isinstance(live.get(way), Range)
        assert live.get(way).median_deg == offline.get(way).median_deg
        assert live.get(way).interval95_deg == offline.get(way).interval95_deg


def test_trials_are_counted_aloud_as_they_are_done(done):
    states, counted = done[1], [words for words in said(done[1]) if " of 3" in words]
    inwards = [f"Left hip turned in, {i} of 3." for i in (1, 2, 3)]
    assert counted == [*inwards, "Left hip turned out, 1 of 3."]
    assert states[-1].counts["left", "internal"] == 3
    assert not states[-1].complete


def test_the_end_of_range_is_timed(done):
    assert said(done[1]).count("Hold.") == 4
    assert said(done[1]).count("And come back slowly.") == 4
    assert max(state.held_s for state in done[1]) > 2.0


def test_what_comes_next_is_said(done):
    words = said(done[1])
    assert "Swing your left foot outwards, so that the hip turns in. Hold, then come back." in words
    assert "Swing your left foot inwards, in front of the other leg. Hold, then come back." in words


def test_report_data_and_landmarks_are_written(done):
    folder = done[2]
    assert sorted(path.name for path in folder.iterdir()) == ["landmarks.npz", "measure.html", "measure.json"]
    assert len(load_landmarks(folder / "landmarks.npz")) == len(done[1])
    assert "data:image/jpeg" in (folder / "measure.html").read_text(encoding="utf-8")


def test_a_trial_that_does_not_count_says_why(tmp_path):
    _, states = measure(filmed(left=[Movement(2.0, 35.0, 1.0, 0.3, 1.0)]), tmp_path)
    assert any(words.startswith("That one does not count.") for words in said(states))


def test_a_raised_hand_ends_it(tmp_path, poses):
    hand = [raise_hand(Pose(p.time_s, p.image_px, p.world_m, p.visibility)) for p in poses[:40]]
    summary, states = measure(chain(poses[:140], hand, poses), tmp_path)
    assert len(states) < 185
    assert isinstance(summary.legs["left"].internal, Range)


def test_nobody_is_asked_to_step_in_and_nothing_is_written(tmp_path):
    summary, states = measure(nobody(3.0), tmp_path)
    assert "Step into the picture" in states[-1].prompt
    assert not summary.measured
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_cannot_be_loaded_is_raised_by_stop(tmp_path):
    def fail():
        raise ModelError("No model.")

    measuring = Measuring(Played([]), fail, SEATED, tmp_path)
    measuring.start()
    assert measuring.wait(10)
    with pytest.raises(ModelError):
        measuring.stop()


def test_the_results_fit_on_the_window(done):
    (line,) = describe_results(done[0])
    assert re.match(r"Left: in 3\d° ± \d°, out 3\d° ± \d°", line)


def test_a_plateau_lost_and_found_again_is_announced_once():
    guide, words = RomGuide(SEATED), []
    for i, held_s in enumerate((0.0, 0.1, 0.0, 0.2, 0.0, 0.1, PLATEAU_S + 0.1, 0.0, 0.1)):
        leg = LegState("turned in", Rotation.withheld("x"), 30.0, held_s, 0)
        state = RomState(True, {"left": leg}, ("left",), (), "")
        words += [say.text for say in guide.update(build_pose(i / 20), LOOK, state, ())[1]]
    assert words == ["Good. That is the start pose.", "Hold.", "And come back slowly."]


def test_a_lost_camera_is_told_once_and_that_it_is_back():
    source = Played([])
    watch = CameraWatch(source)
    told = []
    for state in ("live", "lost", "lost", "live", "live"):
        source.state = state
        told += [say.text for say in watch.update()]
    assert told == ["I lost the camera. Waiting for it.", "The camera is back."]
