"""The same tasks on a Dask cluster: the scheduler hands them out again when a worker is lost."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from coach.batch.extras import CLUSTER, need
from coach.batch.pool import Update
from coach.batch.records import Outcome, Task, failure
from coach.batch.task import do_task
from coach.errors import InputError, UsageError

# Tasks known to the scheduler per thread of the cluster: enough to keep all busy, and a run over millions of
# videos does not fill its memory.
_AHEAD: Final = 4


def run_on_cluster(tasks: Iterable[Task], address: str) -> Iterator[Update]:
    """Do the tasks on the cluster at this scheduler address; yields each with what came of it."""
    distributed = need("distributed", CLUSTER)
    try:
        client = distributed.Client(address, set_as_default=False)
    except (OSError, ValueError) as error:  # a timeout is an OSError
        raise UsageError(
            f"No Dask scheduler answers at {address} ({error or type(error).__name__}). "
            "Start one with `dask scheduler`, workers with `dask worker ADDRESS --nthreads 1`."
        ) from error
    with client:
        yield from _share_out(iter(tasks), client, distributed.as_completed)


def _share_out(tasks: Iterator[Task], client: Any, as_completed: Any) -> Iterator[Update]:
    known: dict[str, tuple[Task, Any]] = {}

    def submit(task: Task) -> Any:
        # Not pure: an outcome that the scheduler still remembers says nothing about the files of today.
        future = client.submit(do_task, task, pure=False)
        known[future.key] = task, future
        return future

    threads = sum(client.nthreads().values()) or 1
    first = [submit(task) for task in islice(tasks, _AHEAD * threads)]
    finished = as_completed(first, loop=client.loop)
    try:
        for future in finished:
            task, _ = known.pop(future.key)
            yield task, _outcome(task, future)
            following = next(tasks, None)
            if following is not None:
                finished.add(submit(following))
    finally:
        client.cancel([future for _, future in known.values()])


def _outcome(task: Task, future: Any) -> Outcome:
    if future.status == "finished":
        outcome: Outcome = future.result()
        return outcome
    # Only the loss of workers comes here, for `do_task` turns all else into outcomes.
    words = str(future.exception()).split("\n", 1)[0]
    return failure(task, f"{task.source}: given up by the cluster: {words}", InputError.exit_code)
