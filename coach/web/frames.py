"""A camera picture as it comes over the wire: twelve bytes of header, then a JPEG.

uint32   sequence number, little endian
float64  seconds on the browser's clock at which the picture was taken
"""

from dataclasses import dataclass
from math import isfinite
from struct import Struct
from typing import Final

import cv2
import numpy as np

from coach.pipeline import Image
from coach.web.settings import Limits

HEADER: Final = Struct("<Id")
SMALLEST_EDGE_PX: Final = 32

_START: Final = b"\xff\xd8"
_FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD9)})


class BadFrameError(ValueError):
    """Something that is not a picture as agreed; the message says what was wrong, `seq` which it was."""

    def __init__(self, words: str, seq: int | None = None) -> None:
        super().__init__(words)
        self.seq = seq


@dataclass(frozen=True, slots=True)
class FrameMessage:
    """One message: its number, its time on the browser's clock, the JPEG."""

    seq: int
    time_s: float
    jpeg: bytes


def parse_frame(data: bytes, limits: Limits) -> FrameMessage:
    """Take a message apart.  Raises `BadFrameError`."""
    if len(data) < HEADER.size + len(_START):
        raise BadFrameError("The message is too short to hold a picture.")
    seq, time_s = HEADER.unpack_from(data)
    if len(data) > limits.frame_bytes:
        raise BadFrameError(f"The picture is larger than {limits.frame_bytes} bytes.", seq)
    if not isfinite(time_s) or abs(time_s) > 1e12:
        raise BadFrameError("The picture's time is not a number of seconds.", seq)
    return FrameMessage(seq, time_s, data[HEADER.size :])


def decode_frame(frame: FrameMessage, limits: Limits) -> Image:
    """The picture, (height, width, 3) BGR, in an array of its own.  Raises `BadFrameError`.

    The size is read from the JPEG's header first: a small file may unpack to a huge picture.
    """
    size = read_jpeg_size(frame.jpeg)
    if size is None:
        raise BadFrameError("This is not a JPEG picture.", frame.seq)
    if not SMALLEST_EDGE_PX <= min(size) <= max(size) <= limits.frame_edge_px:
        raise BadFrameError(
            f"Expected edges of {SMALLEST_EDGE_PX} to {limits.frame_edge_px} px, got {size[0]} x {size[1]}.",
            frame.seq,
        )
    try:
        image = cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise BadFrameError("The picture is damaged.", frame.seq) from error
    if image is None:
        raise BadFrameError("The picture is damaged.", frame.seq)
    return np.asarray(image, np.uint8)


def read_jpeg_size(jpeg: bytes) -> tuple[int, int] | None:
    """Width and height from the frame header, None where there is none."""
    if not jpeg.startswith(_START):
        return None
    at = 2
    while at + 9 <= len(jpeg):
        if jpeg[at] != 0xFF:
            return None
        marker = jpeg[at + 1]
        if marker == 0xFF or marker in _BARE_MARKERS:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAME_MARKERS:
            height, width = (int.from_bytes(jpeg[at + i : at + i + 2], "big") for i in (5, 7))
            return width, height
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return None
