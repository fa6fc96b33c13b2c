"""A file server on this machine that misbehaves on demand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Behaviour:
    """What the server does; change it between requests.

    body          what every address holds
    status        answer with this instead, when not 200
    drop_after    break the connection after so many bytes of a response; None never
    ranges        whether it continues where asked
    shift         continue so many bytes away from where asked
    announce      whether it says how long the answer is
    gate          wait for this before answering
    asked         (path, Range header) of every request
    """

    body: bytes
    status: int = 200
    drop_after: int | None = None
    ranges: bool = True
    shift: int = 0
    announce: bool = True
    gate: threading.Event | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(body: bytes, **settings: Any) -> Iterator[Behaviour]:
    """Serve `body` at any path of `behaviour.url`."""
    behaviour = Behaviour(body, **settings)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, behaviour)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    behaviour.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield behaviour
    finally:
        if behaviour.gate:
            behaviour.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(request: BaseHTTPRequestHandler, does: Behaviour) -> None:
    wanted = request.headers.get("Range")
    does.asked.append((request.path, wanted))
    if does.gate:
        does.gate.wait(20)
    start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and does.ranges else 0
    status = does.status
    if status == 200 and start >= len(does.body) > 0:
        status = 416
    if status != 200:
        request.send_error(status)
        return
    start += does.shift if start else 0
    rest = does.body[start:]
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {start}-{len(does.body) - 1}/{len(does.body)}")
    if does.announce:
        request.send_header("Content-Length", str(len(rest)))
    request.end_headers()
    request.wfile.write(rest if does.drop_after is None else rest[: does.drop_after])
