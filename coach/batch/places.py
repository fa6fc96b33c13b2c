"""Where inputs come from and results go: local folders, or anything that fsspec has a URL for.

A `Place` takes results whole: `publish` leaves either the old folder, none, or the new one with its record.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol

from coach.batch.extras import CLUSTER, need
from coach.batch.records import RECORD
from coach.errors import InputError
from coach.output.atomic import atomic_path, write_error

VIDEOS: Final = "videos"
_WORK: Final = ".work"


class Place(Protocol):
    """A root for results; names below it use forward slashes."""

    def read(self, name: str) -> bytes | None:
        """A file's content, None where there is none."""
        ...

    def scratch(self) -> AbstractContextManager[Path]:
        """A local folder to work in, gone afterwards."""
        ...

    def publish(self, folder: Path, name: str) -> None:
        """Put a finished local folder in place of whatever `name` was; the local one may be gone then."""
        ...

    def publish_file(self, file: Path, name: str) -> None:
        """Put a finished local file in place; it appears whole."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        ...

    def list_keys(self) -> list[str]:
        """The videos that have results or reasons, sorted."""
        ...

    def list_files(self, folder: str) -> list[str]:
        """Names of all files below a folder, sorted."""
        ...


def is_url(location: str) -> bool:
    """Whether a location is a URL for fsspec rather than a path."""
    return "://" in location


def open_place(location: str) -> Place:
    """The place at a path or URL."""
    return RemotePlace(location) if is_url(location) else LocalPlace(Path(location))


class LocalPlace:
    """A folder on this machine, or one that all machines of a cluster see under the same name."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, name: str) -> bytes | None:
        """See `Place.read`."""
        try:
            return (self.root / name).read_bytes()
        except OSError:
            return None

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """See `Place.scratch`; on the same file system as the results, so that moving is renaming."""
        folder = self.root / _WORK / secrets.token_hex(8)
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise write_error(self.root, error) from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, folder: Path, name: str) -> None:
        """See `Place.publish`."""
        target = self.root / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                # Moved away at once, then removed: no moment shows half of the old results.
                target.rename(folder.with_name(f"{folder.name}.old"))
            folder.rename(target)
        except OSError as error:
            raise write_error(target, error) from error

    def publish_file(self, file: Path, name: str) -> None:
        """See `Place.publish_file`."""
        target = self.root / name
        with atomic_path(target) as temporary:
            shutil.copyfile(file, temporary)

    def remove(self, name: str) -> None:
        """See `Place.remove`."""
        with suppress(OSError):
            (self.root / name).unlink()

    def list_keys(self) -> list[str]:
        """See `Place.list_keys`."""
        try:
            with os.scandir(self.root / VIDEOS) as entries:
                return sorted(entry.name for entry in entries if (Path(entry.path) / RECORD).is_file())
        except OSError:
            return []

    def list_files(self, folder: str) -> list[str]:
        """See `Place.list_files`."""
        found = (path for path in (self.root / folder).rglob("*") if path.is_file())
        return sorted(path.relative_to(self.root).as_posix() for path in found)

    def sweep(self) -> None:
        """Remove what runs that were killed left behind; only for whoever holds the lock."""
        shutil.rmtree(self.root / _WORK, ignore_errors=True)


class RemotePlace:
    """Shared storage behind an fsspec URL, such as `s3://bucket/study`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._system, self._root = _open_url(url)

    def read(self, name: str) -> bytes | None:
        """See `Place.read`."""
        try:
            content: bytes = self._system.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"Could not read {self._url}/{name}: {error}.") from error
        return content

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """See `Place.scratch`."""
        with tempfile.TemporaryDirectory(prefix="coach-") as folder:
            yield Path(folder)

    def publish(self, folder: Path, name: str) -> None:
        """See `Place.publish`: the record goes first and comes last, so results are whole where it is."""
        self.remove(f"{name}/{RECORD}")
        fresh = sorted(path.name for path in folder.iterdir())
        for old in self.list_files(name):
            if old.rpartition("/")[2] not in fresh:
                self.remove(old)
        for file in (*(f for f in fresh if f != RECORD), RECORD):
            self.publish_file(folder / file, f"{name}/{file}")

    def publish_file(self, file: Path, name: str) -> None:
        """See `Place.publish_file`; object stores show an object only when it is whole."""
        path = self._path(name)
        try:
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._system.put_file(str(file), path)
        except OSError as error:
            raise InputError(f"Could not write {self._url}/{name}: {error}.") from error

    def remove(self, name: str) -> None:
        """See `Place.remove`."""
        with suppress(OSError):
            self._system.rm_file(self._path(name))

    def list_keys(self) -> list[str]:
        """See `Place.list_keys`."""
        files = (name.split("/") for name in self.list_files(VIDEOS))
        return sorted(parts[1] for parts in files if len(parts) == 3 and parts[2] == RECORD)

    def list_files(self, folder: str) -> list[str]:
        """See `Place.list_files`."""
        self._system.invalidate_cache()
        try:
            found = self._system.find(self._path(folder))
        except OSError:
            return []
        return sorted(str(path).removeprefix(f"{self._root}/") for path in found)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


def list_remote(url: str) -> list[tuple[str, str]]:
    """URLs of all files below a URL, or matching it where it is a pattern, each with its path from there."""
    system, path = _open_url(url)
    if any(sign in path for sign in "*?["):
        return sorted(
            (str(system.unstrip_protocol(name)), name.rpartition("/")[2]) for name in system.glob(path)
        )
    found = system.find(path)
    return sorted((str(system.unstrip_protocol(name)), name.removeprefix(f"{path}/")) for name in found)


def remote_state(url: str) -> tuple[int, str]:
    """Size and a mark of the version (time or tag) of the file at a URL."""
    system, path = _open_url(url)
    try:
        info: dict[str, Any] = system.info(path)
    except OSError as error:
        raise InputError(f"There is no file {url}: {error}.") from error
    marks = (info.get(name) for name in ("ETag", "etag", "mtime", "LastModified", "last_modified", "created"))
    return int(info.get("size") or 0), str(next((mark for mark in marks if mark), ""))


def fetch_remote(url: str, target: Path) -> None:
    """Copy the file at a URL to a local path."""
    system, path = _open_url(url)
    try:
        system.get_file(path, str(target))
    except OSError as error:
        raise InputError(f"Could not fetch {url}: {error}.") from error


def _open_url(url: str) -> tuple[Any, str]:
    fsspec = need("fsspec", CLUSTER)
    try:
        system, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise InputError(f"{url} cannot be reached: {error}.") from error
    return system, str(path).rstrip("/")
