"""Fetching one file over HTTP: continues where an earlier try stopped, and gives up soon when offline."""

import http.client
import queue
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

# Resolving and connecting together.  A socket timeout alone would count once per address of the host.
CONNECT_TIMEOUT_S = 6.0
_STALL_TIMEOUT_S = 15.0
_FRUITLESS_TRIES = 3
_CHUNK_BYTES = 1 << 17

Report = Callable[[int, int | None], None]


class UnreachableError(Exception):
    """The file could not be had from there: no connection, an HTTP error, or a line that keeps dropping."""


def download(url: str, part: Path, report: Report) -> None:
    """Fetch `url` into `part`, keeping what is already there when the server can continue.

    `report(done, total)` is called as bytes arrive; `total` is None while unknown.  What arrives is *not*
    checked: the caller knows the checksum.  A failed transfer leaves `part` for the next try.
    """
    fruitless = 0
    while True:
        before = _size(part)
        try:
            _fetch_rest(url, part, report)
            return
        except _DroppedError as error:
            fruitless = 0 if _size(part) > before else fruitless + 1
            if fruitless == _FRUITLESS_TRIES:
                raise UnreachableError(f"{_host(url)} kept dropping the connection") from error


class _DroppedError(Exception):
    """The transfer stopped before its end."""


def _fetch_rest(url: str, part: Path, report: Report) -> None:
    have = _size(part)
    request = urllib.request.Request(url, headers={"User-Agent": "hip-coach"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        response = _open(request)
    except urllib.error.HTTPError as error:
        error.close()
        if have and error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink()  # what is there is not a beginning of this file
            _fetch_rest(url, part, report)
            return
        raise UnreachableError(f"{_host(url)} answered {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachableError(f"{_host(url)} cannot be reached ({_reason(error)})") from error
    with response:
        _save(response, part, have, report)


def _save(response: http.client.HTTPResponse, part: Path, have: int, report: Report) -> None:
    continued = response.status == http.HTTPStatus.PARTIAL_CONTENT and _starts_at(response, have)
    if response.status == http.HTTPStatus.PARTIAL_CONTENT and not continued:
        part.unlink(missing_ok=True)
        raise _DroppedError("the server continued from another place than asked")
    done = have if continued else 0
    announced = response.headers.get("Content-Length", "")
    total = done + int(announced) if announced.isdigit() else None
    with part.open("ab" if continued else "wb") as file:
        report(done, total)
        while chunk := _read_chunk(response):
            file.write(chunk)
            done += len(chunk)
            report(done, total)
    if total is not None and done < total:
        raise _DroppedError(f"{done} of {total} bytes")


def _read_chunk(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(_CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise _DroppedError(str(error)) from error


def _starts_at(response: http.client.HTTPResponse, position: int) -> bool:
    return str(response.headers.get("Content-Range", "")).startswith(f"bytes {position}-")


def _open(request: urllib.request.Request) -> http.client.HTTPResponse:
    """`urlopen` with one deadline over name lookup and every address, which Python itself does not offer."""
    answers: queue.SimpleQueue[http.client.HTTPResponse | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(urllib.request.urlopen(request, timeout=_STALL_TIMEOUT_S))
        except (OSError, http.client.HTTPException, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="download", daemon=True).start()
    try:
        answer = answers.get(timeout=CONNECT_TIMEOUT_S)
    except queue.Empty:
        raise TimeoutError(f"no answer within {CONNECT_TIMEOUT_S:.0f} s") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _reason(error: Exception) -> str:
    """The innermost reason, in the system's own words."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return str(reason) or type(reason).__name__


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).hostname or url


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
