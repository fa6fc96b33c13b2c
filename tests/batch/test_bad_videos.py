"""A folder of good and bad videos through the real network: each good one done, each bad one explained."""

import contextlib
import csv
import os

import numpy as np
import pytest
from batches import EXERCISE, SAMPLE, run_batch_command
from footage import damage_middle, make_frames, truncate, write_audio_only, write_still, write_video

from coach.vision.source import VideoFileSource

GOOD = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twenty clips cut from a sample video, and ten files that are no such thing."""
    folder = tmp_path_factory.mktemp("clinic")
    frames = [(frame.time_s, frame.image[::2, ::2].copy()) for frame in VideoFileSource(SAMPLE)]
    for number in range(GOOD):
        cut = frames[number * 20 : number * 20 + 24]
        times = [time_s - cut[0][0] for time_s, _ in cut]
        write_video(folder / f"good_{number:02}.mp4", [image for _, image in cut], times)
    spoil(folder, [image for _, image in frames[:24]])
    return folder


def spoil(folder, frames):
    times = [i / 20 for i in range(len(frames))]
    (folder / "bad_empty.mp4").write_bytes(b"")
    (folder / "bad_text.mp4").write_text("This was to be a video.\n")
    (folder / "bad_noise.mov").write_bytes(np.random.default_rng(0).bytes(5000))
    (folder / "bad_page.webm").write_text("<!DOCTYPE html><html>Please log in</html>")
    truncate(write_video(folder / "bad_cut_off.mp4", frames, times), 0.3)
    damage_middle(write_video(folder / "bad_index.mp4", frames, times), 0.85, 1.0)
    write_audio_only(folder / "bad_sound.mp4")
    write_still(folder / "still.png").rename(folder / "bad_still.mp4")
    write_video(folder / "bad_nobody.mp4", make_frames(20), times[:20])
    (folder / "bad_link.mp4").symlink_to(folder / "gone.mp4")
    with contextlib.suppress(OSError):  # some systems take no such name
        (folder / "bad_text.mp4").rename(os.fsdecode(os.fsencode(folder) + b"/bad_name_\xff.mp4"))


def test_good_ones_are_done_and_bad_ones_explained(folder, tmp_path, pose_model):
    out = tmp_path / "out"
    arguments = (folder, "--exercise", EXERCISE, "--no-video", "--opensim", "--out", out)
    result = run_batch_command(*arguments, "--jobs", 2)
    assert result.returncode == 3
    assert "Traceback" not in result.stderr
    assert f"{GOOD} of {GOOD + 10} videos have results" in result.stdout
    done = sorted(path.parent.name for path in out.glob("videos/*/summary.json"))
    assert done == [f"good_{number:02}" for number in range(GOOD)]
    for name in done:
        frames = len((out / "videos" / name / "frames.csv").read_text().splitlines()) - 1
        assert f"nRows={frames}\n" in (out / "videos" / name / "angles.mot").read_text()
        assert len((out / "videos" / name / "landmarks.trc").read_text().splitlines()) == 6 + frames
    failures = {row["video"]: row for row in csv.DictReader((out / "failures.csv").open())}
    assert len(failures) == 10
    assert {name: row["exit_code"] for name, row in failures.items() if row["exit_code"] != "3"} == {
        "bad_nobody": "4"
    }
    assert all(name in result.stderr for name in failures)
    assert all(row["reason"].endswith(".") and "rror:" not in row["reason"] for row in failures.values())

    again = run_batch_command(*arguments, "--jobs", 1)
    assert again.returncode == 3
    assert f"{GOOD} of {GOOD + 10} videos have results ({GOOD + 1} from an earlier run)" in again.stdout
