"""`coach measure --camera`: the test in front of a camera, with a window, a spoken guide and lines."""

import argparse
import queue
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from coach.commands.live import accept_in_words, has_screen, make_voice
from coach.errors import NotMeasurableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from coach.exercise.rom.protocol import Protocol
    from coach.exercise.rom.result import Readings, RomSummary
    from coach.jobs.measure_live import MeasureState, Measuring
    from coach.live.state import Say
    from coach.output.voice import Voice
    from coach.vision.camera import LiveSource

    Show = Callable[[RomSummary, Path, bool], None]
    """Told the result, the folder it is in, and whether JSON is wanted."""

INTERRUPTED = 130
_OPEN_LIMIT_S = 20.0
_POLL_S = 0.1
_LAST_WORDS_S = 2.5


@dataclass(frozen=True, slots=True)
class _Run:
    """What belongs to one run."""

    source: "LiveSource"
    measuring: "Measuring"
    states: "queue.SimpleQueue[MeasureState]"
    protocol: "Protocol"
    voice: "Voice | None"

    def tell(self, say: "Say") -> None:
        """Print a sentence and say it."""
        print(say.text, file=sys.stderr)
        if self.voice is not None:
            self.voice.say(say, time.monotonic())


def measure_live(args: argparse.Namespace, readings: "Readings", show: "Show") -> int:
    """Measure until all is done, a hand is raised, or Ctrl-C; then `show` the result."""
    from coach.exercise.rom.protocol import PROTOCOLS
    from coach.jobs.measure_live import Measuring
    from coach.output.rom.wording import explain
    from coach.vision.camera import open_live_source
    from coach.vision.detector import MediaPipeDetector
    from coach.vision.model_store import find_model

    protocol = PROTOCOLS[args.protocol]
    if protocol.withheld is not None:
        raise NotMeasurableError(explain(protocol.withheld))
    on_screen = has_screen(args)
    if not on_screen and not accept_in_words(args):
        return INTERRUPTED
    model = find_model(args.model)
    folder = args.out / f"camera-{datetime.now():%Y%m%d-%H%M%S}"
    with ExitStack() as stack:
        source = stack.enter_context(open_live_source(args.camera))
        states: queue.SimpleQueue[MeasureState] = queue.SimpleQueue()
        measuring = Measuring(
            source, lambda: MediaPipeDetector(model), protocol, folder, states.put, readings=readings
        )
        run = _Run(source, measuring, states, protocol, make_voice(args, stack))
        print("\n".join(protocol.instructions), file=sys.stderr)
        print("Raise a hand above your head, or press Ctrl-C, when you are done.", file=sys.stderr)
        try:
            begun = _run_window(run, args) if on_screen else _run_lines(run)
        except KeyboardInterrupt:
            begun = True
            print(file=sys.stderr)
        finally:
            measuring.stop()
    if not begun:
        return INTERRUPTED
    summary = measuring.summary
    if summary is None or not summary.tracking.frames_with_pose:
        raise NotMeasurableError("Nobody was seen. Step into the picture so that your whole body is visible.")
    show(summary, folder, args.json)
    return 0


def _run_window(run: _Run, args: argparse.Namespace) -> bool:
    """Measure with a window; False when the person left before it began."""
    from coach.jobs.coach_window import show_safety
    from coach.jobs.measure_window import MeasuringWindow
    from coach.output.window import Window

    with Window() as window:
        live = MeasuringWindow(window, run.source, run.protocol, run.voice, run.tell)
        if not show_safety(window, skip=args.yes) or not live.wait_for_camera(_OPEN_LIMIT_S):
            return False
        run.measuring.start()
        live.run(run.measuring, run.states)
    return True


def _run_lines(run: _Run) -> bool:
    """Measure without a window."""
    from coach.jobs.measure_live import CameraWatch

    run.source.wait_until_open(_OPEN_LIMIT_S)
    run.measuring.start()
    watch, until_s = CameraWatch(run.source), float("inf")
    while not run.measuring.over and time.monotonic() < until_s:
        for say in watch.update():
            run.tell(say)
        try:
            state = run.states.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        for say in state.says:
            run.tell(say)
        if state.complete:
            until_s = min(until_s, time.monotonic() + _LAST_WORDS_S)
    return True
