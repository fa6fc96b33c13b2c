"""PyAV where OpenCV gives up: codecs that its build lacks (AV1), and the reason why a file cannot be read."""

import math
from collections.abc import Iterator
from pathlib import Path

import av
import av.error
import av.logging
import cv2
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from coach.errors import InputError
from coach.vision.decode import Claim, Image, Shot, fit, is_text, plausible_fps

_EXPECTED = "expected a video (MP4, MOV, MKV, WebM, AVI or GIF)"
_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


class AvDecoder:
    """Decodes with PyAV.  Raises `InputError`, saying why, when the file holds nothing to decode."""

    def __init__(self, path: Path) -> None:
        av.logging.set_level(av.logging.PANIC)
        self._container = _open(path)
        try:
            stream = _video_stream(self._container, path)
            self._errors = 0
            self._frames = self._decode(stream)
            # PyAV has no context for a codec that it does not know at all.
            self._first = next(self._frames, None) if stream.codec_context is not None else None
            if self._first is None:
                raise InputError(
                    f"No picture in {path} can be decoded: it is damaged, or coded in a way that is not "
                    "supported. Convert it to H.264, or record it again."
                )
        except BaseException:
            self._container.close()
            raise
        self._start_s = float((stream.start_time or 0) * (stream.time_base or 0))
        self._claim = self._read_claim(stream, self._first)

    @property
    def claim(self) -> Claim:
        """What the container says."""
        return self._claim

    def _read_claim(self, stream: VideoStream, first: VideoFrame) -> Claim:
        fps = plausible_fps(float(stream.guessed_rate or stream.average_rate or 0))
        duration_s = None
        if stream.duration and stream.time_base:
            duration_s = float(stream.duration * stream.time_base)
        elif self._container.duration:
            duration_s = self._container.duration / av.time_base
        count = stream.frames or (max(1, round(duration_s * fps)) if duration_s else None)
        sideways = first.rotation % 360 in (90, 270)
        width, height = (first.height, first.width) if sideways else (first.width, first.height)
        return Claim(width, height, fps, count, duration_s)

    def _decode(self, stream: VideoStream) -> Iterator[VideoFrame]:
        """Frames in order; what cannot be decoded is counted in `_errors` and passed over."""
        stream.thread_type = "AUTO"
        packets = self._container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:  # the container itself ends in damage
                self._errors += 1
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                self._errors += 1
                continue
            for frame in frames:
                if isinstance(frame, VideoFrame):
                    yield frame

    def read(self, into: Image) -> Shot | None:
        """Put the next upright BGR picture into `into`; None at the end."""
        frame = self._first or next(self._frames, None)
        self._first = None
        if frame is None:
            return None
        image = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
        turn = _TURNS.get(frame.rotation % 360)
        fit(image if turn is None else np.asarray(cv2.rotate(image, turn), np.uint8), into)
        after_damage, self._errors = self._errors > 0, 0
        time_s = math.nan if frame.pts is None else float(frame.time) - self._start_s
        return Shot(time_s, after_damage)

    def close(self) -> None:
        """Release the file; idempotent."""
        self._container.close()


def _open(path: Path) -> InputContainer:
    if is_text(path):
        raise InputError(f"{path} is text; {_EXPECTED}.")
    try:
        return av.open(str(path.resolve()), mode="r")
    except (av.error.FFmpegError, UnicodeError) as error:
        if _lacks_index(path):
            raise InputError(
                f"{path} is cut short: the index that says where its pictures lie ('moov') is missing, as "
                "when a recording or a download breaks off. Copy or record it again."
            ) from error
        raise InputError(
            f"{path} cannot be read as a video; {_EXPECTED}. It is damaged, or another kind of file."
        ) from error


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    if container.streams.video:
        return container.streams.video[0]
    what = "sound but no pictures" if container.streams.audio else "no pictures"
    raise InputError(f"{path} holds {what}; {_EXPECTED}.")


def _lacks_index(path: Path) -> bool:
    """Whether an MP4 or MOV file has no 'moov' box at its top level."""
    size = path.stat().st_size
    with path.open("rb") as file:
        position, first = 0, True
        while position + 8 <= size:
            file.seek(position)
            header = file.read(16)
            length, kind = int.from_bytes(header[:4], "big"), header[4:8]
            if first and kind not in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
                return False
            if kind == b"moov":
                return position + length > size
            if length == 1:
                length = int.from_bytes(header[8:16], "big")
            if length < 8:  # 0: this box goes on to the end of the file
                break
            position, first = position + length, False
    return not first or position == 0
