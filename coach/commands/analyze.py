"""`coach analyze` and `coach demo`: recorded videos in, folders of results out."""

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from coach.commands import Commands, add_model, add_out, add_side, add_specs
from coach.errors import InputError, NotMeasurableError

if TYPE_CHECKING:
    from coach.exercise.spec import ExerciseSpec
    from coach.jobs.analyze import Analysis, Job
    from coach.jobs.recorded import Progress

DEMO = ("seated_rotation_left.mp4", "seated-rotation")


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add both parsers."""
    parser = commands.add_parser("analyze", parents=[common], help="analyse recorded videos")
    parser.add_argument("inputs", nargs="+", type=Path, metavar="VIDEO", help="video, or landmarks.npz")
    parser.add_argument("--exercise", required=True, metavar="ID", help="see: coach exercises")
    add_side(parser)
    add_out(parser)
    add_model(parser)
    parser.add_argument("--no-video", action="store_true", help="do not write annotated.mp4")
    parser.add_argument("--opensim", action="store_true", help="write angles.mot and landmarks.trc as well")
    parser.add_argument("--json", action="store_true", help="print summary.json on stdout, nothing else")
    add_specs(parser)
    parser.set_defaults(run=_analyze)
    demo = commands.add_parser("demo", parents=[common], help="the main job on a sample video")
    add_out(demo)
    demo.set_defaults(run=_demo)


def _analyze(args: argparse.Namespace) -> int:
    from coach.exercise.spec import find_spec

    spec = find_spec(args.exercise, args.specs)
    code = 0
    for path, folder in zip(args.inputs, _result_folders(args.inputs, args.out), strict=True):
        try:
            _analyze_one(path, folder, spec, args)
        except (InputError, NotMeasurableError) as error:
            if len(args.inputs) == 1 or args.debug:
                raise
            print(f"coach: {error}", file=sys.stderr)
            code = code or error.exit_code
    return code


def _analyze_one(path: Path, folder: Path, spec: "ExerciseSpec", args: argparse.Namespace) -> None:
    from coach.jobs.analyze import Job, analyze, explain_unmeasurable
    from coach.output.summary import to_json

    job = Job(path, spec, folder, args.side, args.model, not args.no_video, args.opensim)
    with progress_bar(path.name) as progress:
        analysis = analyze(job, progress)
    for warning in analysis.warnings:
        print(f"coach: {warning}", file=sys.stderr)
    if args.json:
        print(json.dumps(to_json(analysis.summary), indent=2, allow_nan=False))
    else:
        _show(analysis, job)
    problem = explain_unmeasurable(analysis.summary)
    if problem:
        raise NotMeasurableError(problem)


def _result_folders(inputs: list[Path], out: Path) -> list[Path]:
    """One folder per input, named after it; inputs of the same name are numbered."""
    folders: list[Path] = []
    for path in inputs:
        folder, number = out / (path.stem or "video"), 2
        while folder in folders:
            folder, number = out / f"{path.stem}-{number}", number + 1
        folders.append(folder)
    return folders


def _show(analysis: "Analysis", job: "Job") -> None:
    from rich.console import Console

    from coach.output.terminal import print_summary

    print_summary(analysis.summary, job.folder, Console(), job.spec)


@contextlib.contextmanager
def progress_bar(name: str) -> "Iterator[Progress | None]":
    """A bar on stderr when somebody is there to see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f}%"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done_s, total_s: bar.update(task, completed=done_s, total=total_s)


def _demo(args: argparse.Namespace) -> int:
    name, exercise = DEMO
    args.inputs, args.exercise, args.specs = [_sample_video(name)], exercise, None
    args.side, args.model, args.no_video, args.json = "auto", None, False, False
    args.opensim = False
    print(f"Analysing a sample video: {exercise}, done by a rendered person.")
    return _analyze(args)


def _sample_video(name: str) -> Path:
    """In an installed wheel the demo's video lies in the package; in a checkout, beside it."""
    packaged = Path(__file__).parents[1] / "sample_videos" / name
    return packaged if packaged.is_file() else Path(__file__).parents[2] / "sample_videos" / name
