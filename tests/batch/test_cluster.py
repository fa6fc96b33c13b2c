"""A Dask cluster gives what the pool gives, also when a worker is lost on the way."""

import os
import signal

import pytest
from batches import read_tree

from coach.batch.run import run_batch
from coach.errors import UsageError

distributed = pytest.importorskip(
    "distributed", reason="Dask is not installed: pip install 'hip-coach[cluster]'"
)


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as running:
        yield running


def test_a_cluster_that_loses_a_worker_writes_the_same_files(archive, tmp_path, make_task, cluster):
    sources = sorted(archive.glob("*.npz"))
    pooled = [make_task(path, tmp_path / "pool") for path in sources]
    run_batch(pooled, str(tmp_path / "pool"), lambda task, news: None, jobs=2)

    killed = []

    def kill_once(task, news):
        if not killed:
            killed.append(cluster.workers[0].process.process.pid)
            os.kill(killed[0], signal.SIGKILL)

    shared = [make_task(path, tmp_path / "dask") for path in sources]
    tally = run_batch(shared, str(tmp_path / "dask"), kill_once, jobs=2, scheduler=cluster.scheduler_address)
    assert killed
    assert (tally.done, tally.problems) == (len(sources), [])
    assert read_tree(tmp_path / "dask") == read_tree(tmp_path / "pool")


def test_results_go_to_shared_storage_by_url(store_landmarks, tmp_path, make_task, cluster):
    source = store_landmarks(tmp_path / "in" / "one.npz")
    url = f"file://{tmp_path}/shared"
    tally = run_batch(
        [make_task(source, url)], url, lambda task, news: None, jobs=1, scheduler=cluster.scheduler_address
    )
    assert tally.exit_code == 0
    local = make_task(source, tmp_path / "local")
    run_batch([local], str(tmp_path / "local"), lambda task, news: None, jobs=1)
    assert read_tree(tmp_path / "shared") == read_tree(tmp_path / "local")


def test_a_scheduler_that_does_not_answer_is_told_in_words(store_landmarks, tmp_path, make_task):
    task = make_task(store_landmarks(tmp_path / "in" / "one.npz"))
    import dask

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(UsageError, match="No Dask scheduler answers"),
    ):
        run_batch([task], task.out, lambda task, news: None, jobs=1, scheduler="tcp://127.0.0.1:9")
