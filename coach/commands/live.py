"""`coach live`: a session in front of a camera, with a window and a voice, or with lines on stdout."""

import argparse
import json
import queue
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coach.commands import Commands, add_model, add_side, add_specs
from coach.errors import InputError, NotMeasurableError, UsageError

if TYPE_CHECKING:
    from coach.exercise.spec import ExerciseSpec
    from coach.jobs.coach_live import Coaching, LiveOutputs
    from coach.live.plan import Plan
    from coach.live.state import LiveState
    from coach.output.voice import Voice
    from coach.vision.camera import LiveSource

INTERRUPTED = 130
_OPEN_LIMIT_S = 20.0


class _Run(NamedTuple):
    """What belongs to one run."""

    coaching: "Coaching"
    source: "LiveSource"
    specs: "dict[str, ExerciseSpec]"
    spec: "ExerciseSpec"
    outputs: "LiveOutputs"


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the parser."""
    parser = commands.add_parser("live", parents=[common], help="coach a live session")
    parser.add_argument("--exercise", metavar="ID", help="see: coach exercises")
    parser.add_argument(
        "--camera", default="0", metavar="N|URL|FILE", help="number, device, rtsp:// or http:// stream, video"
    )
    parser.add_argument("--list-cameras", action="store_true", help="list the cameras and end")
    add_side(parser)
    parser.add_argument("--reps", type=int, metavar="N", help="per leg and set; default: the exercise's own")
    parser.add_argument("--sets", type=int, metavar="N", help="default: the exercise's own")
    parser.add_argument("--rest", type=float, default=30.0, metavar="S", help="seconds between sets")
    parser.add_argument("--countdown", type=float, default=3.0, metavar="S", help="seconds before counting")
    parser.add_argument(
        "--brief", action="store_true", help="do not explain an exercise done for the first time"
    )
    parser.add_argument("--mute", action="store_true", help="no voice, no sounds")
    parser.add_argument("--no-display", action="store_true", help="no window: events as lines on stdout")
    parser.add_argument("--json", action="store_true", help="no window: events as JSON lines on stdout")
    parser.add_argument("--full-screen", action="store_true", help="start in full screen")
    parser.add_argument("--no-mirror", action="store_true", help="do not mirror the picture on the screen")
    parser.add_argument("--size", metavar="WxH", help="ask the camera for this size, such as 1280x720")
    parser.add_argument("--fps", type=float, metavar="N", help="ask the camera for this rate")
    add_model(parser)
    add_specs(parser)
    parser.add_argument("--no-history", action="store_true", help="do not store this session")
    parser.add_argument("--keep-landmarks", type=Path, metavar="FILE.npz", help="keep the poses, no pictures")
    parser.add_argument("--yes", action="store_true", help="the safety notes were read")
    parser.set_defaults(run=_live)


def _live(args: argparse.Namespace) -> int:
    if args.list_cameras:
        return _list_cameras()
    _check(args)
    from coach.exercise.spec import load_specs
    from coach.jobs.coach_live import Coaching
    from coach.vision.camera import open_live_source
    from coach.vision.detector import MediaPipeDetector
    from coach.vision.model_store import find_model

    specs = load_specs(args.specs)
    spec = _find(specs, args.exercise)
    on_screen = has_screen(args)
    if not on_screen and not accept_in_words(args):
        return INTERRUPTED
    model = find_model(args.model)
    with ExitStack() as stack:
        source = stack.enter_context(open_live_source(args.camera, _size(args.size), args.fps))
        outputs = _make_outputs(args, source, model.name, stack)
        plans = {each.id: _plan(args, each) for each in specs.values()}
        coaching = Coaching(source, lambda: MediaPipeDetector(model), specs, plans, outputs)
        run = _Run(coaching, source, specs, spec, outputs)
        interrupted = _run_window(run, args) if on_screen else _run_lines(run, args)
        return _report(coaching, source, args, interrupted=interrupted)


def _check(args: argparse.Namespace) -> None:
    if args.exercise is None:
        raise UsageError("Expected --exercise ID. Known exercises: coach exercises.")
    for name, least in (("reps", 1), ("sets", 1), ("rest", 0), ("countdown", 0), ("fps", 1)):
        value = getattr(args, name)
        if value is not None and not least <= value <= 3600:
            raise UsageError(f"Expected --{name} between {least} and 3600, got {value:g}.")
    _size(args.size)


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdigit() and 0 < int(part) <= 10_000 for part in parts):
        raise UsageError(f"Expected --size as WIDTHxHEIGHT, such as 1280x720, got {text!r}.")
    return int(parts[0]), int(parts[1])


def _find(specs: "dict[str, ExerciseSpec]", exercise: str) -> "ExerciseSpec":
    if exercise not in specs:
        raise UsageError(f"There is no exercise {exercise!r}. Known exercises: {', '.join(specs)}.")
    return specs[exercise]


def _plan(args: argparse.Namespace, spec: "ExerciseSpec") -> "Plan":
    from coach.live.plan import Plan

    reps, sets = args.reps or spec.target_reps, args.sets or spec.target_sets
    return Plan(reps, sets, args.rest, args.countdown, args.side, explain=not args.brief)


def _list_cameras() -> int:
    from coach.vision.camera import list_cameras

    cameras = list_cameras()
    for index, name in cameras:
        print(f"{index:>3}  {name}")
    if not cameras:
        print("This system names no cameras; the first one is usually --camera 0.")
    return 0


def has_screen(args: argparse.Namespace) -> bool:
    """Whether a window is wanted and can be opened; says so when it cannot."""
    if args.no_display or args.json:
        return False
    from coach.output.window import find_screen_problem

    problem = find_screen_problem()
    if problem is not None:
        _note(f"{problem} Going on without a window; events are printed here.")
    return problem is None


def accept_in_words(args: argparse.Namespace) -> bool:
    """Whether the safety notes were read: earlier, by `--yes`, or now.  Without a keyboard: `UsageError`."""
    from coach.output.safety import SAFETY, acknowledge, is_acknowledged

    if args.yes:
        acknowledge()
    if is_acknowledged() or args.yes:
        return True
    print("\n".join(SAFETY), file=sys.stderr)
    if not sys.stdin.isatty():
        raise UsageError("Expected the safety notes above to be read. Confirm once with --yes.")
    try:
        input("Press Enter when you have read this, Ctrl-C to leave. ")
    except EOFError:
        return False
    acknowledge()
    return True


def _make_outputs(
    args: argparse.Namespace, source: "LiveSource", model: str, stack: ExitStack
) -> "LiveOutputs":
    from coach.jobs.coach_live import LiveOutputs
    from coach.output.history import History
    from coach.output.recorder import Recorder
    from coach.vision.landmark_store import LandmarkWriter

    outputs = LiveOutputs(voice=make_voice(args, stack), warn=_note)
    if not args.no_history:
        try:
            history = stack.enter_context(History())
            outputs.recorder = Recorder(history, source.facts.name, model, _note)
        except InputError as error:
            _note(f"{error} This session is not stored.")
    if args.keep_landmarks is not None:
        writer = LandmarkWriter(args.keep_landmarks, lambda: source.facts, model)
        outputs.landmarks = stack.enter_context(writer)
    return outputs


def make_voice(args: argparse.Namespace, stack: ExitStack) -> "Voice | None":
    """What speaks, None with `--mute` or where nothing can."""
    if args.mute:
        return None
    import tempfile

    from coach.output.voice import Voice, find_mouth

    mouth = find_mouth(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coach-"))))
    if mouth is None:
        _note("Nothing here can speak: going on without a voice. See: coach doctor.")
        return None
    return stack.enter_context(Voice(mouth, on_silent=_note))


def _run_window(run: "_Run", args: argparse.Namespace) -> bool:
    """Run with a window; whether it was interrupted from the keyboard of the terminal."""
    from coach.jobs.coach_window import LiveWindow, show_safety
    from coach.output.window import Window

    coaching, spec, voice = run.coaching, run.spec, run.outputs.voice
    with Window(full_screen=args.full_screen) as window:
        live = LiveWindow(window, coaching, run.source, run.specs, voice, mirrored=not args.no_mirror)
        try:
            if show_safety(window, skip=args.yes) and live.wait_for_camera(spec, _OPEN_LIMIT_S):
                coaching.start(spec.id)
                live.run()
        except KeyboardInterrupt:
            return True
        finally:
            coaching.stop()
    return False


def _run_lines(run: "_Run", args: argparse.Namespace) -> bool:
    """Run without a window; whether it was interrupted."""
    from coach.output.event_lines import EventLines

    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    words = EventLines(as_json=args.json)

    def put(state: "LiveState") -> None:
        for line in words.of(state):
            lines.put(line)

    run.outputs.on_state = put
    run.outputs.on_say = lambda say: lines.put(words.say(say))
    coaching = run.coaching
    try:
        run.source.wait_until_open(_OPEN_LIMIT_S)
        coaching.start(run.spec.id)
        _print_until(lines, lambda: coaching.over or _is_done(coaching))
    except KeyboardInterrupt:
        return True
    finally:
        coaching.stop()
        _print_until(lines, lambda: True)
    return False


def _is_done(coaching: "Coaching") -> bool:
    latest = coaching.latest
    return latest is not None and latest[0].stage == "finished"


def _print_until(lines: "queue.SimpleQueue[str]", over: Callable[[], bool]) -> None:
    while True:
        ended = over()
        try:
            while True:
                print(lines.get(timeout=0.0 if ended else 0.1), flush=True)
        except queue.Empty:
            if ended:
                return


def _report(
    coaching: "Coaching", source: "LiveSource", args: argparse.Namespace, *, interrupted: bool
) -> int:
    """The closing words."""
    from coach.output.summary import to_json

    if args.json:
        for done in coaching.finished:
            summary = {"event": "summary", "history_id": done.history_id, **to_json(done.summary)}
            print(json.dumps(summary, allow_nan=False))
    else:
        _print_summaries(coaching, source)
    if interrupted:
        return INTERRUPTED
    if not coaching.finished and coaching.figures.analysed and not coaching.was_anybody_seen:
        raise NotMeasurableError("Nobody was seen. Step into the picture so that your whole body is visible.")
    return 0


def _print_summaries(coaching: "Coaching", source: "LiveSource") -> None:
    from rich.console import Console

    from coach.output.terminal import print_summary

    for done in coaching.finished:
        print_summary(done.summary, None, Console(), done.spec)
        if done.history_id is not None:
            print(f"Stored as session {done.history_id}: coach history show {done.history_id}")
    if not coaching.finished and coaching.was_anybody_seen:
        print("The session ended before counting began; nothing is stored.")
    if coaching.figures.analysed:
        print(f"Camera: {source.facts.name}, {coaching.figures.describe(source)}.")


def _note(sentence: str) -> None:
    print(f"coach: {sentence}", file=sys.stderr)
