"""How late a live session is: from a picture's arrival to its result, with one slot and with a queue of four.

    python benchmarks/latency.py [--seconds 60] [--load-ms 40]

The sample video plays as a camera of 30 pictures/s.  Printed are the ages of the pictures when their result
was there (median, 95th percentile), of the first and the last third, and the memory at start and end; where
there is a screen, also their ages when the window showed their result.
"""

import argparse
import queue
import resource
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from coach.exercise.spec import find_spec
from coach.jobs.coach_live import Coaching, LiveOutputs, measure_brightness
from coach.jobs.coach_window import LiveWindow
from coach.live.plan import Plan
from coach.live.session import LiveSession
from coach.live.state import Look
from coach.output.window import Window, find_screen_problem
from coach.pipeline import Frame
from coach.vision.camera import CameraRequest, CameraSource
from coach.vision.detector import MediaPipeDetector
from coach.vision.grabber import Shot
from coach.vision.model_store import find_model
from coach.vision.source import VideoFileSource

SAMPLE = Path(__file__).parents[1] / "sample_videos" / "seated_rotation_left.mp4"
FPS = 30.0
QUEUE_DEPTH = 4


class LoopCamera:
    """The sample's pictures, forth and back, at a steady rate; a late reader misses none but gets them late,
    as from a driver."""

    def __init__(self, pictures):
        self._pictures = [*pictures, *pictures[::-1]]
        self._next_s = time.monotonic()
        self._count = 0

    def read(self):
        """The next picture when it is due."""
        self._next_s += 1 / FPS
        time.sleep(max(0.0, self._next_s - time.monotonic()))
        self._count += 1
        return self._pictures[self._count % len(self._pictures)].copy()

    def close(self):
        """Nothing to release."""


@dataclass
class Ages:
    """Age of each picture when its result was there, and how long the work on it took; seconds."""

    total_s: list[float] = field(default_factory=list)
    work_s: list[float] = field(default_factory=list)
    dropped: int = 0

    def row(self) -> str:
        """The figures in ms."""
        third = len(self.total_s) // 3
        first, last = (_percentile(part, 95) for part in (self.total_s[:third], self.total_s[-third:]))
        return (
            f"work median {_ms(statistics.median(self.work_s))}"
            f"   age median {_ms(statistics.median(self.total_s))}"
            f"   p95 {_ms(_percentile(self.total_s, 95))}   p95 first/last third {_ms(first)} / {_ms(last)}"
            f"   {len(self.total_s)} analysed, {self.dropped} skipped"
        )


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def _percentile(values: list[float], share: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


def measure(pictures, seconds: float, load_s: float, *, queued: bool) -> Ages:
    """Run a session for a while; with `queued` through a queue of four instead of the one slot."""
    ages = Ages()
    waiting: queue.Queue[Shot] = queue.Queue(QUEUE_DEPTH)
    session = LiveSession(find_spec("seated-rotation"), Plan(9999, 1))
    with (
        MediaPipeDetector(find_model("full")) as detector,
        CameraSource(CameraRequest(0), lambda _: LoopCamera(pictures)) as source,
    ):
        over = threading.Event()
        if queued:
            threading.Thread(target=_fill, args=(source, waiting, over), daemon=True).start()
        warm_s = time.monotonic() + 3.0
        until_s = warm_s + seconds
        while time.monotonic() < until_s:
            shot = waiting.get() if queued else source.slot.take(1.0)
            if shot is None:
                continue
            start_s = time.monotonic()
            pose = detector.detect(Frame(shot.time_s, shot.image))
            height, width = shot.image.shape[:2]
            session.update(pose, Look(width, height, measure_brightness(shot.image)))
            time.sleep(load_s)
            if time.monotonic() > warm_s:
                ages.total_s.append(time.monotonic() - shot.taken_s)
                ages.work_s.append(time.monotonic() - start_s)
        over.set()
        ages.dropped = source.slot.dropped
    return ages


def measure_display(pictures, seconds: float) -> list[float]:
    """Ages of the pictures, seconds, when the live window first showed their result."""
    specs = {"seated-rotation": find_spec("seated-rotation")}
    model = find_model("full")
    with (
        CameraSource(CameraRequest(0), lambda _: LoopCamera(pictures)) as source,
        Window() as window,
    ):
        plans = {"seated-rotation": Plan(9999, 1)}
        coaching = Coaching(source, lambda: MediaPipeDetector(model), specs, plans, LiveOutputs())
        live = LiveWindow(window, coaching, source, specs, None)
        live.wait_for_camera(specs["seated-rotation"], 20.0)
        threading.Timer(seconds + 5.0, source.close).start()
        coaching.start("seated-rotation")
        live.run()
        coaching.stop()
    ages_s = list(live.delays_s)
    return ages_s[len(ages_s) // 10 :]


def _fill(source: CameraSource, waiting: "queue.Queue[Shot]", over: threading.Event) -> None:
    """What MediaPipe's stream mode and most examples do: queue up, drop the newest when full."""
    number = 0
    while not over.is_set():
        shot = source.slot.wait(number, 0.5)
        if shot is None:
            continue
        number = shot.number
        try:
            waiting.put_nowait(shot)
        except queue.Full:
            continue


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if sys.platform == "linux" else 0
    return pages * resource.getpagesize() / 1e6


def main() -> int:
    """Print the figures; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--load-ms", type=float, default=40.0)
    args = parser.parse_args()
    pictures = [frame.image.copy() for frame in VideoFileSource(SAMPLE)][:150]
    plain = measure(pictures, args.seconds, 0.0, queued=False)
    print(f"one slot            {plain.row()}")
    early_mb = _memory_mb()
    loaded = measure(pictures, args.seconds, args.load_ms / 1000, queued=False)
    print(f"one slot, +{args.load_ms:.0f} ms   {loaded.row()}")
    queued = measure(pictures, args.seconds, args.load_ms / 1000, queued=True)
    print(f"queue of 4, +{args.load_ms:.0f} ms {queued.row()}")
    print(f"memory {early_mb:.0f} MB after the first run, {_memory_mb():.0f} MB after the last")
    expected_s = statistics.median(plain.work_s) + 1 / FPS
    limits = [
        ("median age / (work + one picture)", statistics.median(plain.total_s) / expected_s, 1.3),
        (
            "p95 one slot / queue of 4",
            _percentile(loaded.total_s, 95) / _percentile(queued.total_s, 95),
            0.45,
        ),
    ]
    if find_screen_problem() is None:
        shown_s = measure_display(pictures, args.seconds)
        median_s, p95_s = statistics.median(shown_s), _percentile(shown_s, 95)
        print(f"in the window       age median {_ms(median_s)}   p95 {_ms(p95_s)}   {len(shown_s)} shown")
        limits.append(("median age in the window / the same", median_s / expected_s, 1.3))
    for name, value, limit in limits:
        print(f"{name:38} {value:7.3f}   limit {limit:5.2f}   {'ok' if value <= limit else 'MISSED'}")
    return int(any(value > limit for _, value, limit in limits))


if __name__ == "__main__":
    sys.exit(main())
