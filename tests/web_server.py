"""`coach serve` for tests: a real server on a free port, in a thread."""

import contextlib
import socket
import threading
import time
from dataclasses import replace

from coach.web.server import make_server, open_socket


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(settings, open_detector):
    """Serves while the block runs; yields the settings with the port it listens on."""
    settings = replace(settings, port=free_port())
    server = make_server(settings, open_detector=open_detector)
    with open_socket(settings) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        until_s = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < until_s
            time.sleep(0.02)
        try:
            yield settings
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()
