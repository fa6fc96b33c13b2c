"""The command line: parse, call, print; nothing else.  The commands themselves are in `coach.commands`."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from coach import __version__
from coach.commands import analyze, batch, doctor, exercises, history, live, measure, model, serve
from coach.errors import CoachError

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code.  Errors are one or two sentences on stderr."""
    args = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _raise_interrupt)
    try:
        code: int = args.run(args)
    except CoachError as error:
        if args.debug:
            raise
        print(f"coach: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("coach: interrupted; nothing was written for the video under way.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _raise_interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the command and where its options are explained."""

    def error(self, message: str) -> NoReturn:
        ids = "; `coach exercises` lists the IDs" if "--exercise" in message else ""
        self.exit(2, f"coach: {message}{ids}. `{self.prog} --help` explains the options.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="coach",
        description="A hip-rotation form coach for one ordinary camera. "
        "Exercise coaching, not a medical device; it does not diagnose.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"coach {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show a traceback when something goes wrong")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (analyze, measure, batch, live, serve, history, exercises, model, doctor):
        command.add(commands, common)
    return parser


if __name__ == "__main__":
    sys.exit(main())
