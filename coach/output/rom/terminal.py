"""A range-of-motion test in the terminal: a table of both hips, the trials, and what it means."""

from math import isfinite, nan
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from coach.body.landmarks import SIDES, Side
from coach.exercise.rom.result import Range, RomSummary
from coach.exercise.rom.trial import DIRECTIONS, Direction
from coach.output.rom.wording import (
    describe_asymmetry,
    describe_mdc,
    describe_reading,
    describe_spread,
    describe_trial,
    explain,
    interval_text,
    shorten,
)
from coach.output.wording import BAND, DISCLAIMER, clock, degrees_text, fold_to_ascii

_STYLES: Final[dict[Side, str]] = {"left": "bright_blue", "right": "dark_orange"}


def print_rom_summary(summary: RomSummary, out_dir: Path | None, console: Console | None = None) -> None:
    """Print the result; colours appear only where `console` is a terminal.

    Why there is no number at all, and what to do about it, is left to the error that then follows.
    """
    console = console or Console(highlight=False)
    printer = _Printer(console)
    printer.say(f"{summary.protocol.name} · {summary.source.name}", "bold")
    printer.show(_results(summary, printer))
    if summary.trials:
        printer.show(_trials(summary, printer))
    for direction in DIRECTIONS:
        asymmetry = summary.asymmetry(direction)
        if asymmetry:
            printer.say(describe_asymmetry(asymmetry, direction))
    if any(summary.asymmetry(direction) for direction in DIRECTIONS):
        printer.say(describe_mdc(), "dim")
    for reason in _reasons(summary) if summary.measured else ():
        printer.say(explain(reason), "yellow")
    printer.say(f"Camera: {summary.view.measured}", "dim" if summary.view.ok else "yellow")
    if out_dir is not None:
        printer.say(f"Report: {out_dir / 'measure.html'}", in_one_piece=True)
    printer.say(DISCLAIMER, "dim")


def _reasons(summary: RomSummary) -> list[str]:
    """Why there is no number, each reason once; a direction that nobody tried needs no explanation."""
    found = [summary.legs[side].get(direction) for side in SIDES for direction in DIRECTIONS]
    return list(dict.fromkeys(r for r in found if isinstance(r, str) and r != "not_performed"))


class _Printer:
    """Prints in signs that the terminal has: an old one would stop at the first "±"."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, words: str, style: str = "", in_one_piece: bool = False) -> None:
        """One paragraph; `in_one_piece` keeps a path whole, however long."""
        words = self.speakable(words)
        self._console.print(words, style=style, markup=False, highlight=False, soft_wrap=in_one_piece)

    def show(self, table: Table) -> None:
        """A table."""
        self._console.print(table, highlight=False)

    def speakable(self, words: str) -> str:
        """The words, spelled out where this terminal lacks a sign."""
        try:
            words.encode(self._console.encoding)
        except (UnicodeEncodeError, LookupError):
            return fold_to_ascii(words)
        return words

    def new_table(self, *headings: str) -> Table:
        """An empty one."""
        return Table(*headings, box=None, pad_edge=False, header_style="dim")


def _results(summary: RomSummary, printer: _Printer) -> Table:
    headings = ["Hip", "Rotation", "Median", "95 %", "Trials", f"Band {BAND}"]
    if summary.readings:
        headings.append("Goniometer")
    table = printer.new_table(*map(printer.speakable, headings))
    for side in SIDES:
        for direction in DIRECTIONS:
            measured = summary.legs[side].get(direction)
            cells = _cells(measured, direction)
            if (side, direction) in summary.readings:
                cells = (*cells, describe_reading(measured, summary.readings[side, direction]))
            table.add_row(side, *map(printer.speakable, cells), style=_STYLES[side])
        arc_deg = summary.legs[side].arc_deg
        if isfinite(arc_deg):
            table.add_row(side, "arc", printer.speakable(degrees_text(arc_deg, nan)), style=_STYLES[side])
    return table


def _cells(measured: Range | str, direction: Direction) -> tuple[str, ...]:
    if isinstance(measured, str):
        return direction, "–", "", shorten(measured), ""
    verdict = (measured.verdict or "").replace("-", " ")
    return (
        direction,
        degrees_text(measured.median_deg, measured.sd_deg),
        interval_text(measured),
        describe_spread(measured),
        verdict,
    )


def _trials(summary: RomSummary, printer: _Printer) -> Table:
    table = printer.new_table("Trial", "Plateau at", "From neutral", "Held", "")
    for trial in summary.trials:
        at_s = trial.plateau_s[0] if trial.held_s else trial.start_s
        cells = (
            clock(at_s),
            degrees_text(trial.value_deg, trial.sd_deg),
            f"{trial.held_s:.1f} s",
            describe_trial(trial),
        )
        style = "" if trial.valid else "yellow"
        table.add_row(f"{trial.side} {trial.direction}", *map(printer.speakable, cells), style=style)
    return table
