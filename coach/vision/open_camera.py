"""Opens one camera or network stream with OpenCV, and says in plain words why it could not."""

import contextlib
import http.client
import os
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import cv2
import numpy as np

from coach.errors import CameraError
from coach.pipeline import Image
from coach.vision.decode import prepare_opencv

_CONNECT_LIMIT_S: Final = 4.0
_STREAM_LIMIT_MS: Final = 5000
_STATUS_LIMIT_S: Final = 2.0
_PORTS: Final = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322, "rtmp": 1935}
_OPTIONS_VARIABLE: Final = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
# FFmpeg gathers pictures before it gives the first one: fine for files, seconds of delay for a camera.
_STREAM_OPTIONS: Final = "rtsp_transport;tcp|fflags;nobuffer|analyzeduration;500000"
_SETTING_OPTIONS: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class CameraRequest:
    """Which camera, and what to ask it for; it may give something else.

    address   an index, a device path or a URL
    size_px   wanted width and height, None for the camera's own
    fps       wanted rate, None for the camera's own
    """

    address: int | str
    size_px: tuple[int, int] | None = None
    fps: float | None = None


class OpenCvCamera:
    """An open camera.  Raises `CameraError` with the reason when it cannot be opened."""

    def __init__(self, request: CameraRequest) -> None:
        prepare_opencv()
        self._capture = _open(request)
        if not self._capture.isOpened():
            self._capture.release()
            raise explain_failure(request)
        if not isinstance(request.address, str) or request.address.startswith("/dev/"):
            self._ask_for(request)

    def read(self) -> Image | None:
        """The next picture in an array of its own; None when there is none (any more)."""
        try:
            found, image = self._capture.read()
        except cv2.error:
            return None
        return np.asarray(image, np.uint8) if found and image is not None else None

    def close(self) -> None:
        """Release it; idempotent."""
        self._capture.release()

    def _ask_for(self, request: CameraRequest) -> None:
        if request.size_px is not None:
            # Above VGA most webcams reach their full rate only as MJPEG.
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, request.size_px[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, request.size_px[1])
        if request.fps is not None:
            self._capture.set(cv2.CAP_PROP_FPS, request.fps)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)


def explain_failure(request: CameraRequest) -> CameraError:
    """Why this camera gives no picture, as far as it can be found out."""
    address = request.address
    if isinstance(address, str) and "://" in address:
        return _explain_stream(address)
    if sys.platform.startswith("linux"):
        return _explain_device(Path(f"/dev/video{address}") if isinstance(address, int) else Path(address))
    if sys.platform == "darwin":
        return CameraError(
            f"Camera {address} did not open. Allow the terminal to use the camera in System Settings, "
            "Privacy & Security, Camera; or choose another one with --camera."
        )
    return CameraError(
        f"Camera {address} did not open. Close other programs that use it, allow desktop apps to use the "
        "camera in the privacy settings, or choose another one with --camera."
    )


def _open(request: CameraRequest) -> cv2.VideoCapture:
    address = request.address
    if isinstance(address, str) and "://" in address:
        problem = _knock(address)
        if problem is not None:
            raise problem
        limits = (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, cv2.CAP_PROP_READ_TIMEOUT_MSEC)
        settings = [value for limit in limits for value in (limit, _STREAM_LIMIT_MS)]
        with _stream_options():
            return cv2.VideoCapture(address, cv2.CAP_FFMPEG, settings)
    device = str(address).removeprefix("/dev/video")
    index = int(device) if device.isdigit() else None
    if index is not None and not (
        sys.platform.startswith("linux") and not Path(f"/dev/video{index}").exists()
    ):
        return cv2.VideoCapture(index)
    raise explain_failure(request)


@contextlib.contextmanager
def _stream_options() -> Iterator[None]:
    """Options for the next stream that OpenCV opens.  It takes them from a variable only, which would spoil
    the reading of files, so that is put back afterwards; what the person has set there stands.
    """
    with _SETTING_OPTIONS:
        ours = _OPTIONS_VARIABLE not in os.environ
        if ours:
            os.environ[_OPTIONS_VARIABLE] = _STREAM_OPTIONS
        try:
            yield
        finally:
            if ours:
                os.environ.pop(_OPTIONS_VARIABLE, None)


def _knock(address: str) -> CameraError | None:
    """Whether anybody answers at the address of a stream: FFmpeg itself does not tell, and waits long."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme.lower())
    except ValueError:
        return CameraError(f"{address} is not a valid address. Expected something like rtsp://HOST:554/PATH.")
    if not host or port is None:
        return CameraError(
            f"{address} is not a stream's address. Expected something like rtsp://HOST:554/PATH or "
            "http://HOST/video.mjpg."
        )
    try:
        with socket.create_connection((host, port), _CONNECT_LIMIT_S):
            return None
    except socket.gaierror:
        return CameraError(f"There is no computer called {host}. Check the stream's address.")
    except OSError:
        return CameraError(
            f"Nothing answers at {host}, port {port}. Is the camera on, and in the same network?"
        )


def _explain_stream(address: str) -> CameraError:
    host = urlsplit(address).hostname or "the stream"
    status = _ask_status(address) if address.lower().startswith("http") else None
    if status in (401, 403):
        return CameraError(
            f"{host} wants a user name and a password, or does not accept those given. Expected something "
            "like http://USER:PASSWORD@HOST/PATH."
        )
    if status is not None and status >= 500:
        return CameraError(
            f"{host} cannot send its video at the moment (HTTP {status}). Somebody else may be watching: "
            "close that, or start the camera again."
        )
    if status is not None and status >= 400:
        return CameraError(f"{host} has no video at this path (HTTP {status}). Check the stream's address.")
    return CameraError(
        f"{host} answers, but sends no video that can be read. Check the path, the user name and the "
        "password in the stream's address."
    )


def _ask_status(address: str) -> int | None:
    """The HTTP status of an address, which FFmpeg keeps to itself; None where there is none."""
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme.lower() == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_STATUS_LIMIT_S)
    try:
        connection.request("GET", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def _explain_device(device: Path) -> CameraError:
    others = sorted(path.name.removeprefix("video") for path in Path("/dev").glob("video*"))
    if not device.exists():
        known = (
            f"Connected are: {', '.join(others)}." if others else "No camera is connected to this computer."
        )
        return CameraError(f"There is no camera {device}. {known} A video file also works as --camera.")
    if not os.access(device, os.R_OK | os.W_OK):
        return CameraError(
            f"{device} may not be opened by this user. Join the group: sudo usermod -aG video $USER, then "
            "log in again."
        )
    return CameraError(
        f"{device} opens but gives no picture. Another program may be using it: close that, or choose "
        "another camera with --camera."
    )
