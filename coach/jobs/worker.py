"""A job in a thread of its own, which somebody watches and may stop."""

import threading
from abc import ABC, abstractmethod


class Worker(ABC):
    """Runs `_work` once; what goes wrong there is raised by `stop`, in the thread that watches."""

    def __init__(self, name: str) -> None:
        self._stop = threading.Event()
        self._over = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def _work(self) -> None:
        """The job; it has to end soon after `_stop` is set."""

    @property
    def over(self) -> bool:
        """Whether it has ended, by itself or because it was stopped."""
        return self._over.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until it is over; whether it is."""
        return self._over.wait(timeout_s)

    def stop(self) -> None:
        """End it and wait for its last results; idempotent.  Raises what went wrong in the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001  (handed to the watching thread by `stop`)
            self._error = error
        finally:
            self._over.set()
