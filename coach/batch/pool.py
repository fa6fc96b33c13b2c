"""One process per core, each with its own model, that survives whatever happens to any of them.

The standard library's executor gives up as a whole when one of its processes is killed.  Here the video that
a process died over is tried once more in a fresh one, then given up with a reason; the rest goes on.
"""

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Final

from coach.batch.records import Outcome, Task, failure
from coach.errors import InputError

_ATTEMPTS: Final = 2
_STALL_S: Final = 1800.0
_GRACE_S: Final = 5.0
_REPORT_EVERY_S: Final = 0.5

Update = tuple[Task, float | Outcome]
"""A task with the share of it that is done, or with what came of it."""


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    link: Connection
    task: Task | None = None
    heard_s: float = 0.0


def core_count() -> int:
    """Cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_in_pool(tasks: Iterable[Task], jobs: int) -> Iterator[Update]:
    """Do the tasks in `jobs` processes; yields their progress and, once for each, their outcome."""
    pool = _Pool(tasks, jobs)
    try:
        yield from pool.run()
    finally:
        pool.stop()


class _Pool:
    def __init__(self, tasks: Iterable[Task], jobs: int) -> None:
        self._waiting = deque(tasks)
        self._attempts: dict[str, int] = {}
        # Spawned, not forked: the same on every system, and nothing of OpenCV's threads is inherited.
        self._context = get_context("spawn")
        self._workers = [self._start() for _ in range(min(jobs, len(self._waiting)))]

    def run(self) -> Iterator[Update]:
        """Hand out, listen, replace the dead, until nothing is left."""
        while True:
            for worker in self._workers:
                if worker.task is None and self._waiting:
                    self._hand_out(worker)
            busy = [worker for worker in self._workers if worker.task is not None]
            if not busy:
                return
            ready = wait([worker.link for worker in busy], timeout=1.0)
            for worker in busy:
                if worker.link in ready:
                    yield from self._listen(worker)
                elif time.monotonic() - worker.heard_s > _STALL_S:
                    yield from self._give_up(worker, f"nothing moved for {_STALL_S / 60:.0f} minutes")

    def stop(self) -> None:
        """End all processes: politely, so that they can clean up, then for good."""
        for worker in self._workers:
            worker.link.close()
            if worker.task is not None:
                worker.process.terminate()
        limit_s = time.monotonic() + _GRACE_S
        for worker in self._workers:
            worker.process.join(max(0.0, limit_s - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def _start(self) -> _Worker:
        here, there = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(there,), daemon=True)
        process.start()
        there.close()  # so that the other end's death is seen here
        return _Worker(process, here)

    def _hand_out(self, worker: _Worker) -> None:
        worker.task, worker.heard_s = self._waiting.popleft(), time.monotonic()
        with suppress(OSError):  # it died while idle: `_listen` will find out
            worker.link.send(worker.task)

    def _listen(self, worker: _Worker) -> Iterator[Update]:
        task = worker.task
        assert task is not None
        try:
            news: float | Outcome = worker.link.recv()
        except (EOFError, OSError):
            yield from self._give_up(worker, _describe_death(worker.process))
            return
        worker.heard_s = time.monotonic()
        if isinstance(news, Outcome):
            worker.task = None
        yield task, news

    def _give_up(self, worker: _Worker, reason: str) -> Iterator[Update]:
        """Replace a process that died or hangs; its video gets another try, or a reason."""
        task = worker.task
        assert task is not None
        worker.process.kill()
        worker.process.join()
        worker.link.close()
        fresh = self._start()
        worker.process, worker.link, worker.task = fresh.process, fresh.link, None
        self._attempts[task.key] = self._attempts.get(task.key, 0) + 1
        if self._attempts[task.key] < _ATTEMPTS:
            self._waiting.appendleft(task)
            yield task, 0.0
        else:
            words = f"{task.source}: given up after {_ATTEMPTS} tries, {reason}."
            yield task, failure(task, words, InputError.exit_code)


def _describe_death(process: SpawnProcess) -> str:
    process.join(_GRACE_S)
    code = process.exitcode
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"the process doing it was ended by {signal.Signals(-code).name}"
    return f"the process doing it ended by itself (exit code {code})"


def _serve(link: Connection) -> None:
    """A worker process: take tasks until the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.signal(signal.SIGTERM, _raise_interrupt)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    with suppress(EOFError, OSError, KeyboardInterrupt):
        _work(link)


def _work(link: Connection) -> None:
    from coach.batch.task import Toolbox, do_task  # noqa: PLC0415 (heavy; the parent needs none of it)

    toolbox = Toolbox()
    while True:
        task: Task = link.recv()
        link.send(do_task(task, toolbox, _Reporter(link).report))


class _Reporter:
    """Sends the share done, now and then."""

    def __init__(self, link: Connection) -> None:
        self._link = link
        self._sent_s = 0.0

    def report(self, share: float) -> None:
        """Tell the parent, unless it was told a moment ago."""
        now_s = time.monotonic()
        if now_s - self._sent_s >= _REPORT_EVERY_S:
            self._sent_s = now_s
            self._link.send(share)


def _raise_interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _die_with_parent() -> None:
    """A killed parent cannot tell anybody; a worker that went on could meet the next run's workers."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
