"""Results on shared storage, with fsspec's own file system in memory for one."""

import json

import pytest

from coach.batch.places import VIDEOS, list_remote, open_place
from coach.batch.plan import expand_inputs, settle_keys
from coach.batch.records import RECORD
from coach.batch.run import add_up
from coach.batch.task import do_task, find_finished
from coach.errors import InputError, UsageError

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'hip-coach[cluster]'")


@pytest.fixture
def memory():
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    return system


def test_inputs_and_results_in_memory(memory, store_landmarks, tmp_path, make_task):
    local = store_landmarks(tmp_path / "one.npz")
    memory.put_file(str(local), "/study/in/anna/one.npz")
    entries = settle_keys(expand_inputs(["memory://study/in"], landmarks=True))
    assert [entry.key for entry in entries] == ["anna-one"]
    task = make_task(entries[0].source, "memory://study/out", key=entries[0].key)
    outcome = do_task(task)
    assert outcome.status == "done", outcome.reason
    place = open_place("memory://study/out")
    assert place.list_keys() == ["anna-one"]
    assert find_finished(task, place)
    add_up(place)
    assert memory.exists("/study/out/overview.html")
    summary = json.loads(memory.cat_file(f"/study/out/{VIDEOS}/anna-one/summary.json"))
    assert summary["exercise"] == task.spec.id


def test_publishing_replaces_all_and_the_record_comes_last(memory, tmp_path):
    place = open_place("memory://out")
    for content in (("old.txt", "both.txt", RECORD), ("both.txt", "new.txt", RECORD)):
        folder = tmp_path / content[0]
        folder.mkdir()
        for name in content:
            (folder / name).write_text(content[0])
        place.publish(folder, "videos/x")
    assert place.list_files("videos") == [f"videos/x/{name}" for name in (RECORD, "both.txt", "new.txt")]
    assert place.read("videos/x/both.txt") == b"both.txt"
    assert place.read("videos/x/old.txt") is None


def test_an_unknown_protocol_is_told_in_words():
    with pytest.raises(InputError, match="cannot be reached"):
        open_place("nosuch://bucket/out")


def test_a_missing_remote_input_is_a_reason(memory, make_task):
    outcome = do_task(make_task("memory://nowhere/x.npz", "memory://out", key="x"))
    assert (outcome.status, outcome.exit_code) == ("failed", 3)
    assert "There is no file" in outcome.reason


def test_without_fsspec_urls_name_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(UsageError, match=r"hip-coach\[cluster\]"):
        list_remote("s3://bucket")
