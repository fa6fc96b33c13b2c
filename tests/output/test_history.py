"""The history: what is stored, what survives a kill, what can be listed, exported and deleted."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from math import nan, sqrt
from pathlib import Path

import pytest
from simple_specs import OUT, make_spec

from coach.cli import main
from coach.errors import InputError
from coach.exercise.events import Fault, Hold, Rep
from coach.live.plan import Plan
from coach.live.state import Done
from coach.output.history import DATABASE_VARIABLE, History, SessionRow, default_url
from coach.output.progress import collect_series, describe_change, describe_series
from coach.output.recorder import Recorder

SPEC = make_spec(id="seated-rotation")


def rep(start_s=1.0, peak_deg=35.0, side="left", valid=True, faults=()):
    return Rep(side, start_s, start_s + 1, start_s + 2, peak_deg, 4.0, valid, tuple(faults))


@pytest.fixture
def url(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'data' / 'history.sqlite3'}"
    monkeypatch.setenv(DATABASE_VARIABLE, url)
    return url


def fill(url, count=1):
    with History(url) as history:
        for _ in range(count):
            session = history.start_session(SPEC, "camera 0", model="full", reps=10, sets=2)
            history.add_event(session, 1, rep(1.0))
            history.add_event(session, 1, rep(5.0, 30.0, valid=False, faults=["range"]))
            history.add_event(session, 2, rep(9.0, 37.0))
            history.add_event(session, 2, Hold("left", 1.0, 31.0, 29.5, 30.0, False))
            history.add_event(session, 2, Fault("lean", "left", 2.0, 3.0, "Sit tall.", "minor"))
            history.end_session(session, "complete")


def test_a_session_is_found_again(url):
    fill(url)
    with History(url) as history:
        (row,) = history.sessions()
    assert row.exercise == "seated-rotation"
    assert row.status == "complete"
    assert row.reps == {"left": 2, "right": 0}
    assert row.best_deg["left"] == (37.0, 4.0)
    assert abs(row.started_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_missing_is_null_not_zero(url):
    with History(url) as history:
        session = history.start_session(SPEC, "x", model="full")
        history.add_event(session, 1, Rep("right", 0.0, 1.0, 2.0, nan, nan, True))
        (row,) = history.sessions()
        assert row.reps["right"] == 1
        assert row.best_deg == {}
        assert history.export()[0]["reps"][0]["peak_deg"] is None


def test_export_holds_everything(url):
    fill(url, 2)
    with History(url) as history:
        found = history.export()
        assert [s["id"] for s in found] == [1, 2]
        assert history.export(2) == [found[1]]
    assert found[0]["reps"][1]["faults"] == ["range"]
    assert found[0]["holds"][0]["held_s"] == 29.5
    assert found[0]["faults"][0]["fault"] == "lean"


def test_deleting_leaves_nothing_of_a_session(url, tmp_path):
    fill(url, 2)
    with History(url) as history:
        history.delete(1)
        assert [s.id for s in history.sessions()] == [2]
        with pytest.raises(InputError, match="no session 1"):
            history.delete(1)
        assert history.delete_all() == 1
    with sqlite3.connect(tmp_path / "data" / "history.sqlite3") as raw:
        for table in ("sessions", "reps", "holds", "faults"):
            assert raw.execute(f"select count(*) from {table}").fetchone() == (0,)


def test_the_best_of_today_is_that_of_valid_reps_in_the_exercises_direction(url):
    fill(url)
    outwards = make_spec(id="clamshell", phases=(OUT,))
    with History(url) as history:
        session = history.start_session(outwards, "x", model="full")
        for peak_deg in (-20.0, -35.0, nan):
            history.add_event(session, 1, rep(peak_deg=peak_deg, side="right"))
        recorder = Recorder(history, "x", "full", pytest.fail)
        assert recorder.best_today(SPEC) == {"left": 37.0}
        assert recorder.best_today(outwards) == {"right": -35.0}
        assert history.best_since(datetime.now(UTC) + timedelta(days=1), SPEC) == {}


def test_settings_are_remembered(url):
    with History(url) as history:
        assert history.setting("x") is None
        history.remember("x", "1")
        history.remember("x", "2")
        assert history.setting("x") == "2"


def test_the_database_is_synced_and_does_not_block_readers(url, tmp_path):
    fill(url)
    with History(url) as history, history._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


# -- what can go wrong


def test_a_broken_file_is_one_sentence(tmp_path):
    path = tmp_path / "history.sqlite3"
    path.write_bytes(b"this is no database" * 200)
    with pytest.raises(InputError, match="cannot be used"):
        History(f"sqlite:///{path}")


def test_a_url_that_is_none_is_explained():
    with pytest.raises(InputError, match="not a database URL"):
        History("nonsense")


def test_a_missing_driver_is_named():
    with pytest.raises(InputError, match="pip install"):
        History("postgresql+pg8000://someone:secret@nowhere/db")


def test_passwords_are_not_shown(tmp_path):
    with pytest.raises(InputError) as caught:
        History("postgresql+pg8000://someone:secret@nowhere/db")
    assert "secret" not in str(caught.value)


def test_another_version_of_the_tables_is_refused(url):
    with History(url) as history:
        history.remember("schema", "99")
    with pytest.raises(InputError, match="another version"):
        History(url)


def test_the_data_folder_is_the_default(monkeypatch):
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
    assert default_url().startswith("sqlite:///")
    assert "hip-coach" in default_url()


# -- recording


class FakeState:
    def __init__(self, stage, *events):
        self.stage = stage
        self.done = tuple(Done(1, event) for event in events)


def test_a_recording_begins_with_the_counting(url):
    with History(url) as history:
        recorder = Recorder(history, "camera 0", "full", pytest.fail)
        recorder.write(FakeState("framing"), SPEC, Plan(5, 1))
        assert recorder.session is None
        recorder.write(FakeState("working", rep()), SPEC, Plan(5, 1))
        recorder.finish(complete=False)
        (row,) = history.sessions()
    assert row.status == "stopped"
    assert row.reps["left"] == 1


def test_a_failing_database_costs_the_history_only(url, tmp_path):
    warnings = []
    with History(url) as history:
        recorder = Recorder(history, "camera 0", "full", warnings.append)
        recorder.write(FakeState("working"), SPEC, Plan(5, 1))
        with history._engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE reps")
        recorder.write(FakeState("working", rep()), SPEC, Plan(5, 1))
        recorder.write(FakeState("working", rep()), SPEC, Plan(5, 1))
        recorder.finish(complete=True)
    assert len(warnings) == 1
    assert "not stored" in warnings[0]


WRITER = textwrap.dedent("""
    import sys
    sys.path.insert(0, sys.argv[2])
    from simple_specs import OUT, make_spec
    from coach.exercise.events import Rep
    from coach.output.history import History
    history = History(sys.argv[1])
    session = history.start_session(make_spec(), "camera 0", model="full")
    for i in range(100_000):
        history.add_event(session, 1, Rep("left", i, i + 1.0, i + 2.0, 30.0, 4.0, True))
        print(i, flush=True)
""")


def test_a_kill_at_any_moment_loses_at_most_the_last_rep(tmp_path):
    url = f"sqlite:///{tmp_path / 'history.sqlite3'}"
    tests = str(Path(__file__).parents[1])
    for round_number in range(20):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, url, tests], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(1 + round_number % 7):
            process.stdout.readline()
        time.sleep(0.001 * round_number)
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().split("\n")
        process.wait()
        reported = 1 + round_number % 7 + sum(1 for line in rest if line.strip())
        with History(url) as history:
            row = history.sessions()[-1]
        assert row.status == "running"
        assert reported <= row.reps["left"] <= reported + 1
    with History(url) as history:
        assert len(history.sessions()) == 20


# -- progress


def row(days, value_deg, sd_deg=4.0, side="left", exercise="seated-rotation"):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)
    return SessionRow(
        days + 1, at, at, exercise, "x", "complete", {"left": 3, "right": 0}, {side: (value_deg, sd_deg)}
    )


def test_a_small_change_is_no_real_change():
    (series,) = collect_series([row(0, 30.0), row(14, 36.0)])
    assert series.change_deg == 6.0
    assert series.detectable_deg == pytest.approx(1.96 * sqrt(32.0))
    assert "no real change yet" in describe_change(series)


def test_a_large_change_is_real():
    (series,) = collect_series([row(0, 25.0), row(14, 33.0), row(28, 41.0)])
    assert "a real change" in describe_change(series)


def test_one_session_is_nothing_to_compare_with():
    (series,) = collect_series([row(0, 25.0)])
    assert "nothing to compare" in describe_change(series)


def test_outward_rotation_counts_as_an_amount():
    (series,) = collect_series([row(0, -20.0), row(7, -40.0)])
    assert not series.inwards
    assert series.change_deg == 20.0


def test_hips_and_exercises_are_apart():
    rows = [row(0, 25.0), row(1, 30.0, side="right"), row(2, 30.0, exercise="banded-clamshell")]
    assert len(collect_series(rows)) == 3


def test_the_drawing_shows_the_value_within_the_detectable_range():
    (series,) = collect_series([row(0, 30.0), row(14, 33.0)])
    lines = describe_series(series)
    assert len({line.index("o") for line in lines[1:3]}) == 2
    for line in lines[1:3]:
        assert "." in line
        assert line.count("|") == 2


# -- the command


def run(capsys, *words):
    code = main(["history", *words])
    return code, capsys.readouterr()


def test_an_empty_history_says_how_to_begin(url, capsys):
    assert "coach live" in run(capsys)[1].out


def test_list_and_show(url, capsys):
    fill(url)
    assert "seated-rotation" in run(capsys)[1].out
    shown = run(capsys, "show", "1")[1].out
    assert "37° ± 4°" in shown
    assert "not counted (not all the way out and back)" in shown
    assert "held 30 of 30 s" in shown
    assert json.loads(run(capsys, "show", "1", "--json")[1].out)["id"] == 1


def test_progress_is_drawn(url, capsys):
    fill(url, 2)
    assert "no real change yet" in run(capsys, "progress")[1].out


def test_export_writes_csv_and_json(url, capsys, tmp_path):
    fill(url)
    assert run(capsys, "export", str(tmp_path / "a.csv"))[0] == 0
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["kind"] for r in rows] == ["rep", "rep", "rep", "hold"]
    assert [r["counted"] for r in rows] == ["1", "0", "1", "0"]
    assert run(capsys, "export", str(tmp_path / "a.json"))[0] == 0
    assert len(json.loads((tmp_path / "a.json").read_text())[0]["reps"]) == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["show"], 2),
        (["show", "x"], 2),
        (["show", "77"], 3),
        (["export"], 2),
        (["export", "a.txt"], 2),
        (["export", "/nonexistent/a.csv"], 3),
        (["delete"], 2),
        (["delete", "77"], 3),
    ],
)
def test_mistakes_are_answered_in_words(url, capsys, words, code):
    got, output = run(capsys, *words)
    assert got == code
    assert output.err.startswith("coach: ")


def test_deleting_by_command(url, capsys):
    fill(url, 3)
    assert run(capsys, "delete", "2")[0] == 0
    code, output = run(capsys, "delete", "--all")
    assert code == 2
    assert "--yes" in output.err
    assert "2 sessions deleted" in run(capsys, "delete", "--all", "--yes")[1].out


def test_an_exercise_counts_as_known_once_a_rep_of_it_was_counted(tmp_path):
    with History(f"sqlite:///{tmp_path / 'h.sqlite3'}") as history:
        session = history.start_session(SPEC, "camera 0", model="full")
        assert not history.has_done(SPEC.id)
        history.add_event(session, 1, rep(valid=False))
        assert not history.has_done(SPEC.id)
        history.add_event(session, 1, rep())
        assert history.has_done(SPEC.id)
        assert not history.has_done("another")


def test_a_damaged_history_says_what_to_do(tmp_path):
    (tmp_path / "h.sqlite3").write_bytes(b"not a database " * 1000)
    with pytest.raises(InputError, match="Move that file away"):
        History(f"sqlite:///{tmp_path / 'h.sqlite3'}")
