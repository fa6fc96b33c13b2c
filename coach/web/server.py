"""Runs the application under uvicorn, with patience for slow networks and none for idle strangers."""

import asyncio
import logging
import socket
from typing import Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from coach.errors import UsageError
from coach.jobs.recorded import OpenDetector, open_detector
from coach.web.app import make_app
from coach.web.settings import Settings

REQUEST_LIMIT_S: Final = 15.0
"""How long a connection may take until a request's headers are there: the first, or the next one."""

CONNECTIONS: Final = 400
"""More connections at once are not taken; a browser needs a handful."""

_SLACK_BYTES: Final = 1024
_SHUTDOWN_S: Final = 5


class ImpatientProtocol(H11Protocol):
    """HTTP that closes connections which do not get round to asking, so that they cannot pile up."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection and set its time limit."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.close()
            return
        self._limit = self.loop.call_later(REQUEST_LIMIT_S, self._lose_patience)

    def on_response_complete(self) -> None:
        """An answer is out: the time for the next request begins."""
        self._limit.cancel()
        self._limit = self.loop.call_later(REQUEST_LIMIT_S, self._lose_patience)
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        if hasattr(self, "_limit"):
            self._limit.cancel()
        super().connection_lost(exc)

    def _lose_patience(self) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        if not answering and self.transport.get_protocol() is self:  # else it became a WebSocket
            self.transport.close()


def make_server(
    settings: Settings,
    certificate: tuple[str, str] | None = None,
    open_detector: OpenDetector = open_detector,
) -> uvicorn.Server:
    """A server, not running yet; `certificate` are the files of certificate and key for https."""
    config = uvicorn.Config(
        make_app(settings, open_detector),
        host=settings.host,
        port=settings.port,
        http=ImpatientProtocol,
        ws="websockets-sansio",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=_SHUTDOWN_S,
        h11_max_incomplete_event_size=16_384,
        ws_max_size=settings.limits.frame_bytes + _SLACK_BYTES,
        ws_ping_interval=5.0,
        ws_ping_timeout=10.0,
        ws_per_message_deflate=False,
        ssl_certfile=certificate[0] if certificate else None,
        ssl_keyfile=certificate[1] if certificate else None,
    )
    log = logging.getLogger("uvicorn.error")
    log.setLevel(logging.ERROR)
    log.addFilter(_is_ours)
    return uvicorn.Server(config)


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a message tells of a failure here; a stranger's broken text is his, and earns no traceback."""
    return not str(record.msg).startswith("Invalid UTF-8")


def open_socket(settings: Settings) -> socket.socket:
    """The listening socket.  Raises `UsageError` when the port is taken or the address is not ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.listen(256)
    except OSError as error:
        listening.close()
        raise UsageError(
            f"Cannot listen on {settings.host}, port {settings.port}: {error.strerror}. "
            "Is coach serve running already? Choose another port with --port."
        ) from error
    return listening
