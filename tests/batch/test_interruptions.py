"""However a batch is interrupted, going on with it gives what an uninterrupted one gives."""

import os
import signal
import sys
import threading
import time
from multiprocessing import active_children

import pytest
from batches import (
    EXERCISE,
    is_running,
    read_tree,
    run_batch_command,
    start_batch_command,
    wait_for_records,
    worker_processes,
)

from coach.batch.pool import run_in_pool
from coach.batch.records import Outcome

ARGUMENTS = ("--from-landmarks", "--exercise", EXERCISE, "--jobs", 2, "--opensim")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="finds worker processes in /proc")


@pytest.fixture(scope="module")
def uninterrupted(archive, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "out"
    result = run_batch_command(archive, *ARGUMENTS, "--out", out)
    assert result.returncode == 0, result.stderr
    tree = read_tree(out)
    assert sum(name.endswith("summary.json") for name in tree) == 6
    return tree


def go_on(archive, out):
    """The same command again; returns how many videos it found done."""
    done = len(list(out.glob("videos/*/batch.json")))
    result = run_batch_command(archive, *ARGUMENTS, "--out", out)
    assert result.returncode == 0, result.stderr
    assert f"6 of 6 videos have results ({done} from an earlier run)" in result.stdout
    return done


def test_after_ctrl_c(archive, tmp_path, uninterrupted):
    out = tmp_path / "out"
    run = start_batch_command(archive, *ARGUMENTS, "--out", out)
    wait_for_records(out, 2, run)
    os.killpg(run.pid, signal.SIGINT)
    _, stderr = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "interrupted after" in stderr
    assert "Traceback" not in stderr
    assert not list(out.glob(".work/*"))
    assert 2 <= go_on(archive, out) < 6
    assert read_tree(out) == uninterrupted


@on_linux
def test_after_the_whole_run_was_killed(archive, tmp_path, uninterrupted):
    out = tmp_path / "out"
    run = start_batch_command(archive, *ARGUMENTS, "--out", out)
    wait_for_records(out, 2, run)
    workers = worker_processes(run.pid)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    for _ in range(200):
        if not any(map(is_running, workers)):
            break
        time.sleep(0.05)
    assert not any(map(is_running, workers)), "workers outlived the run that started them"
    assert 2 <= go_on(archive, out) < 6
    assert read_tree(out) == uninterrupted


@on_linux
def test_a_killed_worker_is_replaced_and_its_video_done_again(archive, tmp_path, uninterrupted):
    out = tmp_path / "out"
    run = start_batch_command(archive, *ARGUMENTS, "--out", out)
    wait_for_records(out, 1, run)
    os.kill(worker_processes(run.pid)[0], signal.SIGKILL)
    _, stderr = run.communicate(timeout=120)
    assert run.returncode == 0, stderr
    assert read_tree(out) == uninterrupted


def test_a_video_that_kills_every_worker_is_given_up_and_the_rest_is_done(
    store_landmarks, tmp_path, make_task
):
    deadly = make_task(store_landmarks(tmp_path / "deadly.npz", repeats=40))
    harmless = make_task(store_landmarks(tmp_path / "harmless.npz"))
    killed = set()
    stop = threading.Event()

    def kill_first_two():
        while len(killed) < 2 and not stop.is_set():
            for process in active_children():
                if process.pid not in killed and len(killed) < 2:
                    process.kill()
                    killed.add(process.pid)
            time.sleep(0.02)

    killer = threading.Thread(target=kill_first_two)
    killer.start()
    outcomes = {
        task.key: news for task, news in run_in_pool([deadly, harmless], 1) if isinstance(news, Outcome)
    }
    stop.set()
    killer.join()
    assert outcomes["deadly"].status == "failed"
    assert outcomes["deadly"].exit_code == 3
    assert "given up after 2 tries" in outcomes["deadly"].reason
    assert "SIGKILL" in outcomes["deadly"].reason
    assert outcomes["harmless"].status == "done"
    assert not active_children()


def test_two_runs_over_one_folder_are_refused(archive, tmp_path):
    out = tmp_path / "out"
    run = start_batch_command(archive, *ARGUMENTS, "--out", out)
    wait_for_records(out, 1, run)
    second = run_batch_command(archive, *ARGUMENTS, "--out", out)
    os.killpg(run.pid, signal.SIGINT)
    run.communicate(timeout=30)
    assert second.returncode == 2
    assert "Another coach batch" in second.stderr
