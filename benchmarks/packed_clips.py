"""Benchmark clips of one exercise in one small file: landmarks and truth, without the videos.

The file is a zip archive with `clips.json`, which says all that is not said by frame, and an array for each
thing that is, all clips one after the other.  Numbers are rounded to whole ones in the units of `SCALES` and
kept as differences from frame to frame; the differences are split into bytes, lowest first, in `<name>.npy`
(bytes, values, frames), where the many small ones compress well.  Times are kept to the last bit: what lasts
just long enough must go on doing so.  Landmarks of face and fingers are left out.
"""

import io
import json
import lzma
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.clip import JOINTS, Clip, Expected, Float, Span, TrueTrial
from coach.body.landmarks import LANDMARK_COUNT, LANDMARK_NAMES, SIDES, indices
from coach.body.pose import PoseTrack, SourceFacts
from coach.errors import InputError

SCALES = {
    "image_px": 16,
    "world_m": 2000,
    "visibility": 10,
    "in_position": 1,
    "hips_deg": 100,
    "joints_px": 16,
}
"""How many whole numbers make one unit."""

_PARTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "foot_index")
KEPT = indices("nose", *(f"{side}_{part}" for side in SIDES for part in _PARTS))

_SHAPES: dict[str, tuple[int, ...]] = {
    "image_px": (len(KEPT), 2),
    "world_m": (len(KEPT), 3),
    "visibility": (len(KEPT),),
    "hips_deg": (2, 3),
    "joints_px": (len(JOINTS), 2),
}
"""Of one frame; the others are single numbers."""

_LAYOUT = {"scales": SCALES, "landmarks": [LANDMARK_NAMES[row] for row in KEPT], "joints": list(JOINTS)}
_MISSING = -(2**30)
_FACTS = "clips.json"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, lzma.LZMAError, zipfile.BadZipFile)


def write_packed(path: Path, clips: Sequence[Clip]) -> None:
    """Write clips of one exercise to a file; the same clips make the same bytes."""
    facts = {"layout": _LAYOUT, "clips": [_list_facts(clip) for clip in clips]}
    columns = [_list_columns(clip) for clip in clips]
    with zipfile.ZipFile(path, "w") as archive:
        _write_member(archive, _FACTS, json.dumps(facts, separators=(",", ":")).encode())
        _write_array(archive, "time_s", np.concatenate([clip.track.time_s for clip in clips]))
        for name, scale in SCALES.items():
            values = np.concatenate([of_clip[name] for of_clip in columns])
            _write_array(archive, name, _squeeze(_round(values.reshape(len(values), -1), scale)))


def _write_array(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    file = io.BytesIO()
    np.save(file, array)
    _write_member(archive, f"{name}.npy", file.getvalue())


def _write_member(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # a fixed date
    archive.writestr(info, content, zipfile.ZIP_LZMA)


def _list_facts(clip: Clip) -> dict[str, Any]:
    """All that is not said by frame."""
    kept = ("name", "exercise", "view", "recommended", "side")
    return {
        **{key: getattr(clip, key) for key in kept},
        "frames": len(clip.track),
        "model": clip.track.model,
        "source": asdict(clip.track.source),
        "expected": asdict(clip.expected) if clip.expected else None,
        "trials": None if clip.trials is None else [asdict(trial) for trial in clip.trials],
    }


def _list_columns(clip: Clip) -> dict[str, Float]:
    """All that is said by frame; NaN what is not known."""
    track = clip.track
    known = {
        "image_px": track.image_px[:, KEPT],
        "world_m": track.world_m[:, KEPT],
        "visibility": track.visibility[:, KEPT],
        "in_position": clip.in_position,
        "hips_deg": clip.hips_deg,
        "joints_px": clip.joints_px,
    }
    return {
        name: np.full((len(track), *_SHAPES.get(name, ())), np.nan) if value is None else value.astype(float)
        for name, value in known.items()
    }


def _round(values: Float, scale: int) -> NDArray[np.int64]:
    return np.where(np.isnan(values), _MISSING, np.rint(np.nan_to_num(values) * scale)).astype(np.int64)


def _squeeze(whole: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Differences of whole numbers (T, V) from row to row, as bytes (B, V, T)."""
    step = np.diff(whole.T, axis=1, prepend=np.int64(0))
    unsigned = np.ascontiguousarray((step << 1) ^ (step >> 63), "<u8")  # 0, -1, 1, -2 … become 0, 1, 2, 3 …
    places = np.moveaxis(unsigned.view(np.uint8).reshape(*step.shape, 8), 2, 0)
    used = np.flatnonzero(places.any(axis=(1, 2)))
    return np.ascontiguousarray(places[: used.max(initial=0) + 1])


def _expand(places: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The inverse of `_squeeze`."""
    unsigned = sum(place.astype(np.int64) << (8 * i) for i, place in enumerate(places))
    step = (unsigned >> 1) ^ -(unsigned & 1)
    return np.cumsum(step, axis=1).T


def read_packed(path: Path) -> Iterator[Clip]:
    """The clips of a file, but for the rounding and the landmarks left out as they were written."""
    try:
        with np.load(path) as archive:
            facts = json.loads(archive[_FACTS])
            time_s = archive["time_s"]
            wholes = {name: _expand(archive[name]) for name in SCALES}
    except _UNREADABLE as error:
        raise InputError(f"{path} is damaged or no file of `python -m benchmarks.pack`: {error}.") from error
    if facts["layout"] != _LAYOUT:
        raise InputError(f"{path} was packed in another way. Pack its clips again.")
    ends = np.cumsum([0, *(fact["frames"] for fact in facts["clips"])])
    for fact, (begin, end) in zip(facts["clips"], pairwise(ends), strict=True):
        columns = {}
        for name, whole in wholes.items():
            of_clip = whole[begin:end]
            values = np.where(of_clip == _MISSING, np.nan, of_clip / SCALES[name])
            columns[name] = values.reshape(end - begin, *_SHAPES.get(name, ()))
        yield _join(fact, time_s[begin:end], columns)


def _join(fact: dict[str, Any], time_s: Float, columns: dict[str, Float]) -> Clip:
    def known(name: str) -> Float | None:
        return None if np.isnan(columns[name]).all() else columns[name]

    inside = known("in_position")
    expected, trials = fact["expected"], fact["trials"]
    return Clip(
        fact["name"],
        fact["exercise"],
        fact["view"],
        fact["recommended"],
        fact["side"],
        PoseTrack(
            time_s,
            _spread(columns["image_px"]),
            _spread(columns["world_m"]),
            _spread(columns["visibility"]),
            SourceFacts(**fact["source"]),
            fact["model"],
        ),
        None if inside is None else inside.astype(bool),
        known("hips_deg"),
        known("joints_px"),
        _read_expected(expected) if expected else None,
        None if trials is None else tuple(TrueTrial(**trial) for trial in trials),
    )


def _spread(kept: Float) -> Float:
    """Landmarks that were kept among those that were not."""
    full = np.full((len(kept), LANDMARK_COUNT, *kept.shape[2:]), np.nan)
    full[:, KEPT] = kept
    return full


def _read_expected(plain: dict[str, Any]) -> Expected:
    return Expected(
        tuple(Span(**span) for span in plain["reps"]),
        tuple(Span(**span) for span in plain["holds"]),
        tuple((kind, amount, Span(**span)) for kind, amount, span in plain["faults"]),
    )
