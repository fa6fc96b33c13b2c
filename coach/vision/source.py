"""Where frames come from: a video file, or pictures in memory.  Both are the pipeline's `FrameSource`."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from coach.body.pose import SourceFacts
from coach.errors import InputError
from coach.pipeline import Frame
from coach.vision.clock import Account, SteadyClock
from coach.vision.decode import Decoder, Image, OpenCvDecoder, Shot, is_text

# One picture is with the consumer, one decoded, one being decoded: enough to hide the decoding, and only
# 75 MB in 4K.
_BUFFERS = 3

_LARGEST_PX = 7680 * 4320
"""8K.  A file of half a megabyte can claim 16,000 x 12,000, which took 6 GB to decode."""


class VideoFileSource:
    """The frames of a video file, upright, with the file's own times, decoded ahead in a thread.

    Opening it checks the file and raises `InputError` when it is not a readable video; a still picture is
    refused too, since nothing in it moves.  It can be run through once.  `facts` and `warnings` tell what
    the file really held once it was read to its end.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        _check_file(self._path)
        self._decoder = _open_decoder(self._path)
        claim = self._decoder.claim
        if claim.width_px * claim.height_px > _LARGEST_PX:
            self._decoder.close()
            raise InputError(
                f"{self._path} has pictures of {claim.width_px}×{claim.height_px}; expected 8K at most. "
                "Scale it down, or copy it again if that is not its size."
            )
        self._facts = SourceFacts(
            self._path.name, claim.width_px, claim.height_px, claim.fps, claim.frame_count, claim.duration_s
        )
        self._warnings: tuple[str, ...] = ()
        self._worker: ThreadPoolExecutor | None = None
        self._started = self._closed = False
        try:
            shape = (claim.height_px, claim.width_px, 3)
            self._buffers = [self._make_buffer(shape) for _ in range(_BUFFERS)]
            self._free = self._buffers[-1]
            self._head = [self._decode(buffer) for buffer in self._buffers[:2]]
            if self._head[1] is None:
                raise InputError(
                    f"{self._path} holds a single picture; expected a video, in which something moves."
                )
        except BaseException:
            self.close()
            raise

    @property
    def facts(self) -> SourceFacts:
        """What the file claims; what was really read, once it has been read to its end."""
        return self._facts

    @property
    def warnings(self) -> tuple[str, ...]:
        """Damage and oddities met, a plain sentence or two each; empty until the end was reached."""
        return self._warnings

    def __iter__(self) -> Iterator[Frame]:
        if self._started or self._closed:
            raise RuntimeError("a video file source can be run through once; open another one")
        self._started = True
        return self._frames()

    def _frames(self) -> Iterator[Frame]:
        clock, account = SteadyClock(1 / self._facts.fps), Account(self._facts)
        worker = self._worker = ThreadPoolExecutor(1, thread_name_prefix="decode")
        ahead: deque[tuple[Image, Future[Shot | None]]] = deque()
        for buffer, shot in zip(self._buffers, self._head, strict=False):
            done: Future[Shot | None] = Future()
            done.set_result(shot)
            ahead.append((buffer, done))
        spare = self._buffers[-1]
        try:
            while not self._closed:
                ahead.append((spare, worker.submit(self._decode, spare)))
                image, future = ahead.popleft()
                shot = future.result()
                if shot is None:
                    self._facts, self._warnings = account.facts(), account.warnings(clock.repaired)
                    return
                time_s = clock.update(shot.time_s)
                account.update(time_s, shot.after_damage)
                self._free = image
                yield Frame(time_s, image)
                spare = self._free
        except CancelledError:  # closed from another thread while waiting
            return
        finally:
            self.close()

    def keep_last(self, spare: Image | None) -> None:
        """See `FrameSource.keep_last`."""
        shape = self._buffers[0].shape
        self._free = self._make_buffer(shape) if spare is None or spare.shape != shape else spare

    def _make_buffer(self, shape: tuple[int, ...]) -> Image:
        try:
            return np.empty(shape, np.uint8)
        except MemoryError as error:
            raise InputError(
                f"{self._path} has pictures of {shape[1]}×{shape[0]}, more than fits into memory. "
                "Scale it down, or copy it again if that is not its size."
            ) from error

    def _decode(self, into: Image) -> Shot | None:
        try:
            return self._decoder.read(into)
        except (cv2.error, MemoryError) as error:
            raise InputError(f"Reading {self._path} failed: {error}. The file may be damaged.") from error

    def close(self) -> None:
        """Stop decoding and release the file; idempotent."""
        self._closed = True
        if self._worker is not None:
            self._worker.shutdown(wait=True, cancel_futures=True)
        self._decoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class MemorySource:
    """Frames in memory, the twin of a file or a camera for tests.

    Like those it hands out one reused buffer, so that a consumer who keeps a picture without copying it
    is found out.
    """

    def __init__(self, frames: Sequence[Frame], facts: SourceFacts) -> None:
        self._given = frames
        self._facts = facts
        self._closed = False
        self._buffer: Image | None = None
        self.warnings: tuple[str, ...] = ()

    @property
    def facts(self) -> SourceFacts:
        """The facts given; with the exact count and duration once run through."""
        return self._facts

    def __iter__(self) -> Iterator[Frame]:
        account = Account(self._facts)
        for frame in self._given:
            if self._closed:
                return
            if self._buffer is None or self._buffer.shape != frame.image.shape:
                self._buffer = np.empty_like(frame.image)
            np.copyto(self._buffer, frame.image)
            account.update(frame.time_s, False)
            yield Frame(frame.time_s, self._buffer)
        self._facts = account.facts()

    def keep_last(self, spare: Image | None) -> None:
        """See `FrameSource.keep_last`."""
        self._buffer = spare

    def close(self) -> None:
        """Stop handing out frames; idempotent."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check_file(path: Path) -> None:
    """Refuse what can be told without decoding."""
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; expected a video file. Name the videos in it.")
        if not path.exists():
            raise InputError(f"There is no file {path}. Check the name and the folder.")
        if not path.is_file():
            raise InputError(f"{path} is not a regular file; expected a video file.")
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty (0 bytes); expected a video. Copy or record it again.")
        with path.open("rb"):
            pass
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(f"{path} cannot be opened: {why}. Check the file and its permissions.") from error


def _open_decoder(path: Path) -> Decoder:
    if not is_text(path):
        try:
            return OpenCvDecoder(path)
        except (InputError, cv2.error):
            pass  # PyAV knows more codecs, and can say what is wrong
    from coach.vision.av_decode import AvDecoder  # noqa: PLC0415 - PyAV takes a tenth of a second to load

    return AvDecoder(path)
