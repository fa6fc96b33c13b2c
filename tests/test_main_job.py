"""The whole path on the sample videos, with the real network: counts, sides, files, replay."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import av
import jsonschema
import numpy as np
import pytest

from coach.output.json_parts import load_schema
from coach.output.summary import SCHEMA

SAMPLES = Path(__file__).parents[1] / "sample_videos"
FILES = {"summary.json", "reps.csv", "frames.csv", "landmarks.npz", "annotated.mp4", "report.html"}


def coach(*arguments, cwd):
    command = [sys.executable, "-m", "coach.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def true_reps(name, phases):
    """(start, end) of each full rep; a rep of several phases is several movements in the truth."""
    moves = json.loads((SAMPLES / f"{name}.json").read_text())["reps"]
    groups = [moves[i : i + phases] for i in range(0, len(moves), phases)]
    return [(group[0][0], group[0][1], group[0][2], group[-1][3]) for group in groups]


@pytest.fixture(scope="module")
def analysed(tmp_path_factory, pose_model):
    """Each sample analysed once, on demand."""
    folder, done = tmp_path_factory.mktemp("samples"), {}

    def run(name, exercise):
        if name not in done:
            result = coach(
                "analyze",
                SAMPLES / f"{name}.mp4",
                "--exercise",
                exercise,
                "--out",
                "out",
                "--json",
                cwd=folder,
            )
            assert result.returncode == 0, result.stderr
            assert result.stderr == ""
            done[name] = json.loads(result.stdout), folder / "out" / name
        return done[name]

    return run


CLIPS = [
    ("seated_rotation_left", "seated-rotation", "left", 4, 1),
    ("side_lying_left", "side-lying-rotation", "left", 3, 2),
    ("clamshell_right", "banded-clamshell", "right", 6, 1),
    ("seated_rest", "seated-rotation", None, 0, 1),
]


@pytest.mark.parametrize(("name", "exercise", "side", "count", "phases"), CLIPS)
def test_side_and_count_are_exact(analysed, name, exercise, side, count, phases):
    summary, _ = analysed(name, exercise)
    for s in ("left", "right"):
        valid = [rep for rep in summary["sides"][s]["reps"] if rep["valid"]]
        assert len(valid) == (count if s == side else 0), s
        assert len(summary["sides"][s]["reps"]) == len(valid)


@pytest.mark.parametrize(("name", "exercise", "side", "count", "phases"), CLIPS[:3])
def test_reps_are_where_they_happened(analysed, name, exercise, side, count, phases):
    summary, _ = analysed(name, exercise)
    truth = true_reps(name, phases)
    for rep, (start_s, peak_from_s, peak_to_s, end_s) in zip(
        summary["sides"][side]["reps"], truth, strict=True
    ):
        assert abs(rep["start_s"] - start_s) <= 0.35
        assert peak_from_s - 0.3 <= rep["peak_s"] <= peak_to_s + 0.3
        assert abs(rep["end_s"] - end_s) <= 0.35


def test_peaks_of_the_seated_rotation_are_true_within_the_error_bar(analysed):
    summary, _ = analysed("seated_rotation_left", "seated-rotation")
    truth = json.loads((SAMPLES / "seated_rotation_left.json").read_text())["frames"]
    for rep in summary["sides"]["left"]["reps"]:
        nearest = min(truth, key=lambda frame, t=rep["peak_s"]: abs(frame["t"] - t))
        assert abs(rep["peak_deg"] - nearest["hip"]["L"]["introt"]) <= 1.96 * rep["peak_sd_deg"]


def test_json_keeps_to_the_published_schema(analysed):
    for name, exercise, *_ in CLIPS:
        summary, folder = analysed(name, exercise)
        jsonschema.validate(summary, load_schema(SCHEMA))
        assert json.loads((folder / "summary.json").read_text()) == summary


def test_every_file_is_written_and_nothing_else(analysed):
    _, folder = analysed("seated_rotation_left", "seated-rotation")
    assert {path.name for path in folder.iterdir()} == FILES
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []


def test_frames_csv_has_a_row_per_frame_and_the_contract_s_columns(analysed):
    summary, folder = analysed("seated_rotation_left", "seated-rotation")
    rows = list(csv.DictReader((folder / "frames.csv").open()))
    assert len(rows) == summary["source"]["frames"] == summary["tracking"]["frames"]
    for side in ("left", "right"):
        for column in (
            "phase",
            "hip_internal_rotation_deg",
            "hip_internal_rotation_sd_deg",
            "knee_flexion_deg",
            "hip_flexion_deg",
            "hip_adduction_deg",
        ):
            assert f"{side}_{column}" in rows[0]


def test_annotated_video_is_h264_and_as_long_as_the_source(analysed):
    _, folder = analysed("seated_rotation_left", "seated-rotation")
    with (
        av.open(str(folder / "annotated.mp4")) as ours,
        av.open(str(SAMPLES / "seated_rotation_left.mp4")) as theirs,
    ):
        stream, source = ours.streams.video[0], theirs.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        frame_s = float(1 / source.average_rate)
        assert abs(float(stream.duration * stream.time_base - source.duration * source.time_base)) <= frame_s
        assert sum(1 for _ in ours.decode(video=0)) == source.frames


def test_replay_from_landmarks_gives_the_same_json(analysed, tmp_path):
    for name, exercise, *_ in CLIPS[:3]:
        summary, folder = analysed(name, exercise)
        result = coach(
            "analyze",
            folder / "landmarks.npz",
            "--exercise",
            exercise,
            "--out",
            "replay",
            "--json",
            cwd=tmp_path,
        )
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout) == summary
        replayed = (tmp_path / "replay" / "landmarks" / "frames.csv").read_text()
        assert replayed == (folder / "frames.csv").read_text()


def test_the_report_stands_alone(analysed):
    _, folder = analysed("seated_rotation_left", "seated-rotation")
    page = (folder / "report.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert 'src="data:image' in page


def test_asking_for_the_idle_leg_counts_nothing(analysed, tmp_path):
    _, folder = analysed("seated_rotation_left", "seated-rotation")
    arguments = ("--exercise", "seated-rotation", "--side", "right", "--out", "o", "--json")
    result = coach("analyze", folder / "landmarks.npz", *arguments, cwd=tmp_path)
    summary = json.loads(result.stdout)
    assert all(not side["reps"] for side in summary["sides"].values())


def test_demo_ends_with_count_measurement_and_report(tmp_path, pose_model):
    result = coach("demo", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "4 reps" in result.stdout
    assert "±" in result.stdout
    assert "report.html" in result.stdout
    assert (tmp_path / "coach_results" / "seated_rotation_left" / "report.html").is_file()


def test_replay_of_a_broken_off_recording_says_so(analysed, tmp_path):
    _, folder = analysed("seated_rotation_left", "seated-rotation")
    with np.load(folder / "landmarks.npz") as whole:
        arrays = {name: whole[name] for name in whole.files}
    np.savez(tmp_path / "broken.npz", **(arrays | {"complete": np.array(False)}))
    result = coach("analyze", "broken.npz", "--exercise", "seated-rotation", "--json", cwd=tmp_path)
    assert json.loads(result.stdout)["complete"] is False
