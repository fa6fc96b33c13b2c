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

# Informational lines of TFLite and absl.  Errors (E, F) are none of these and get through.
_CHATTER = re.compile(
    rb"^(?:[IW]\d{4} \d\d:\d\d:\d\d\S* +\d+ \S+:\d+\] .*"
    rb"|(?:INFO|WARNING|VERBOSE): .*(?:TensorFlow Lite|InitGoogle|InitializeLog|Read-only tensor).*)$"
)

# File descriptor 2 belongs to the whole process: two threads must not swap it at once.
_SWAPPING = threading.Lock()


@contextlib.contextmanager
def chatter_held_back() -> Iterator[None]:
    """Hold back what is written to stderr meanwhile; afterwards pass on all that is not known chatter."""
    if not _SWAPPING.acquire(blocking=False):
        yield
        return
    try:
        with contextlib.ExitStack() as undo:
            # A process without a stderr has nothing to keep clean.
            with contextlib.suppress(OSError):
                _swap(undo)
            yield
    finally:
        _SWAPPING.release()


def _swap(undo: contextlib.ExitStack) -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
    real = os.dup(2)
    undo.callback(os.close, real)
    held = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `undo`)
    undo.callback(held.close)

    def restore() -> None:
        if sys.stderr is not None:
            sys.stderr.flush()
        os.dup2(real, 2)
        held.seek(0)
        with contextlib.suppress(OSError):
            os.write(real, without_chatter(held.read()))

    os.dup2(held.fileno(), 2)
    undo.callback(restore)


def without_chatter(text: bytes) -> bytes:
    """The lines of `text` that somebody should read."""
    return b"".join(line for line in text.splitlines(keepends=True) if not _CHATTER.match(line.rstrip()))
