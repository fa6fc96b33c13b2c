"""How far a batch is: a bar with the time left for a person, a line now and then for a log file."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from coach.batch.places import is_url
from coach.batch.records import Outcome, Task

_LINE_EVERY_S: Final = 30.0
_REMEMBER_S: Final = 600.0  # the time left is judged by this much of the past: videos differ


class Meter:
    """Adds the shares of all tasks up, weighed by the size of their files: that tells how long each takes."""

    def __init__(self, tasks: Sequence[Task], show: Callable[["Meter"], None]) -> None:
        self._weights = {task.key: _weight(task.source) for task in tasks}
        self._shares: dict[str, float] = {}
        self._show = show
        self.total = sum(self._weights.values())
        self.behind = 0.0  # weight of the videos that are finished
        self.count = len(tasks)
        self.finished = 0
        self.failed = 0

    @property
    def done(self) -> float:
        """Weight done, with what is under way."""
        return self.behind + sum(self._weights[key] * share for key, share in self._shares.items())

    def update(self, task: Task, news: float | Outcome) -> None:
        """Take a task's share or outcome."""
        if isinstance(news, Outcome):
            self._shares.pop(task.key, None)
            self.finished += 1
            self.failed += news.status != "done"
            if news.reused:  # it took no time, and would spoil the guess of the time left
                self.total -= self._weights[task.key]
            else:
                self.behind += self._weights[task.key]
        else:
            self._shares[task.key] = news
        self._show(self)

    def describe(self) -> str:
        """`"120 of 2000 videos, 3 without results"`."""
        failed = f", {self.failed} without results" if self.failed else ""
        return f"{self.finished} of {self.count} videos{failed}"


@contextmanager
def meter(tasks: Sequence[Task]) -> Iterator[Meter]:
    """A meter that shows itself on stderr."""
    if not sys.stderr.isatty():
        yield Meter(tasks, _Lines().show)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f}%"))
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        speed_estimate_period=_REMEMBER_S,
    ) as bar:
        row = bar.add_task("", total=None)
        yield Meter(
            tasks, lambda m: bar.update(row, completed=m.done, total=m.total, description=m.describe())
        )


class _Lines:
    def __init__(self) -> None:
        self._start_s = self._last_s = time.monotonic()

    def show(self, meter: Meter) -> None:
        now_s = time.monotonic()
        if now_s - self._last_s < _LINE_EVERY_S:
            return
        self._last_s = now_s
        left = ""
        if meter.done:
            left_s = (now_s - self._start_s) * (meter.total - meter.done) / meter.done
            left = f", about {_length(left_s)} left"
        print(f"coach: {meter.describe()}{left}", file=sys.stderr, flush=True)


def _length(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{max(1, minutes)} min"


def _weight(source: str) -> float:
    if is_url(source):
        return 1.0
    try:
        return max(1.0, float(Path(source).stat().st_size))
    except OSError:
        return 1.0
