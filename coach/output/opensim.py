"""Exchange with OpenSim: `angles.mot` (joint angles) and `landmarks.trc` (landmarks), streamed row by row.

Joint angles carry the names and signs of OpenSim's gait2392 model: hip flexion, adduction and internal
rotation are positive on both sides, and `knee_angle` is *negative* in flexion (models after Rajagopal 2016
count it positive: turn the sign round for those).

Landmarks are the smoothed world landmarks in metres, in OpenSim's axes: X forward for somebody who faces the
camera, Y up, Z to that person's right.  The origin stays mid-hip, so the body turns but does not travel.

Both are the same instants as `frames.csv`, at the source's own times.  What was not measured is `nan`, which
OpenSim's readers take as missing; blank fields shift the columns in its older versions.
"""

import shutil
import tempfile
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import IO, Final

from coach.body.landmarks import LANDMARK_COUNT, LANDMARK_NAMES, SIDES
from coach.body.pose import SourceFacts
from coach.output.atomic import FileSink, PendingFile, write_error
from coach.pipeline import Image, Tick

_SUFFIX: Final = {"left": "l", "right": "r"}
_ORDER: Final = SIDES[::-1]  # the gait model lists the right leg first
MOT_COLUMNS: Final[tuple[str, ...]] = (
    "time",
    *(
        f"{angle}_{_SUFFIX[side]}"
        for side in _ORDER
        for angle in ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle")
    ),
)


class _StreamedTable(FileSink):
    """Rows go to an unnamed temporary file: the header holds their number, known only at the end.

    As a context manager it finishes on success and leaves nothing on an exception.
    """

    def __init__(self, path: Path) -> None:
        self._pending = PendingFile(path)
        self._count = 0
        self._open = True
        try:
            self._rows: IO[bytes] = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115
        except OSError as error:
            self._pending.discard()
            raise write_error(path, error) from error

    def write(self, tick: Tick, image: Image | None = None) -> None:
        """Add one instant; the picture is not used."""
        row = "\t".join(self._cells(tick))
        try:
            self._rows.write(f"{row}\n".encode("ascii"))
        except OSError as error:
            raise write_error(self._pending.target, error) from error
        self._count += 1

    def close(self) -> None:
        """Put header and rows together and the file in place; idempotent."""
        if not self._open:
            return
        try:
            with self._pending.temporary.open("wb") as file:
                file.write(self._header(self._count).encode("utf-8", "replace"))
                self._rows.seek(0)
                shutil.copyfileobj(self._rows, file, 1 << 20)
            self._pending.commit()
        except OSError as error:
            raise write_error(self._pending.target, error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave nothing behind; idempotent, and harmless after `close`."""
        self._open = False
        self._rows.close()
        self._pending.discard()

    def _cells(self, tick: Tick) -> list[str]:
        raise NotImplementedError

    def _header(self, count: int) -> str:
        raise NotImplementedError


class MotWriter(_StreamedTable):
    """Sink for `angles.mot`: a row per instant, degrees, columns as in `MOT_COLUMNS`."""

    def _cells(self, tick: Tick) -> list[str]:
        cells = [f"{tick.time_s:.6f}"]
        for side in _ORDER:
            leg = tick.sides[side]
            angles = (
                leg.hip_flexion_deg,
                leg.hip_adduction_deg,
                leg.rotation.value_deg,
                -leg.knee_flexion_deg,
            )
            cells += [_number(angle, 4) for angle in angles]
        return cells

    def _header(self, count: int) -> str:
        lines = [
            "Coordinates",
            "version=1",
            f"nRows={count}",
            f"nColumns={len(MOT_COLUMNS)}",
            "inDegrees=yes",
            "Joint angles with the signs of gait2392: knee_angle is negative in flexion, hip_rotation",
            "positive inwards on both sides. nan where the angle was not measured.",
            "endheader",
            "\t".join(MOT_COLUMNS),
        ]
        return "\n".join(lines) + "\n"


class TrcWriter(_StreamedTable):
    """Sink for `landmarks.trc`; `facts` is asked for the frame rate at the end."""

    def __init__(self, path: Path, facts: Callable[[], SourceFacts]) -> None:
        super().__init__(path)
        self._name = path.name
        self._facts = facts

    def _cells(self, tick: Tick) -> list[str]:
        cells = [str(self._count + 1), f"{tick.time_s:.6f}"]
        for x, y, z in tick.pose.world_m.tolist():
            cells += [_number(-z, 5), _number(-y, 5), _number(-x, 5)]
        return cells

    def _header(self, count: int) -> str:
        rate = f"{self._facts().fps:.6g}"
        axes = (f"{axis}{i}" for i in range(1, LANDMARK_COUNT + 1) for axis in "XYZ")
        lines = [
            f"PathFileType\t4\t(X/Y/Z)\t{self._name}",
            "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
            f"{rate}\t{rate}\t{count}\t{LANDMARK_COUNT}\tm\t{rate}\t1\t{count}",
            "Frame#\tTime\t" + "\t\t\t".join(LANDMARK_NAMES),
            "\t\t" + "\t".join(axes),
            "",
        ]
        return "\n".join(lines) + "\n"


def _number(value: float, decimals: int) -> str:
    """Fixed decimals, no minus before a zero; `nan` where there is no number."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}" if isfinite(value) else "nan"
