"""`landmarks.npz`: every pose as detected, enough to run an analysis again without camera or model.

The file is an ordinary uncompressed NumPy archive:

    schema          ()            int64, 1
    complete        ()            bool, False when the run was broken off
    time_s          (T,)          float64, seconds on the source's own clock, strictly increasing
    image_px        (T, 33, 2)    float32, pixels in the upright picture, x right and y down
    world_m         (T, 33, 3)    float32, metres from mid-hip, x right, y down, z away from the camera
    visibility      (T, 33)       float32, 0..1
    landmark_names  (33,)         str
    source          ()            str, JSON of `SourceFacts`
    model           ()            str, name of the network
    units           ()            str, JSON of {array: unit}

NaN throughout a row means that nobody was seen.  The detector's values are float32 at heart, so storing
them so loses nothing: a replay starts from the very same numbers.
"""

import json
import math
import shutil
import struct
import tempfile
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from coach.body.landmarks import LANDMARK_COUNT, LANDMARK_NAMES
from coach.body.pose import PoseTrack, SourceFacts
from coach.errors import InputError
from coach.output.atomic import FileSink, PendingFile, write_error
from coach.pipeline import Image, Tick

SCHEMA = 1
UNITS = {"time_s": "s", "image_px": "px", "world_m": "m", "visibility": "1"}

_Arrays = dict[str, NDArray[Any]]

# One row of each streamed array.
_ROWS: dict[str, tuple[str, tuple[int, ...]]] = {
    "time_s": ("<f8", ()),
    "image_px": ("<f4", (LANDMARK_COUNT, 2)),
    "world_m": ("<f4", (LANDMARK_COUNT, 3)),
    "visibility": ("<f4", (LANDMARK_COUNT,)),
}
_SCALARS = {"schema": "iu", "complete": "b", "source": "U", "model": "U"}
_FACTS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "width_px": (int,),
    "height_px": (int,),
    "fps": (int, float),
    "frame_count": (int, type(None)),
    "duration_s": (int, float, type(None)),
}
# What zipfile and NumPy raise on damaged archives, found by damaging some.
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    MemoryError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    tokenize.TokenError,
)


class LandmarkWriter(FileSink):
    """A sink that writes each tick's raw pose to `landmarks.npz`, in constant memory however long it runs.

    Rows go to unnamed temporary files; the archive is put together at the end and moved into place whole.
    `facts` is asked at the end, when the source knows its true length.  As a context manager it finishes on
    success and leaves nothing on an exception; to keep what was gathered so far, call
    `close(complete=False)` before that.  Without a single tick no file is written.
    """

    def __init__(self, path: Path, facts: Callable[[], SourceFacts], model: str) -> None:
        self._pending = PendingFile(path)
        self._facts = facts
        self._model = model
        self._count = 0
        self._open = True
        self._rows: dict[str, IO[bytes]] = {}
        try:
            for name in _ROWS:
                self._rows[name] = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115
        except OSError as error:
            self.discard()
            raise write_error(path, error) from error

    def write(self, tick: Tick, image: Image | None) -> None:
        """Append the tick's raw pose; the picture is not used."""
        raw = tick.raw
        row = {
            "time_s": raw.time_s,
            "image_px": raw.image_px,
            "world_m": raw.world_m,
            "visibility": raw.visibility,
        }
        try:
            for name, value in row.items():
                self._rows[name].write(np.asarray(value, _ROWS[name][0]).tobytes())
        except OSError as error:
            self.discard()
            raise write_error(self._pending.target, error) from error
        self._count += 1

    def close(self, complete: bool = True) -> None:
        """Put the file in place; idempotent.  `complete=False` marks the result of a run broken off."""
        if not self._open:
            return
        try:
            if self._count:
                self._assemble(complete)
                self._pending.commit()
        except OSError as error:
            raise write_error(self._pending.target, error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave nothing behind; idempotent, and harmless after `close`."""
        self._open = False
        for file in self._rows.values():
            with suppress(OSError):  # what is still buffered may not fit on the disk either
                file.close()
        self._pending.discard()

    def _assemble(self, complete: bool) -> None:
        small: _Arrays = {
            "schema": np.array(SCHEMA, "<i8"),
            "complete": np.array(complete),
            "landmark_names": np.array(LANDMARK_NAMES),
            "source": np.array(json.dumps(asdict(self._facts()))),
            "model": np.array(self._model),
            "units": np.array(json.dumps(UNITS)),
        }
        with zipfile.ZipFile(self._pending.temporary, "w", zipfile.ZIP_STORED) as archive:
            for name, array in small.items():
                with _member(archive, name) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
            for name, (kind, shape) in _ROWS.items():
                header = {"descr": kind, "fortran_order": False, "shape": (self._count, *shape)}
                rows = self._rows[name]
                rows.seek(0)
                with _member(archive, name) as member:
                    np.lib.format.write_array_header_1_0(member, header)
                    shutil.copyfileobj(rows, member, 1 << 20)


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    # A fixed date, so that the same poses make the same bytes.
    info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
    return archive.open(info, "w", force_zip64=True)


def load_landmarks(path: Path) -> PoseTrack:
    """The poses saved in a `landmarks.npz`, the numbers exactly as detected; all float64.

    Whatever is wrong with the file is told in one `InputError`.  Nothing in the file is ever executed.
    """
    arrays = _read(path)
    problems = _check_arrays(arrays)
    facts, facts_problems = _parse_facts(arrays.get("source"))
    problems += facts_problems
    if problems or facts is None:
        raise InputError(f"{path} cannot be replayed: {'; '.join(problems)}. Analyse the video again.")
    rows = {name: np.asarray(arrays[name], np.float64) for name in _ROWS}
    return PoseTrack(**rows, source=facts, model=str(arrays["model"]), complete=bool(arrays["complete"]))


def _read(path: Path) -> _Arrays:
    """Whatever of the known arrays the file holds."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; expected a landmarks file (.npz).")
    arrays: _Arrays = {}
    try:
        with path.open("rb") as file:
            if file.read(2) != b"PK":
                raise InputError(
                    f"{path} is not a landmarks file: expected a .npz archive as `coach analyze` writes it."
                )
            file.seek(0)
            with zipfile.ZipFile(file) as archive:
                _check_schema(path, archive)
                members = set(archive.namelist())
                for name in (*_ROWS, *_SCALARS, "landmark_names"):
                    if f"{name}.npy" in members:
                        arrays[name] = _read_member(archive, name)
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}. Check the name and the folder.") from error
    except _UNREADABLE as error:
        reason = str(error) or type(error).__name__
        raise InputError(
            f"{path} is damaged or not a landmarks file ({reason}). Analyse the video again."
        ) from error
    return arrays


def _read_member(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with archive.open(f"{name}.npy") as member:
        array: NDArray[Any] = np.lib.format.read_array(member, allow_pickle=False)
        while member.read(1 << 20):  # reading on to the end is what checks the CRC
            pass
    return array


def _check_schema(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse a newer schema before looking at arrays that may mean something else there."""
    if "schema.npy" not in archive.namelist():
        return
    schema = _read_member(archive, "schema")
    if schema.shape == () and schema.dtype.kind in "iu" and int(schema) > SCHEMA:
        raise InputError(
            f"{path} has schema {int(schema)}, which a newer coach wrote; this one reads up to {SCHEMA}. "
            "Update coach."
        )


def _check_arrays(arrays: _Arrays) -> list[str]:
    required = (*_ROWS, *_SCALARS, "landmark_names")
    problems = [f"{name!r} is missing" for name in required if name not in arrays]
    time_s = arrays.get("time_s")
    count = len(time_s) if time_s is not None and time_s.ndim == 1 else None
    if count == 0:
        problems.append("it holds no poses")
    for name, (_, shape) in _ROWS.items():
        if name in arrays:
            problems += _check_rows(name, arrays[name], shape, count)
    for name, kinds in _SCALARS.items():
        array = arrays.get(name)
        if array is not None and (array.shape != () or array.dtype.kind not in kinds):
            problems.append(f"expected {name!r} to be a single value, got {array.dtype} {array.shape}")
    schema, names = arrays.get("schema"), arrays.get("landmark_names")
    if schema is not None and schema.shape == () and schema.dtype.kind in "iu" and schema < 1:
        problems.append(f"expected 'schema' to be {SCHEMA}, got {schema}")
    if names is not None and tuple(names.ravel().tolist()) != LANDMARK_NAMES:
        problems.append(f"'landmark_names' are not the {LANDMARK_COUNT} that coach knows")
    return problems


def _check_rows(name: str, array: NDArray[Any], shape: tuple[int, ...], count: int | None) -> list[str]:
    rows = "T" if count is None else str(count)
    expected = f"({', '.join([rows, *map(str, shape)])}{'' if shape else ','})"
    if array.dtype.kind != "f":
        return [f"expected {name!r} to hold floating point numbers, got {array.dtype}"]
    if array.ndim != 1 + len(shape) or array.shape[1:] != shape or count not in (None, array.shape[0]):
        return [f"expected {name!r} to have shape {expected}, got {array.shape}"]
    if name == "time_s":
        return _check_times(array)
    if np.isinf(array).any():
        return [f"{name!r} holds infinite numbers"]
    if name == "visibility" and ((array < 0) | (array > 1)).any():
        return ["expected 'visibility' within 0..1, got values outside"]
    return []


def _check_times(time_s: NDArray[Any]) -> list[str]:
    unknown = np.flatnonzero(~np.isfinite(time_s))
    if len(unknown):
        return [f"'time_s' is not a number in {len(unknown)} rows, first in row {unknown[0]}"]
    back = np.flatnonzero(np.diff(time_s) <= 0)
    if len(back):
        return [
            f"expected 'time_s' to increase strictly, got {time_s[back[0] + 1]:g} after {time_s[back[0]]:g} "
            f"in row {back[0] + 1}"
        ]
    return []


def _parse_facts(array: NDArray[Any] | None) -> tuple[SourceFacts | None, list[str]]:
    if array is None or array.shape != () or array.dtype.kind != "U":
        return None, []  # told already
    try:
        given = json.loads(str(array))
    except (ValueError, RecursionError) as error:
        return None, [f"'source' is not JSON ({error})"]
    if not isinstance(given, dict):
        return None, [f"expected 'source' to be a JSON object, got {type(given).__name__}"]
    problems = _check_facts(given)
    if problems:
        return None, problems
    return SourceFacts(**{name: given[name] for name in _FACTS}), []


def _check_facts(given: Mapping[str, object]) -> list[str]:
    problems = [f"'source' lacks {name!r}" for name in _FACTS if name not in given]
    for name, kinds in _FACTS.items():
        if name not in given:
            continue
        value = given[name]
        if isinstance(value, bool) or not isinstance(value, kinds):
            problems.append(f"expected {name!r} in 'source' to be a {kinds[0].__name__}, got {value!r}")
        elif isinstance(value, int | float) and not (math.isfinite(value) and value >= 0):
            problems.append(f"expected {name!r} in 'source' to be 0 or more, got {value!r}")
        elif name in ("width_px", "height_px", "fps") and not value:
            problems.append(f"expected {name!r} in 'source' to be more than 0, got {value!r}")
    return problems
