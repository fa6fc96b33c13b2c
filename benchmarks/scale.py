"""What videos cost: by number of processes, length, size and count, and from stored landmarks.

    python benchmarks/scale.py jobs|length|size|count|landmarks [--rounds 3] [--minutes 1 10] [--fps 20]

Prints a table.  CPU seconds mean the same on a busy machine as on a quiet one, within some tens of per cent;
wall seconds only on a quiet one, which is why the load is printed too.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import cv2
from speed import EXERCISE, SAMPLE, write_scaled

from coach.vision.source import VideoFileSource

BATCH = [sys.executable, "-m", "coach.cli", "batch"]
CLIPS = 4

# Run in a process of its own: (seconds of video, CPU seconds, resident MB) once per ten seconds of video.
_WATCHED = """
import json, os, resource, sys
from pathlib import Path
from coach.jobs.analyze import Job, analyze
from coach.exercise.spec import find_spec
rows, page = [], os.sysconf("SC_PAGE_SIZE")
def watch(done_s, total_s):
    if done_s >= 10 * len(rows):
        used = resource.getrusage(resource.RUSAGE_SELF)
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        rows.append((done_s, used.ru_utime + used.ru_stime, pages * page / 2**20))
analyze(Job(Path(sys.argv[1]), find_spec(sys.argv[2]), Path(sys.argv[3]), video=False), watch)
print(json.dumps(rows))
"""


def main() -> None:
    """Run one measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("jobs", "length", "size", "count", "landmarks"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10])
    parser.add_argument("--fps", type=int, default=20, help="of the long videos")
    args = parser.parse_args()
    print(f"load average before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if args.what == "jobs":
            measure_jobs(work, args.rounds)
        elif args.what == "length":
            measure_length(work, args.minutes, args.fps)
        elif args.what == "size":
            measure_size(work)
        elif args.what == "count":
            measure_count(work)
        else:
            measure_landmarks(work, args.rounds)
    print(f"load average after: {os.getloadavg()[0]:.1f}")


def measure_jobs(work: Path, rounds: int) -> None:
    """Four clips with one process and with two, in turns."""
    (work / "in").mkdir()
    for number in range(CLIPS):
        shutil.copy(SAMPLE, work / "in" / f"{number}.mp4")
    walls, cpus = [], []
    for _ in range(rounds):
        (wall_1, cpu_1), (wall_2, cpu_2) = (batch(work, work / "in", "--no-video", jobs=n) for n in (1, 2))
        walls.append(wall_2 / wall_1)
        cpus.append(cpu_2 / cpu_1)
        print(f"one: {wall_1:.1f} s wall, {cpu_1:.1f} s CPU; two: {wall_2:.1f} s wall, {cpu_2:.1f} s CPU")
    print(f"two jobs / one: wall {statistics.median(walls):.2f}, CPU {statistics.median(cpus):.2f}")


def measure_length(work: Path, minutes: list[float], fps: int) -> None:
    """One long video: CPU per frame and memory in its first minute and in its last."""
    for length in minutes:
        clip = write_long(work / "long.mp4", length * 60, fps)
        command = [sys.executable, "-c", _WATCHED, str(clip), EXERCISE, str(work / "out")]
        rows = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for from_s, to_s in zip(rows[:-6:6], rows[6::6], strict=False):
            cpu_ms = 1000 * (to_s[1] - from_s[1]) / ((to_s[0] - from_s[0]) * fps)
            print(f"{length:5.0f} min: to {to_s[0] / 60:5.1f} min  {cpu_ms:6.2f} ms/frame  {to_s[2]:7.1f} MB")
        sizes = {path.name: path.stat().st_size for path in (work / "out").iterdir()}
        print("bytes per hour of video:", {name: round(size * 60 / length) for name, size in sizes.items()})


def measure_size(work: Path) -> None:
    """The same scene in larger pictures."""
    for height in (480, 720, 1080):
        (work / f"in{height}").mkdir()
        clip = work / f"in{height}" / "clip.mp4"
        if height == 480:  # as it is
            shutil.copy(SAMPLE, clip)
        else:
            write_scaled(SAMPLE, clip, height)
        for video in ("--no-video", None):
            _, cpu_s = batch(work, work / f"in{height}", video, jobs=1)
            results = work / "out" / "videos" / "clip"
            frames = json.loads((results / "summary.json").read_text())["source"]["frames"]
            size = sum(path.stat().st_size for path in results.iterdir())
            name = "no video " if video else "annotated"
            cpu_ms = 1000 * cpu_s / frames
            print(f"{height}p {name}: {cpu_ms:6.1f} ms CPU/frame, {size / frames:7.0f} bytes/frame")


def measure_count(work: Path) -> None:
    """Many short sessions of stored landmarks: what each one costs on top of its frames."""
    store = make_landmarks(work)
    for count in (10, 100, 300):
        folder = work / f"in{count}"
        folder.mkdir()
        for number in range(count):
            os.link(store, folder / f"{number:04}.npz")
        wall_s, cpu_s = batch(work, folder, "--from-landmarks", jobs=2)
        start_s, before_s = time.perf_counter(), children_s()
        run(work, folder, "--from-landmarks", jobs=2)
        again_s, again_cpu_s = time.perf_counter() - start_s, children_s() - before_s
        print(
            f"{count:5} sessions: {1000 * cpu_s / count:6.1f} ms CPU each, {wall_s:.1f} s wall; "
            f"nothing to do: {1000 * again_cpu_s / count:6.2f} ms CPU each, {again_s:.1f} s wall"
        )


def measure_landmarks(work: Path, rounds: int) -> None:
    """An hour of stored landmarks at 20 frames a second, in sessions of 22 seconds."""
    store = make_landmarks(work)
    folder = work / "archive"
    folder.mkdir()
    with VideoFileSource(SAMPLE) as source:
        length_s, frames = source.facts.duration_s or 0.0, source.facts.frame_count or 0
    count = round(3600 / length_s)
    for number in range(count):
        os.link(store, folder / f"{number:04}.npz")
    for jobs in (1, 2):
        for _ in range(rounds):
            wall_s, cpu_s = batch(work, folder, "--from-landmarks", jobs=jobs)
            us = 1e6 * cpu_s / (count * frames)
            times_30 = 1e6 / (30 * us)
            print(
                f"jobs {jobs}: {us:.0f} us CPU/frame all in all; per CPU second {times_30:.0f} s of video at "
                f"30 frames/s; wall {wall_s:.1f} s: {count * frames / 30 / wall_s:.0f} x real time"
            )


def make_landmarks(work: Path) -> Path:
    """Stored landmarks of the sample video."""
    (work / "sample").mkdir()
    shutil.copy(SAMPLE, work / "sample" / "clip.mp4")
    batch(work, work / "sample", "--no-video", jobs=1)
    return shutil.copy(work / "out" / "videos" / "clip" / "landmarks.npz", work / "clip.npz")


def batch(work: Path, source: Path, *flags: str | None, jobs: int) -> tuple[float, float]:
    """Wall and CPU seconds of a whole `coach batch` that starts from nothing."""
    shutil.rmtree(work / "out", ignore_errors=True)
    before_s, start_s = children_s(), time.perf_counter()
    run(work, source, *flags, jobs=jobs)
    return time.perf_counter() - start_s, children_s() - before_s


def run(work: Path, source: Path, *flags: str | None, jobs: int) -> None:
    """`coach batch` into `work/out`."""
    given = [flag for flag in flags if flag]
    command = [*BATCH, str(source), "--exercise", EXERCISE, "--out", str(work / "out"), "--jobs", str(jobs)]
    subprocess.run([*command, *given], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def children_s() -> float:
    """CPU seconds of all children that have ended, with their own."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_long(target: Path, length_s: float, fps: int) -> Path:
    """The sample to and fro, small."""
    pictures = [cv2.resize(frame.image, (320, 240)) for frame in VideoFileSource(SAMPLE)]
    pictures += pictures[::-1]
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for i in range(round(length_s * fps)):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pictures[i % len(pictures)], format="bgr24")))
        out.mux(stream.encode())
    return target


if __name__ == "__main__":
    main()
