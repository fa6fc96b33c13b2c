"""Packed clips say what the videos and their truth said, but for the stated rounding."""

import sys

import numpy as np
import pytest
from rendered_clips import MODEL, NOBODY, render

from benchmarks import clips, pack
from benchmarks.clip import Clip
from benchmarks.clips import read_clips
from benchmarks.packed_clips import KEPT, SCALES, read_packed, write_packed
from coach.body.landmarks import LANDMARK_COUNT
from coach.errors import InputError

FACTS = ("name", "exercise", "view", "recommended", "side", "expected", "trials")


@pytest.fixture
def videos(tmp_path, monkeypatch):
    monkeypatch.setattr(clips, "find_model", lambda: MODEL)
    folder = tmp_path / "videos"
    for exercise, number, side in (
        ("seated-rotation", 0, "left"),
        ("seated-rotation", 1, "right"),
        ("rom-seated", 2, "left"),
    ):
        render(folder, exercise, number, side)
    return folder


def run_pack(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["pack", *map(str, arguments)])
    assert pack.main() == 0


def assert_same(before, after):
    for name in FACTS:
        assert getattr(after, name) == getattr(before, name), name
    assert (after.track.source, after.track.model) == (before.track.source, before.track.model)
    np.testing.assert_array_equal(after.track.time_s, before.track.time_s)
    for name in ("image_px", "world_m", "visibility"):
        then, now = getattr(before.track, name), getattr(after.track, name)
        assert now.shape == then.shape
        np.testing.assert_allclose(now[:, KEPT], then[:, KEPT], rtol=0, atol=0.501 / SCALES[name])
    for name in ("hips_deg", "joints_px"):
        then, now = getattr(before, name), getattr(after, name)
        np.testing.assert_allclose(now, then, rtol=0, atol=0.501 / SCALES[name])
    np.testing.assert_array_equal(after.in_position, before.in_position)


def test_a_packed_folder_gives_the_clips_of_the_videos(videos, tmp_path, monkeypatch):
    run_pack(monkeypatch, tmp_path / "packed", videos)
    before, after = list(read_clips(videos)), list(read_clips(tmp_path / "packed"))
    assert [clip.name for clip in before] == [
        "rom-seated_front_2",
        "seated-rotation_front_0",
        "seated-rotation_front_1",
    ]
    assert len(after) == len(before)
    for one, other in zip(before, after, strict=True):
        assert_same(one, other)


def test_nobody_stays_nobody_and_landmarks_left_out_are_unknown(videos, tmp_path, monkeypatch):
    run_pack(monkeypatch, tmp_path / "packed", videos)
    track = next(read_clips(tmp_path / "packed")).track
    assert [pose.seen for pose in track].count(False) == 1
    assert np.isnan(track.image_px[NOBODY]).all()
    rest = [row for row in range(LANDMARK_COUNT) if row not in KEPT]
    assert np.isnan(track.world_m[:, rest]).all()


def test_packing_what_is_packed_changes_nothing_more(videos, tmp_path, monkeypatch):
    run_pack(monkeypatch, tmp_path / "once", videos)
    run_pack(monkeypatch, tmp_path / "twice", tmp_path / "once")
    for path in (tmp_path / "once").iterdir():
        assert (tmp_path / "twice" / path.name).read_bytes() == path.read_bytes()


def test_clips_can_be_left_out_by_the_beginning_of_their_name(videos, tmp_path, monkeypatch):
    run_pack(monkeypatch, tmp_path / "packed", videos, "--skip", "rom", "seated-rotation_front_1")
    assert [clip.name for clip in read_clips(tmp_path / "packed")] == ["seated-rotation_front_0"]


def test_what_is_not_known_of_a_clip_is_none_again(videos, tmp_path):
    full = next(read_clips(videos))
    bare = Clip("bare", full.exercise, full.view, True, "right", full.track)
    only_left = full.hips_deg.copy()
    only_left[:, 1] = np.nan
    partly = Clip("partly", full.exercise, full.view, True, "left", full.track, hips_deg=only_left)
    write_packed(tmp_path / "a.npz", [bare, partly, full])
    bare_again, partly_again, full_again = read_packed(tmp_path / "a.npz")
    for name in ("in_position", "hips_deg", "joints_px", "expected", "trials"):
        assert getattr(bare_again, name) is None, name
    assert np.isnan(partly_again.hip_deg("right", "flexion")).all()
    assert not np.isnan(partly_again.hip_deg("left", "flexion")).any()
    assert_same(full, full_again)


def test_a_file_of_another_kind_is_told_in_a_sentence(tmp_path):
    np.savez(tmp_path / "other.npz", image_px=np.zeros(3))
    with pytest.raises(InputError, match=r"other.npz is damaged or no file of `python -m benchmarks.pack`"):
        list(read_packed(tmp_path / "other.npz"))
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(InputError, match=r"text.npz is damaged"):
        list(read_packed(tmp_path / "text.npz"))
