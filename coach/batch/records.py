"""What is known of one video of a batch: what to do with it, what came of it, whether that still holds.

Beside the results of each video lies `batch.json`, written last.  It holds a fingerprint of everything that
the results depend on; as long as that is unchanged, the video is not done again.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self

from coach import __version__
from coach.exercise.runner import SideChoice
from coach.exercise.spec import ExerciseSpec

RECORD: Final = "batch.json"
_SCHEMA: Final = 1
_CHUNK: Final = 1 << 20

Status = Literal["done", "not-measurable", "failed"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for every video of a run.

    model         as given with --model, None for the default
    model_sha256  of the model's file, "" when only landmarks are read: no worker may use another one
    """

    model: str | None = None
    model_sha256: str = ""
    video: bool = True
    opensim: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One video: `source` is a path or URL, `key` names its results, `out` is where they all go."""

    key: str
    source: str
    spec: ExerciseSpec
    side: SideChoice
    out: str
    settings: Settings
    version: str = __version__

    @property
    def digest(self) -> str:
        """SHA-256 of all that the results depend on, but for the content of the source."""
        parts = {
            "schema": _SCHEMA,
            "version": self.version,
            "name": self.source.replace("\\", "/").rpartition("/")[2],
            "spec": asdict(self.spec),
            "side": self.side,
            "settings": asdict(self.settings) | {"model": None},  # its checksum says it better
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class InputState:
    """How the source looked: a changed time alone is no change, its content decides then."""

    size: int
    modified: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one task.

    status    "done"; "not-measurable" (nobody seen, or not from this view: the same next time, so it is
              remembered); "failed" (tried again by the next run)
    reason    why not, "" when done
    cpu_s     spent on it; not part of the results, which are the same every time
    reused    whether an earlier run had done it
    """

    key: str
    source: str
    exercise: str
    digest: str
    status: Status
    exit_code: int = 0
    reason: str = ""
    state: InputState | None = None
    warnings: tuple[str, ...] = ()
    files: bool = False
    cpu_s: float = 0.0
    reused: bool = field(default=False, compare=False)

    def to_bytes(self) -> bytes:
        """The record's content."""
        values = asdict(self)
        del values["reused"]
        return json.dumps({"schema": _SCHEMA} | values, indent=2).encode() + b"\n"

    @classmethod
    def from_bytes(cls, content: bytes | None) -> Self | None:
        """The outcome of an earlier run; None when there is none that can be read."""
        try:
            values: dict[str, Any] = json.loads(content or b"")
            if values.pop("schema") != _SCHEMA:
                return None
            state = values.pop("state")
            values["warnings"] = tuple(values["warnings"])
            return cls(**values, state=InputState(**state) if state else None, reused=True)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def failure(task: Task, reason: str, exit_code: int, state: InputState | None = None) -> Outcome:
    """The outcome of a task that gave no result; tried again by the next run."""
    return Outcome(task.key, task.source, task.spec.id, task.digest, "failed", exit_code, reason, state)


def printable(text: str) -> str:
    """File names that are not valid Unicode arrive as lone surrogates, which no table or terminal takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def hash_file(path: Path) -> str:
    """SHA-256 of a file's content."""
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
