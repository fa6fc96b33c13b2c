"""A whole batch: what is done already is left alone, the rest is done, and all of it is added up."""

import csv
import io
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from coach.batch.extras import have
from coach.batch.overview import Overview
from coach.batch.places import VIDEOS, LocalPlace, Place, is_url, open_place
from coach.batch.pool import Update, run_in_pool
from coach.batch.records import RECORD, Outcome, Task
from coach.batch.results import read_results
from coach.batch.task import find_finished
from coach.errors import InputError, NotMeasurableError, UsageError
from coach.output.atomic import write_error
from coach.vision.locking import exclusive

_LOOKING: Final = 32  # records asked for at once where each is a request over a network

_FAILURE_COLUMNS: Final = ("key", "source", "status", "exit_code", "reason")

Listener = Callable[[Task, float | Outcome], None]
"""Told of each task's progress, 0..1, and of its outcome."""


@dataclass(slots=True)
class Tally:
    """What a run came to: `reused` of the `done` were done earlier; `problems` are all the others."""

    done: int = 0
    reused: int = 0
    problems: list[Outcome] = field(default_factory=list)
    warned: int = 0

    @property
    def exit_code(self) -> int:
        """0: all done; 4: all others not measurable; 3: at least one unreadable, damaged or given up."""
        if all(outcome.status == "not-measurable" for outcome in self.problems):
            return NotMeasurableError.exit_code if self.problems else 0
        return InputError.exit_code

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self.reused += outcome.reused
        self.warned += bool(outcome.warnings)
        if outcome.status == "done":
            self.done += 1
        else:
            self.problems.append(outcome)


def run_batch(
    tasks: list[Task], out: str, listen: Listener, *, jobs: int, scheduler: str | None = None
) -> Tally:
    """Do what is to be done, in `jobs` processes or on the cluster at `scheduler`, and write the tables."""
    place, tally = open_place(out), Tally()
    with _only_run_on(place):
        pending: list[Task] = []
        for task, known in zip(tasks, _find_all_finished(tasks, place), strict=True):
            if known is None:
                pending.append(task)
            else:
                tally.add(known)
                listen(task, known)
        with closing(_do_all(pending, jobs, scheduler)) as updates:
            for task, news in updates:
                if isinstance(news, Outcome):
                    tally.add(news)
                    if news.status == "failed":
                        _record_failure(news, place)
                listen(task, news)
        tally.problems.sort(key=lambda outcome: outcome.key)
        add_up(place)
    return tally


def add_up(place: Place) -> None:
    """Write what covers all videos of a results folder: the tables, the overview, the list of failures."""
    overview, failures = Overview(), io.StringIO()
    rows = csv.writer(failures, lineterminator="\n")
    rows.writerow(("video", *_FAILURE_COLUMNS[1:]))
    with ExitStack() as stack:
        tables = None
        if have("pyarrow"):
            from coach.batch.dataset import open_tables  # noqa: PLC0415 (needs pyarrow)

            tables = stack.enter_context(open_tables(place))
        for result in read_results(place):
            outcome = result.outcome
            overview.add(result)
            if tables:
                tables.add(result)
            if outcome.status != "done":
                rows.writerow(
                    (outcome.key, outcome.source, outcome.status, outcome.exit_code, outcome.reason)
                )
    _write_text(place, "failures.csv", failures.getvalue())
    _write_text(place, "overview.html", overview.render())


def _do_all(tasks: list[Task], jobs: int, scheduler: str | None) -> Generator[Update, None, None]:
    if not tasks:
        return
    if scheduler is None:
        yield from run_in_pool(tasks, jobs)
    else:
        from coach.batch.cluster import run_on_cluster  # noqa: PLC0415 (an extra)

        yield from run_on_cluster(tasks, scheduler)


def _find_all_finished(tasks: Iterable[Task], place: Place) -> Iterator[Outcome | None]:
    if isinstance(place, LocalPlace):
        yield from (find_finished(task, place) for task in tasks)
        return
    with ThreadPoolExecutor(_LOOKING) as threads:
        yield from threads.map(lambda task: find_finished(task, place), tasks)


@contextmanager
def _only_run_on(place: Place) -> Iterator[None]:
    """Two runs over one folder would do everything twice.  On shared storage nobody can tell."""
    if not isinstance(place, LocalPlace):
        yield
        return

    def refuse() -> None:
        raise UsageError(
            f"Another coach batch is writing to {place.root}. Wait for it, or choose another --out."
        )

    try:
        place.root.mkdir(parents=True, exist_ok=True)
        lock = exclusive(place.root / ".lock", refuse)
        lock.__enter__()
    except OSError as error:
        raise write_error(place.root, error) from error
    with ExitStack() as stack:
        stack.push(lock)
        place.sweep()
        yield
        place.sweep()


def _record_failure(outcome: Outcome, place: Place) -> None:
    """Results of an earlier state of this input must not look like those of the present one."""
    with place.scratch() as work:
        folder = work / "results"
        folder.mkdir()
        (folder / RECORD).write_bytes(outcome.to_bytes())
        place.publish(folder, f"{VIDEOS}/{outcome.key}")


def _write_text(place: Place, name: str, text: str) -> None:
    with place.scratch() as work:
        # Names of files that are not valid Unicode hold lone surrogates, which UTF-8 cannot.
        (work / name).write_bytes(text.encode("utf-8", "replace"))
        place.publish_file(work / name, name)


def refuse_own_results(sources: Iterable[str], out: str) -> None:
    """Inputs within the results folder would be replaced by their own results."""
    if is_url(out):
        inside = [source for source in sources if source.startswith(out.rstrip("/") + "/")]
    else:
        root = Path(out).resolve()
        inside = [s for s in sources if not is_url(s) and Path(s).resolve().is_relative_to(root)]
    if inside:
        raise UsageError(f"{inside[0]} lies in the results folder {out}. Choose another --out.")
