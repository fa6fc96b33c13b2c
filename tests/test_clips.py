"""Benchmark clips: who is followed in a video, what its truth says, and folders that hold none."""

import hashlib

import numpy as np
import pytest
from bodies import STANDING, build_pose
from rendered_clips import MODEL, TIMES_S, WIDE, render, truth_of

from benchmarks import clips
from benchmarks.clip import JOINTS, TrueTrial
from benchmarks.clips import find_cached, read_clips, read_for_command, whom_to_follow
from coach.errors import InputError
from coach.exercise.spec import load_specs

SITTER = build_pose(0.0)
BYSTANDER = build_pose(0.0, left=STANDING, right=STANDING)


@pytest.fixture
def videos(tmp_path, monkeypatch):
    monkeypatch.setattr(clips, "find_model", lambda: MODEL)
    folder = tmp_path / "videos"
    render(folder, "seated-rotation", 0, "right")
    render(folder, "rom-seated", 1)
    return folder


def test_who_sits_is_followed_in_the_seated_test_and_who_stands_about_is_not():
    suits = whom_to_follow(None)
    assert suits(SITTER)
    assert not suits(BYSTANDER)


def test_in_an_exercise_it_is_who_is_in_its_start_pose():
    suits = whom_to_follow(load_specs()["standing-dissociation"])
    assert suits(BYSTANDER)
    assert not suits(SITTER)


def test_landmarks_are_found_again_by_video_network_and_whom_to_follow(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"pictures")
    for spec, sought in ((load_specs()["seated-rotation"], b""), (None, b"neutral pose")):
        key = hashlib.sha256(b"pictures" + MODEL.sha256.encode() + sought).hexdigest()[:24]
        assert find_cached(tmp_path / "a.mp4", spec, MODEL) == tmp_path / ".landmarks" / f"{key}.npz"


def test_a_clip_says_what_its_truth_says(videos):
    seated = next(clip for clip in read_clips(videos) if clip.exercise == "seated-rotation")
    truth = truth_of("seated-rotation", "right")
    frames = truth["frames"]
    assert (seated.side, seated.view, seated.recommended) == ("right", "front", False)
    assert seated.rotation_deg.tolist() == frames["right_hip_internal_rotation_deg"]
    assert seated.hip_deg("left", "flexion").tolist() == frames["left_hip_flexion_deg"]
    at = truth["joints"].index("left_knee")
    assert seated.joint_px("left_knee").tolist() == [joints[at] for joints in frames["joints_px"]]
    assert len(JOINTS) == seated.joints_px.shape[1]
    inside = (TIMES_S >= 0.2) & (TIMES_S <= 2.71)
    assert inside[WIDE]
    assert not inside.all()
    inside[WIDE] = False
    np.testing.assert_array_equal(seated.in_position, inside)
    assert [(rep.start_s, rep.end_s, rep.full) for rep in seated.expected.reps] == [
        (0.3, 1.7, True),
        (1.8, 2.6, False),
    ]
    assert [fault[:2] for fault in seated.expected.faults] == [("trunk-lean", 15.5)]
    assert seated.trials is None


def test_of_the_seated_test_the_trials_without_a_mistake_count(videos):
    test = next(clip for clip in read_clips(videos) if clip.exercise == "rom-seated")
    assert test.trials == (TrueTrial("left", "internal", 0.9217, 1.2),)
    assert test.expected is None


def test_a_folder_that_is_none_or_holds_no_clips_is_told_in_a_sentence(tmp_path):
    with pytest.raises(InputError, match=r"There is no folder .*missing\. Check the name\."):
        list(read_clips(tmp_path / "missing"))
    (tmp_path / "half.part.mp4").touch()
    with pytest.raises(InputError, match=r"There are no clips in .*python -m benchmarks.pack"):
        list(read_clips(tmp_path))
    with pytest.raises(SystemExit, match="There is no folder"):
        read_for_command([tmp_path / "missing"])
