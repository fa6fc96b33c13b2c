"""A network camera on this machine: serves pictures as MJPEG over HTTP, in real time, and can be unplugged.

python tests/camera_server.py CLIP.mp4 [CLIP.mp4:mirrored ...] [--port N] [--still S]
"""

import argparse
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2

from coach.vision.source import VideoFileSource

BOUNDARY = "picture"

Film = list[tuple[float, bytes]]
"""(time in seconds, JPEG) in order."""


def jpeg(image) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def part_head(picture: bytes) -> bytes:
    return f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n".encode()


def make_film(clips: Sequence[tuple[Path, bool]], still_s: float = 0.0, fps: float = 20.0) -> Film:
    """Clips one after the other, each (path, mirrored) and each after `still_s` of its first picture."""
    film: Film = []
    start_s = 0.0
    for path, mirrored in clips:
        with VideoFileSource(path) as source:
            for i, frame in enumerate(source):
                picture = jpeg(cv2.flip(frame.image, 1) if mirrored else frame.image)
                if i == 0:
                    film += [(start_s + k / fps, picture) for k in range(round(still_s * fps))]
                    start_s += still_s
                film.append((start_s + frame.time_s, picture))
        start_s = film[-1][0] + 1 / fps
    return film


class CameraServer:
    """Plays a film from the first connection on; the film goes on while nobody can connect.

    `unplug` cuts every connection and refuses new ones until `plug`.  After its end the last picture stays.
    """

    def __init__(self, film: Film, port: int = 0) -> None:
        self._film = film
        self._start_s: float | None = None
        self._server: ThreadingHTTPServer | None = None
        self._gone = threading.Event()
        self.port = port
        self.plug()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/camera.mjpg"

    @property
    def now_s(self) -> float:
        """Where the film is."""
        return 0.0 if self._start_s is None else time.monotonic() - self._start_s

    def play(self, film: Film) -> None:
        """Show another film from now on; without this the first one starts with the first connection."""
        self._film, self._start_s = list(film), time.monotonic()

    def plug(self) -> None:
        self._gone = threading.Event()
        camera, gone = self, self._gone

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
                self.end_headers()
                try:
                    for picture in camera.pictures(gone):
                        self.wfile.write(part_head(picture) + picture + b"\r\n")
                except OSError:
                    pass

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def unplug(self) -> None:
        if self._server is not None:
            self._gone.set()
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def pictures(self, gone: threading.Event) -> Iterator[bytes]:
        if self._start_s is None:
            self._start_s = time.monotonic()
        film, i = self._film, 0
        while not gone.is_set():
            if film is not self._film:
                film, i = self._film, 0
            now_s = self.now_s
            while i < len(film) - 1 and film[i + 1][0] <= now_s:
                i += 1
            yield film[i][1]
            due_s = film[i + 1][0] if i < len(film) - 1 else now_s + 0.05
            gone.wait(min(0.05, max(0.005, due_s - now_s)))


@contextmanager
def served(film: Film, port: int = 0) -> Iterator[CameraServer]:
    camera = CameraServer(film, port)
    try:
        yield camera
    finally:
        camera.unplug()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--still", type=float, default=6.0)
    args = parser.parse_args()
    clips = [(Path(clip.removesuffix(":mirrored")), clip.endswith(":mirrored")) for clip in args.clips]
    with served(make_film(clips, args.still), args.port) as camera:
        print(camera.url, flush=True)
        while True:
            time.sleep(1)


if __name__ == "__main__":
    main()
