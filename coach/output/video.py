"""`annotated.mp4`: the overlay on every frame, as H.264 that browsers and phones play."""

from collections.abc import Iterable
from contextlib import suppress
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Final, cast

import av
import cv2
import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream

from coach.errors import InputError
from coach.exercise.spec import ExerciseSpec
from coach.output.atomic import FileSink, PendingFile, write_error
from coach.output.overlay import Overlay
from coach.pipeline import Image, Tick

LONGEST_SIDE_PX: Final = 1280
_FRACTION_SIDE_PX: Final = (
    960  # a half or a third may be this small: it costs a third less to draw and encode
)
_TIME_BASE: Final = Fraction(1, 90_000)  # the usual video clock: every common frame rate is whole in it
_SHORTEST_FRAME: Final = 90  # 1 ms
_LIBRARY_THREADS: Final = 1  # more threads are done sooner, but cost a tenth more CPU in all
_BT601: Final = 6  # SMPTE 170M, in the numbering that all video formats share
_LIMITED_RANGE: Final = 1
# A fifth larger than "veryfast" makes it, for 0.6 of its CPU time.  Without B frames decoding order is
# display order, so the file starts at zero and needs no edit list, which some players ignore.
_X264: Final = {
    "preset": "veryfast",
    "crf": "24",
    "bf": "0",
    "x264-params": "subme=0:me=dia:partitions=none:ref=1:weightp=0:rc-lookahead=10",
}
_OPENH264: Final = {"rc_mode": "quality", "bf": "0"}


class AnnotatedVideoWriter(FileSink):
    """Sink that draws on a copy of every frame and encodes it with the source's own timestamps.

    The video starts at the first frame's time.  Its longest side is at most `LONGEST_SIDE_PX` (half of the
    source's where that is `_FRACTION_SIDE_PX` or more); odd sizes lose one pixel, because H.264 stores
    colour for pairs of pixels.  Ticks without a picture (a replay) are left out; without any, no file
    appears.

    As a context manager the file gets its name when the block ends well and nothing remains when it does
    not.  An interrupted run that wants to keep what it has calls `close`.
    """

    def __init__(self, path: Path, spec: ExerciseSpec | None = None, *, fps: float = 30.0) -> None:
        """Prepare `path`; `fps` is the source's nominal rate, which only tells how long the last frame is."""
        self._pending = PendingFile(path)
        self._overlay = Overlay(spec)
        self._last_frame = max(_SHORTEST_FRAME, round(1 / (fps * _TIME_BASE))) if fps > 0 else 3000
        self._encoder: _Encoder | None = None
        self._first_s = 0.0
        self._open = True

    def write(self, tick: Tick, image: Image | None) -> None:
        """Draw and encode one frame."""
        if image is None:
            return
        if self._encoder is None:
            self._first_s = tick.time_s
            self._encoder = self._start(image)
        canvas = self._encoder.fit(image)
        self._overlay.draw(canvas, tick, scale=self._encoder.scale)
        try:
            self._encoder.encode(round((tick.time_s - self._first_s) / _TIME_BASE))
        except (av.FFmpegError, OSError) as error:
            raise _told(self._pending.target, error) from error

    def close(self) -> None:
        """Finish the file and move it into place; idempotent."""
        if not self._open:
            return
        self._open = False
        if self._encoder is None:
            self._pending.discard()
            return
        try:
            self._encoder.finish(self._last_frame)
        except (av.FFmpegError, OSError) as error:
            self._pending.discard()
            raise _told(self._pending.target, error) from error
        self._pending.commit()

    def discard(self) -> None:
        """Give up and leave nothing behind; idempotent."""
        if not self._open:
            return
        self._open = False
        try:
            if self._encoder is not None:
                self._encoder.give_up()
        finally:
            self._pending.discard()

    def _start(self, image: Image) -> "_Encoder":
        try:
            return _Encoder(self._pending.temporary, image.shape[1], image.shape[0])
        except (av.FFmpegError, OSError) as error:
            raise _told(self._pending.target, error) from error


class _Encoder:
    """Pictures in, packets into the container; owns the two buffers that every frame passes through."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        self.scale = _find_scale(max(width, height))
        self._width, self._height = (max(2, round(n * self.scale) & ~1) for n in (width, height))
        self._canvas: Image = np.empty((self._height, self._width, 3), np.uint8)
        self._planes: Image = np.empty((self._height * 3 // 2, self._width), np.uint8)
        name, options = _find_codec()
        # The index goes to the front (faststart), so that a browser can play before it has everything.
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        try:
            self._stream = self._add_stream(name, options)
        except BaseException:
            self._container.close()
            raise
        self._last_pts = -_SHORTEST_FRAME
        self._held: Packet[VideoStream] | None = None

    def _add_stream(self, name: str, options: dict[str, str]) -> VideoStream:
        stream = cast(VideoStream, self._container.add_stream(name, options=options))
        stream.width, stream.height, stream.pix_fmt = self._width, self._height, "yuv420p"
        stream.time_base = _TIME_BASE
        context = stream.codec_context
        context.time_base = _TIME_BASE
        context.thread_count = _LIBRARY_THREADS
        context.gop_size = 120
        # Said aloud, or players assume BT.709 for high definition and tint the skin.
        context.colorspace = context.color_primaries = context.color_trc = _BT601
        context.color_range = _LIMITED_RANGE
        return stream

    def fit(self, image: Image) -> Image:
        """The picture at the output's size, in a buffer that may be drawn on until the next call."""
        height, width = image.shape[:2]
        if (height & ~1, width & ~1) == (self._height, self._width):
            np.copyto(self._canvas, image[: self._height, : self._width])
        else:
            whole = (width % self._width, height % self._height) == (0, 0)
            how = cv2.INTER_AREA if whole else cv2.INTER_LINEAR
            cv2.resize(image, (self._width, self._height), dst=self._canvas, interpolation=how)
        return self._canvas

    def encode(self, pts: int) -> None:
        """Encode what is on the canvas, to be shown at `pts`."""
        # cv2 converts three times faster than the scaler of FFmpeg; both use BT.601, limited range.
        cv2.cvtColor(self._canvas, cv2.COLOR_BGR2YUV_I420, dst=self._planes)
        frame = av.VideoFrame.from_ndarray(self._planes, format="yuv420p")
        frame.pts = self._last_pts = max(pts, self._last_pts + _SHORTEST_FRAME)
        frame.time_base = _TIME_BASE
        self._mux(self._stream.encode(frame))

    def finish(self, last_frame: int) -> None:
        """Flush; the last frame stays for `last_frame` ticks of the clock."""
        try:
            self._mux(self._stream.encode(None))
            if self._held is not None:
                self._held.duration = last_frame
                self._container.mux(self._held)
        finally:
            self._container.close()

    def give_up(self) -> None:
        """Let go of the file, whatever state it is in."""
        with suppress(av.FFmpegError, OSError):  # a full disk refuses the index; the file goes away anyway
            self._container.close()

    def _mux(self, packets: "Iterable[Packet[VideoStream]]") -> None:
        """Write packets one late: how long a frame lasts is known when the next one comes."""
        for packet in packets:
            if self._held is not None:
                self._held.duration = (packet.pts or 0) - (self._held.pts or 0)
                self._container.mux(self._held)
            self._held = packet


def _find_scale(side_px: int) -> float:
    """Size of the video over that of a source whose longest side is this."""
    if side_px <= LONGEST_SIDE_PX:
        return 1.0
    parts = ceil(side_px / LONGEST_SIDE_PX)
    return 1 / parts if side_px / parts >= _FRACTION_SIDE_PX else LONGEST_SIDE_PX / side_px


def _find_codec() -> tuple[str, dict[str, str]]:
    for name, options in (("libx264", _X264), ("libopenh264", _OPENH264)):
        if name in av.codecs_available:
            return name, options
    raise InputError(
        "This build of PyAV has no H.264 encoder, which the annotated video needs. "
        "Install PyAV from PyPI (pip install av), or leave the video out with --no-video."
    )


def _told(target: Path, error: av.FFmpegError | OSError) -> InputError:
    if isinstance(error, OSError):
        return write_error(target, error)
    return InputError(f"Could not encode {target}: {error}. Leave the video out with --no-video to go on.")
