"""The two tables: `frames.csv` (a row per frame, streamed) and `reps.csv` (a row per rep or hold).

Units and sides are in the column names; a cell is empty where the value was withheld or never known.
"""

import csv
from math import isfinite, isnan, nan
from pathlib import Path
from typing import Final

from coach.body.landmarks import SIDES, Side, indices
from coach.body.pose import Float
from coach.exercise.session import SessionSummary
from coach.output.atomic import FileSink, PendingFile, atomic_path, write_error
from coach.pipeline import Image, SideTick, Tick

_ANGLES: Final = (
    "hip_internal_rotation_deg",
    "hip_internal_rotation_sd_deg",
    "knee_flexion_deg",
    "hip_flexion_deg",
    "hip_adduction_deg",
)
FRAME_COLUMNS: Final[tuple[str, ...]] = (
    "time_s",
    *(f"{side}_phase" for side in SIDES),
    *(f"{side}_{angle}" for side in SIDES for angle in _ANGLES),
    *(f"{side}_measure_deg" for side in SIDES),
    *(f"{side}_leg_visibility" for side in SIDES),
)
REP_COLUMNS: Final[tuple[str, ...]] = (
    "kind",
    "side",
    "start_s",
    "peak_s",
    "end_s",
    "peak_hip_internal_rotation_deg",
    "peak_hip_internal_rotation_sd_deg",
    "valid",
    "faults",
    "held_s",
    "target_s",
    "completed",
)
_LEG_LANDMARKS: Final = [
    index for side in SIDES for index in indices(f"{side}_hip", f"{side}_knee", f"{side}_ankle")
]


def _cell(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if isfinite(value) else ""


class FramesCsv(FileSink):
    """Sink that streams one row per tick; memory does not grow.

    Used as a context manager: the file gets its name when the block ends well, and nothing remains when
    it does not.  An interrupted run that wants to keep what it has calls `close`.
    """

    def __init__(self, path: Path) -> None:
        self._pending = PendingFile(path)
        try:
            self._file = self._pending.temporary.open("w", encoding="utf-8", newline="")
            self._rows = csv.writer(self._file, lineterminator="\n")
            self._rows.writerow(FRAME_COLUMNS)
        except OSError as error:
            self._pending.discard()
            raise write_error(path, error) from error

    def write(self, tick: Tick, image: Image | None = None) -> None:
        """Add the row of one instant."""
        row = _frame_row(tick)
        try:
            self._rows.writerow(row)
        except OSError as error:
            raise write_error(self._pending.target, error) from error

    def close(self) -> None:
        """Finish the file and move it into place; idempotent."""
        if self._file.closed:
            return
        try:
            self._file.close()
        except OSError as error:
            self._pending.discard()
            raise write_error(self._pending.target, error) from error
        self._pending.commit()

    def discard(self) -> None:
        """Give up and leave nothing behind; idempotent."""
        if self._file.closed:
            return
        try:
            self._file.close()
        except OSError:
            pass  # a full disk refuses the last flush, and the file goes away anyway
        finally:
            self._pending.discard()


def _frame_row(tick: Tick) -> list[str]:
    sides = [tick.sides.get(side) for side in SIDES]
    cells = [f"{tick.time_s:.4f}", *(side.phase if side else "" for side in sides)]
    for side in sides:
        cells += _angle_cells(side) if side else [""] * len(_ANGLES)
    cells += [_cell(side.measure_deg if side else nan, 2) for side in sides]
    cells += _visibility_cells(tick.raw.visibility)
    return cells


def _angle_cells(side: SideTick) -> list[str]:
    rotation = side.rotation
    return [
        _cell(rotation.value_deg, 2),
        _cell(rotation.sd_deg, 2),
        _cell(side.knee_flexion_deg, 2),
        _cell(side.hip_flexion_deg, 2),
        _cell(side.hip_adduction_deg, 2),
    ]


def _visibility_cells(visibility: Float) -> list[str]:
    """The least visible of hip, knee and ankle, per side; empty when any of them was not seen."""
    legs: list[float] = visibility[_LEG_LANDMARKS].tolist()
    return ["" if any(map(isnan, leg)) else f"{min(leg):.3f}" for leg in (legs[:3], legs[3:])]


def write_reps_csv(summary: SessionSummary, path: Path) -> None:
    """Write every rep and hold, sorted by start; reps leave the hold columns empty and the reverse."""
    rows = [row for side in SIDES if side in summary.sides for row in _side_rows(summary, side)]
    rows.sort(key=lambda row: float(row[2]))
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(REP_COLUMNS)
        writer.writerows(rows)


def _side_rows(summary: SessionSummary, side: Side) -> list[list[str]]:
    done = summary.sides[side]
    reps = [
        [
            "rep",
            side,
            *(_cell(time, 3) for time in (rep.start_s, rep.peak_s, rep.end_s)),
            _cell(rep.peak_deg, 2),
            _cell(rep.peak_sd_deg, 2),
            _yes_no(rep.valid),
            ";".join(rep.faults),
            "",
            "",
            "",
        ]
        for rep in done.reps
    ]
    holds = [
        [
            "hold",
            side,
            _cell(hold.start_s, 3),
            "",
            _cell(hold.end_s, 3),
            *[""] * 4,
            _cell(hold.held_s, 3),
            _cell(hold.target_s, 3),
            _yes_no(hold.completed),
        ]
        for hold in done.holds
    ]
    return reps + holds


def _yes_no(value: bool) -> str:
    return "true" if value else "false"
