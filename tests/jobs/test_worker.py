"""A worker ends when told to, and hands on what went wrong."""

import pytest

from coach.jobs.worker import Worker


class Waiting(Worker):
    def __init__(self, error=None):
        super().__init__("waiting")
        self._problem = error

    def start(self):
        self._thread.start()

    def _work(self):
        if self._problem is not None:
            raise self._problem
        self._stop.wait(10.0)


def test_it_is_over_only_once_it_was_stopped():
    worker = Waiting()
    worker.start()
    assert not worker.over
    worker.stop()
    assert worker.wait(0.0)
    worker.stop()


def test_what_goes_wrong_is_raised_once_by_stop():
    worker = Waiting(ValueError("broken"))
    worker.start()
    assert worker.wait(5.0)
    with pytest.raises(ValueError, match="broken"):
        worker.stop()
    worker.stop()
