"""The tables over all videos open in pandas, Polars and DuckDB, and hold the numbers of each one's files."""

import csv

import pytest
from batches import EXERCISE

from coach.batch.run import run_batch
from coach.output.tables import FRAME_COLUMNS, REP_COLUMNS

parquet = pytest.importorskip(
    "pyarrow.parquet", reason="pyarrow is not installed: pip install 'hip-coach[batch]'"
)


@pytest.fixture(scope="module")
def results(tmp_path_factory, store_landmarks):
    """Three videos with results and one without."""
    from coach.batch.records import Settings, Task
    from coach.exercise.spec import find_spec

    folder = tmp_path_factory.mktemp("tables")
    sources = [store_landmarks(folder / "in" / f"{name}.npz") for name in "abc"]
    sources.append(folder / "in" / "missing.npz")
    spec, out = find_spec(EXERCISE), str(folder / "out")
    tasks = [Task(path.stem, str(path), spec, "auto", out, Settings(video=False)) for path in sources]
    tally = run_batch(tasks, out, lambda task, news: None, jobs=1)
    assert tally.done == 3
    return folder / "out"


def read_csv(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_every_number_knows_its_unit(results):
    for name in ("videos.parquet", "reps.parquet", f"frames/exercise={EXERCISE}/a.parquet"):
        for field in parquet.read_schema(results / name):
            if field.name.endswith(("_deg", "_s", "_px", "fps", "_visibility")):
                unit = field.metadata[b"unit"].decode()
                assert (
                    unit
                    == {"deg": "deg", "s": "s", "px": "px", "fps": "1/s", "visibility": "1"}[
                        field.name.rpartition("_")[2]
                    ]
                )


def test_frames_are_those_of_the_csv(results):
    table = parquet.ParquetFile(results / f"frames/exercise={EXERCISE}/b.parquet").read().to_pylist()
    rows = read_csv(results / "videos" / "b" / "frames.csv")
    assert list(table[0]) == ["video", *FRAME_COLUMNS]
    assert len(table) == len(rows)
    for ours, theirs in zip(table[::50], rows[::50], strict=True):
        for name, cell in theirs.items():
            assert ours[name] == (None if cell == "" else cell if name.endswith("_phase") else float(cell))
    assert {row["video"] for row in table} == {"b"}


def test_reps_are_those_of_the_csv(results):
    table = parquet.read_table(results / "reps.parquet").to_pylist()
    rows = read_csv(results / "videos" / "c" / "reps.csv")
    ours = [row for row in table if row["video"] == "c"]
    assert len(ours) == len(rows) >= 4
    assert list(ours[0]) == ["video", "exercise", *REP_COLUMNS]
    for mine, theirs in zip(ours, rows, strict=True):
        assert mine["peak_s"] == float(theirs["peak_s"])
        assert mine["valid"] is (theirs["valid"] == "true")
        assert mine["held_s"] is None
        assert mine["faults"] == [fault for fault in theirs["faults"].split(";") if fault]


def test_videos_without_results_are_rows_with_a_reason(results):
    rows = {row["video"]: row for row in parquet.read_table(results / "videos.parquet").to_pylist()}
    assert set(rows) == {"a", "b", "c", "missing"}
    assert rows["missing"]["status"] == "failed"
    assert "There is no file" in rows["missing"]["reason"]
    assert rows["missing"]["duration_s"] is None
    assert rows["a"]["left_reps"] == len(read_csv(results / "videos" / "a" / "reps.csv"))


def test_pandas(results):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frames = pandas.read_parquet(results / "frames")
    assert set(frames["exercise"]) == {EXERCISE}
    assert frames.groupby("video", observed=True).size().to_dict() == dict.fromkeys("abc", 442)
    assert len(pandas.read_parquet(results / "videos.parquet")) == 4


def test_polars(results):
    polars = pytest.importorskip("polars", reason="Polars is not installed")
    frames = polars.scan_parquet(results / "frames" / "**" / "*.parquet", hive_partitioning=True)
    counts = frames.group_by("exercise").len().collect()
    assert counts.rows() == [(EXERCISE, 3 * 442)]
    assert polars.read_parquet(results / "reps.parquet")["peak_s"].max() > 10


def test_duckdb(results):
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed")
    query = f"""
        select f.exercise, v.video, count(*) as frames, max(f.left_knee_flexion_deg) as largest
        from read_parquet('{results}/frames/**/*.parquet', hive_partitioning = true) f
        join '{results}/videos.parquet' v on v.video = f.video
        group by all order by v.video
    """
    rows = duckdb.sql(query).fetchall()
    assert [(exercise, video, frames) for exercise, video, frames, _ in rows] == [
        (EXERCISE, name, 442) for name in "abc"
    ]
    assert all(largest > 20 for *_, largest in rows)


def test_frames_of_videos_done_without_pyarrow_are_made_up_for(results):
    from coach.batch.places import open_place
    from coach.batch.run import add_up

    path = results / f"frames/exercise={EXERCISE}/a.parquet"
    before = path.read_bytes()
    path.unlink()
    stray = path.with_name("gone.parquet")
    stray.write_bytes(before)
    add_up(open_place(str(results)))
    assert path.read_bytes() == before
    assert not stray.exists()


def test_the_overview_names_every_video_and_stands_alone(results):
    page = (results / "overview.html").read_text()
    assert "4 videos" in page
    for name in "abc":
        assert f'href="videos/{name}/report.html"' in page
    assert "There is no file" in page
    assert "40–45°" in page
    assert "<script" not in page
    assert "https://" not in page
    failures = read_csv(results / "failures.csv")
    assert [(row["video"], row["exit_code"]) for row in failures] == [("missing", "3")]
