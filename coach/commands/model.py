"""`coach model`: where the pose model is, and fetching it ahead of time."""

import argparse

from coach.commands import Commands


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the parser."""
    parser = commands.add_parser("model", parents=[common], help="where the pose model is")
    parser.add_argument("action", nargs="?", choices=("info", "fetch"), default="info", help="default: info")
    parser.add_argument("--model", metavar="lite|full|heavy|PATH", help="default: full")
    parser.set_defaults(run=_model)


def _model(args: argparse.Namespace) -> int:
    from coach.vision.model_store import describe_models, find_model

    if args.action == "fetch":
        model = find_model(args.model)
        print(f"{model.name}: {model.path} ({model.origin}), sha256 {model.sha256}")
        return 0
    for status in describe_models():
        detail = f"{status.path} ({status.origin}), sha256 {status.sha256}" if status.sha256 else status.path
        print(f"{status.name:6} {status.state:8} {detail}")
    return 0
