"""`coach measure --camera`: the test in front of a camera, with a spoken guide and lines in the terminal."""

import argparse
import queue
import sys
import time
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from coach.commands.live import accept_in_words, make_voice
from coach.errors import NotMeasurableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from coach.exercise.rom.result import Readings
    from coach.live.state import Say
    from coach.measuring import MeasureState, Measuring

INTERRUPTED = 130
_OPEN_LIMIT_S = 20.0
_POLL_S = 0.1
_LAST_WORDS_S = 2.5


def measure_live(args: argparse.Namespace, readings: "Readings") -> int:
    """Measure until all is done, a hand is raised, or Ctrl-C; then show the result."""
    from coach.commands.measure import show_result
    from coach.exercise.rom.protocol import PROTOCOLS
    from coach.measuring import Measuring
    from coach.output.rom.wording import explain
    from coach.vision.camera import open_live_source
    from coach.vision.detector import MediaPipeDetector
    from coach.vision.model_store import find_model

    protocol = PROTOCOLS[args.protocol]
    if protocol.withheld is not None:
        raise NotMeasurableError(explain(protocol.withheld))
    if not accept_in_words(args):
        return INTERRUPTED
    model = find_model(args.model)
    folder = args.out / f"camera-{datetime.now():%Y%m%d-%H%M%S}"
    with ExitStack() as stack:
        source = stack.enter_context(open_live_source(args.camera))
        voice = make_voice(args, stack)
        states: queue.SimpleQueue[MeasureState] = queue.SimpleQueue()
        measuring = Measuring(
            source, lambda: MediaPipeDetector(model), protocol, folder, states.put, readings=readings
        )

        def tell(say: "Say") -> None:
            print(say.text, file=sys.stderr)
            if voice is not None:
                voice.say(say, time.monotonic())

        print("\n".join(protocol.instructions), file=sys.stderr)
        print("Raise a hand above your head, or press Ctrl-C, when you are done.", file=sys.stderr)
        try:
            source.wait_until_open(_OPEN_LIMIT_S)
            measuring.start()
            _follow(measuring, states, tell)
        except KeyboardInterrupt:
            print(file=sys.stderr)
        finally:
            measuring.stop()
    summary = measuring.summary
    if summary is None or not summary.tracking.frames_with_pose:
        raise NotMeasurableError("Nobody was seen. Step into the picture so that your whole body is visible.")
    show_result(summary, folder, as_json=args.json)
    return 0


def _follow(
    measuring: "Measuring", states: "queue.SimpleQueue[MeasureState]", tell: "Callable[[Say], None]"
) -> None:
    """Pass on what is said until it is over."""
    until_s = float("inf")
    while not measuring.over and time.monotonic() < until_s:
        try:
            state = states.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        for say in state.says:
            tell(say)
        if state.complete:
            until_s = min(until_s, time.monotonic() + _LAST_WORDS_S)
