"""Decoding a video file with OpenCV, the cheapest way measured; PyAV where OpenCV cannot.

OpenCV's `CAP_PROP_POS_MSEC`, asked *after* a picture was read, is that picture's presentation time, also
with a variable rate and in GIFs; asked before, it is the previous one's.  It is 0 where there is none.
"""

import contextlib
import math
import os
from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.errors import InputError

Image = NDArray[np.uint8]

_LARGE_PX = 1920 * 1088
"""Larger pictures take longer to decode on one core than the pose network takes on another."""

_FALLBACK_FPS = 30.0
_MAX_FPS = 1000.0  # some containers give their clock's rate (90,000) for want of a frame rate
_PATIENCE_START = 300  # failed grabs before the first picture until OpenCV is given up
_PATIENCE = 3000  # the same in mid-file: a long damaged stretch; 1000 of them cost 30 ms
_PATIENCE_END = 3  # the same once everything promised has been read
_SNIFF = 4096
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\b\x1b")
_ROTATIONS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class Shot(NamedTuple):
    """What came with one decoded picture: its time (NaN if unknown) and whether damage was skipped."""

    time_s: float
    after_damage: bool


class Claim(NamedTuple):
    """What the container says: upright size, rate, count and length; None where it does not say."""

    width_px: int
    height_px: int
    fps: float
    frame_count: int | None
    duration_s: float | None


class Decoder(Protocol):
    """Reads pictures one after the other."""

    @property
    def claim(self) -> Claim:
        """What the container says."""
        ...

    def read(self, into: Image) -> Shot | None:
        """Put the next upright BGR picture into a buffer of the claimed size; None at the end."""
        ...

    def close(self) -> None:
        """Release the file; idempotent."""
        ...


def prepare_opencv() -> None:
    """Let OpenCV work on the calling thread, and keep its chatter off stderr unless it was asked for.

    Its own threads wait for work in a loop: measured, a twentieth of the CPU time of an analysis.
    """
    cv2.setNumThreads(1)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # read when the first capture is opened
    if "OPENCV_LOG_LEVEL" not in os.environ:
        # Where this build has no such module there is nothing to silence either.
        with contextlib.suppress(AttributeError):
            cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def plausible_fps(fps: float) -> float:
    """The claimed rate where it can be true, otherwise a guess (the count at the end corrects it)."""
    return fps if math.isfinite(fps) and 0 < fps <= _MAX_FPS else _FALLBACK_FPS


def is_text(path: Path) -> bool:
    """Whether the file starts like text: FFmpeg would draw a text file's letters and call it a video."""
    with path.open("rb") as file:
        head = file.read(_SNIFF)
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # otherwise a character cut in two by the sniffing
            return False
    return not any(byte < 32 and byte not in _TEXT_CONTROLS for byte in head)


def fit(image: Image, into: Image) -> None:
    """Copy a picture into the buffer; scaled when the size changes in mid-file, as some streams do."""
    if image.shape == into.shape:
        np.copyto(into, image)
    else:
        cv2.resize(image, (into.shape[1], into.shape[0]), dst=into)


def _open_capture(path: Path) -> cv2.VideoCapture:
    """Open with one decoding thread, which costs the least CPU; with all of them where one is too slow."""
    # An absolute path, so that "clip:1.mp4" is not taken for a protocol called "clip"; FFmpeg by name,
    # so that "img_001.png" is not taken for a numbered series.
    name = str(path.resolve())
    try:
        name.encode()  # a name that is not Unicode would crash OpenCV itself
        capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        size_px = capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if size_px > _LARGE_PX:
            capture.release()
            capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
    except (cv2.error, UnicodeError) as error:
        raise InputError(f"OpenCV cannot open {path}.") from error
    return capture


class OpenCvDecoder:
    """Decodes with `cv2.VideoCapture`.  Raises `InputError` when it cannot; see `av_decode` for why."""

    def __init__(self, path: Path) -> None:
        prepare_opencv()
        self._capture = _open_capture(path)
        # Rotating here, from one buffer into another, spares an allocation per picture.
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
        turn = round(self._capture.get(cv2.CAP_PROP_ORIENTATION_META) or 0) % 360
        self._rotation = _ROTATIONS.get(turn)
        self._count = 0
        self._promised = math.inf
        self._after_damage = self._grab(_PATIENCE_START) > 0
        first = self._capture.retrieve()[1] if self._count else None
        if first is None:
            self.close()
            raise InputError(f"OpenCV finds no picture in {path}.")
        self._claim = self._read_claim(first.shape, turn in (90, 270))
        self._raw = np.asarray(first if self._rotation is not None else (), np.uint8)
        self._promised = self._claim.frame_count or math.inf
        self._pending = True  # the first picture is grabbed already

    @property
    def claim(self) -> Claim:
        """What the container says."""
        return self._claim

    def _read_claim(self, shape: tuple[int, ...], sideways: bool) -> Claim:
        height, width = shape[:2]
        raw_fps = self._capture.get(cv2.CAP_PROP_FPS)
        count = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        # OpenCV derives the count from length and rate, so this quotient holds whatever the rate.
        duration_s = count / raw_fps if raw_fps > 0 and count > 0 else None
        fps = plausible_fps(raw_fps)
        return Claim(
            height if sideways else width,
            width if sideways else height,
            fps,
            max(1, round(duration_s * fps)) if duration_s is not None else None,
            duration_s,
        )

    def _grab(self, patience: int) -> int:
        """Go to the next picture; returns how many attempts failed, -1 when there is none any more."""
        for failed in range(patience):
            if self._capture.grab():
                self._count += 1
                return failed
        return -1

    def read(self, into: Image) -> Shot | None:
        """Put the next upright BGR picture into `into`; None at the end."""
        after_damage = self._after_damage
        self._after_damage = False
        while True:
            if not self._pending:
                failed = self._grab(_PATIENCE_END if self._count >= self._promised else _PATIENCE)
                if failed < 0:
                    return None
                after_damage |= failed > 0
            self._pending = False
            time_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if self._count > 1 and time_s == 0:
                time_s = math.nan
            if self._retrieve(into):
                return Shot(time_s, after_damage)
            after_damage = True

    def _retrieve(self, into: Image) -> bool:
        found, image = self._capture.retrieve(into if self._rotation is None else self._raw)
        if not found:
            return False
        if image is into:
            return True
        if self._rotation is None:
            fit(np.asarray(image, np.uint8), into)
        elif (image.shape[1], image.shape[0]) == into.shape[:2]:
            cv2.rotate(image, self._rotation, dst=into)
        else:
            fit(np.asarray(cv2.rotate(image, self._rotation), np.uint8), into)
        return True

    def close(self) -> None:
        """Release the file; idempotent."""
        self._capture.release()
