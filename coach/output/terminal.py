"""The closing words in the terminal: what was counted, measured and off, and where the files are."""

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from coach.body.landmarks import Side
from coach.exercise.events import Fault
from coach.exercise.session import SessionSummary, SideSummary
from coach.exercise.spec import ExerciseSpec
from coach.output.wording import (
    DISCLAIMER,
    MODES,
    clock,
    count_text,
    describe_nothing,
    describe_reach,
    describe_tracking,
    describe_withheld,
    fault_name,
    fold_to_ascii,
    plain_name,
    sentence,
    shown_sides,
)

_INDENT: Final = 14
_STYLES: Final[dict[Side, str]] = {"left": "bold bright_blue", "right": "bold dark_orange"}


def print_summary(
    summary: SessionSummary,
    out_dir: Path | None,
    console: Console | None = None,
    spec: ExerciseSpec | None = None,
) -> None:
    """Print a short summary; colours appear only where `console` is a terminal.

    `out_dir` is where the files are, None when none were written; `spec` lends its name for the exercise.
    """
    console = console or Console(highlight=False)
    name = spec.name if spec else plain_name(summary.exercise).capitalize()
    _Printer(console).print(summary, name, out_dir)


class _Printer:
    """Lines of "heading  words", aligned; long words wrap under themselves."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def print(self, summary: SessionSummary, exercise: str, out_dir: Path | None) -> None:
        self._say(f"[bold]{escape(exercise)}[/bold] · {escape(summary.source.name)}")
        if not summary.complete:
            self._say("[yellow]Interrupted: this is valid as far as it goes.[/yellow]")
        nothing = describe_nothing(summary)
        if nothing:
            self._row("Not counted", sentence(nothing), "yellow")
        for side in shown_sides(summary):
            self._side(side, summary.sides[side])
        self._faults(summary.faults)
        if not summary.view.ok:
            self._row("Camera", f"{sentence(summary.view.measured)} {summary.view.advice or ''}", "yellow")
        self._row("Tracking", describe_tracking(summary), "dim")
        if summary.not_assessed:
            names = sentence("; ".join(plain_name(item.fault) for item in summary.not_assessed))
            self._row("Not assessed", f"{names} The report says why." if out_dir else names, "dim")
        if out_dir is not None:
            report = out_dir / "report.html"
            self._path("Report", report if report.exists() else out_dir)
        self._say(f"[dim]{DISCLAIMER}[/dim]")

    def _side(self, side: Side, done: SideSummary) -> None:
        counts = [count_text(done.rep_count, "rep")]
        partial = [rep for rep in done.reps if not rep.valid]
        if partial:
            reasons = dict.fromkeys(fault_name(fault) for rep in partial for fault in rep.faults)
            why = f" ({', '.join(reasons)})" if reasons else ""
            counts.append(f"{len(partial)} not counted{why}")
        if done.holds:
            completed = sum(hold.completed for hold in done.holds)
            counts.append(f"{completed} of {count_text(len(done.holds), 'hold')} to target")
        self._row(f"{side.capitalize()} leg", ", ".join(counts), "bold", _STYLES[side])
        if isinstance(done.rotation, str):
            self._row("", f"rotation not measured: {describe_withheld(done.rotation)}", "yellow")
            return
        value, name, remark = describe_reach(done.rotation)
        self._row("", f"{name} {value}, {MODES[done.rotation.mode]}")
        if remark:
            self._row("", remark)

    def _faults(self, faults: tuple[Fault, ...]) -> None:
        by_id: dict[str, list[Fault]] = {}
        for fault in faults:
            by_id.setdefault(fault.id, []).append(fault)
        for found in by_id.values():
            times = ", ".join(clock(fault.start_s) for fault in found[:4])
            more = f" and {len(found) - 4} more" if len(found) > 4 else ""
            style = "red" if any(fault.severity == "major" for fault in found) else "yellow"
            self._row("Form", f"{plain_name(found[0].id)} at {times}{more}. {found[0].cue}", style)

    def _row(self, heading: str, words: str, style: str = "", heading_style: str = "dim") -> None:
        label = f"{heading:<{_INDENT}}"
        words = self._speakable(words)
        width = max(20, self._console.width - _INDENT)
        for part in Text(words, style=style).wrap(self._console, width):
            part.rstrip()
            self._console.print(Text.assemble((label, heading_style), part), soft_wrap=True, highlight=False)
            label = " " * _INDENT

    def _path(self, heading: str, path: Path) -> None:
        """A path in one piece, however long: it is there to be copied or clicked."""
        words = Text.assemble((f"{heading:<{_INDENT}}", "dim"), (self._speakable(str(path)), "bold"))
        self._console.print(words, soft_wrap=True, highlight=False)

    def _say(self, markup: str) -> None:
        self._console.print(self._speakable(markup), soft_wrap=True, highlight=False)

    def _speakable(self, words: str) -> str:
        """The words in signs that this terminal has: an old one would stop at the first "±"."""
        try:
            words.encode(self._console.encoding)
        except (UnicodeEncodeError, LookupError):
            return fold_to_ascii(words)
        return words
