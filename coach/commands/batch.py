"""`coach batch`: many videos, on all cores or on a cluster, resumable."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from coach.commands import Commands, add_model, add_side, add_specs
from coach.errors import UsageError

if TYPE_CHECKING:
    from coach.batch.plan import Entry
    from coach.batch.records import Settings, Task
    from coach.batch.run import Tally

INTERRUPTED = 130
_CODES = (
    "Exit codes: 0 every video has its results, now or from an earlier run; 2 wrong usage; 3 some videos are "
    "unreadable, damaged or were given up; 4 some show nobody or cannot be measured from their view, all "
    "others are done; 5 no pose model; 130 interrupted: the same command goes on from there."
)


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the parser."""
    parser = commands.add_parser("batch", parents=[common], help="analyse many videos", epilog=_CODES)
    parser.add_argument("inputs", nargs="*", metavar="INPUT", help="videos, folders, patterns or URLs")
    parser.add_argument("--exercise", metavar="ID", help="for all inputs that no manifest gives another one")
    parser.add_argument(
        "--manifest", type=Path, metavar="FILE", help=".csv or .toml: input, exercise, side, name"
    )
    add_side(parser)
    parser.add_argument("--out", required=True, metavar="DIR|URL", help="results folder, or an fsspec URL")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes, default: one per core")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster, such as tcp://host:8786")
    add_model(parser)
    parser.add_argument("--no-video", action="store_true", help="do not write annotated.mp4")
    parser.add_argument("--opensim", action="store_true", help="write angles.mot and landmarks.trc as well")
    parser.add_argument(
        "--from-landmarks",
        action="store_true",
        help="inputs are stored landmarks.npz, or folders with them; the exercise is the one of then",
    )
    add_specs(parser)
    parser.set_defaults(run=_batch)


def _batch(args: argparse.Namespace) -> int:
    from coach.batch.pool import core_count
    from coach.batch.progress import meter
    from coach.batch.run import run_batch

    if args.jobs is not None and args.jobs < 1:
        raise UsageError(f"Expected --jobs of 1 or more, got {args.jobs}.")
    tasks = _plan(args)
    jobs = args.jobs or core_count()
    with meter(tasks) as shown:
        try:
            tally = run_batch(tasks, args.out, shown.update, jobs=jobs, scheduler=args.scheduler)
        except KeyboardInterrupt:
            print(f"coach: interrupted after {shown.describe()}; the same command goes on.", file=sys.stderr)
            return INTERRUPTED
    _show(tally, args.out)
    return tally.exit_code


def _plan(args: argparse.Namespace) -> "list[Task]":
    from coach.batch.manifest import read_manifest
    from coach.batch.plan import expand_inputs, settle_keys
    from coach.batch.run import refuse_own_results

    entries = expand_inputs(args.inputs, landmarks=args.from_landmarks)
    if args.manifest:
        entries += read_manifest(args.manifest, landmarks=args.from_landmarks)
    if not entries:
        raise UsageError("Expected videos to analyse, got none. Name files or folders, or a --manifest.")
    entries = settle_keys(entries)
    refuse_own_results((entry.source for entry in entries), args.out)
    _require_exercises(entries, args)
    return _make_tasks(entries, args)


def _require_exercises(entries: "list[Entry]", args: argparse.Namespace) -> None:
    without = [e for e in entries if not _exercise(e, args)]
    if without:
        raise UsageError(
            f"Expected an exercise for {without[0].source} (and {len(without) - 1} more), got none. "
            "Give --exercise ID, or name it in the manifest."
        )


def _make_tasks(entries: "list[Entry]", args: argparse.Namespace) -> "list[Task]":
    from coach.batch.places import is_url
    from coach.batch.records import Task
    from coach.exercise.spec import find_spec

    out = args.out if is_url(args.out) else str(Path(args.out).absolute())
    names = {_exercise(entry, args) for entry in entries}
    specs = {name: find_spec(name, args.specs) for name in names if name}
    settings = _settings(entries, args)
    return [
        Task(
            entry.key,
            entry.source,
            specs[_exercise(entry, args) or ""],
            entry.side or args.side,
            out,
            settings[_stored(entry)],
        )
        for entry in entries
    ]


def _settings(entries: "list[Entry]", args: argparse.Namespace) -> "dict[bool, Settings]":
    """What holds for stored landmarks (True), which need no model, and for videos (False)."""
    from coach.batch.records import Settings

    settings = {True: Settings(video=False, opensim=args.opensim)}
    videos = [entry for entry in entries if not _stored(entry)]
    if videos and args.from_landmarks:
        raise UsageError(f"Expected stored landmarks (.npz) with --from-landmarks, got {videos[0].source}.")
    if videos:
        from coach.vision.model_store import find_model

        # Found before anything starts: without a model nothing can be done, and workers need not race for it.
        model = find_model(args.model)
        settings[False] = Settings(args.model, model.sha256, not args.no_video, args.opensim)
    return settings


def _stored(entry: "Entry") -> bool:
    return entry.source.lower().endswith(".npz")


def _exercise(entry: "Entry", args: argparse.Namespace) -> str | None:
    """As the manifest says, else the command line, else the summary that lies beside stored landmarks."""
    if entry.exercise or args.exercise:
        return str(entry.exercise or args.exercise)
    if not _stored(entry):
        return None
    try:
        return str(json.loads(Path(entry.source).with_name("summary.json").read_bytes())["exercise"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _show(tally: "Tally", out: str) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from coach.batch.extras import TABLES, have
    from coach.batch.records import printable

    console = Console(highlight=False)
    if tally.problems:
        table = Table("Video", "Code", "Reason", title="Without results", title_justify="left")
        for problem in tally.problems:
            table.add_row(escape(problem.key), str(problem.exit_code), escape(printable(problem.reason)))
        Console(stderr=True, highlight=False).print(table)
    reused = f" ({tally.reused} from an earlier run)" if tally.reused else ""
    console.print(f"{tally.done} of {tally.done + len(tally.problems)} videos have results{reused}.")
    if tally.warned:
        console.print(f"{tally.warned} with remarks on the footage: see warnings in each batch.json.")
    console.print(f"Overview: {escape(out.rstrip('/'))}/overview.html", soft_wrap=True)
    if not have("pyarrow"):
        console.print(f"For tables over all videos (Parquet): pip install 'hip-coach[{TABLES}]'.")
