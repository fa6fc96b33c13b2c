"""`coach doctor`: what works on this machine, and what to install for the rest."""

import argparse

from coach.commands import Commands


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the parser."""
    parser = commands.add_parser("doctor", parents=[common], help="what works on this machine")
    parser.set_defaults(run=_doctor)


def _doctor(_args: argparse.Namespace) -> int:
    from coach.doctor.report import print_report, run_checks

    return print_report(run_checks())
