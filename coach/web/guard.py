"""Nobody gets in: Host, Origin and token are checked before anything else, on HTTP and on WebSocket.

A page from elsewhere can make a browser on this machine send requests here.  It cannot choose their Host
(so a name that was rebound to 127.0.0.1 is found out) nor their Origin (so neither a form nor a WebSocket
from a foreign page gets through).
"""

import asyncio
import json
import secrets
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import parse_qs

from coach.web.settings import Settings, is_loopback

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE: Final = "coach_token"
UPLOADS: Final = "/api/analyses"
"""The only address that takes more than a few bytes."""

_SMALL_BYTES: Final = 4096
_SAFE: Final = frozenset({"GET", "HEAD"})
_FOREIGN: Final = frozenset({"cross-site", "same-site"})
_HEADERS: Final = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"),
)


class Guard:
    """Wraps the application: refuses what must not come in, puts the security headers on what goes out."""

    def __init__(self, app: Application, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._names = _own_names(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entrance."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = _read_headers(scope)
        refusal = self._find_refusal(scope, headers)
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
            return
        if scope["type"] == "http" and await self._log_in(scope, send):
            return
        if self._settings.token is not None and not self._is_known(headers):
            words = "Open the address that 'coach serve' printed, with its token."
            await _refuse(scope, receive, send, 401, words)
            return
        if scope["type"] == "http":
            receive = _with_patience(receive, self._settings.limits.stall_s)
        await self._app(scope, receive, _with_headers(send, scope, headers))

    def _find_refusal(self, scope: Scope, headers: dict[str, list[str]]) -> tuple[int, str] | None:
        hosts, origins = headers.get("host", []), headers.get("origin", [])
        if len(hosts) != 1 or not self._is_own(hosts[0]):
            return 403, "This page answers only to its own address."
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        if any(origin != f"{scheme}://{hosts[0]}" for origin in origins) or len(origins) > 1:
            return 403, "This request came from another site."
        changing = scope["type"] == "websocket" or scope["method"] not in _SAFE
        if changing and not origins:
            return 403, "Expected an Origin header."
        if scope["type"] == "http" and scope["path"] != UPLOADS and not _is_small(headers):
            return 413, "This request is too large."
        inner = changing or scope["path"].startswith("/api/")
        if inner and _FOREIGN.intersection(headers.get("sec-fetch-site", [])):
            return 403, "This request came from another site."
        return None

    def _is_own(self, host: str) -> bool:
        name, port = _split_host(host)
        if port != self._settings.port:
            return False
        if name in self._names:
            return True
        return not is_loopback(self._settings.host) and _is_wildcard(self._settings.host) and _is_ip(name)

    def _is_known(self, headers: dict[str, list[str]]) -> bool:
        try:
            cookies = SimpleCookie("; ".join(headers.get("cookie", [])))
        except CookieError:
            return False
        given = cookies[COOKIE].value if COOKIE in cookies else ""
        return self._matches(given)

    def _matches(self, given: str) -> bool:
        wanted = self._settings.token or ""
        return bool(wanted) and secrets.compare_digest(given.encode(), wanted.encode())

    async def _log_in(self, scope: Scope, send: Send) -> bool:
        """`/?token=...` becomes a cookie, so that the secret leaves the address bar."""
        if self._settings.token is None or scope["path"] != "/" or scope["method"] != "GET":
            return False
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not self._matches(given):
            return False
        secure = "; Secure" if scope["scheme"] == "https" else ""
        cookie = f"{COOKIE}={given}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000{secure}"
        headers = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return True


def _is_small(headers: dict[str, list[str]]) -> bool:
    """Whether a request announces a body that may be read into memory."""
    lengths = headers.get("content-length", ["0"])
    announced = all(length.isascii() and length.isdigit() for length in lengths)
    return announced and "transfer-encoding" not in headers and max(map(int, lengths)) <= _SMALL_BYTES


def make_policy(host: str, scheme: str) -> str:
    """The Content-Security-Policy: everything from here, nothing inline, nothing from elsewhere."""
    socket_scheme = "wss" if scheme in ("https", "wss") else "ws"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        f"media-src 'self' blob:; connect-src 'self' {socket_scheme}://{host}; font-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _own_names(settings: Settings) -> frozenset[str]:
    if is_loopback(settings.host):
        return frozenset({"127.0.0.1", "localhost", "::1", settings.host})
    names = {settings.host}
    if _is_wildcard(settings.host):
        machine = socket.gethostname().lower()
        names |= {"localhost", machine, f"{machine.partition('.')[0]}.local"}
    return frozenset(names)


def _is_wildcard(host: str) -> bool:
    return _is_ip(host) and ip_address(host).is_unspecified


def _is_ip(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _split_host(host: str) -> tuple[str, int]:
    """Name in lower case without brackets, and port; port 0 for what is no host."""
    name, colon, port = host.rpartition(":")
    if not colon or "]" in port:
        name, port = host, "80"
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1]
    return name.lower(), int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0


def _read_headers(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _with_headers(send: Send, scope: Scope, headers: dict[str, list[str]]) -> Send:
    policy = make_policy(headers["host"][0], scope["scheme"])

    async def send_guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            wanted = [*_HEADERS, ("content-security-policy", policy)]
            cache = "no-store" if scope["path"].startswith("/api/") else "no-cache"
            wanted.append(("cache-control", cache))
            extra = [(n.encode(), v.encode()) for n, v in wanted if n.encode() not in given]
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    return send_guarded


def _with_patience(receive: Receive, limit_s: float) -> Receive:
    """A body that does not go on is given up, as if its sender had gone."""
    whole = False

    async def receive_in_time() -> MutableMapping[str, Any]:
        nonlocal whole
        if whole:  # what follows is the wait for the end of the connection
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), limit_s)
        except TimeoutError:
            message = {"type": "http.disconnect"}
        whole = not message.get("more_body", False)
        return message

    return receive_in_time


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, words: str) -> None:
    if scope["type"] == "websocket":
        await receive()  # websocket.connect
        await send({"type": "websocket.close", "code": 1008, "reason": words})
        return
    body = json.dumps({"detail": words}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *((name.encode(), value.encode()) for name, value in _HEADERS),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
