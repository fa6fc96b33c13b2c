"""Takes a video from the browser straight to the disk, piece by piece, and looks at what it is."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Final
from urllib.parse import unquote

from coach.web.settings import Limits

_PIECE: Final = 1 << 20
_HEAD: Final = 400
_LONGEST_NAME: Final = 120


class UploadError(Exception):
    """An upload that is not taken; `status` is the HTTP status, the message a sentence for the person."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def clean_name(header: str | None) -> str:
    """The name to show for an upload, from its percent-encoded header.  It is never used as a path."""
    name = unquote(header or "", errors="replace")
    name = PurePosixPath(PureWindowsPath(name).name).name
    name = "".join(sign for sign in name if sign.isprintable()).strip(" .")
    return name[:_LONGEST_NAME] or "video"


def is_video(head: bytes) -> bool:
    """Whether a file that begins like this is in a container for video; playlists and the like are not."""
    return (
        head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"skip", b"free")
        or head.startswith((b"\x1a\x45\xdf\xa3", b"OggS", b"FLV", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"))
        or (head.startswith(b"RIFF") and head[8:12] == b"AVI ")
        or head.startswith((b"0&\xb2u", b"GIF87a", b"GIF89a"))
        or (len(head) > 376 and head[0] == head[188] == head[376] == 0x47)
    )


async def receive(pieces: AsyncIterator[bytes], announced: str | None, path: Path, limits: Limits) -> int:
    """Write a request's body to `path`; returns its size.  Raises `UploadError` and leaves nothing behind."""
    _check_announced(announced, path.parent, limits)
    try:
        with path.open("xb") as file:
            size = await _write(pieces, file, limits)
        if size == 0:
            raise UploadError(400, "The file is empty.")
    except OSError as error:
        path.unlink(missing_ok=True)
        raise UploadError(507, f"The upload could not be stored: {error.strerror}.") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return size


async def _write(pieces: AsyncIterator[bytes], file: IO[bytes], limits: Limits) -> int:
    size, waiting, head = 0, bytearray(), b""
    window_s, window_bytes = time.monotonic(), 0
    while True:
        try:
            piece = await asyncio.wait_for(anext(pieces), limits.stall_s)
        except StopAsyncIteration:
            break
        except TimeoutError:
            raise UploadError(408, "The upload stalled. Try again.") from None
        size += len(piece)
        if time.monotonic() - window_s > limits.stall_s:
            if size - window_bytes < limits.slowest_bytes:
                raise UploadError(408, "The upload is too slow. Try again.")
            window_s, window_bytes = time.monotonic(), size
        if size > limits.upload_bytes:
            raise UploadError(413, _too_large(limits))
        waiting += piece
        if not head and len(waiting) >= _HEAD:
            head = _look_at(bytes(waiting[:_HEAD]))
        if len(waiting) >= _PIECE:
            await asyncio.to_thread(file.write, waiting)
            waiting = bytearray()
    if waiting:
        if not head:
            _look_at(bytes(waiting[:_HEAD]))
        await asyncio.to_thread(file.write, waiting)
    return size


def _look_at(head: bytes) -> bytes:
    if not is_video(head):
        raise UploadError(415, "This is not a video. Expected MP4, MOV, MKV, WebM, AVI or GIF.")
    return head


def _check_announced(announced: str | None, folder: Path, limits: Limits) -> None:
    size = int(announced) if announced and announced.isascii() and announced.isdigit() else 0
    if size > limits.upload_bytes:
        raise UploadError(413, _too_large(limits))
    free = shutil.disk_usage(folder).free
    if size + limits.free_bytes > free:
        raise UploadError(507, "There is not enough free disk space for this video.")


def _too_large(limits: Limits) -> str:
    return f"The video is larger than {limits.upload_bytes / 1e9:.1f} GB. Cut it, or use: coach analyze."
