"""What a server runs with: where it listens, where it keeps things, and its limits."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from coach.exercise.spec import ExerciseSpec

DEFAULT_PORT: Final = 8765
LOOPBACK: Final = "127.0.0.1"
AHEAD_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken from a browser.

    upload_bytes      largest video
    duration_s        longest video
    free_bytes        disk space that an upload has to leave free
    stall_s           a request's body, an upload or a greeting that says nothing for so long is ended
    slowest_bytes     an upload has to bring at least so much in that time
    queue             analyses waiting or running
    frame_bytes       largest picture of a camera, as JPEG
    frame_edge_px     its longest edge
    bad_frames        unreadable pictures in a row before the connection is closed
    text_bytes        longest command
    commands          most commands within a second before the connection is closed
    sockets           live connections at once
    kept_s            how long a live session waits for its browser to come back
    ahead_s           a browser's clock that runs further ahead than this was set anew
    """

    upload_bytes: int = 4_000_000_000
    duration_s: float = 3600.0
    free_bytes: int = 500_000_000
    stall_s: float = 20.0
    slowest_bytes: int = 100_000
    queue: int = 20
    frame_bytes: int = 2_000_000
    frame_edge_px: int = 1920
    bad_frames: int = 20
    text_bytes: int = 4096
    commands: int = 20
    sockets: int = 8
    kept_s: float = 120.0
    ahead_s: float = AHEAD_S


@dataclass(frozen=True, slots=True)
class Settings:
    """One server.

    token    what a browser has to know, None where only this machine can connect
    folder   results and uploads
    model    lite, full, heavy, a path, or None for the default
    history  the database's URL, None for the user's own
    """

    specs: Mapping[str, ExerciseSpec]
    host: str = LOOPBACK
    port: int = DEFAULT_PORT
    token: str | None = None
    folder: Path = Path()
    model: str | None = None
    history: str | None = None
    secure: bool = False
    limits: Limits = Limits()


def default_folder() -> Path:
    """Where the page keeps results and, while they are analysed, uploads."""
    return user_data_path("hip-coach", appauthor=False) / "web"


def make_token() -> str:
    """A secret that cannot be guessed."""
    return secrets.token_urlsafe(24)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
