"""A whole live session for real: a served clip as the camera, the pose model, the window, voice and history.

    python tests/stage_play.py OUT_FOLDER [--reps N] [--sets N] [--shots]

The actor on the served film moves when the session says "Go", with the leg whose turn it is.
"""

import argparse
import json
import subprocess
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from camera_server import make_film, served

from coach.exercise.spec import load_specs
from coach.jobs.coach_live import Coaching, LiveOutputs
from coach.jobs.coach_window import LiveWindow
from coach.live.plan import Plan
from coach.output.history import History
from coach.output.recorder import Recorder
from coach.output.voice import Mouth, Voice
from coach.output.window import Window
from coach.vision.camera import open_live_source
from coach.vision.detector import MediaPipeDetector
from coach.vision.model_store import find_model

CLIP = Path(__file__).parents[1] / "sample_videos" / "seated_rotation_left.mp4"


class Actor:
    """Plays the clip, mirrored for the right leg, when counting begins, and again while reps are missing."""

    def __init__(self, camera, films):
        self._camera, self._films = camera, films
        self._stage, self._side = "", "left"
        self.states = []

    def watch(self, state):
        self.states.append((state.time_s, state.stage, state.progress))
        side = state.progress.side or "left"
        film = self._films[side]
        if state.stage in ("framing", "hold-still") and side != self._side:
            self._camera.play(film[:1])
            self._side = side
        over = state.stage == "working" and self._camera.now_s > film[-1][0] + 1.5
        if over or (state.stage == "working" and self._stage != "working"):
            self._camera.play(film)
        self._stage = state.stage


def play(
    folder: Path,
    plan: Plan,
    exercise: str = "seated-rotation",
    *,
    specs: Path | None = None,
    mouth: Mouth | None = None,
    script=None,
):
    """Returns (coaching, window's delays, actor, spoken); `script(camera, coaching, stop)` runs beside it."""
    films = {"left": make_film([(CLIP, False)]), "right": make_film([(CLIP, True)])}
    known = load_specs(specs)
    spoken = []
    with ExitStack() as stack:
        camera = stack.enter_context(served([films["left"][0]]))
        source = stack.enter_context(open_live_source(camera.url))
        history = stack.enter_context(History(f"sqlite:///{folder / 'history.sqlite3'}"))
        voice = (
            stack.enter_context(Voice(mouth, log=lambda *call: spoken.append(call)))
            if mouth is not None
            else None
        )
        actor = Actor(camera, films)
        outputs = LiveOutputs(voice, Recorder(history, "stage play", "full", print), actor.watch)
        model = find_model()
        coaching = Coaching(
            source, lambda: MediaPipeDetector(model), known, dict.fromkeys(known, plan), outputs
        )
        window = stack.enter_context(Window())
        live = LiveWindow(window, coaching, source, known, voice)
        live.wait_for_camera(known[exercise], 20.0)
        stop = threading.Event()
        if script is not None:
            threading.Thread(target=script, args=(camera, coaching, stop), daemon=True).start()
        try:
            coaching.start(exercise)
            live.run(linger_s=3.0)
        finally:
            stop.set()
            coaching.stop()
        return coaching, live.delays_s, actor, spoken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--exercise", default="seated-rotation")
    parser.add_argument("--specs", type=Path)
    parser.add_argument("--reps", type=int, default=4)
    parser.add_argument("--sets", type=int, default=2)
    parser.add_argument("--rest", type=float, default=5.0)
    parser.add_argument("--shots", action="store_true")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)

    def shoot(_camera, coaching, stop):
        number = 0
        while not stop.wait(0.5):
            latest = coaching.latest
            stage = latest[0].stage if latest else "start"
            name = args.folder / f"{number:04d}-{stage}.png"
            subprocess.run(["import", "-window", "root", str(name)], check=False)
            number += 1

    start_s = time.monotonic()
    coaching, delays_s, actor, _ = play(
        args.folder,
        Plan(args.reps, args.sets, args.rest, 3.0, "auto"),
        args.exercise,
        specs=args.specs,
        script=shoot if args.shots else None,
    )
    for done in coaching.finished:
        print(
            json.dumps({side: s.rep_count for side, s in done.summary.sides.items()}), done.summary.complete
        )
        print({side: [(h.held_s, h.completed) for h in s.holds] for side, s in done.summary.sides.items()})
    print(f"{time.monotonic() - start_s:.0f} s", [s for _, s, _ in actor.states[::100]])
    ranked = sorted(1000 * delay for delay in delays_s)
    print(f"delay median {ranked[len(ranked) // 2]:.0f} ms, p95 {ranked[len(ranked) * 95 // 100]:.0f} ms")


if __name__ == "__main__":
    main()
