import csv
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from coach.errors import InputError
from coach.exercise.session import SessionSummary
from coach.output.tables import FRAME_COLUMNS, FramesCsv, write_reps_csv
from coach.pipeline import Tick


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_per_frame_with_blanks_where_withheld(tmp_path: Path, make_tick: Callable[..., Tick]) -> None:
    with FramesCsv(tmp_path / "frames.csv") as sink:
        sink.write(make_tick(0.0, 10.0))
        sink.write(make_tick(0.05, seen=False), None)
        assert not (tmp_path / "frames.csv").exists()
    rows = read(tmp_path / "frames.csv")
    assert tuple(rows[0]) == FRAME_COLUMNS
    assert rows[0]["time_s"] == "0.0000"
    assert rows[0]["left_hip_internal_rotation_deg"] == "15.00"
    assert rows[0]["left_hip_internal_rotation_sd_deg"] == "4.00"
    assert rows[0]["left_measure_deg"] == "10.00"
    assert rows[0]["left_leg_visibility"] == "0.900"
    assert rows[0]["right_hip_internal_rotation_deg"] == ""
    assert rows[1]["left_hip_internal_rotation_deg"] == ""
    assert rows[1]["left_leg_visibility"] == ""
    assert rows[1]["left_knee_flexion_deg"] == "88.00"


def test_phases_that_need_quoting_stay_one_cell(tmp_path: Path, make_tick: Callable[..., Tick]) -> None:
    with FramesCsv(tmp_path / "frames.csv") as sink:
        sink.write(make_tick(0.0, phase='a, "b"'))
    assert read(tmp_path / "frames.csv")[0]["left_phase"] == 'a, "b"'


def test_an_error_leaves_nothing(tmp_path: Path, make_tick: Callable[..., Tick]) -> None:
    with pytest.raises(RuntimeError), FramesCsv(tmp_path / "frames.csv") as sink:
        sink.write(make_tick(0.0))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_closing_early_keeps_the_rows_so_far(tmp_path: Path, make_tick: Callable[..., Tick]) -> None:
    sink = FramesCsv(tmp_path / "frames.csv")
    sink.write(make_tick(0.0))
    sink.close()
    sink.close()
    sink.discard()
    assert len(read(tmp_path / "frames.csv")) == 1


def test_an_unwritable_folder_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="Could not write"):
        FramesCsv(tmp_path / "out" / "frames.csv")


def test_rows_are_streamed_not_collected(tmp_path: Path, make_tick: Callable[..., Tick]) -> None:
    tick = make_tick(0.0, 10.0)
    with FramesCsv(tmp_path / "frames.csv") as sink:
        sink.write(tick)
        tracemalloc.start()
        for _ in range(2000):
            sink.write(tick)
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert grown < 50_000


def test_a_row_is_cheap(tmp_path: Path, make_tick: Callable[..., Tick]) -> None:
    tick = make_tick(0.0, 10.0)
    with FramesCsv(tmp_path / "frames.csv") as sink:
        start = time.process_time()
        for _ in range(3000):
            sink.write(tick)
        cost = (time.process_time() - start) / 3000
    assert cost < 150e-6  # measured: about 15 us; the margin is for slow test machines


def test_reps_and_holds_in_order_of_time(summary: SessionSummary, tmp_path: Path) -> None:
    write_reps_csv(summary, tmp_path / "reps.csv")
    rows = read(tmp_path / "reps.csv")
    assert [row["kind"] for row in rows] == ["rep", "rep", "rep", "hold"]
    assert rows[0]["peak_hip_internal_rotation_deg"] == "40.00"
    assert rows[0]["valid"] == "true"
    assert rows[2]["valid"] == "false"
    assert rows[2]["faults"] == "range"
    assert rows[3]["held_s"] == "5.012"
    assert rows[3]["completed"] == "true"
    assert rows[3]["peak_s"] == ""
