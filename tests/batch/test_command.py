"""`coach batch` as typed: what it refuses, what it says, what its exit code means."""

import json
import os
import pty
import select
import subprocess
import sys

import pytest
from batches import EXERCISE, ROOT, batch_command, run_batch_command

from coach.batch.records import Outcome
from coach.batch.run import Tally
from coach.cli import main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Expected videos"),
        (("x.mp4",), "Expected an exercise for"),
        (("x.mp4", "--exercise", "none-such"), "There is no exercise 'none-such'"),
        (("x.mp4", "--exercise", EXERCISE, "--jobs", "0"), "--jobs of 1 or more"),
        (("x.mp4", "--exercise", EXERCISE, "--from-landmarks"), "Expected stored landmarks"),
        (("--manifest", "gone.csv"), "Cannot read the manifest"),
        (("OUT/x.npz", "--exercise", EXERCISE), "Choose another --out"),
    ],
)
def test_wrong_usage(tmp_path, capsys, arguments, words):
    out = str(tmp_path / "out")
    given = [argument.replace("OUT", out) for argument in arguments]
    assert main(["batch", *given, "--out", out]) == 2
    assert words in capsys.readouterr().err


def outcome(status, code):
    return Outcome("a", "a.mp4", EXERCISE, "", status, code)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], 0),
        ([("done", 0)], 0),
        ([("done", 0), ("not-measurable", 4)], 4),
        ([("done", 0), ("not-measurable", 4), ("failed", 3)], 3),
        ([("failed", 5)], 3),
    ],
)
def test_exit_codes(outcomes, code):
    tally = Tally()
    for status, number in outcomes:
        tally.add(outcome(status, number))
    assert tally.exit_code == code


def test_landmarks_of_an_earlier_batch_with_their_own_exercise(store_landmarks, tmp_path, capsys):
    first, second = tmp_path / "first", tmp_path / "second"
    store_landmarks(tmp_path / "in" / "anna.npz")
    assert (
        main(["batch", str(tmp_path / "in"), "--from-landmarks", "--exercise", EXERCISE, "--out", str(first)])
        == 0
    )
    stored = first / "videos" / "anna" / "landmarks.npz"  # as a video's results have it
    stored.write_bytes((tmp_path / "in" / "anna.npz").read_bytes())
    assert main(["batch", str(first), "--from-landmarks", "--out", str(second), "--opensim"]) == 0
    ours = second / "videos" / "anna"
    assert (ours / "frames.csv").read_bytes() == (first / "videos" / "anna" / "frames.csv").read_bytes()
    assert json.loads((ours / "summary.json").read_text())["exercise"] == EXERCISE
    assert (ours / "angles.mot").is_file()
    assert (ours / "landmarks.trc").is_file()
    assert "1 of 1 videos have results." in capsys.readouterr().out


def test_an_output_folder_that_cannot_be_made_is_told_in_words(store_landmarks, tmp_path):
    store_landmarks(tmp_path / "in" / "a.npz")
    (tmp_path / "file").write_text("x")
    result = run_batch_command(
        tmp_path / "in", "--from-landmarks", "--exercise", EXERCISE, "--out", tmp_path / "file" / "out"
    )
    assert result.returncode == 3
    assert result.stderr.startswith("coach: Could not write")
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_sees_a_bar_with_the_time_left(store_landmarks, tmp_path):
    for name in "ab":
        store_landmarks(tmp_path / "in" / f"{name}.npz", repeats=4)
    mine, theirs = pty.openpty()
    command = batch_command(
        tmp_path / "in", "--from-landmarks", "--exercise", EXERCISE, "--jobs", 1, "--out", tmp_path / "out"
    )
    with subprocess.Popen(command, cwd=ROOT, stderr=theirs, stdout=subprocess.PIPE) as run:
        os.close(theirs)
        seen = b""
        while select.select([mine], [], [], 60)[0]:
            try:
                seen += os.read(mine, 65536)
            except OSError:  # the other end is gone
                break
        stdout = run.stdout.read().decode()
    os.close(mine)
    assert run.returncode == 0
    assert b"of 2 videos" in seen
    assert b":" in seen
    assert "2 of 2 videos have results." in stdout
