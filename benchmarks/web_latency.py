"""How late feedback is in the page: a picture sent by a browser until its result is back, over loopback.

    python benchmarks/web_latency.py [--seconds 30]

A client sends pictures of the sample video at 15 a second, as the page does (at most two unanswered), to a
real server; for each the time until its state came back is taken.  It is held against inference alone: the
median time of the detector on the same pictures, decoded, in this process, at the same pace.  Limit: median
no more than inference + 80 ms.  Exit code 1 when it is missed.
"""

import argparse
import json
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import cv2
from websockets.sync.client import ClientConnection, connect

from coach.exercise.spec import load_specs
from coach.jobs.recorded import open_detector
from coach.pipeline import Frame, Image
from coach.vision.source import VideoFileSource
from coach.web.frames import HEADER
from coach.web.server import make_server, open_socket
from coach.web.settings import Settings

SAMPLE = Path(__file__).parents[1] / "sample_videos" / "seated_rotation_left.mp4"
FPS = 15.0
LIMIT_S = 0.080
WARM_UP = 30
IN_FLIGHT = 2


def load_pictures() -> list[Image]:
    """Every other picture of the sample, at about the rate that is sent."""
    return [frame.image.copy() for i, frame in enumerate(VideoFileSource(SAMPLE)) if i % 2 == 0]


def measure_inference(pictures: list[Image], seconds: float) -> list[float]:
    """Seconds per detection at the same pace, without network and page."""
    detector, times_s = open_detector(None), []
    began_s = time.monotonic()
    for i in range(int(seconds * FPS)):
        time.sleep(max(0.0, began_s + i / FPS - time.monotonic()))
        start_s = time.monotonic()
        detector.detect(Frame(i / FPS, pictures[i % len(pictures)]))
        times_s.append(time.monotonic() - start_s)
    detector.close()
    return times_s[WARM_UP:]


def measure_page(port: int, pictures: list[Image], seconds: float) -> tuple[list[float], int]:
    """Seconds from sending a picture to its state, and how many pictures were not sent because of that."""
    jpegs = [cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes() for image in pictures]
    origin = f"http://127.0.0.1:{port}"
    with connect(f"ws://127.0.0.1:{port}/api/live", origin=origin, compression=None) as page:
        page.send(json.dumps({"mode": "coach", "exercise": "seated-rotation", "clock": "benchmark"}))
        while json.loads(page.recv())["type"] != "welcome":
            pass
        sent_s: dict[int, float] = {}
        delays_s: list[float] = []
        reader = threading.Thread(target=_read, args=(page, sent_s, delays_s), daemon=True)
        reader.start()
        began_s, held_back, seq = time.monotonic(), 0, 0
        for i in range(int(seconds * FPS)):
            time.sleep(max(0.0, began_s + i / FPS - time.monotonic()))
            if len(sent_s) >= IN_FLIGHT:
                held_back += 1
                continue
            seq += 1
            now_s = time.monotonic()
            sent_s[seq] = now_s
            page.send(HEADER.pack(seq, now_s) + jpegs[i % len(jpegs)])
        time.sleep(0.5)
    return delays_s[WARM_UP:], held_back


def _read(page: ClientConnection, sent_s: dict[int, float], delays_s: list[float]) -> None:
    for text in page:
        now_s, message = time.monotonic(), json.loads(text)
        seq = message.get("seq")
        if message["type"] == "state" and seq in sent_s:
            delays_s.append(now_s - sent_s[seq])
        for known in [key for key in sent_s if seq is not None and key <= seq]:
            del sent_s[known]


def main() -> int:
    """Print the figures; 1 when the limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=30.0)
    args = parser.parse_args()
    pictures = load_pictures()
    inference_s = measure_inference(pictures, args.seconds)
    with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        history = f"sqlite:///{folder}/history.sqlite3"
        settings = Settings(specs=load_specs(), port=port, folder=Path(folder), history=history)
        server = make_server(settings)
        with open_socket(settings) as listening:
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
            thread.start()
            while not server.started:
                time.sleep(0.05)
            delays_s, held_back = measure_page(port, pictures, args.seconds)
            server.should_exit = True
            thread.join(20)
    inference, delay = statistics.median(inference_s), statistics.median(delays_s)
    p95, excess = statistics.quantiles(delays_s, n=20)[-1], delay - inference
    print(f"inference alone   median {1000 * inference:6.1f} ms")
    late = f"median {1000 * delay:6.1f} ms, 95 % {1000 * p95:6.1f} ms, {len(delays_s)} pictures"
    print(f"feedback          {late}")
    print(f"held back         {held_back} pictures because two were under way")
    verdict = "ok" if excess <= LIMIT_S else "MISSED"
    print(f"beyond inference  {1000 * excess:.1f} ms, limit {1000 * LIMIT_S:.0f} ms: {verdict}")
    return int(excess > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
