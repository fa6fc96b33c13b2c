"""Tables over all videos as Parquet: `videos.parquet`, `reps.parquet`, and `frames/` by exercise.

Units are in the column names and, for programs, in each column's metadata under `unit`.  A value that was
withheld or never known is null.  The numbers are those of `summary.json`, `reps.csv` and `frames.csv`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import numpy as np

from coach.batch.extras import TABLES, need
from coach.batch.places import VIDEOS, Place
from coach.batch.records import printable
from coach.batch.results import Result
from coach.body.landmarks import SIDES
from coach.output.tables import FRAME_COLUMNS, REP_COLUMNS

FRAMES: Final = "frames"
_ROWS_AT_ONCE: Final = 4096
_UNITS: Final = {"_deg": "deg", "_s": "s", "_px": "px", "fps": "1/s", "_visibility": "1"}
_FLAGS: Final = frozenset({"valid", "completed"})
_TEXTS: Final = frozenset({"kind", "side"})
_SUMMED: Final = ("min", "max", "sd")

_VIDEO_COLUMNS: Final = {
    "video": "string",
    "source": "string",
    "exercise": "string",
    "status": "string",
    "exit_code": "int32",
    "reason": "string",
    "tool_version": "string",
    "model": "string",
    "width_px": "int32",
    "height_px": "int32",
    "fps": "float64",
    "duration_s": "float64",
    "frames": "int64",
    "frames_with_pose": "int64",
    "lost_s": "float64",
    "view_expected": "string",
    "view_measured": "string",
    "view_ok": "bool_",
    "faults": "int32",
    "warnings": "strings",
}
_SIDE_COLUMNS: Final = {
    "reps": "int32",
    "reps_valid": "int32",
    "holds": "int32",
    "holds_completed": "int32",
    "hip_internal_rotation_min_deg": "float64",
    "hip_internal_rotation_max_deg": "float64",
    "hip_internal_rotation_sd_deg": "float64",
    "hip_internal_rotation_verdict": "string",
    "hip_internal_rotation_withheld": "string",
}


def frames_name(key: str, exercise: str) -> str:
    """Where a video's frames lie below the results folder: a Hive partition for each exercise."""
    return f"{FRAMES}/exercise={quote(exercise, safe='')}/{key}.parquet"


def write_frames(frames_csv: Path, key: str, target: Path) -> None:
    """Turn a `frames.csv` into Parquet with the video's name in front, in constant memory."""
    pa, parquet, reader = (need(name, TABLES) for name in ("pyarrow", "pyarrow.parquet", "pyarrow.csv"))
    phase = pa.dictionary(pa.int32(), pa.string())
    kinds = {name: phase if name.endswith("_phase") else pa.float64() for name in FRAME_COLUMNS}
    schema = _schema({"video": phase} | kinds)
    options = reader.ConvertOptions(
        column_types=kinds | dict.fromkeys((n for n in kinds if n.endswith("_phase")), pa.string()),
        null_values=[""],
        strings_can_be_null=True,
    )
    reading = reader.ReadOptions(use_threads=False)
    with (
        reader.open_csv(str(frames_csv), read_options=reading, convert_options=options) as batches,
        parquet.ParquetWriter(str(target), schema, compression="zstd") as writer,
    ):
        for batch in batches:
            columns = [_repeat(key, len(batch)), *batch.columns]
            plain = pa.Table.from_arrays(columns, names=schema.names)
            writer.write_table(plain.cast(schema))


def _repeat(text: str, count: int) -> Any:
    """A column of the same text.  `pyarrow.scalar` would first import pandas, 0.2 s in every process."""
    pa, encoded = need("pyarrow", TABLES), text.encode()
    offsets = np.arange(count + 1, dtype=np.int32) * len(encoded)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(encoded * count))


class Tables:
    """`add` takes one video after the other; `videos.parquet` and `reps.parquet` grow in constant memory."""

    def __init__(self, videos: "_Table", reps: "_Table") -> None:
        self._videos, self._reps = videos, reps
        self.frames: set[str] = set()

    def add(self, result: Result) -> None:
        """Add a video's row, its reps, and note where its frames belong."""
        self._videos.add(_video_row(result))
        for rep in result.reps:
            self._reps.add(_rep_row(result, rep))
        if result.outcome.files:
            self.frames.add(frames_name(result.outcome.key, result.outcome.exercise))


@contextmanager
def open_tables(place: Place) -> Iterator[Tables]:
    """Tables that are put in place when the block ends well, with `frames/` brought in line with them."""
    pa = need("pyarrow", TABLES)
    texts = pa.list_(pa.string())
    videos = {n: texts if kind == "strings" else getattr(pa, kind)() for n, kind in _video_columns().items()}
    reps = {"video": pa.string(), "exercise": pa.string()}
    reps |= {name: _rep_type(pa, name) for name in REP_COLUMNS}
    with place.scratch() as work:
        with (
            _open_table(work / "videos.parquet", _schema(videos)) as video_rows,
            _open_table(work / "reps.parquet", _schema(reps)) as rep_rows,
        ):
            tables = Tables(video_rows, rep_rows)
            yield tables
        _align_frames(place, tables.frames, work)
        for name in ("videos.parquet", "reps.parquet"):
            place.publish_file(work / name, name)


def _align_frames(place: Place, wanted: set[str], work: Path) -> None:
    """Frames of videos that are gone go; those of videos done where pyarrow was missing come."""
    present = set(place.list_files(FRAMES))
    for name in sorted(present - wanted):
        place.remove(name)
    for name in sorted(wanted - present):
        key = name.rpartition("/")[2].removesuffix(".parquet")
        content = place.read(f"{VIDEOS}/{key}/frames.csv")
        if content is not None:
            (work / "frames.csv").write_bytes(content)
            write_frames(work / "frames.csv", key, work / "frames.parquet")
            place.publish_file(work / "frames.parquet", name)


class _Table:
    """Rows on their way into one Parquet file."""

    def __init__(self, schema: Any, write: Callable[[Any], None], make: Callable[..., Any]) -> None:
        self._schema, self._write, self._make = schema, write, make
        self._rows: list[dict[str, Any]] = []

    def add(self, row: dict[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            self._write(self._make(self._rows, schema=self._schema))
            self._rows = []


@contextmanager
def _open_table(path: Path, schema: Any) -> Iterator[_Table]:
    pa, parquet = need("pyarrow", TABLES), need("pyarrow.parquet", TABLES)
    with parquet.ParquetWriter(str(path), schema, compression="zstd") as writer:
        table = _Table(schema, writer.write_table, pa.Table.from_pylist)
        yield table
        table.flush()


def _schema(kinds: dict[str, Any]) -> Any:
    """A schema whose columns know their units."""
    pa = need("pyarrow", TABLES)
    fields = []
    for name, kind in kinds.items():
        unit = next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), None)
        fields.append(pa.field(name, kind, metadata={"unit": unit} if unit else None))
    return pa.schema(fields, metadata={"coach_schema": "1"})


def _video_columns() -> dict[str, str]:
    sides = {f"{side}_{name}": kind for side in SIDES for name, kind in _SIDE_COLUMNS.items()}
    return {**_VIDEO_COLUMNS, **sides}


def _rep_type(pa: Any, name: str) -> Any:
    if name == "faults":
        return pa.list_(pa.string())
    if name in _FLAGS:
        return pa.bool_()
    return pa.string() if name in _TEXTS else pa.float64()


def _video_row(result: Result) -> dict[str, Any]:
    outcome, summary = result.outcome, result.summary
    row: dict[str, Any] = {
        "video": outcome.key,
        "source": printable(outcome.source),
        "exercise": outcome.exercise,
        "status": outcome.status,
        "exit_code": outcome.exit_code,
        "reason": printable(outcome.reason) or None,
        "warnings": [printable(warning) for warning in outcome.warnings],
    }
    if summary is None:
        return row
    source, tracking, view = summary["source"], summary["tracking"], summary["view"]
    row |= {"tool_version": summary["tool"]["version"], "model": summary["tool"]["model"]}
    row |= {"width_px": source["width"], "height_px": source["height"]}
    row |= {name: source[name] for name in ("fps", "duration_s")}
    row |= {name: tracking[name] for name in ("frames", "frames_with_pose", "lost_s")}
    row |= {f"view_{name}": view[name] for name in ("expected", "measured", "ok")}
    row["faults"] = len(summary["faults"])
    for side, done in summary["sides"].items():
        row |= {f"{side}_{name}": value for name, value in _side_values(done).items()}
    return row


def _side_values(done: dict[str, Any]) -> dict[str, Any]:
    rotation = done["internal_rotation_deg"]
    return {
        "reps": len(done["reps"]),
        "reps_valid": sum(rep["valid"] for rep in done["reps"]),
        "holds": len(done["holds"]),
        "holds_completed": sum(hold["completed"] for hold in done["holds"]),
        **{f"hip_internal_rotation_{name}_deg": rotation.get(name) for name in _SUMMED},
        "hip_internal_rotation_verdict": rotation.get("verdict"),
        "hip_internal_rotation_withheld": rotation.get("withheld"),
    }


def _rep_row(result: Result, rep: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {"video": result.outcome.key, "exercise": result.outcome.exercise}
    for name in REP_COLUMNS:
        cell = rep[name]
        if name == "faults":
            row[name] = cell.split(";") if cell else []
        elif not cell:
            row[name] = None
        elif name in _FLAGS:
            row[name] = cell == "true"
        else:
            row[name] = cell if name in _TEXTS else float(cell)
    return row
