"""Files that appear whole or not at all: written under a temporary name, then moved into place."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from coach.errors import InputError


def write_error(target: Path, error: OSError) -> InputError:
    """The sentence for a file that could not be written."""
    why = error.strerror or str(error) or type(error).__name__
    return InputError(
        f"Could not write {target}: {why}. Check that the folder is writable and the disk has room, "
        "or choose another folder with --out."
    )


class PendingFile:
    """A file on its way: fill `temporary`, then `commit` moves it to `target`, `discard` removes it.

    `temporary` lies in the target's own folder (which is created), so that the move is atomic.  As a
    context manager it commits on success and discards on any exception.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        # The target's own name is left out: with it a long name could exceed what the file system takes.
        self.temporary = target.with_name(f".coach-{secrets.token_hex(6)}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self.temporary.touch(exist_ok=False)
        except OSError as error:
            raise write_error(target, error) from error

    def commit(self) -> None:
        """Make sure that the content is on the disk, then give it its name."""
        try:
            with self.temporary.open("rb+") as file:
                os.fsync(file.fileno())
            self.temporary.replace(self.target)
        except OSError as error:
            self.discard()
            raise write_error(self.target, error) from error

    def discard(self) -> None:
        """Leave nothing behind; idempotent, and harmless after `commit`."""
        with suppress(OSError):
            self.temporary.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()


class FileSink:
    """What sinks that write a file have in common: a block left well keeps the file, an error does not."""

    def close(self) -> None:
        """Finish the file and move it into place; idempotent."""
        raise NotImplementedError

    def discard(self) -> None:
        """Leave nothing behind; idempotent, and harmless after `close`."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """A temporary path that becomes `target` when the block ends well; OS errors become `InputError`."""
    with PendingFile(target) as pending:
        try:
            yield pending.temporary
        except OSError as error:
            raise write_error(target, error) from error


def write_text(target: Path, text: str) -> None:
    """Write `text` as UTF-8 with plain newlines; the file appears whole or not at all."""
    with atomic_path(target) as path:
        # A file name that is not valid Unicode arrives as lone surrogates, which UTF-8 cannot hold.
        path.write_text(text, encoding="utf-8", errors="replace", newline="\n")
