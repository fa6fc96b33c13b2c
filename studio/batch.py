"""Renders a set of clips in parallel processes; what is there already is kept."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path

from studio.clip import is_rendered, render_clip
from studio.sets import SetClip


@dataclass(frozen=True)
class Outcome:
    """What became of one clip of a set."""

    name: str
    frames: int
    error: str | None = None


def render_missing(clips: list[SetClip], folder: Path, jobs: int) -> Iterator[Outcome]:
    """Render what is not there yet, in parallel; yields each clip as it is done.

    A clip whose truth carries the same recipe hash is left alone, so an interrupted run resumes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [c for c in clips if not is_rendered(c.recipe, folder / f"{c.name}.mp4")]
    # A graphics context does not survive a fork, so workers start fresh.
    spawn = get_context("spawn")
    with ProcessPoolExecutor(max(1, jobs), mp_context=spawn, initializer=_start_worker) as pool:
        futures = [pool.submit(_render_one, clip, folder) for clip in missing]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def count_missing(clips: list[SetClip], folder: Path) -> int:
    """How many clips of a set are still to be rendered."""
    return sum(not is_rendered(c.recipe, folder / f"{c.name}.mp4") for c in clips)


def _start_worker() -> None:
    """Runs in a worker: one thread of the rasteriser per process, and an end when the parent has ended."""
    os.environ.setdefault("LP_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed parent cannot tell its workers; without this they would render on for nobody."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _render_one(clip: SetClip, folder: Path) -> Outcome:
    """Runs in a worker; one clip that fails does not end the set."""
    try:
        truth = render_clip(clip.recipe, folder / f"{clip.name}.mp4")
    except Exception as error:  # noqa: BLE001 - reported by name, the other clips go on
        return Outcome(clip.name, 0, f"{type(error).__name__}: {error}")
    return Outcome(clip.name, int(truth["video"]["frames"]))
