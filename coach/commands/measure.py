"""`coach measure`: the range of hip rotation, from a recorded video or its stored landmarks."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from coach.commands import Commands, add_model, add_out
from coach.commands.analyze import progress_bar
from coach.errors import NotMeasurableError, UsageError

if TYPE_CHECKING:
    from coach.exercise.rom.result import Readings, RomSummary

_MAX_READING_DEG = 120.0


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the parser."""
    parser = commands.add_parser(
        "measure",
        parents=[common],
        help="measure the range of hip rotation",
        description="Internal and external rotation of each hip: three trials each way, found by themselves, "
        "against the 40-45 degree reference band. Start in the neutral pose and hold still; then turn one "
        "leg at a time as far as it goes and stay there for two seconds.",
    )
    parser.add_argument("input", nargs="?", type=Path, metavar="VIDEO", help="video, or landmarks.npz")
    parser.add_argument(
        "--camera",
        metavar="N|URL|FILE",
        help="measure live: window and spoken guide, ends with a raised hand",
    )
    parser.add_argument("--mute", action="store_true", help="with --camera: no voice")
    parser.add_argument("--no-display", action="store_true", help="with --camera: no window")
    parser.add_argument("--yes", action="store_true", help="with --camera: the safety notes were read")
    parser.add_argument(
        "--protocol",
        required=True,
        choices=("seated", "prone", "supine"),
        help="seated; the others say why they cannot be measured",
    )
    add_out(parser)
    add_model(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON, nothing else")
    parser.add_argument(
        "--goniometer",
        nargs="+",
        action="extend",
        default=[],
        metavar="SIDE-DIRECTION=DEG",
        help="readings to store beside the result, e.g. left-internal=38 right-external=41",
    )
    parser.set_defaults(run=_measure)


def _measure(args: argparse.Namespace) -> int:
    if (args.input is None) == (args.camera is None):
        raise UsageError("Expected a video, or --camera for measuring live; one of them.")
    readings = parse_readings(args.goniometer)
    if args.camera is not None:
        from coach.commands.measure_live import measure_live

        return measure_live(args, readings, show_result)
    from coach.exercise.rom.protocol import PROTOCOLS
    from coach.jobs.measure import MeasureJob, measure

    folder = args.out / (args.input.stem or "video")
    job = MeasureJob(args.input, PROTOCOLS[args.protocol], folder, args.model, readings)
    with progress_bar(args.input.name) as progress:
        measured = measure(job, progress)
    for warning in measured.warnings:
        print(f"coach: {warning}", file=sys.stderr)
    show_result(measured.summary, folder, args.json)
    return 0


def show_result(summary: "RomSummary", folder: Path, as_json: bool) -> None:
    """Print it.  Raises `NotMeasurableError` when there is no number in it."""
    from coach.jobs.measure import explain_unmeasurable
    from coach.output.rom.summary import to_json

    if as_json:
        print(json.dumps(to_json(summary), indent=2, allow_nan=False))
    else:
        from rich.console import Console

        from coach.output.rom.terminal import print_rom_summary

        print_rom_summary(summary, folder, Console())
    problem = explain_unmeasurable(summary)
    if problem:
        raise NotMeasurableError(problem)


def parse_readings(words: list[str]) -> "Readings":
    """`["left-internal=38"]` as readings; all mistakes are told at once."""
    from coach.body.landmarks import SIDES
    from coach.exercise.rom.trial import DIRECTIONS

    names = {f"{side}-{direction}": (side, direction) for side in SIDES for direction in DIRECTIONS}
    readings: Readings = {}
    problems = []
    for word in words:
        name, _, value = word.partition("=")
        try:
            degrees = float(value)
        except ValueError:
            problems.append(f"{word!r}: expected SIDE-DIRECTION=DEGREES, such as left-internal=38")
            continue
        if name not in names:
            problems.append(f"{word!r}: expected one of {', '.join(names)}, got {name!r}")
        elif not 0.0 <= degrees <= _MAX_READING_DEG:
            problems.append(f"{word!r}: expected 0 to {_MAX_READING_DEG:.0f} degrees")
        elif names[name] in readings:
            problems.append(f"{word!r}: {name} was given before")
        else:
            readings[names[name]] = degrees
    if problems:
        raise UsageError(f"--goniometer {'; '.join(problems)}.")
    return readings
