"""What is done is done again only when something that the results depend on has changed."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from batches import EXERCISE, read_tree

from coach.batch.places import VIDEOS, open_place
from coach.batch.records import RECORD, Outcome
from coach.batch.run import run_batch
from coach.batch.task import do_task, find_finished
from coach.exercise.spec import find_spec


@pytest.fixture
def done(store_landmarks, tmp_path, make_task):
    """A task that has been done."""
    task = make_task(store_landmarks(tmp_path / "in" / "one.npz"))
    assert do_task(task).status == "done"
    return task


def is_finished(task):
    return find_finished(task, open_place(task.out)) is not None


def test_nothing_changed_nothing_to_do(done):
    assert is_finished(done)


def test_a_new_time_alone_is_no_change(done):
    os.utime(done.source, (1, 1))
    assert is_finished(done)


def test_the_same_content_elsewhere_is_no_change(done, tmp_path):
    moved = tmp_path / "moved" / "one.npz"
    moved.parent.mkdir()
    Path(done.source).replace(moved)
    assert is_finished(replace(done, source=str(moved)))


def test_new_content_of_the_same_size_is_a_change(done, store_landmarks, tmp_path):
    store_landmarks(tmp_path / "in" / "one.npz", shift_px=1.0)
    os.utime(done.source, (1, 1))
    assert not is_finished(done)


def test_each_setting_and_the_version_count(done):
    spec = find_spec(EXERCISE)
    changed = [
        replace(done, side="left"),
        replace(done, version="0.0.1"),
        replace(done, spec=replace(spec, rep=replace(spec.rep, min_s=spec.rep.min_s + 0.1))),
        replace(done, spec=find_spec("banded-clamshell")),
        replace(done, settings=replace(done.settings, opensim=True)),
        replace(done, settings=replace(done.settings, model_sha256="another")),
    ]
    assert not any(is_finished(task) for task in changed)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 99}', b'{"schema": 1}'])
def test_a_record_that_cannot_be_read_does_not_count(done, tmp_path, content):
    (tmp_path / "out" / VIDEOS / done.key / RECORD).write_bytes(content)
    assert not is_finished(done)


def test_a_run_does_only_what_is_missing(store_landmarks, tmp_path, make_task):
    tasks = [make_task(store_landmarks(tmp_path / "in" / f"{name}.npz")) for name in "abc"]
    out, listen = str(tmp_path / "out"), lambda task, news: None
    run_batch(tasks[:2], out, listen, jobs=1)
    before = read_tree(tmp_path / "out")
    heard = {}
    tally = run_batch(tasks, out, lambda task, news: heard.update({task.key: news}), jobs=1)
    assert (tally.done, tally.reused) == (3, 2)
    assert {key: news.reused for key, news in heard.items()} == {"a": True, "b": True, "c": False}
    after = read_tree(tmp_path / "out")
    assert {name: after[name] for name in before if "/" in name} == {
        name: content for name, content in before.items() if "/" in name
    }


def test_an_input_that_went_bad_leaves_no_results_of_its_past(done, tmp_path):
    out = tmp_path / "out"
    run_batch([done], str(out), lambda task, news: None, jobs=1)
    assert list(out.glob("frames/*/*.parquet"))
    Path(done.source).write_bytes(b"PK no more")
    tally = run_batch([done], str(out), lambda task, news: None, jobs=1)
    assert tally.exit_code == 3
    assert [path.name for path in (out / VIDEOS / "one").iterdir()] == [RECORD]
    assert not list(out.glob("frames/*/*.parquet"))


def test_a_failure_is_tried_again_and_nobody_seen_is_remembered(store_landmarks, tmp_path, make_task):
    import numpy as np

    path = store_landmarks(tmp_path / "in" / "nobody.npz")
    arrays = dict(np.load(path))
    np.savez(path, **arrays | {n: arrays[n] * np.nan for n in ("image_px", "world_m", "visibility")})
    missing = make_task(tmp_path / "in" / "missing.npz")
    tasks, out = [make_task(path), missing], tmp_path / "out"
    tally = run_batch(tasks, str(out), lambda task, news: None, jobs=1)
    assert {problem.key: problem.status for problem in tally.problems} == {
        "nobody": "not-measurable",
        "missing": "failed",
    }
    assert tally.exit_code == 3
    assert find_finished(tasks[0], open_place(str(out)))
    assert not find_finished(missing, open_place(str(out)))
    again = run_batch(tasks[:1], str(out), lambda task, news: None, jobs=1)
    assert (again.exit_code, again.reused) == (4, 1)


def test_records_say_what_came_of_it(done, tmp_path):
    content = (tmp_path / "out" / VIDEOS / "one" / RECORD).read_bytes()
    outcome = Outcome.from_bytes(content)
    assert outcome.reused
    assert outcome.digest == done.digest
    assert json.loads(content)["cpu_s"] > 0
