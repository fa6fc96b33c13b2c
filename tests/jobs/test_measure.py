"""`coach measure` from end to end: a rendered person with known truth, and what it says when it cannot."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from coach.cli import main
from coach.commands.measure import parse_readings
from coach.errors import UsageError
from coach.exercise.rom.protocol import PROTOCOLS
from coach.jobs.measure import MeasureJob, measure
from coach.output.json_parts import load_schema
from coach.output.rom.summary import SCHEMA
from coach.vision.landmark_store import load_landmarks

SAMPLES = Path(__file__).parents[2] / "sample_videos"
CLIP = SAMPLES / "rom_seated_right.mp4"


@pytest.fixture(scope="module")
def truth():
    return json.loads(CLIP.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def measured(pose_model, tmp_path_factory):
    """The sample clip, measured once: (folder, result)."""
    folder = tmp_path_factory.mktemp("rom")
    job = MeasureJob(CLIP, PROTOCOLS["seated"], folder, str(pose_model.path), {("right", "internal"): 36.0})
    return folder, measure(job)


@pytest.fixture(scope="module")
def document(measured):
    return json.loads((measured[0] / "measure.json").read_text(encoding="utf-8"))


def test_the_three_trials_are_found_and_within_three_degrees(document, truth):
    jsonschema.Draft202012Validator(load_schema(SCHEMA)).validate(document)
    internal = document["sides"]["right"]["internal"]
    times = np.array([frame["t"] for frame in truth["frames"]])
    rotation = np.array([frame["hip"]["R"]["introt"] for frame in truth["frames"]])
    start = np.median(rotation[times < 0.7])
    peaks = [np.median(rotation[(times >= rep[1]) & (times <= rep[2])]) - start for rep in truth["reps"]]
    assert internal["trials_deg"] == pytest.approx(peaks, abs=3.0)
    low, high = internal["interval95_deg"]
    assert low <= np.median(peaks) <= high
    assert internal["verdict"] in ("below", "cannot-tell")


def test_their_plateaus_lie_where_the_leg_was_held(document, truth):
    for trial, rep in zip(document["trials"], truth["reps"], strict=True):
        assert trial["counted"]
        assert trial["start_s"] == pytest.approx(rep[0], abs=0.8)
        assert rep[1] - 0.5 <= trial["plateau_s"][0] < trial["plateau_s"][1] <= rep[2] + 0.5


def test_what_was_not_done_is_not_performed(document):
    for side, direction in (("left", "internal"), ("left", "external"), ("right", "external")):
        assert document["sides"][side][direction]["withheld"] == "not_performed"
    assert document["asymmetry_deg"] is None
    assert document["view"]["ok"]


def test_the_report_has_a_protractor_frame_of_each_trial(measured):
    page = (measured[0] / "measure.html").read_text(encoding="utf-8")
    assert page.count("<img") == 3
    assert "Goniometer: 36°" in page


def test_a_replay_of_the_landmarks_gives_the_same_numbers(measured, document, tmp_path):
    folder, _ = measured
    assert len(load_landmarks(folder / "landmarks.npz")) == document["tracking"]["frames"]
    measure(MeasureJob(folder / "landmarks.npz", PROTOCOLS["seated"], tmp_path))
    replayed = json.loads((tmp_path / "measure.json").read_text(encoding="utf-8"))
    assert replayed["trials"] == document["trials"]
    assert replayed["sides"]["right"]["internal"]["trials_deg"] == [
        trial["value_deg"] for trial in document["trials"]
    ]


def test_the_command_prints_json_and_nothing_else(measured, tmp_path, capsys):
    landmarks = str(measured[0] / "landmarks.npz")
    code = main(
        ["measure", landmarks, "--protocol", "seated", "--json", "--out", str(tmp_path), "--goniometer",
         "left-internal=38", "right-internal=35.5"]
    )  # fmt: skip
    assert code == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["sides"]["left"]["internal"]["goniometer_deg"] == 38.0
    assert printed["sides"]["right"]["internal"]["goniometer_deg"] == 35.5
    assert (tmp_path / "landmarks" / "measure.html").exists()


@pytest.mark.parametrize("protocol", ["prone", "supine"])
def test_a_posture_that_cannot_be_measured_says_what_to_do_instead(protocol, tmp_path, capsys):
    code = main(["measure", str(CLIP), "--protocol", protocol, "--json", "--out", str(tmp_path)])
    assert code == 4
    out, err = capsys.readouterr()
    jsonschema.Draft202012Validator(load_schema(SCHEMA)).validate(json.loads(out))
    assert err.startswith("coach: ")
    assert "Use the seated protocol" in err


def test_another_exercise_is_no_range_of_motion_test(pose_model, tmp_path, capsys):
    clip, model = SAMPLES / "seated_rest.mp4", str(pose_model.path)
    code = main(["measure", str(clip), "--protocol", "seated", "--out", str(tmp_path), "--model", model])
    assert code == 4
    assert "start pose was not seen" in capsys.readouterr().err


def test_a_missing_file_is_an_input_error(tmp_path, capsys):
    for protocol in ("seated", "prone"):
        code = main(["measure", str(tmp_path / "no.mp4"), "--protocol", protocol, "--out", str(tmp_path)])
        assert code == 3
        assert "There is no file" in capsys.readouterr().err


def test_readings_are_parsed_and_all_mistakes_told_at_once():
    assert parse_readings(["left-internal=38", "right-external=41.5"]) == {
        ("left", "internal"): 38.0,
        ("right", "external"): 41.5,
    }
    with pytest.raises(UsageError) as error:
        parse_readings(
            ["left=3", "left-internal=x", "left-external=200", "left-internal=1", "left-internal=2"]
        )
    message = str(error.value)
    for part in ("'left=3'", "'left-internal=x'", "'left-external=200'", "given before"):
        assert part in message


def test_nan_is_no_reading():
    with pytest.raises(UsageError):
        parse_readings(["left-internal=nan"])


@pytest.mark.parametrize("args", [(), ("video.mp4", "--camera", "0")])
def test_either_a_video_or_a_camera_is_expected(args, capsys):
    assert main(["measure", "--protocol", "seated", *args]) == 2
    assert "or --camera" in capsys.readouterr().err


def test_live_a_posture_that_cannot_be_measured_is_told_at_once(capsys):
    assert main(["measure", "--camera", "0", "--protocol", "prone", "--yes"]) == 4
    assert "goniometer" in capsys.readouterr().err
