"""Keeps MediaPipe's start-up chatter off stderr, and only that.

Its libraries log to file descriptor 2 before any level can be set, and heed none of the usual variables
(GLOG_minloglevel, TF_CPP_MIN_LOG_LEVEL, ABSL_MIN_LOG_LEVEL).
"""

import contextlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import BinaryIO, Self

from coach.errors import CoachError

# Informational lines of TFLite, LiteRT and absl.  Errors (E, F, ERROR) are none of these and get through.
_CHATTER = re.compile(
    rb"^(?:[IW]\d{4} \d\d:\d\d:\d\d\S* +\d+ \S+:\d+\] .*"
    rb"|(?:INFO|WARNING|VERBOSE): (?:\[\w+\.(?:cc|h):\d+\] "  # any line of their C++ sources
    rb"|.*(?:TensorFlow Lite|InitGoogle|InitializeLog|Read-only tensor)).*)$"
)

# File descriptor 2 belongs to the whole process: two threads must not swap it at once.
_SWAPPING = threading.Lock()


@contextlib.contextmanager
def chatter_held_back() -> Iterator[None]:
    """Hold back what is written to stderr meanwhile; afterwards pass on all that is not known chatter.

    When a `CoachError` comes out of it, what was held back becomes a note on that error instead: the error
    has the sentence for people, the note the library's own words for a traceback.
    """
    if not _SWAPPING.acquire(blocking=False):
        yield
        return
    try:
        with _Holding() as holding:
            try:
                yield
            except CoachError as error:
                error.add_note(holding.take().decode(errors="replace"))
                raise
    finally:
        _SWAPPING.release()


class _Holding:
    """File descriptor 2 turned to a temporary file; does nothing in a process without a stderr."""

    def __init__(self) -> None:
        self._undo = contextlib.ExitStack()
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        with contextlib.suppress(OSError):
            _flush_python()
            real = os.dup(2)
            self._undo.callback(os.close, real)
            self._file = self._undo.enter_context(tempfile.TemporaryFile())
            self._undo.callback(self._restore, real)
            os.dup2(self._file.fileno(), 2)
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def take(self) -> bytes:
        """What has been written so far; it will not be passed on."""
        if self._file is None:
            return b""
        _flush_python()
        self._file.seek(0)
        text = self._file.read()
        self._file.seek(0)
        self._file.truncate()
        return text

    def _restore(self, real: int) -> None:
        text = without_chatter(self.take())
        os.dup2(real, 2)
        with contextlib.suppress(OSError):
            os.write(real, text)


def _flush_python() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()


def without_chatter(text: bytes) -> bytes:
    """The lines of `text` that somebody should read."""
    return b"".join(line for line in text.splitlines(keepends=True) if not _CHATTER.match(line.rstrip()))
