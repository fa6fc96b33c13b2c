"""The subcommands: each module adds its own parser and runs it; heavy imports wait until it runs."""

import argparse
from pathlib import Path
from typing import Final, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What `argparse` calls the place where subcommands are added."""

DEFAULT_OUT: Final = Path("coach_results")


def add_side(parser: argparse.ArgumentParser) -> None:
    """The working leg."""
    sides = ("left", "right", "both", "auto")
    parser.add_argument("--side", choices=sides, default="auto", help="working leg, default: whichever moves")


def add_out(parser: argparse.ArgumentParser) -> None:
    """Where results go."""
    words = f"results folder, default: {DEFAULT_OUT}"
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, metavar="DIR", help=words)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Which pose model is used."""
    parser.add_argument("--model", metavar="lite|full|heavy|PATH", help="pose model, default: full")


def add_specs(parser: argparse.ArgumentParser) -> None:
    """Exercises of one's own."""
    parser.add_argument("--specs", type=Path, metavar="DIR", help="folder with your own exercise specs")
