"""What a batch consists of: folders and patterns made into a list of inputs, each with its name."""

import glob
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from coach.batch.places import VIDEOS, is_url, list_remote
from coach.errors import UsageError
from coach.exercise.runner import SideChoice

_SUFFIXES = ".3gp .avi .flv .gif .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .ogv .ts .webm .wmv"
VIDEO_SUFFIXES: Final = frozenset(_SUFFIXES.split())
LANDMARK_SUFFIXES: Final = frozenset({".npz"})
_PATTERN: Final = frozenset("*?[")
_UNSAFE: Final = re.compile(r'[<>:"/\\|?*%\x00-\x1f\ud800-\udfff]')
_LONGEST_KEY: Final = 120
_STORED: Final = "landmarks"


@dataclass(frozen=True, slots=True)
class Entry:
    """One input: a path or URL, and what to do with it (None: not said)."""

    source: str
    key: str
    exercise: str | None = None
    side: SideChoice | None = None


def expand_inputs(inputs: Iterable[str], *, landmarks: bool) -> list[Entry]:
    """Entries for files, folders (searched through) and patterns.

    A file that is named but does not exist is an entry all the same, so that one wrong name does not stop
    the rest; a folder or a pattern with nothing in it is a mistake of the command line.
    """
    entries: list[Entry] = []
    for given in inputs:
        entries += _expand(given, LANDMARK_SUFFIXES if landmarks else VIDEO_SUFFIXES)
    return entries


def settle_keys(entries: Iterable[Entry]) -> list[Entry]:
    """One entry per source, sorted by key.

    Where two keys are the same, both get a piece of their source's checksum, whatever their order.
    """
    unique = list({entry.source: entry for entry in entries}.values())
    count = Counter(entry.key.casefold() for entry in unique)
    settled = [
        replace(entry, key=f"{entry.key}-{_short_hash(entry.source)}") if clash else entry
        for entry in unique
        for clash in [count[entry.key.casefold()] > 1]
    ]
    return sorted(settled, key=lambda entry: entry.key)


def make_key(relative: PurePosixPath) -> str:
    """A name for results from a path: `clinic/anna/03.mp4` gives `clinic-anna-03`.

    Landmarks that an earlier run stored lie in folders named after their videos, and that name is kept.
    """
    parts = list(relative.with_suffix("").parts)
    if relative.suffix in LANDMARK_SUFFIXES and parts[-1] == _STORED and len(parts) > 1:
        parts.pop()
    if len(parts) > 1 and parts[0] == VIDEOS:
        parts = parts[1:]
    key = _UNSAFE.sub("_", "-".join(part for part in parts if part not in ("/", ".."))).lstrip(".") or "video"
    return key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}-{_short_hash(key)}"


def _expand(given: str, suffixes: frozenset[str]) -> list[Entry]:
    if is_url(given):
        return _expand_url(given, suffixes)
    path = Path(given)
    if path.is_dir():
        found = (p for p in path.rglob("*") if not _hidden(p.relative_to(path)))
        files = [p for p in found if p.suffix.lower() in suffixes and not p.is_dir()]
        return _some(given, [_local(p, p.relative_to(path)) for p in files], suffixes)
    if _PATTERN & set(given) and not path.exists():
        paths = (Path(name) for name in glob.glob(given, recursive=True))  # noqa: PTH207 (takes absolute ones)
        return _some(given, [_local(p, _short(p)) for p in paths if not p.is_dir()], suffixes)
    return [_local(path, _short(path))]


def _expand_url(given: str, suffixes: frozenset[str]) -> list[Entry]:
    if PurePosixPath(given).suffix.lower() in suffixes and not _PATTERN & set(given):
        return [Entry(given, make_key(_short(PurePosixPath(given))))]
    found = ((url, PurePosixPath(relative)) for url, relative in list_remote(given))
    entries = [Entry(url, make_key(path)) for url, path in found if path.suffix.lower() in suffixes]
    return _some(given, entries, suffixes)


def _local(path: Path, relative: Path | PurePosixPath) -> Entry:
    return Entry(str(path.absolute()), make_key(PurePosixPath(relative.as_posix())))


def _short(path: Path | PurePosixPath) -> PurePosixPath:
    """The file's name; with its folder's where the name alone says nothing."""
    stored = path.stem == _STORED and path.suffix in LANDMARK_SUFFIXES
    return PurePosixPath(*path.parts[-2:]) if stored else PurePosixPath(path.name)


def _some(given: str, entries: list[Entry], suffixes: frozenset[str]) -> list[Entry]:
    if not entries:
        wanted = ", ".join(sorted(suffixes))
        raise UsageError(f"Expected files to analyse in {given} ({wanted}), found none. Check the name.")
    return entries


def _hidden(relative: Path) -> bool:
    return any(part.startswith(".") for part in relative.parts)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]
