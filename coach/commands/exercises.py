"""`coach exercises`: list, show or check exercise specs."""

import argparse
from pathlib import Path

from coach.commands import Commands, add_specs
from coach.errors import UsageError


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the parser."""
    parser = commands.add_parser("exercises", parents=[common], help="list, show or check exercises")
    parser.add_argument(
        "action", nargs="?", choices=("list", "show", "check"), default="list", help="default: list"
    )
    parser.add_argument("target", nargs="?", metavar="ID|FILE.toml", help="show: an exercise; check: a file")
    add_specs(parser)
    parser.set_defaults(run=_exercises)


def _exercises(args: argparse.Namespace) -> int:
    from coach.exercise.describe import describe_spec
    from coach.exercise.spec import find_spec, load_spec, load_specs

    if args.action == "list":
        for spec in load_specs(args.specs).values():
            print(f"{spec.id:28} {spec.trains}")
    elif args.target is None:
        raise _missing_target(args.action)
    elif args.action == "show":
        print(describe_spec(find_spec(args.target, args.specs)))
    else:
        print(f"{args.target} is fine: {load_spec(Path(args.target)).name}.")
    return 0


def _missing_target(action: str) -> UsageError:
    wanted = "the ID of an exercise" if action == "show" else "a FILE.toml"
    return UsageError(f"Expected {wanted} after: coach exercises {action}. Known: coach exercises list.")
