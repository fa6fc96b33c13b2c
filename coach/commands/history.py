"""`coach history`: past sessions, their progress, export and deletion."""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.commands import Commands
from coach.errors import InputError, UsageError

if TYPE_CHECKING:
    from coach.output.history import History, SessionRow

_ACTIONS = ("list", "show", "progress", "export", "delete")


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the parser."""
    parser = commands.add_parser("history", parents=[common], help="past sessions and progress")
    parser.add_argument("action", nargs="?", choices=_ACTIONS, default="list", help="default: list")
    parser.add_argument("target", nargs="?", metavar="ID|FILE", help="session number, or FILE.csv/FILE.json")
    parser.add_argument("--exercise", metavar="ID", help="list and progress: this exercise only")
    parser.add_argument("--all", action="store_true", help="delete: everything")
    parser.add_argument("--yes", action="store_true", help="delete: do not ask")
    parser.add_argument("--json", action="store_true", help="list and show: as JSON")
    parser.set_defaults(run=_history)


def _history(args: argparse.Namespace) -> int:
    from coach.output.history import History

    run = {"list": _list, "show": _show, "progress": _progress, "export": _export, "delete": _delete}
    with History() as history:
        run[args.action](history, args)
    return 0


def _list(history: "History", args: argparse.Namespace) -> None:
    if args.json:
        print(json.dumps([s for s in history.export() if args.exercise in (None, s["exercise"])], indent=2))
        return
    rows = history.sessions(args.exercise)
    if not rows:
        print("No sessions yet. Start one: coach live --exercise ID")
        return
    print(f"{'ID':>4}  {'when':16}  {'exercise':26}  {'left':>5}  {'right':>5}  status")
    for row in rows:
        print(_list_line(row))
    print("\nReps are those that counted. More: coach history show ID, coach history progress")


def _list_line(row: "SessionRow") -> str:
    when, status = _local(row.started_at), _status_words(row.status)
    return f"{row.id:>4}  {when}  {row.exercise:26}  {row.reps['left']:>5}  {row.reps['right']:>5}  {status}"


def _local(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _status_words(status: str) -> str:
    return "not finished" if status == "running" else status


def _show(history: "History", args: argparse.Namespace) -> None:
    found = history.export(_session_id(args))[0]
    if args.json:
        print(json.dumps(found, indent=2))
        return
    when = _local(datetime.fromisoformat(found["started_at"]))
    print(f"Session {found['id']}: {found['exercise']}, {when}, from {found['origin']}")
    print(f"Status: {_status_words(found['status'])}")
    for rep in found["reps"]:
        print(f"  set {rep['set_number']}  {rep['side']:5}  {_rep_words(rep)}")
    for hold in found["holds"]:
        held = f"held {hold['held_s']:.0f} of {hold['target_s']:.0f} s"
        print(f"  set {hold['set_number']}  {hold['side']:5}  {held}")
    for fault in found["faults"]:
        print(f"  form: {fault['fault'].replace('-', ' ')} at {fault['start_s']:.1f} s. {fault['cue']}")


def _rep_words(rep: dict[str, Any]) -> str:
    from coach.output.wording import degrees_text, fault_name

    length = f"{rep['end_s'] - rep['start_s']:.1f} s"
    peak = "not measured" if rep["peak_deg"] is None else degrees_text(rep["peak_deg"], rep["peak_sd_deg"])
    faults = ", ".join(fault_name(fault) for fault in rep["faults"])
    counted = "counted" if rep["valid"] else f"not counted ({faults})"
    return f"{length}, rotation at the peak {peak}, {counted}"


def _progress(history: "History", args: argparse.Namespace) -> None:
    from coach.output.progress import collect_series, describe_series

    series = collect_series(history.sessions(args.exercise))
    if not series:
        print("No measured sessions yet.")
    for one in series:
        print("\n".join(describe_series(one)))


def _export(history: "History", args: argparse.Namespace) -> None:
    if args.target is None:
        raise UsageError("Expected a file after: coach history export. For example sessions.csv.")
    from coach.output.history_export import write_history_csv
    from coach.output.wording import count_text

    path = Path(args.target)
    if path.suffix.lower() not in (".csv", ".json"):
        raise UsageError(f"Expected a file ending in .csv or .json, got {path.name}.")
    sessions = history.export()
    try:
        if path.suffix.lower() == ".json":
            path.write_text(json.dumps(sessions, indent=2) + "\n", encoding="utf-8")
        else:
            with path.open("w", encoding="utf-8", newline="") as file:
                write_history_csv(file, sessions)
    except OSError as error:
        raise InputError(f"Could not write {path}: {error.strerror}. Choose another place.") from error
    print(f"{count_text(len(sessions), 'session')} written to {path}")


def _delete(history: "History", args: argparse.Namespace) -> None:
    if args.all:
        from coach.output.wording import count_text

        if not (args.yes or _confirmed("Delete all sessions for good?")):
            return
        print(f"{count_text(history.delete_all(), 'session')} deleted.")
        return
    number = _session_id(args)
    history.delete(number)
    print(f"Session {number} deleted.")


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("Deleting all sessions cannot be undone. Add --yes to do it without being asked.")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _session_id(args: argparse.Namespace) -> int:
    if args.target is None or not args.target.isdigit():
        raise UsageError(
            f"Expected a session's number after: coach history {args.action}. See: coach history."
        )
    return int(args.target)
