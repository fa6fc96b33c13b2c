"""What a batch consists of: names that are safe, stable and told apart, whatever the inputs look like."""

from pathlib import PurePosixPath

import pytest

from coach.batch.manifest import read_manifest
from coach.batch.plan import Entry, expand_inputs, make_key, settle_keys
from coach.errors import UsageError


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def keys(entries):
    return [entry.key for entry in settle_keys(entries)]


def test_a_folder_is_searched_through_for_videos(tmp_path):
    touch(tmp_path, "a.mp4", "B.MOV", "sub/deep/c.mkv", "notes.txt", ".hidden.mp4", ".trash/d.mp4", "e.npz")
    (tmp_path / "folder.mp4").mkdir()
    assert keys(expand_inputs([str(tmp_path)], landmarks=False)) == ["B", "a", "sub-deep-c"]
    assert keys(expand_inputs([str(tmp_path)], landmarks=True)) == ["e"]


def test_patterns(tmp_path):
    touch(tmp_path, "a1.mp4", "a2.mp4", "b.mp4", "deep/a3.mp4")
    assert keys(expand_inputs([f"{tmp_path}/a*.mp4"], landmarks=False)) == ["a1", "a2"]
    assert keys(expand_inputs([f"{tmp_path}/**/a*.mp4"], landmarks=False)) == ["a1", "a2", "a3"]


def test_a_missing_file_is_an_entry_but_an_empty_folder_is_a_mistake(tmp_path):
    assert keys(expand_inputs([str(tmp_path / "gone.mp4")], landmarks=False)) == ["gone"]
    for given in (tmp_path, tmp_path / "*.mp4"):
        with pytest.raises(UsageError, match="found none"):
            expand_inputs([str(given)], landmarks=False)


def test_names_that_clash_are_told_apart_whatever_the_order():
    entries = [Entry("/x/a.mp4", "a"), Entry("/x/a.mov", "a"), Entry("/y/A.mp4", "A"), Entry("/y/b.mp4", "b")]
    settled = settle_keys(entries)
    assert len({entry.key.casefold() for entry in settled}) == 4
    assert settled == settle_keys(entries[::-1])
    assert [entry.key for entry in settled if entry.source == "/y/b.mp4"] == ["b"]


def test_the_same_file_given_twice_is_one_video(tmp_path):
    touch(tmp_path, "a.mp4")
    assert len(settle_keys(expand_inputs([str(tmp_path), str(tmp_path / "a.mp4")], landmarks=False))) == 1


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("clip.mp4", "clip"),
        ("clinic/anna/03.mp4", "clinic-anna-03"),
        ("videos/clip/landmarks.npz", "clip"),
        ("clip/landmarks.npz", "clip"),
        ("landmarks.npz", "landmarks"),
        ("../up/clip.mp4", "up-clip"),
        ("a:b*c?.mp4", "a_b_c_"),
        ("nul\x00byte\udcff.mp4", "nul_byte_"),
        ("..mp4", "video"),
    ],
)
def test_keys(path, key):
    assert make_key(PurePosixPath(path)) == key


def test_long_names_stay_within_what_file_systems_take():
    key = make_key(PurePosixPath("/".join(["folder" * 9] * 9) + "/clip.mp4"))
    assert len(key.encode()) < 200


def test_csv_manifest(tmp_path):
    touch(tmp_path, "a.mp4", "more/b.mp4")
    manifest = tmp_path / "list.csv"
    manifest.write_text("input,exercise,side,name\na.mp4,seated-rotation,left,anna\nmore,,,\n")
    entries = settle_keys(read_manifest(manifest, landmarks=False))
    assert [(e.key, e.exercise, e.side) for e in entries] == [
        ("anna", "seated-rotation", "left"),
        ("b", None, None),
    ]
    assert entries[0].source == str(tmp_path / "a.mp4")


def test_toml_manifest(tmp_path):
    manifest = tmp_path / "list.toml"
    manifest.write_text(
        'exercise = "seated-rotation"\n[[video]]\ninput = "a.mp4"\n'
        '[[video]]\ninput = "b.mp4"\nexercise = "banded-clamshell"\nside = "right"\n'
    )
    entries = settle_keys(read_manifest(manifest, landmarks=False))
    assert [(e.key, e.exercise, e.side) for e in entries] == [
        ("a", "seated-rotation", None),
        ("b", "banded-clamshell", "right"),
    ]


def test_every_problem_of_a_manifest_is_told_at_once(tmp_path):
    manifest = tmp_path / "list.csv"
    manifest.write_text("input,side,colour\na.mp4,middle,\n,left,\nb.mp4,left,red\n")
    with pytest.raises(UsageError) as told:
        read_manifest(manifest, landmarks=False)
    assert [line.split(":")[0].strip() for line in str(told.value).splitlines()[1:]] == [
        "line 2",
        "line 3",
        "line 4",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.txt", "input\n"),
        ("list.csv", "input\n"),
        ("list.csv", "\udcff"),
        ("list.toml", "not toml"),
        ("list.toml", "video = 3"),
        ("list.toml", "[video]\ninput='a'"),
        ("list.toml", "[[video]]\ninput=3"),
        ("list.toml", "[[video]]\ninput='a.mp4'\n[other]\nx=1"),
        ("gone.csv", None),
    ],
)
def test_manifests_that_are_none(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError):
        read_manifest(tmp_path / name, landmarks=False)
