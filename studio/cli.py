"""Command line of the studio: parse, call, print."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.errors import RecipeError, StudioError

if TYPE_CHECKING:
    from rich.progress import Progress

    from studio.recipe import Recipe
    from studio.sets import SetClip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 2 wrong usage or recipe, 3 the renderer cannot work here, 130 interrupted."""
    args = _parser().parse_args(arguments)
    try:
        return int(args.run(args))
    except StudioError as error:
        print(f"studio: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(f"studio: {error.name} is missing; install with: pip install -e '.[studio]'", file=sys.stderr)
        return 3
    except BrokenPipeError:  # `... list | head`: whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("studio: interrupted; run the same command again to go on", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m studio", description="Synthetic people doing hip-rotation exercises, with the truth."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_render(commands.add_parser("render", help="render one clip and its truth"))
    sheet = commands.add_parser("sheet", help="a contact sheet of random people, or of one exercise's poses")
    sheet.add_argument("--exercise", help="every view of this exercise instead of random people")
    sheet.add_argument("--count", type=int, default=20, help="how many random people (default 20)")
    sheet.add_argument("--seed", type=int, default=0)
    sheet.add_argument("--out", type=Path, default=Path("sheet.png"))
    sheet.set_defaults(run=_run_sheet)
    sets = commands.add_parser("set", help="render a benchmark set; what is there already is kept")
    sets.add_argument("name", help="samples, or a set of studio/sets.py: tune, test, people ...")
    sets.add_argument("--out", type=Path, required=True, help="folder of the clips")
    sets.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    sets.add_argument("--only", default="", help="only clips whose name contains this")
    sets.set_defaults(run=_run_set)
    listing = commands.add_parser("list", help="exercises, their views, settings and faults")
    listing.set_defaults(run=_run_list)
    return parser


def _add_render(render: argparse.ArgumentParser) -> None:
    render.add_argument("--exercise", help="exercise id; see `python -m studio list`")
    render.add_argument("--view", help="view of the exercise (default: its first recommended one)")
    render.add_argument("--seed", type=int, default=0, help="person, clothes, room, camera and tempo")
    render.add_argument("--recipe", type=Path, help="a .toml or .json recipe, or a clip's truth file")
    render.add_argument("--side", choices=("left", "right"), help="the working leg")
    render.add_argument("--reps", type=int, default=3, help="repetitions (default 3)")
    render.add_argument("--fault", action="append", default=[], metavar="KIND=AMOUNT")
    render.add_argument("--fps", type=float)
    render.add_argument("--size", metavar="WIDTHxHEIGHT")
    render.add_argument("--out", type=Path, required=True, help="the .mp4 to write; the truth goes beside it")
    render.set_defaults(run=_run_render)


def _recipe_from(args: argparse.Namespace) -> Recipe:
    """The recipe that the options describe."""
    from studio.chance import random_recipe  # noqa: PLC0415 - --help must stay quick
    from studio.motion import motion_for  # noqa: PLC0415
    from studio.recipe import FaultPlan, load_recipe  # noqa: PLC0415

    if args.recipe is not None:
        recipe = load_recipe(args.recipe)
    elif args.exercise is not None:
        views = motion_for(args.exercise).views
        view = args.view or next((v for v, d in views.items() if d.recommended), next(iter(views)))
        recipe = random_recipe(args.exercise, view, args.seed, cycles=args.reps, fault_probability=0.0)
    else:
        raise RecipeError("say what to render: --exercise ID or --recipe FILE")
    if args.side:
        recipe = replace(recipe, side=args.side)
    if args.fault:
        pairs = [text.partition("=") for text in args.fault]
        recipe = replace(recipe, faults=tuple(FaultPlan(k, _number(v, "--fault")) for k, _, v in pairs))
    sensor = recipe.sensor
    if args.fps:
        sensor = replace(sensor, fps=args.fps)
    if args.size:
        width, _, height = args.size.partition("x")
        sensor = replace(sensor, width=int(_number(width, "--size")), height=int(_number(height, "--size")))
    return replace(recipe, sensor=sensor)


def _number(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise RecipeError(f"{option}: expected a number, got {text!r}") from error


def _progress() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )


def _run_render(args: argparse.Namespace) -> int:
    from studio.clip import render_clip, truth_path  # noqa: PLC0415

    recipe, started = _recipe_from(args), time.monotonic()
    with _progress() as progress:
        task = progress.add_task(f"{recipe.exercise} {recipe.view}", total=None)
        truth = render_clip(
            recipe, args.out, lambda done, total: progress.update(task, completed=done, total=total)
        )
    frames = truth["video"]["frames"]
    each = (time.monotonic() - started) / max(frames, 1)
    print(f"{args.out}: {frames} frames, {each:.2f} s each; truth in {truth_path(args.out)}")
    return 0


def _run_sheet(args: argparse.Namespace) -> int:
    from studio.motion import motion_for  # noqa: PLC0415
    from studio.sheet import pose_pictures, random_recipes, view_recipes, write_sheet  # noqa: PLC0415

    if args.exercise:
        levels = [0.0, *map(float, motion_for(args.exercise).directions)]
        pictures = [p for r in view_recipes(args.exercise, args.seed) for p in pose_pictures(r, levels)]
        write_sheet(args.out, pictures, columns=len(levels))
    else:
        pictures = [
            pose_pictures(recipe, [float(i % 2)])[0]
            for i, recipe in enumerate(random_recipes(args.count, args.seed))
        ]
        write_sheet(args.out, pictures)
    print(args.out)
    return 0


def _run_set(args: argparse.Namespace) -> int:
    clips = _clips_asked_for(args.name, args.only)
    from studio.batch import count_missing, render_missing  # noqa: PLC0415 - a wrong name needs no renderer

    missing = count_missing(clips, args.out)
    print(f"{args.name}: {len(clips)} clips, {missing} to render into {args.out}")
    failed = []
    with _progress() as progress:
        task = progress.add_task(args.name, total=missing)
        for outcome in render_missing(clips, args.out, args.jobs):
            progress.advance(task)
            if outcome.error:
                failed.append(outcome)
                progress.print(f"{outcome.name}: {outcome.error}")
    if failed:
        print(f"studio: {len(failed)} clip(s) failed", file=sys.stderr)
    return 3 if failed else 0


def _clips_asked_for(name: str, part: str) -> list[SetClip]:
    """The clips of a set whose names contain a part; `RecipeError` where there are none."""
    from studio.samples import sample_clips  # noqa: PLC0415
    from studio.sets import clips_of  # noqa: PLC0415

    every = sample_clips() if name == "samples" else clips_of(name)
    clips = [c for c in every if part in c.name]
    if not clips:
        raise RecipeError(f"none of the {len(every)} clips of {name} has {part!r} in its name")
    return clips


def _run_list(args: argparse.Namespace) -> int:
    from studio.motion import MOTIONS  # noqa: PLC0415

    for exercise, motion in MOTIONS.items():
        views = [f"{v}{'*' if d.recommended else ''}" for v, d in motion.views.items()]
        print(f"{exercise}\n  views (* recommended): {', '.join(views)}")
        for name, s in motion.settings.items():
            print(f"  setting {name} = {s.usual:g} ({s.low:g} to {s.high:g}): {s.meaning}")
        for name, f in motion.faults.items():
            print(f"  fault {name} {f.low:g} to {f.high:g}: {f.meaning}")
    return 0
