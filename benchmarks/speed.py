"""Speed as ratios, each taken within one run on one machine, so that they mean the same everywhere.

    python benchmarks/speed.py [--rounds 3] [--memory]

Prints a row per figure with its limit; exits with 1 when one is missed.  `--memory` adds the long run
(20,000 frames, some minutes).
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import cv2
import numpy as np

from coach.body.smoothing import ZeroPhaseSmoother
from coach.exercise.spec import find_spec
from coach.pipeline import Frame, Pipeline
from coach.vision.detector import MediaPipeDetector
from coach.vision.model_store import find_model
from coach.vision.source import VideoFileSource

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "sample_videos" / "seated_rotation_left.mp4"
EXERCISE = "seated-rotation"
AT_ONCE = 32
COACH = [sys.executable, "-m", "coach.cli"]


def main() -> int:
    """Run all benchmarks; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="pairs of runs per ratio")
    parser.add_argument("--memory", action="store_true", help="also the 20,000-frame run")
    args = parser.parse_args()
    whole = find_model("full", prune=False)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        keep_bytecode(work / "bytecode")
        clips = {h: write_scaled(SAMPLE, work / f"{h}p.mp4", h) for h in (720, 1080)}
        rows.append(("analysis CPU / naive, 720p", analysis_ratio(clips[720], whole.path, args.rounds), 0.80))
        rows.append(
            ("analysis CPU / naive, 1080p", analysis_ratio(clips[1080], whole.path, args.rounds), 0.75)
        )
        rows.append(
            ("annotated CPU / naive, 1080p", annotated_ratio(clips[1080], whole.path, args.rounds), 0.80)
        )
        detect_s, pruned_ratio, same = detection(args.rounds)
        rows.append(("pruned / whole detect CPU", pruned_ratio, 0.72))
        rows.append(("pruned landmarks differ (0: equal)", 0.0 if same else 1.0, 0.0))
        rows.append(("everything of ours / detect CPU", ours() / detect_s, 0.03))
        rows.append(("coach --help, wall s", help_wall_s(), 0.15))
        if args.memory:
            rows.append(("memory, frame 20,000 / frame 500", memory_ratio(work), 1.02))
    for name, value, limit in rows:
        print(f"{name:38} {value:7.3f}   limit {limit:5.2f}   {'ok' if value <= limit else 'MISSED'}")
    return int(any(value > limit for _, value, limit in rows))


def keep_bytecode(folder: Path) -> None:
    """Let each module be compiled once for all the runs, as on a computer that installed it; not in each."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


def write_scaled(source: Path, target: Path, height: int) -> Path:
    """Half a minute at 30 fps: the sample there and back, enlarged and padded to 16:9, as H.264."""
    width, inner = height * 16 // 9, height * 4 // 3
    left = (width - inner) // 2
    canvas = np.zeros((height, width, 3), np.uint8)
    pictures = [frame.image.copy() for frame in VideoFileSource(source)]
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for picture in [*pictures, *pictures[::-1]]:
            canvas[:, left : left + inner] = cv2.resize(picture, (inner, height))
            out.mux(stream.encode(av.VideoFrame.from_ndarray(canvas, format="bgr24")))
        out.mux(stream.encode())
    return target


def analysis_ratio(clip: Path, model: Path, rounds: int) -> float:
    """CPU of a whole `coach analyze --no-video` over that of the naive loop."""
    return _paired_ratio(clip, model, rounds, annotated=False)


def annotated_ratio(clip: Path, model: Path, rounds: int) -> float:
    """CPU of a whole `coach analyze` over that of the naive loop that draws and writes a video."""
    return _paired_ratio(clip, model, rounds, annotated=True)


def _paired_ratio(clip: Path, model: Path, rounds: int, *, annotated: bool) -> float:
    with tempfile.TemporaryDirectory() as out:
        naive = [sys.executable, str(HERE / "naive.py"), str(clip), str(model)]
        ours = [*COACH, "analyze", str(clip), "--exercise", EXERCISE, "--out", out]
        if annotated:
            naive.append(str(Path(out) / "naive.mp4"))
        else:
            ours.append("--no-video")
        _cpu_s(naive), _cpu_s(ours)  # the first runs compile and fill the file cache
        return statistics.median(_cpu_s(ours) / _cpu_s(naive) for _ in range(rounds))


def _cpu_s(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def detection(rounds: int) -> tuple[float, float, bool]:
    """CPU s per frame of the pruned network, its ratio to the whole one, whether the landmarks are equal."""
    frames = [Frame(f.time_s, f.image.copy()) for f in VideoFileSource(SAMPLE)]
    ratios, same, pruned_s = [], True, 0.0
    for _ in range(rounds):
        pruned_s, pruned = _detect_all(frames, prune=True)
        whole_s, whole = _detect_all(frames, prune=False)
        ratios.append(pruned_s / whole_s)
        same = same and np.array_equal(pruned, whole, equal_nan=True)
    return pruned_s / len(frames), statistics.median(ratios), same


def _detect_all(frames: list[Frame], *, prune: bool) -> tuple[float, np.ndarray]:
    with MediaPipeDetector(find_model("full", prune=prune)) as detector:
        detector.detect(Frame(-1.0, frames[0].image))
        start = time.process_time()
        poses = [detector.detect(frame) for frame in frames]
        return time.process_time() - start, np.array([pose.world_m for pose in poses])


def ours() -> float:
    """CPU s per frame of everything between detector and files: filters, angles, machines, cues.

    Some poses at a time, as the analysis of a recording takes them.
    """
    with MediaPipeDetector(find_model("full")) as detector:
        poses = [detector.detect(frame) for frame in VideoFileSource(SAMPLE)]
    best = float("inf")
    for _ in range(5):
        pipeline = Pipeline(find_spec(EXERCISE), smoother=ZeroPhaseSmoother())
        start = time.process_time()
        for i in range(0, len(poses), AT_ONCE):
            pipeline.update_many(poses[i : i + AT_ONCE])
        pipeline.flush()
        best = min(best, (time.process_time() - start) / len(poses))
    return best


def help_wall_s() -> float:
    """Wall seconds of `coach --help`, median of ten after one to warm the file cache."""
    walls = []
    for _ in range(11):
        start = time.perf_counter()
        subprocess.run([*COACH, "--help"], check=True, stdout=subprocess.DEVNULL)
        walls.append(time.perf_counter() - start)
    return statistics.median(walls[1:])


def memory_ratio(work: Path) -> float:
    """Resident memory of an analysis at frame 20,000 over that at frame 500 (annotated video included)."""
    clip = work / "long.mp4"
    _write_long(clip, 20_500)
    command = [sys.executable, str(HERE / "memory.py"), str(clip), EXERCISE, str(work / "out")]
    early, late = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(late) / float(early)


def _write_long(target: Path, count: int) -> None:
    """The sample over and over, `count` frames of it, small."""
    pictures = [cv2.resize(frame.image, (320, 240)) for frame in VideoFileSource(SAMPLE)]
    pictures += pictures[::-1]
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for i in range(count):
            picture = av.VideoFrame.from_ndarray(pictures[i % len(pictures)], format="bgr24")
            out.mux(stream.encode(picture))
        out.mux(stream.encode())


if __name__ == "__main__":
    sys.exit(main())
